"""The firmware's hand-written tables say what the page says: one row per alarm, one answer per command and state."""

import json
import re

import pytest

from pumpbench.protocol.codes import Alarm, TherapyState
from tests.board import bench
from tests.support import ROOT

PAGE = (ROOT / "firmware_emu" / "SEMANTICS.md").read_text()


def rows_under(heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, its own heading and rule left out."""
    after = PAGE[PAGE.index(heading) :]
    table = re.search(r"((?:^\|.*\|\n)+)", after, re.MULTILINE)
    assert table is not None
    lines = table.group(1).splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_alarm_table_says_what_the_page_says() -> None:
    page = [[row[1], row[2].replace("-", "_"), row[-1]] for row in rows_under("## 11. Alarms")]
    assert bench.library().tables()["alarms"] == page
    assert [name.lower() for name, _, _ in page] == [name for name, _ in Alarm.items()]


# What a cell of the page's table means for the answer: it goes on, it is done already, or it is refused.
ANSWERS = {
    "stop": ["done", "go", "go", "go", "refused", "refused"],
    "resume": ["go", "done", "refused", "refused", "refused", "refused"],
    "bolus": ["refused", "go", "refused", "refused", "refused", "refused"],
    "commit": ["go", "go", "go", "go", "go", "refused"],
}


@pytest.mark.parametrize("command", sorted(ANSWERS))
def test_transition_table_says_what_the_page_says(command: str) -> None:
    row = next(cells for cells in rows_under("## 5. States and transitions") if cells[0].startswith(command))
    page = ["refused" if "refused" in cell else "done" if "Done" in cell else "go" for cell in row[1:]]
    # "refused" on the page stands for all but THERAPY in the row of the boluses; the others have a cell for each state.
    assert bench.library().tables()["transitions"][command] == ANSWERS[command] == page
    assert len(page) == len(TherapyState.items())


def test_tables_do_not_fit_a_buffer_that_is_too_small() -> None:
    lib = bench.library().lib
    assert lib.pb_tables_json(bytes(10), 10) == 0
    assert json.dumps(bench.library().tables())
