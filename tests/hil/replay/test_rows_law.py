"""Telemetry taken by the thousand: what is loaded, accounted for, compared and shown is the same as frame by frame."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.capture import verify
from pumpbench.hil.capture.alike import Alike, read_alike
from pumpbench.hil.capture.reader import Record, read
from pumpbench.hil.diff import diff_of
from pumpbench.hil.explain import Explainer, shown_in
from pumpbench.hil.ledger import ledger_of
from pumpbench.hil.links import INBOUND
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.replay.loader import load
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.replay.survey import Survey, survey
from pumpbench.hil.rig import About, LocalRig
from pumpbench.hil.rig.recording import HEADER, Recording
from pumpbench.protocol.codes import Fault, Role
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, device_frame
from pumpbench.protocol.messages import Bolus, PatientBolus, ReadStatus, Subscribe, Telemetry
from tests.hil.pumps import PATIENT, START, PlantedPump, PlantedTarget, treat
from tests.hil.replay.recordings import Kept, records, rewrite
from tests.support import ROOT, effort, require, rng

ALL_SHIPPED = sorted((ROOT / "fixtures" / "captures").glob("*.pcapng.gz"))
SHIPPED = rng("rows shipped").sample(ALL_SHIPPED, min(len(ALL_SHIPPED), effort(10, 1_000)))
END_TICK = 9_000


@pytest.fixture(scope="module")
def library() -> NativeLibrary:
    require("cc")
    require("make")
    return NativeLibrary()


def record_telemetry(path: Path, period_ticks: int, pump: Pump | None = None) -> Path:
    """A quarter of an hour, told of every few ticks: two boluses, a look in between, an alarm, a reset."""
    with LocalRig(PlantedTarget(pump or PlantedPump(0, lambda _: None)), 3, Recording(path, About())) as rig:
        rig.start({"session_timeout_ticks": 36_000}, START)
        treat(rig, PATIENT)
        rig.therapy(Subscribe(period_ticks=period_ticks), role=Role.CLINICIAN)
        rig.run_to(2_000)
        rig.therapy(Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600), role=Role.CLINICIAN)
        rig.run_to(4_000)
        rig.therapy(ReadStatus(), role=Role.CLINICIAN)
        rig.therapy(PatientBolus(), role=Role.PATIENT)
        rig.inject(Fault.FIELD, 1, 300)
        rig.run_to(6_000)
        rig.inject(Fault.RESET)
        rig.run_to(7_000)
        rig.therapy(Subscribe(period_ticks=period_ticks), role=Role.CLINICIAN)
        rig.run_to(END_TICK)
        rig.finish()
    return path


@pytest.fixture(scope="module")
def telling(tmp_path_factory: pytest.TempPathFactory) -> list[Kept]:
    return records(record_telemetry(tmp_path_factory.mktemp("rows") / "telling.pcapng", period_ticks=2))


def check_same(path: Path, library: NativeLibrary, other: Path | None = None) -> Recorded:
    one, many = load(path), load(path, library)
    for name in Recorded.__slots__:
        if name != "unasked":
            assert getattr(one, name) == getattr(many, name), name
    assert list(one.unasked) == list(many.unasked)
    assert len(one.unasked) == len(many.unasked)
    assert ledger_of(one) == ledger_of(many)
    assert shown_in(one) == shown_in(many)
    check_same_explained(Explainer(one), Explainer(many))
    check_same_survey(survey(path), survey(path, library))
    if other is not None:
        a, b = load(other), load(other, library)
        expected = diff_of(a, one, ("a", "b"))
        assert all(diff_of(left, right, ("a", "b")) == expected for left, right in ((b, many), (a, many), (b, one)))
    return many


def check_same_explained(one: Explainer, many: Explainer) -> None:
    assert (one.why_not, one.soundings, one.first_difference) == (many.why_not, many.soundings, many.first_difference)
    assert [one.doubt(sounding) for sounding in one.soundings] == [many.doubt(sounding) for sounding in many.soundings]


def check_same_survey(one: Survey, many: Survey) -> None:
    for name in Survey.__slots__:
        if name != "recorded":
            assert getattr(one, name) == getattr(many, name), name
    assert list(one.recorded.unasked) == list(many.recorded.unasked)
    assert (one.recorded.requests, one.recorded.gaps) == (many.recorded.requests, many.recorded.gaps)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_shipped_capture_is_the_same_by_rows(path: Path, library: NativeLibrary) -> None:
    check_same(path, library, SHIPPED[0])


@pytest.mark.parametrize(("period_ticks", "count"), [(1, 0), (1, 1), (7, -3), (7, 1_000_000), (60, 1), (60, 0)])
def test_steps_too_many_are_found_alike_by_rows(period_ticks: int, count: int, library: NativeLibrary, tmp_path: Path) -> None:
    def plant(pump: Pump) -> None:
        pump.durable.step_count += count

    at = rng(f"rows {period_ticks} {count}").randrange(2_700, 3_900)
    whole = record_telemetry(tmp_path / "whole.pcapng", period_ticks)
    found = check_same(record_telemetry(tmp_path / "planted.pcapng", period_ticks, PlantedPump(at, plant)), library, whole)
    assert found.unasked.has_rows
    assert bool(ledger_of(found).findings) == bool(count)


def one_each(kept: list[Kept], draw: Random) -> Iterator[Kept]:
    """Every frame of the device in a record of its own, as a line brings them that is read often."""
    for one in kept:
        runs = [run for run in one.payload.split(b"\0") if run] if one.direction == INBOUND and not one.is_meta else []
        yield from (one._replace(payload=b"\0" + run + b"\0") for run in runs) if runs else (one,)


def cut(kept: list[Kept], draw: Random) -> Iterator[Kept]:
    """The same bytes in pieces that end anywhere, of one size for a while."""
    for one in kept:
        if one.is_meta or one.direction != INBOUND:
            yield one
            continue
        size = draw.choice([30, 67, 70, 1_000, 4_096])
        yield from (one._replace(payload=one.payload[at : at + size]) for at in range(0, len(one.payload), size))


def spoilt(kept: list[Kept], draw: Random) -> list[Kept]:
    """Some records lost, doubled, swapped, older than before, changed, or carrying telemetry that no row holds."""
    made = list(kept)
    for _ in range(draw.randrange(6)):
        at = draw.randrange(1, len(made) - 1)
        one = made[at]
        match draw.randrange(6):
            case 0:
                del made[at]
            case 1:
                made.insert(at, one)
            case 2:
                made[at], made[at - 1] = made[at - 1], one
            case 3:
                made[at] = one._replace(t_ns=one.t_ns - 10**12)
            case 4 if one.payload and not one.is_meta:
                changed = bytearray(one.payload)
                changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
                made[at] = one._replace(payload=bytes(changed))
            case 5:
                made[at] = one._replace(payload=odd(one.payload, draw))
    return made


def odd(payload: bytes, draw: Random) -> bytes:
    """One frame of telemetry under an id, on the bench's channel, far in the future, or of another boot."""
    frames = [event for event in Decoder(from_device=True).feed(payload) if isinstance(event, Frame)]
    telling = [frame for frame in frames if isinstance(frame.message, Telemetry)]
    if not telling:
        return payload
    frame = draw.choice(telling)
    _, _, _, seq, _, session, boot, tick = frame.head
    head = draw.choice([(7, session, boot, tick), (0, session, boot, tick + (1 << 40)), (0, session + 1, boot + 1, tick)])
    return payload.replace(frame.wire, device_frame(frame.message, seq, *head, bench=draw.random() < 0.2))


@pytest.mark.parametrize("case", range(effort(16, 1_000)))
def test_any_recording_is_the_same_by_rows(case: int, telling: list[Kept], library: NativeLibrary, tmp_path: Path) -> None:
    draw = rng(f"rows {case}")
    shape: Callable[[list[Kept], Random], Iterator[Kept]] = draw.choice([one_each, cut, lambda kept, _: iter(kept)])
    kept = spoilt(list(shape(telling, draw)), draw)
    if draw.random() < 0.3:
        kept = [one for one in kept if HEADER.encode() not in one.payload[:40]]  # nothing to run again
    whole = rewrite(tmp_path / "whole.pcapng", telling)
    check_same(rewrite(tmp_path / "made.pcapng", kept), library, whole)


@pytest.mark.parametrize("case", range(effort(8, 500)))
def test_survey_of_a_damaged_file_is_the_same_by_rows(
    case: int, telling: list[Kept], library: NativeLibrary, tmp_path: Path
) -> None:
    draw = rng(f"rows damaged {case}")
    shape = draw.choice([one_each, cut])
    data = bytearray(rewrite(tmp_path / "made.pcapng", list(shape(telling, draw))).read_bytes())
    for _ in range(draw.randrange(1, 4)):
        start, size = draw.randrange(len(data)), draw.choice([1, 30, 5_000])
        match draw.randrange(3):
            case 0:
                del data[start : start + size]
            case 1:
                data[start : start + size] = draw.randbytes(size)
            case 2:
                data[start:start] = draw.randbytes(size)
    damaged = tmp_path / "damaged.pcapng"
    damaged.write_bytes(data)
    check_same_survey(survey(damaged), survey(damaged, library))


def test_most_telemetry_is_in_rows_however_bytes_are_cut(telling: list[Kept], library: NativeLibrary, tmp_path: Path) -> None:
    draw = rng("rows of all shapes")
    for shape in (one_each, cut):
        found = load(rewrite(tmp_path / "made.pcapng", list(shape(telling, draw))), library)
        frames = [piece for piece in found.unasked.pieces() if isinstance(piece, Frame)]
        assert not any(isinstance(frame.message, Telemetry) for frame in frames)
        assert len(found.unasked) > 1_000 + len(frames)


def test_large_capture_is_verified_as_a_small_one(telling: list[Kept], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = rewrite(tmp_path / "made.pcapng", list(one_each(telling, rng("large"))))
    broken = bytearray(path.read_bytes())
    broken[len(broken) // 2] ^= 1
    (tmp_path / "broken.pcapng").write_bytes(broken)
    for one in (path, tmp_path / "broken.pcapng"):
        monkeypatch.setattr(sys.modules[verify.__module__], "LARGE_BYTES", 1 << 40)
        small = verify(one)
        monkeypatch.setattr(sys.modules[verify.__module__], "LARGE_BYTES", 0)
        assert verify(one) == small
        assert small.whole == (one == path)


def test_records_alike_are_those_that_a_reader_gives(telling: list[Kept], tmp_path: Path) -> None:
    path = rewrite(tmp_path / "made.pcapng", list(one_each(telling, rng("alike"))))
    found: list[Record] = []
    for item in read_alike(path):
        assert isinstance(item, Record | Alike)
        found += [item] if isinstance(item, Record) else [item.record(index) for index in range(len(item.blocks))]
    assert found == list(read(path))
