"""The tamper law: no record of an exact capture can be deleted, doubled, moved or changed and still pass."""

from pathlib import Path

import pytest
from cobs import cobs

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.capture import verify
from pumpbench.hil.replay import NOT_COVERED, load, replay_on
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.header import DEVICE_BYTES, FLAG_BENCH
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import EventNotice
from tests.hil.pumps import PlantedTarget
from tests.hil.replay.recordings import LAST_TICK, Kept, record, records, rewrite
from tests.hil.replay.tampering import answers_a_retry, changed_keys, flip, flip_mended, mended, told, verdict_of
from tests.support import effort, rng

SAMPLE = effort(60, 100_000)
DRAWS = effort(60, 20_000)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tamper") / "whole.pcapng"
    record(path)
    return path


@pytest.fixture(scope="module")
def originals(whole: Path) -> list[Kept]:
    return records(whole)


def standing_of(path: Path) -> tuple[int, int]:
    """How far the run went, by its trailer."""
    verified = verify(path)
    assert verified.last_tick is not None
    assert verified.last_seq is not None
    return verified.last_tick, verified.last_seq


def places(originals: list[Kept], name: str) -> list[int]:
    """Every place, or a seeded sample of them."""
    everywhere = range(len(originals) - 1)
    return sorted(rng(f"tamper {name}").sample(everywhere, min(SAMPLE, len(everywhere))))


def test_untouched_recording_passes_when_rewritten(originals: list[Kept], tmp_path: Path) -> None:
    assert verdict_of(tmp_path / "same.pcapng", originals)[0] is Verdict.PASS


def test_recording_never_passes_with_a_record_deleted(originals: list[Kept], tmp_path: Path) -> None:
    passed = [at for at in places(originals, "delete") if _passes(tmp_path, originals[:at] + originals[at + 1 :])]
    assert not passed, [told(originals[at]) for at in passed]


def test_recording_never_passes_with_its_end_cut_off(whole: Path, originals: list[Kept], tmp_path: Path) -> None:
    """Also where it ends after a reply, and the counts and the checksum of its trailer were made to fit."""
    standing = standing_of(whole)
    passed = []
    for at in [*places(originals, "cut"), len(originals) - 2]:
        path = rewrite(tmp_path / "cut.pcapng", originals[:at], standing)
        with PlantedTarget(Pump()) as target:
            passed += [at] * (replay_on(target, load(path)).verdict is Verdict.PASS)
    assert not passed, [told(originals[at]) for at in passed]


def test_recording_that_does_not_say_how_far_it_went_never_passes(whole: Path, originals: list[Kept], tmp_path: Path) -> None:
    tick, seq = standing_of(whole)
    assert tick == LAST_TICK
    for standing, passes in (((tick, seq), True), ((tick + 1, seq), False), ((tick, seq + 1), False), ((-1, seq), False)):
        with PlantedTarget(Pump()) as target:
            result = replay_on(target, load(rewrite(tmp_path / "far.pcapng", originals, standing)))
        assert (result.verdict is Verdict.PASS) == passes, result.reason
        assert passes or "cut off" in result.reason


def test_recording_never_passes_with_a_record_doubled(originals: list[Kept], tmp_path: Path) -> None:
    passed = [at for at in places(originals, "double") if _passes(tmp_path, originals[: at + 1] + originals[at:])]
    assert not passed, [told(originals[at]) for at in passed]


def test_recording_never_passes_with_neighbours_swapped(originals: list[Kept], tmp_path: Path) -> None:
    """Their times stay in place, so that only what they say can tell. A stored reply alone may come late."""
    passed = []
    for at in places(originals, "swap"):
        one, other = originals[at : at + 2]
        swapped = [other._replace(t_ns=one.t_ns), one._replace(t_ns=other.t_ns)]
        if _passes(tmp_path, originals[:at] + swapped + originals[at + 2 :]) and not answers_a_retry(originals, at):
            passed.append(at)
    assert not passed, [(told(originals[at]), told(originals[at + 1])) for at in passed]


def test_recording_never_passes_with_a_bit_of_a_line_flipped(originals: list[Kept], tmp_path: Path) -> None:
    """Half of them with the frame's CRC mended, so that only its meaning can tell; identity and transport are tallied."""
    draw = rng("tamper flip")
    not_covered: dict[str, int] = {}
    lines = [at for at, one in enumerate(originals) if not one.is_meta]
    for at in draw.choices(lines, k=DRAWS):
        one = originals[at]
        flipped, name = flip_mended(one.payload, draw) if draw.random() < 0.5 else (flip(one.payload, draw), "")
        tampered = [*originals[:at], one._replace(payload=flipped), *originals[at + 1 :]]
        verdict, listed = verdict_of(tmp_path / "flip.pcapng", tampered)
        if verdict is Verdict.PASS:
            named = [*listed, *([name] if name in NOT_COVERED else [])]
            assert named, told(one)
            not_covered |= {field: not_covered.get(field, 0) + 1 for field in named}
    print(f"not covered: {not_covered}")


def test_recording_never_passes_with_a_notice_moved_to_the_other_channel(originals: list[Kept], tmp_path: Path) -> None:
    """Either channel may carry one, so only the other recording's tells."""
    moved, passed = 0, []
    for at, one in enumerate(originals):
        runs = [] if one.is_meta else one.payload.split(b"\0")
        for place, run in enumerate(runs):
            data = bytearray(cobs.decode(run)[:-4]) if run else bytearray(DEVICE_BYTES)
            if int.from_bytes(data[2:4], "little") != layout_of(EventNotice).number:
                continue
            data[1] ^= FLAG_BENCH
            payload = b"\0".join([*runs[:place], mended(data), *runs[place + 1 :]])
            moved += 1
            passed += [at] * _passes(tmp_path, [*originals[:at], one._replace(payload=payload), *originals[at + 1 :]])
    assert moved
    assert not passed, [told(originals[at]) for at in passed]


def test_recording_never_passes_with_a_bit_of_a_meta_record_flipped(originals: list[Kept], tmp_path: Path) -> None:
    draw = rng("tamper meta")
    metas = [at for at, one in enumerate(originals) if one.is_meta]
    for at in draw.choices(metas, k=DRAWS):
        one = originals[at]
        tampered = one._replace(payload=flip(one.payload, draw))
        verdict, _ = verdict_of(tmp_path / "meta.pcapng", [*originals[:at], tampered, *originals[at + 1 :]])
        changed = changed_keys(one.payload, tampered.payload) if verdict is Verdict.PASS else []
        assert all(f"header.{key}" in NOT_COVERED for key in changed), changed
        assert verdict is not Verdict.PASS or changed or at == metas[0]


def _passes(tmp_path: Path, kept: list[Kept]) -> bool:
    return verdict_of(tmp_path / "tampered.pcapng", kept)[0] is Verdict.PASS
