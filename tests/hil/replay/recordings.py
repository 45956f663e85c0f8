"""Makes small recordings for the tests of replay, and rewrites them record by record; asserts nothing."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.capture.reader import Record, read
from pumpbench.hil.capture.tally import CHECKPOINT, TRAILER
from pumpbench.hil.capture.verify import parse_meta
from pumpbench.hil.capture.writer import CaptureWriter
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import INBOUND, memory_pair
from pumpbench.hil.links.link import Direction
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.programming import Plan
from pumpbench.hil.rig import TwinRig
from pumpbench.hil.rig.lockstep import identity_of
from pumpbench.hil.rig.recording import LINE, About, Recording
from pumpbench.hil.targets import Target
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.protocol.codes import Fault, Role
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.exchange import Continuity
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import Bolus, MeasureBattery, ReadAlarms, ReadLog, ReadProgram, ReadRecord, ReadStatus, Subscribe
from tests.hil.pumps import PATIENT, START, treat
from tests.support import SEED

LAST_TICK = 6_000


def record(path: Path, target: Target | None = None) -> None:
    """Ten minutes with a program, telemetry, a bolus, a fault, two sessions and a day's reading."""
    recording = Recording(path, About(scenario="ten minutes", seed=SEED))
    with TwinRig(target or EmulatorTarget(), SEED, recording) as rig:
        rig.start({"session_timeout_ticks": 5_000}, START)
        treat(rig, PATIENT)
        rig.therapy(Subscribe(period_ticks=500), role=Role.CLINICIAN)
        rig.therapy(Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600), role=Role.CLINICIAN)
        rig.run_to(1_000)
        rig.repeat()
        rig.inject(Fault.FIELD, 1, 300)
        rig.run_to(3_000)
        rig.inject(Fault.FIELD, 0)
        rig.therapy(MeasureBattery(), role=Role.CLINICIAN)
        rig.run_to(4_000)
        for message in (ReadStatus(), ReadLog(from_seq=0), ReadAlarms(), ReadRecord()):
            rig.therapy(message, role=Role.CLINICIAN)
        rig.therapy(ReadStatus(), role=Role.PATIENT)
        rig.run_to(LAST_TICK)
        rig.finish()


def record_free_run(path: Path) -> None:
    """A programmer at a pump that runs by its own clock: seven ticks pass before each look at the link."""
    device = Device()
    device.pump.reset_to_start(START)
    host, end = memory_pair()

    def work() -> None:
        sent = device.advance(7)
        end.write(sent + device.receive(end.read(0)))

    host.pump = work
    recording = Recording(path, About())
    conversation = Conversation(recording.tapped(host))
    recording.standing = lambda: (0, conversation.last_seq)
    recording.begin("board", "free", {"target": identity_of(device)}, {}, START, time_mode="free")
    recording.snapshot(device.pump.plant.tick, device.pump.snapshot())
    programmer = Programmer(conversation, START.serial)
    programmer.open(Role.CLINICIAN)
    for message in (ReadProgram(source=0), ReadStatus(), ReadLog(from_seq=0)):
        programmer.request(message)
    programmer.program(Plan(PATIENT, confirm_second=True))
    programmer.request(Subscribe(period_ticks=50))
    for _ in range(100):
        programmer.request(ReadStatus())
    recording.end("complete")


class Kept(NamedTuple):
    """One record as it can be written again."""

    is_meta: bool
    direction: Direction
    t_ns: int
    payload: bytes


def records(path: Path) -> list[Kept]:
    """Every record but the tallies, which the writer makes itself."""
    return [
        Kept(item.is_meta, item.direction, item.t_ns, item.payload)
        for item in read(path)
        if isinstance(item, Record) and not _is_tally(item)
    ]


def rewrite(path: Path, kept: Sequence[Kept], standing: tuple[int, int] | None = None, last_tick: int = LAST_TICK) -> Path:
    """A capture of these records, its trailer and checkpoints made to fit them; `standing`: but for how far it says it went."""
    tick, seq = standing or _standing(kept, last_tick)
    t_ns = 0
    # Checkpoints come by themselves, as old as the record before them.
    writer = CaptureWriter(path, force=True, buffered=True, clock_ns=lambda: t_ns)
    line = writer.add_line(LINE)
    for one in kept:
        t_ns = one.t_ns
        if one.is_meta:
            # Straight past the canonical form: a flipped bit need not leave JSON.
            writer._record(writer._lanes[0], one.t_ns, one.payload)
        else:
            writer.line(line, one.direction, one.t_ns, one.payload)
    writer.close(last_tick=str(tick), last_seq=str(seq))
    return path


def _standing(kept: Iterable[Kept], last_tick: int) -> tuple[int, int]:
    """As far as the frames themselves go, so that a tampered recording is not found out by its trailer."""
    decoder, continuity, tick = Decoder(from_device=True), Continuity(), 0
    for one in kept:
        for event in decoder.feed(one.payload) if one.direction == INBOUND else ():
            if isinstance(event, Frame):
                continuity.follow(event.head[6], event.head[3])
                tick = max(tick, event.head[7] if event.head[7] <= last_tick else 0)
    return tick, continuity.last[1] if continuity.last else 0


def _is_tally(record: Record) -> bool:
    found = parse_meta(record) if record.is_meta else None
    return isinstance(found, dict) and found.get("record") in (CHECKPOINT, TRAILER)
