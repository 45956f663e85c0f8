"""A wrong fact that both sides read leaves them in agreement; the case that is named for it must tell, on each side."""

import json
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.known_bad.finding import Finding
from tests.known_bad.lanes import batched, begun, selected
from tests.known_bad.shared_facts import WRONG_FACTS, WrongFact
from tests.support import ROOT, require
from tests.timelines.planting import Copy

FACTS_MIN = 10


class Told(NamedTuple):
    """What the case said to each side, and whether the two agreed."""

    reference: Finding | None
    firmware: Finding | None
    agree: bool


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[dict[WrongFact, Future[Told]]]:
    """Of each fact that was selected."""
    require("cc")
    require("make")
    facts = selected(request, "wrong", WRONG_FACTS)
    with begun(batched(facts, 1), lambda batch: _told(batch[0], tmp_path_factory.mktemp("facts"))) as futures:
        yield futures


def _told(wrong: WrongFact, folder: Path) -> Told:
    copy = Copy(folder)
    copy.plant(wrong.plant)
    code, said = copy.python("-m", "tests.known_bad.facts_judge", str(copy.tree), str(copy.firmware()), wrong.case)
    assert code == 0, said
    reference, firmware, agree = json.loads(said)
    return Told(_read(reference), _read(firmware), agree)


def _read(found: Any) -> Finding | None:
    return Finding(found[0], tuple(found[1]), found[2]) if found else None


@pytest.mark.parametrize("wrong", WRONG_FACTS, ids=lambda wrong: wrong.models.replace(" ", "-"))
def test_wrong_fact_is_caught_on_both_sides_by_the_case_that_is_named(
    wrong: WrongFact, told: dict[WrongFact, Future[Told]]
) -> None:
    reference, firmware, agree = told[wrong].result()
    print(f"{wrong.models}: {wrong.case}, tick {wrong.tick}, {wrong.field}")
    assert agree, "the two sides differ, so lockstep alone would have told"
    for side, found in (("reference", reference), ("firmware", firmware)):
        assert found is not None, f"{side}: {wrong.case} lets it pass"
        assert (found.tick, wrong.field in found.fields) == (wrong.tick, True), f"{side}: {found}"


def test_wrong_facts_are_enough_and_cite_sources_that_exist() -> None:
    sources = (ROOT / "firmware_emu/SOURCES.md").read_text()
    assert len(WRONG_FACTS) >= FACTS_MIN
    assert not [one.source for one in WRONG_FACTS if f"\n| {one.source} |" not in sources]
