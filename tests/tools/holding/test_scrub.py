"""A scrubbed capture: nothing of what names is left in it, and all that was shown with it is shown as before."""

import itertools
import json
import random
from dataclasses import replace as with_other
from pathlib import Path
from typing import Any

import pytest

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.capture import CaptureWriter, Record, canonical, parse_meta, read, verify
from pumpbench.hil.capture.frames import FrameAt, FrameReader
from pumpbench.hil.capture.recover import recover
from pumpbench.hil.capture.resealed import is_tally
from pumpbench.hil.compare import DIGEST_FIELDS
from pumpbench.hil.ledger import ledger_of
from pumpbench.hil.links import INBOUND, OUTBOUND
from pumpbench.hil.replay import ReplayResult, load, replay_on
from pumpbench.hil.rig import About, LocalRig, Recording, TwinRig
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import load as shipped
from pumpbench.hil.scrubbing import scrub
from pumpbench.hil.scrubbing.mirror import KEPT_MAX, Mirror
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.twin import Diverged
from pumpbench.protocol.codes import Role
from pumpbench.protocol.frame import BadFrame, Frame, host_frame
from pumpbench.protocol.layout import layout_of, replace
from pumpbench.protocol.messages import Open, ReadRecord, RunTo, Subscribe
from pumpbench.protocol.messages import Record as DeviceRecord
from pumpbench.tools.holding.scrubbing import scrub_file
from tests.hil.pumps import START, PlantedPump, PlantedTarget, one_unit
from tests.hil.replay import recordings
from tests.support import effort, rng
from tests.tools.holding.damages import KINDS

CAPTURES = Path(__file__).parents[3] / "fixtures" / "captures"
SERIAL = 0x7A3C_91E5
NAMES = ("Mrs Example", "ward-7-bench", "/dev/ttyACM3")
IDENTITY = replace(START, serial=SERIAL, implant_day=9_000, calendar_origin_day=9_000)


def record(path: Path) -> Path:
    """What the tests of replay record, by a pump and on a bench that have names."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recordings, "START", IDENTITY)
        recordings.record(path)
    kept = recordings.records(path)
    header = json.loads(kept[0].payload) | {"scenario": f"# {NAMES[0]}\nserial = {SERIAL}", "target": f"serial:{NAMES[2]}"}
    header["host_clock"] = f"clock of {NAMES[1]}"
    return recordings.rewrite(path, [kept[0]._replace(payload=canonical(header)), *kept[1:]])


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(tmp_path_factory.mktemp("scrub") / "named.pcapng")


def scrubbed(source: Path, seed: int = 7) -> Path:
    out = source.with_name(f"scrubbed-{source.name}")
    made = scrub(source, out, force=True, draw=random.Random(seed))
    assert made.residues == ()
    assert verify(out).whole
    return out


def replayed(path: Path, pump: Pump | None = None) -> ReplayResult:
    with PlantedTarget(pump or Pump()) as target:
        return replay_on(target, load(path))


def frames_of(path: Path) -> list[FrameAt]:
    return [item for item in FrameReader().frames(read(path)) if isinstance(item, FrameAt)]


def texts_of(path: Path) -> bytes:
    """Everything a reader could look through: the file, each payload joined by direction, each frame decoded, each hex undone."""
    records = [item for item in read(path) if isinstance(item, Record)]
    metas = [parse_meta(item) for item in records if item.is_meta]
    blobs = [bytes.fromhex(meta["data"]) for meta in metas if isinstance(meta, dict) and meta.get("record") == "snapshot"]
    bodies = [item.event.body for item in frames_of(path) if isinstance(item.event, Frame)]
    streams = [b"".join(one.payload for one in records if one.direction == way) for way in (INBOUND, OUTBOUND)]
    return b"\n".join([path.read_bytes(), *streams, *bodies, *blobs])


def spelled(number: int, size: int) -> list[bytes]:
    """A number in either byte order and in text."""
    text = [f"{number}", f"{number:x}", f"{number:X}"]
    return [number.to_bytes(size, "little"), number.to_bytes(size, "big"), *(one.encode() for one in text)]


def test_nothing_that_names_is_left_in_any_spelling(named: Path) -> None:
    records = [item for item in read(named) if isinstance(item, Record)]
    before, after = texts_of(named), texts_of(scrubbed(named))
    wanted = [*spelled(SERIAL, 4), *(name.encode() for name in NAMES)]
    assert all(any(one in before for one in kind) for kind in (spelled(SERIAL, 4)[:2], *([name.encode()] for name in NAMES)))
    times = [spelled(item.t_ns, 8)[0][4:] + spelled(item.t_ns, 8)[0][:4] for item in records]
    assert all(time in before for time in times)
    found = [one for one in [*wanted, *times, *(text for item in records for text in spelled(item.t_ns, 8))] if one in after]
    assert found == []


def test_dates_are_shifted_by_whole_weeks_all_alike(named: Path) -> None:
    out = scrubbed(named)
    times = [[one.t_ns for one in read(path) if isinstance(one, Record) and not is_tally(one)] for path in (named, out)]
    (shift,) = {after - before for before, after in zip(*times, strict=True)}
    week_ns = 7 * 86_400 * 10**9
    assert (shift % week_ns, abs(shift) >= 52 * week_ns) == (0, True)
    before, after = (
        next(
            one.event.message
            for one in frames_of(path)
            if isinstance(one.event, Frame) and type(one.event.message) is DeviceRecord
        )
        for path in (named, out)
    )
    assert (after.implant_day - before.implant_day) * 86_400 * 10**9 == shift
    assert (after.calendar_origin_day - before.calendar_origin_day) * 86_400 * 10**9 == shift
    assert load(out).header["start"]["implant_day"] == after.implant_day  # type: ignore[index]


def test_replay_ends_as_it_did_where_both_agree(named: Path) -> None:
    before, after = replayed(named), replayed(scrubbed(named))
    assert with_other(after, differences=()) == with_other(before, differences=())
    assert (after.sureness, after.gaps, after.verdict.value) == ("exact", (), "pass")
    assert after.digests_compared > 50


def test_replay_finds_the_same_first_difference_where_they_do_not(named: Path) -> None:
    found = [replayed(path, PlantedPump(3_333, one_unit)) for path in (named, scrubbed(named))]
    (one, other) = (result.first_difference for result in found)
    assert one is not None
    assert other is not None
    assert (one.tick, one.message, one.field) == (other.tick, other.message, other.field)
    assert one.field in DIGEST_FIELDS or one.theirs == other.theirs


def test_difference_that_was_recorded_is_kept(tmp_path: Path) -> None:
    """Of firmware that differs from the reference from some tick on: the emulator's word must not replace its own."""
    recording = Recording(tmp_path / "differs.pcapng", About())
    target = PlantedTarget(PlantedPump(2_000, one_unit))
    with TwinRig(target, 1, recording) as rig:
        rig.start({}, IDENTITY)
        rig.therapy(ReadRecord(), role=Role.CLINICIAN)
        rig.run_to(1_500)
        with pytest.raises(Diverged):
            rig.run_to(3_000)
        rig.finish()
    before, after = replayed(tmp_path / "differs.pcapng"), replayed(scrubbed(tmp_path / "differs.pcapng"))
    assert (before.verdict.value, after.verdict) == ("fail", before.verdict)
    assert before.first_difference is not None
    assert after.first_difference is not None
    assert before.first_difference[:3] == after.first_difference[:3]


def test_messages_say_the_same_but_for_what_names(named: Path) -> None:
    changed: set[str] = set()
    for one, other in zip(frames_of(named), frames_of(scrubbed(named)), strict=True):
        assert isinstance(one.event, Frame)
        assert isinstance(other.event, Frame)
        assert (one.event.head, len(one.event.raw)) == (other.event.head, len(other.event.raw))
        names = [field.name for field in layout_of(type(one.event.message)).fields]
        changed |= {n for n, a, b in zip(names, one.event.message, other.event.message, strict=False) if a != b}
        tails = (one.event.message[len(names) :], other.event.message[len(names) :])
        assert tails[0] == tails[1]
    assert changed == {"serial", "implant_day", "calendar_origin_day", "controller_crc"}


def test_records_keep_their_place_size_and_order(named: Path) -> None:
    one, other = (
        [item for item in read(path) if isinstance(item, Record) and not item.is_meta] for path in (named, scrubbed(named))
    )
    assert [(a.interface, a.direction, len(a.payload)) for a in one] == [
        (b.interface, b.direction, len(b.payload)) for b in other
    ]


def test_shipped_sessions_end_as_they_did(tmp_path: Path) -> None:
    for name in ("patient_limits", "low_alarm_at_2_ml", "update_power_cut", "stall_recovery")[: effort(3, 4)]:
        path = tmp_path / f"{name}.pcapng"
        with TwinRig(EmulatorTarget(), 1, Recording(path, About(scenario=name))) as rig:
            run_scenario(shipped(name), rig)
            rig.finish()
        out = scrubbed(path)
        before, after = replayed(path), replayed(out)
        assert with_other(after, differences=()) == with_other(before, differences=())
        assert before.verdict.value == "pass"
        assert ledger_of(load(out)) == ledger_of(load(path))


def test_free_run_keeps_its_verdict(tmp_path: Path) -> None:
    path = tmp_path / "free.pcapng"
    recordings.record_free_run(path)
    made = scrub(path, tmp_path / "scrubbed.pcapng", draw=random.Random(1))
    assert made.remade > 100
    before, after = replayed(path), replayed(tmp_path / "scrubbed.pcapng")
    assert with_other(after, differences=()) == with_other(before, differences=())
    assert before.verdict.value == "pass"


def test_noise_becomes_other_noise_of_the_same_fault(tmp_path: Path) -> None:
    frame = host_frame(Open(serial=SERIAL, role=1, nonce=3), 0, 1)
    broken = [
        frame[:-2],
        frame[:9] + frame[10:],
        b"\0" + SERIAL.to_bytes(4, "little") * 90 + b"\0",
        b"\0" + SERIAL.to_bytes(4, "big") + b"\0",
    ]
    path = tmp_path / "noise.pcapng"
    with CaptureWriter(path, clock_ns=lambda: 10**18) as writer:
        line = writer.add_line(NAMES[1])
        for data in (frame, *broken, frame, frame[:-5]):
            writer.line(line, OUTBOUND, 10**18, data)
    out = scrubbed(path)
    one, other = frames_of(path), frames_of(out)
    assert [type(item.event) for item in one] == [type(item.event) for item in other]
    faults = [[item.event.fault for item in items if isinstance(item.event, BadFrame)] for items in (one, other)]
    assert faults[0] == faults[1]
    assert len(faults[0]) >= 3
    after = texts_of(out)
    assert [text for text in (*spelled(SERIAL, 4), NAMES[1].encode()) if text in after] == []


def test_observed_capture_has_its_numbers_replaced_alike(named: Path, tmp_path: Path) -> None:
    """Without a start nothing can be run again: fields go, digests stay."""
    path = tmp_path / "observed.pcapng"
    recordings.rewrite(path, [one for one in recordings.records(named) if not one.is_meta])
    out = scrubbed(path)
    serials = {
        one.event.message.serial
        for one in frames_of(out)
        if isinstance(one.event, Frame) and hasattr(one.event.message, "serial")
    }
    assert SERIAL not in serials
    of_open = {
        one.event.message.serial for one in frames_of(out) if isinstance(one.event, Frame) and type(one.event.message) is Open
    }
    assert len(of_open) == 1
    assert of_open <= serials
    assert replayed(out).sureness == replayed(path).sureness


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_capture_is_scrubbed_never_to_pass(
    kind: str, named: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw, path, out = rng(f"scrub {kind}"), tmp_path / "broken.pcapng", tmp_path / "out.pcapng"
    for _ in range(effort(2, 200)):
        path.write_bytes(KINDS[kind](named.read_bytes(), draw))
        if verify(path).whole or not any(isinstance(item, Record) for item in read(path)):
            continue
        assert scrub_file(path, out, 3, force=True, in_json=False) == 3
        assert verify(out).whole
        assert replayed(out).verdict.value != "pass"
        after = texts_of(out)
        assert [text for text in (*spelled(SERIAL, 4)[:3], *(name.encode() for name in NAMES)) if text in after] == []
    capsys.readouterr()


def test_no_time_of_a_capture_that_was_cut_off_tells_the_shift(named: Path, tmp_path: Path) -> None:
    """What recover and scrub put in themselves has a time, too: a bare one would give all others away."""
    cut, mended = tmp_path / "cut.pcapng", tmp_path / "mended.pcapng"
    cut.write_bytes(named.read_bytes()[:-50])
    recover(cut, mended)
    for path in (cut, mended):
        out = scrubbed(path)
        before = [item.t_ns for item in read(path) if isinstance(item, Record)]
        after = [item.t_ns for item in read(out) if isinstance(item, Record)]
        shift = after[1] - before[1]
        assert shift
        assert [min(after) - min(before), max(after) - max(before)] == [shift, shift]


def test_inputs_of_a_plant_that_the_bench_held_are_kept(tmp_path: Path) -> None:
    path = CAPTURES / "native_controller.pcapng.gz"
    scrub(path, tmp_path / "out.pcapng")
    kept = [load(one).plant_inputs for one in (path, tmp_path / "out.pcapng")]
    assert kept[0]
    assert kept[1] == kept[0]
    assert load(tmp_path / "out.pcapng").gaps == []


def test_records_of_people_are_emptied(named: Path, tmp_path: Path) -> None:
    kept = recordings.records(named)
    note: Any = kept[0]._replace(payload=b'{"record":"note","text":"Mrs Example called"}')
    path = recordings.rewrite(tmp_path / "note.pcapng", [*kept[:5], note._replace(t_ns=kept[4].t_ns), *kept[5:]])
    out = scrubbed(path)
    assert b"Mrs" not in out.read_bytes()
    assert replayed(out).verdict == replayed(path).verdict


def test_every_frame_of_a_long_credit_has_its_counterpart(tmp_path: Path) -> None:
    """More than are kept from one credit to the next."""
    path = tmp_path / "long.pcapng"
    with LocalRig(EmulatorTarget(), 1, Recording(path, About())) as rig:
        rig.start({"session_timeout_ticks": 36_000}, START)
        rig.therapy(Subscribe(period_ticks=1), role=Role.CLINICIAN)
        rig.run_to(4 * KEPT_MAX)
        rig.finish()
    frames = [one.event for one in frames_of(path) if isinstance(one.event, Frame)]
    credits = [frame.message.target_tick for frame in frames if isinstance(frame.message, RunTo)]
    assert max(late - early for early, late in itertools.pairwise([0, *credits])) > KEPT_MAX
    mirror = Mirror(load(path).header or {}, lambda name, value: None)
    for frame in frames:
        if not frame.header.from_device:
            mirror.told(frame, frame.wire, frame.wire)
        else:
            pair = mirror.heard(frame)
            assert pair is not None, frame
            assert pair.own.message == frame.message
