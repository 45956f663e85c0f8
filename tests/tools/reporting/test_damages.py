"""A report of a damaged capture is a page, or one line that refuses it: nothing in a file makes it fall over."""

import contextlib
import json
from pathlib import Path

import pytest

from pumpbench.hil.verdict import Verdict
from pumpbench.tools.failure import Failed
from pumpbench.tools.reporting.as_data import as_json, junit
from pumpbench.tools.reporting.charts import charts_of
from pumpbench.tools.reporting.gathered import gather
from pumpbench.tools.reporting.page import page
from pumpbench.tools.settings import load
from pumpbench.tools.target_choice import choose_target
from tests.support import effort, rng
from tests.tools.holding.damages import KINDS
from tests.tools.reporting.making import honest

EMULATOR = choose_target("emulator", load(), "emulator")


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return honest(tmp_path_factory.mktemp("damages")).read_bytes()


def made(path: Path) -> Verdict:
    """The verdict of the whole report, its page and data made; raises `Failed`."""
    one = gather(path, EMULATOR)
    charts = charts_of(one, 1)
    assert page([one], [charts], [], one.verdict, "").endswith("</html>\n")
    assert json.loads(json.dumps(as_json(path, [one], [charts], [], one.verdict)))["verdict"] == str(one.verdict)
    assert junit([one]).startswith(b"<?xml")
    return one.verdict


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_report_of_a_damaged_capture_never_passes_and_never_falls_over(kind: str, capture: bytes, tmp_path: Path) -> None:
    draw, path, verdicts = rng(f"report {kind}"), tmp_path / "damaged.pcapng", set()
    for _ in range(effort(3, 100)):
        path.write_bytes(KINDS[kind](capture, draw))
        with contextlib.suppress(Failed):
            verdicts.add(made(path))
    assert Verdict.PASS not in verdicts
