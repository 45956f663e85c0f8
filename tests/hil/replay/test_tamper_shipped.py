"""The tamper law over every recording that is shipped as whole and exact: sampled in the gate, every record in the soak."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from pumpbench.hil.capture import verify
from pumpbench.hil.replay import NOT_COVERED
from pumpbench.hil.verdict import Verdict
from pumpbench.tools.captures.origin import capture_of, read_origin
from pumpbench.tools.captures.plan import PLAN
from tests.hil.replay.recordings import Kept, records
from tests.hil.replay.tampering import (
    answers_a_retry,
    changed_keys,
    flip,
    flip_mended,
    is_meanwhile,
    is_plant_outside,
    is_refused,
    is_unread,
    is_wire_fault,
    says_the_same,
    told,
    verdict_of,
    whole_runs,
)
from tests.support import EFFORT, ROOT, effort, rng

FOLDER = ROOT / "fixtures" / "captures"
ORIGINS = {name: read_origin(FOLDER, name) for name in PLAN}
EXACT = [name for name, origin in ORIGINS.items() if origin["sureness"] == "exact" and origin["verdict"]["emulator"] == "pass"]
DRAWS = max(2, 60 // len(EXACT))
WAYS = ("delete", "double", "swap", "flip", "mend")


class Tampered(NamedTuple):
    way: str
    at: int
    kept: list[Kept]
    named: str


@pytest.mark.parametrize("name", EXACT)
def test_shipped_recording_never_passes_tampered_with(name: str, tmp_path: Path) -> None:
    path = capture_of(FOLDER, name)
    originals, last_tick = records(path), verify(path).last_tick
    assert last_tick is not None
    verdict, usual = verdict_of(tmp_path / "same.pcapng", originals, last_tick)
    assert verdict is Verdict.PASS
    draw, tally = rng(f"tamper {name}"), Counter[str]()
    for one in drawn(originals, draw):
        verdict, listed = verdict_of(tmp_path / "tampered.pcapng", one.kept, last_tick, past_gaps=EFFORT == "gate")
        tally[f"{one.way}: {verdict}"] += 1
        if verdict is Verdict.PASS:
            named = Counter(listed) - Counter(usual) or is_named(one, originals)
            assert named, f"record {one.at}, {one.way}: {told(originals[one.at])}"
    print(f"{name}, {len(originals)} records: {dict(tally)}")
    assert tally


def drawn(originals: list[Kept], draw: Random) -> Iterator[Tampered]:
    """Each way at each record, or a sample of them; the last record has no neighbour behind it."""
    places = [(way, at) for at, one in enumerate(originals[:-1]) for way in WAYS if way != "mend" or has_frame(one)]
    for way, at in sorted(draw.sample(places, min(len(places), effort(DRAWS, len(places))))):
        yield tampered(originals, way, at, draw)


def has_frame(one: Kept) -> bool:
    return not one.is_meta and bool(whole_runs(one.payload))


def tampered(originals: list[Kept], way: str, at: int, draw: Random) -> Tampered:
    before, (one, other), behind = originals[:at], originals[at : at + 2], originals[at + 2 :]
    named = ""
    if way == "delete":
        kept = [other]
    elif way == "double":
        kept = [one, one, other]
    elif way == "swap":
        kept = [other._replace(t_ns=one.t_ns), one._replace(t_ns=other.t_ns)]
    elif way == "flip":
        kept = [one._replace(payload=flip(one.payload, draw)), other]
    else:
        payload, named = flip_mended(one.payload, draw)
        kept = [one._replace(payload=payload), other]
    return Tampered(way, at, [*before, *kept, *behind], named)


def is_named(one: Tampered, originals: list[Kept]) -> bool:
    """Whether what was tampered with stands on the list of what a replay does not compare."""
    if says_the_same(one.kept, originals):
        return True
    if one.way in ("delete", "flip", "swap") and is_wire_fault(one.way, originals, one.at, one.kept):
        return True
    if is_plant_outside(originals, one.at):
        return True
    if one.way == "swap":
        return answers_a_retry(originals, one.at) or is_meanwhile(originals, one.at)
    if one.way == "flip" and originals[one.at].is_meta:
        changed = changed_keys(originals[one.at].payload, one.kept[one.at].payload)
        return all(f"header.{key}" in NOT_COVERED for key in changed) and (bool(changed) or one.at == 0)
    if one.way == "mend" and (is_refused(originals, one.at) or is_unread(originals, one.at, one.kept[one.at])):
        return True
    return one.named in NOT_COVERED
