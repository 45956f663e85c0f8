"""Plays a tester at a desk, who asks what a pump has to refuse and cuts what it does; it judges nothing, and draws nothing."""

from pathlib import Path
from typing import Any, Final

from pumpbench.firmware_emu.state import PROGRAM_SLOT_ADDRESS, STATE_PARTS
from pumpbench.hil.bench import Bench
from pumpbench.hil.conformance.timelines.player import decoded
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.native import NativeDevice, NativeLibrary
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.programming import Plan
from pumpbench.hil.rig import About, Recording
from pumpbench.hil.scenario.shipped import DEFAULT, load
from pumpbench.protocol.codes import Fault, Mode, ProgramSource, Quirk, Role
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.frame import host_frame
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import SNAPSHOT_PAGE_BYTES, TICKS_PER_DAY
from pumpbench.protocol.messages import (
    Bolus,
    CommitProgram,
    ReadLog,
    ReadProgram,
    ReadStatus,
    ResetToStart,
    Restore,
    SilenceAlarms,
    StageProgram,
    WriteSnapshot,
)
from pumpbench.tools.captures.at_hand import begin, linked

DAILY_NG: Final = 1_200_000
STAGED: Final = StageProgram(
    **{one.name: 0 for one in layout_of(StageProgram).fields}
    | {
        "program_id": 1,
        "mode": Mode.SIMPLE_CONTINUOUS,
        "concentration_ug_per_ml": 2_000,
        "dose_ng_per_day": DAILY_NG,
        "low_reservoir_nl": 2_000_000,
        "dose_limit_ng": 48_000_000,
        "critical_interval_ticks": 6_000,
    }
)
"""600 000 nl/day; its limit bars nothing, not even after a reset, which takes the day before as full."""
IN_FORCE_TICK: Final = 34
FIRST_STEP_TICK: Final = 392
BOOT_TICKS: Final = 20
LOG_ENTRIES: Final = 32
HALF_WRITTEN_TICKS: Final = 18
"""Of an update, into the slot that is read back a tick later."""


class Desk:
    """A pump of its own, armed and started. Each request is followed by a credit of no ticks, whose digests tell what it did."""

    def __init__(self, path: Path) -> None:
        self.device: NativeDevice = NativeLibrary().device()
        self.recording = Recording(path, About())
        bare = linked(self.device.receive)
        start = load(DEFAULT).start._replace(concentration_ug_per_ml=2_000, line_ug_per_ml=2_000)  # type: ignore[attr-defined]
        self.last_id = 0
        self._begin(bare, start)
        self.programmer = Programmer(self.talk, start.serial)

    def _begin(self, bare: Any, start: ResetToStart) -> None:
        # A pump that stops while it is programmed: an update that fails has to let it go on.
        config = {"quirks": int(Quirk.bit_of(Quirk.STOP_AT_STAGE))}
        identified = begin(self.recording, bare, "desk", config, start)
        self.talk = Conversation(self.recording.tapped(bare))
        self.bench = Bench(self.talk)
        self.bench.identified = identified
        self.bench.arm()
        self.bench.configure(config)
        self.tick = self.bench.reset_to_start(start).reached_tick
        self.recording.snapshot(self.tick, self.device.snapshot())
        self.recording.standing = lambda: (self.tick, self.talk.last_seq)

    def open(self, role: int = Role.CLINICIAN) -> Any:
        return self._sealed(self.programmer.open(role))

    def ask(self, message: Any) -> Any:
        return self._sealed(self.programmer.request(message))

    def ask_as(self, message: Any, *, request_id: int | None = None, session: int | None = None) -> Any:
        """Under another id or session than is due; the id that was taken is `last_id`."""
        therapy = self.talk.therapy
        held, therapy.session = therapy.session, therapy.session if session is None else session
        sent = therapy.request(message, bench=False, same_id=request_id)
        therapy.session, self.last_id = held, sent.request_id
        return self._sealed(self.talk.deliver(sent, type(message).__name__, bench=False).message)

    def send(self, data: bytes) -> None:
        """Bytes that nobody has to answer."""
        self.talk.link.write(data)
        self.run(0)

    def run(self, ticks: int) -> None:
        self.tick = self.bench.run_to(self.tick + ticks).reached_tick

    def inject(self, fault: int, arg_0: int = 0, arg_1: int = 0) -> None:
        self.recording.inject(self.tick, fault, (arg_0, arg_1, 0))
        self.tick = self.bench.inject(fault, arg_0, arg_1).reached_tick

    def _sealed(self, reply: Any) -> Any:
        self.run(0)
        return reply


def record_desk(path: Path) -> None:
    desk = Desk(path)
    _commit_unverified(desk)
    _cut_the_first_step(desk)
    _ask_amiss(desk)
    _send_damaged(desk)
    _fill_the_log(desk)
    _restore_unsound(desk)
    _spoil_an_update(desk)
    _reset_with_an_alarm(desk)
    desk.recording.end("complete")


def _commit_unverified(desk: Desk) -> None:
    desk.open()
    old = desk.ask(ReadProgram(source=ProgramSource.IN_FORCE))
    staged = desk.ask(STAGED)
    desk.ask(CommitProgram(program_crc=staged.program_crc, old_program_crc=old.program_crc, second_confirmation_ng=DAILY_NG))
    _program(desk, STAGED)
    desk.run(IN_FORCE_TICK)


def _program(desk: Desk, staged: StageProgram) -> None:
    desk.programmer.program(Plan(staged, confirm_second=True))


def _cut_the_first_step(desk: Desk) -> None:
    """In the very tick of a step, then asks of a pump that still boots."""
    desk.run(FIRST_STEP_TICK - 1 - desk.tick)
    desk.inject(Fault.POWER_CUT)
    desk.run(1)
    desk.run(3)
    desk.programmer.forget()
    desk.open()
    desk.run(BOOT_TICKS)
    desk.open()


def _ask_amiss(desk: Desk) -> None:
    desk.ask(Bolus(dose_ng=1_001, volume_nl=501, duration_ticks=100))
    desk.run(100)
    desk.ask_as(ReadStatus())
    desk.ask_as(ReadStatus(), request_id=desk.last_id - 1)
    desk.ask_as(ReadStatus(), session=desk.talk.therapy.session ^ 1)
    desk.ask_as(ReadStatus(), session=0)
    desk.ask(ReadStatus())


def _send_damaged(desk: Desk) -> None:
    """A request that would be answered, each bit of its first and its last length code flipped in turn, then one cut short."""
    wire = host_frame(ReadStatus(), 0, 9_999, desk.talk.therapy.session)
    for at in {1, last_code(wire)}:
        for bit in range(8):
            spoilt = bytearray(wire)
            spoilt[at] ^= 1 << bit
            if spoilt[at]:
                desk.send(bytes(spoilt))
    desk.send(wire[:-2] + b"\0")
    desk.ask(ReadStatus())


def last_code(wire: bytes) -> int:
    """Where the last length code of a stuffed frame stands that is delimited at both ends."""
    at = 1
    while at + wire[at] < len(wire) - 1:
        at += wire[at]
    return at


def _fill_the_log(desk: Desk) -> None:
    for _ in range(LOG_ENTRIES + 1):
        desk.programmer.request(SilenceAlarms())
    desk.run(0)
    desk.programmer.read_log()
    desk.ask(ReadLog(from_seq=0))


def _restore_unsound(desk: Desk) -> None:
    """The pump's own state, but the program in force has a mode that is none."""
    snapshot = bytearray(desk.device.snapshot())
    snapshot[_program_in_force() + 4] = 0xFF
    for offset in range(0, len(snapshot), SNAPSHOT_PAGE_BYTES):
        page = bytes(snapshot[offset : offset + SNAPSHOT_PAGE_BYTES])
        desk.talk.ask(WriteSnapshot(offset_bytes=offset, data=page), bench=True)
    desk.talk.ask(Restore(snapshot_crc=crc32c(bytes(snapshot))), bench=True)
    desk.run(0)


def _program_in_force() -> int:
    config, controller = (layout_of(part) for part in STATE_PARTS[:2])
    return int(config.size + controller.field("program").offset)


def _spoil_an_update(desk: Desk) -> None:
    """A word of the slot that was just written flips before it is read back: the update fails, and therapy goes on."""
    _program(desk, STAGED._replace(program_id=2))  # type: ignore[attr-defined]
    desk.run(HALF_WRITTEN_TICKS)
    in_force = decoded(desk.device.snapshot())["controller"].program_slot_index
    desk.inject(Fault.MEMORY_FLIP, PROGRAM_SLOT_ADDRESS[1 - in_force] + 5, 1)
    desk.run(10)
    desk.ask(ReadStatus())


def _reset_with_an_alarm(desk: Desk) -> None:
    """The self-test of the day finds the slot that the update left broken; the alarm outlasts a reset."""
    desk.run(TICKS_PER_DAY - desk.tick)
    desk.inject(Fault.RESET)
    desk.run(BOOT_TICKS + 1)
    desk.programmer.forget()
    desk.open()
    desk.ask(ReadStatus())
