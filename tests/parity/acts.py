"""What a host may do to a pump, as data: an act names its intent, and its bytes follow from the state it meets.

So an act can be dropped from a walk and the later ones still mean the same; `repr` of an act makes it again.
"""

from dataclasses import dataclass
from typing import Any, Literal

from pumpbench.firmware_emu.program import Program
from pumpbench.hil.programming import Plan, rate_check_nl_per_day, volume_check_nl, volume_nl
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.frame import Unknown, encode_frame, host_frame
from pumpbench.protocol.header import FLAG_BENCH, Header
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import FLEX_STEPS, SNAPSHOT_PAGE_BYTES
from pumpbench.protocol.messages import (
    Arm,
    Bolus,
    CommitProgram,
    Disarm,
    FlexStep,
    Open,
    PatientBolus,
    Prime,
    Refill,
    Restore,
    RunTo,
    StageProgram,
    Subscribe,
    VerifyProgram,
    WriteSnapshot,
)
from tests.parity.desk import Desk, Sent

U32_MAX = 0xFFFF_FFFF
FLUID = (Bolus, PatientBolus, Prime, Refill)
Whose = Literal["own", "none", "wrong"]
Confirm = Literal["right", "none", "wrong"]


class Act:
    """Base of all acts."""

    def play(self, desk: Desk) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Ask(Act):
    """A therapy request. `id_step`: id above the last one accepted; `session`: whose; `bench`: on the other channel."""

    message: Any
    id_step: int = 1
    session: Whose = "own"
    bench: bool | None = None

    def play(self, desk: Desk) -> None:
        request_id = next_id(desk, self.id_step)
        wire = host_frame(self.message, desk.next_seq(), request_id, session_of(desk, self.session), self.bench)
        sent = Sent(self.message, request_id, wire)
        desk.sent.append(sent)
        if isinstance(self.message, FLUID):
            desk.sent_fluid.append(sent)
        if isinstance(self.message, Subscribe):
            desk.subscribed = desk.pump.controller.session_id, self.message.period_ticks
        desk.send(wire)


@dataclass(frozen=True)
class OpenIt(Act):
    """Opens a session; `serial_step` 0 is this pump's serial."""

    role: int = 1
    nonce: int = 0
    serial_step: int = 0
    id_step: int = 1

    def play(self, desk: Desk) -> None:
        serial = desk.pump.identity.serial + self.serial_step & U32_MAX
        Ask(Open(serial=serial, role=self.role, nonce=self.nonce), self.id_step, "none").play(desk)


@dataclass(frozen=True)
class Again(Act):
    """An earlier therapy frame once more, byte for byte; `back` 0 is the last."""

    back: int = 0

    def play(self, desk: Desk) -> None:
        if self.back < len(desk.sent):
            desk.send(desk.sent[-1 - self.back].wire)


@dataclass(frozen=True)
class AgainHere(Act):
    """An earlier request in the session now open: same id, type and body, another frame. `fluid`: of those that move it."""

    back: int = 0
    fluid: bool = False

    def play(self, desk: Desk) -> None:
        sent = desk.sent_fluid if self.fluid else desk.sent
        if self.back < len(sent):
            earlier = sent[-1 - self.back]
            desk.send(host_frame(earlier.message, desk.next_seq(), earlier.request_id, desk.pump.controller.session_id))


@dataclass(frozen=True)
class Verify(Act):
    """Verifies what is staged; nonzero arguments make the programmer's numbers wrong."""

    crc_xor: int = 0
    rate_step: int = 0
    volume_step: int = 0

    def play(self, desk: Desk) -> None:
        controller = desk.pump.controller
        plan = plan_of(bytes(controller.staged))
        Ask(
            VerifyProgram(
                program_crc=crc32c(bytes(controller.staged)) ^ self.crc_xor,
                rate_check_nl_per_day=rate_check_nl_per_day(plan) + self.rate_step & U32_MAX,
                volume_check_nl=volume_check_nl(plan) + self.volume_step & U32_MAX,
            )
        ).play(desk)


@dataclass(frozen=True)
class Commit(Act):
    """Commits what is staged. `confirm`: repeats the new daily dose if that is due, leaves it out, or gives another."""

    crc_xor: int = 0
    old_crc_xor: int = 0
    confirm: Confirm = "right"

    def play(self, desk: Desk) -> None:
        controller = desk.pump.controller
        dose = daily_dose_ng(plan_of(bytes(controller.staged)), desk.pump.config.rate_min_nl_per_day)
        Ask(
            CommitProgram(
                program_crc=crc32c(bytes(controller.staged)) ^ self.crc_xor,
                old_program_crc=crc32c(bytes(controller.program)) ^ self.old_crc_xor,
                second_confirmation_ng={"right": dose, "none": 0, "wrong": dose ^ 1}[self.confirm] & U32_MAX,
            )
        ).play(desk)


@dataclass(frozen=True)
class GiveBolus(Act):
    """A clinician's bolus whose volume the programmer derives, `volume_step` beside the right one."""

    dose_ng: int
    duration_ticks: int
    volume_step: int = 0

    def play(self, desk: Desk) -> None:
        volume = volume_nl(self.dose_ng, concentration(desk)) + self.volume_step & U32_MAX
        Ask(Bolus(dose_ng=self.dose_ng, volume_nl=volume, duration_ticks=self.duration_ticks)).play(desk)


@dataclass(frozen=True)
class PrimeLine(Act):
    """A prime of a part of the line, `volume_step` beside the right volume."""

    scope: int
    volume_step: int = 0

    def play(self, desk: Desk) -> None:
        durable = desk.pump.durable
        tubing, catheter = durable.tubing_nl, durable.catheter_length_mm * desk.pump.config.catheter_nl_per_mm
        volume = {1: tubing, 2: catheter, 3: tubing + catheter}.get(self.scope, 0)
        Ask(Prime(scope=self.scope, volume_nl=volume + self.volume_step & U32_MAX)).play(desk)


@dataclass(frozen=True)
class Bench(Act):
    """A bench request. `id_step` above the last bench id."""

    message: Any
    id_step: int = 1
    bench: bool | None = True

    def play(self, desk: Desk) -> None:
        request_id = min(max(desk.bench_id + self.id_step, 0), U32_MAX)
        desk.bench_id = max(desk.bench_id, request_id)
        desk.last_bench = host_frame(self.message, desk.next_seq(), request_id, 0, self.bench)
        before = desk.pump.plant.tick
        desk.send(desk.last_bench)
        desk.tally.ticks += max(0, desk.pump.plant.tick - before)


@dataclass(frozen=True)
class BenchAgain(Act):
    """The last bench frame once more, byte for byte."""

    def play(self, desk: Desk) -> None:
        desk.send(desk.last_bench)


@dataclass(frozen=True)
class Run(Act):
    """A credit of so many ticks; `stop_mask` may end it earlier."""

    ticks: int
    stop_mask: int = 0

    def play(self, desk: Desk) -> None:
        Bench(RunTo(target_tick=desk.pump.plant.tick + self.ticks, stop_mask=self.stop_mask)).play(desk)


@dataclass(frozen=True)
class ArmIt(Act):
    """Arms with this build's id, or with another."""

    id_xor: int = 0

    def play(self, desk: Desk) -> None:
        Bench(Arm(build_id=desk.build_id ^ self.id_xor)).play(desk)


@dataclass(frozen=True)
class Free(Act):
    """Disarms, plays what is asked meanwhile, runs free and arms again, which puts the configuration to its defaults."""

    ticks: int
    meanwhile: tuple[Act, ...] = ()

    def play(self, desk: Desk) -> None:
        Bench(Disarm()).play(desk)
        for act in self.meanwhile:
            act.play(desk)
        desk.advance(self.ticks)
        ArmIt().play(desk)


@dataclass(frozen=True)
class Swap(Act):
    """The snapshot of the other side, or of the reference, restored into both page by page."""

    source: Literal["other", "reference"] = "other"
    crc_xor: int = 0

    def play(self, desk: Desk) -> None:
        source = desk.reference if self.source == "reference" or desk.other is None else desk.other
        restore(desk, source.snapshot(), self.crc_xor)


@dataclass(frozen=True)
class Craft(Act):
    """The state with some bytes changed, restored into both."""

    at_bytes: int
    data: bytes

    def play(self, desk: Desk) -> None:
        snapshot = bytearray(desk.reference.snapshot())
        snapshot[self.at_bytes : self.at_bytes + len(self.data)] = self.data
        restore(desk, bytes(snapshot[: len(desk.reference.snapshot())]))


@dataclass(frozen=True)
class Raw(Act):
    """Bytes as they are."""

    data: bytes

    def play(self, desk: Desk) -> None:
        desk.send(self.data)


@dataclass(frozen=True)
class Shaped(Act):
    """A frame with a good CRC whose header and body nobody checked. `channel` 1 is the bench's."""

    number: int
    body: bytes
    channel: int = 0
    id_step: int = 1
    session: Whose = "own"
    version: int = 1
    flags: int = 0

    def play(self, desk: Desk) -> None:
        bench = bool(self.channel & FLAG_BENCH)
        request_id = desk.bench_id + 1 if bench else next_id(desk, self.id_step)
        if bench:
            desk.bench_id += 1
        session = session_of(desk, self.session)
        header = Header(self.version, self.flags ^ self.channel, self.number, desk.next_seq(), request_id, session)
        wire = encode_frame(header, Unknown(header, self.body))
        before = desk.pump.plant.tick
        desk.send(wire)
        desk.tally.ticks += max(0, desk.pump.plant.tick - before)


def next_id(desk: Desk, step: int) -> int:
    return min(max(int(desk.pump.controller.session_last_id) + step, 0), U32_MAX)


def session_of(desk: Desk, whose: Whose) -> int:
    own = int(desk.pump.controller.session_id)
    return {"own": own, "none": 0, "wrong": own ^ 0x8000_0001}[whose]


def concentration(desk: Desk) -> int:
    """Of the program in force; 1 where it gives none, so that a sum can be made."""
    return Program.from_bytes(bytes(desk.pump.controller.program)).concentration_ug_per_ml or 1


def plan_of(image: bytes) -> Plan:
    """A staged image as a programmer means it."""
    program = Program.from_bytes(image)
    names = [f.name for f in layout_of(StageProgram).fields]
    staged = StageProgram(**{name: getattr(program, name) for name in names})
    return Plan(staged, _steps(program, 0, program.flex_0_count), _steps(program, FLEX_STEPS, program.flex_1_count))


def _steps(program: Program, start: int, count: int) -> tuple[FlexStep, ...]:
    rows = zip(program.flex_start_minute[start:], program.flex_dose_ng[start:], strict=True)
    return tuple(FlexStep(start_minute=minute, dose_ng=dose) for minute, dose in list(rows)[:count])


def daily_dose_ng(plan: Plan, rate_min_nl_per_day: int) -> int:
    """As section 3 of SEMANTICS.md has it, written here anew: a programmer repeats it at the second confirmation."""
    program = plan.program
    match program.mode:
        case 1:
            return program.dose_ng_per_day
        case 2:
            return max(sum(step.dose_ng for step in plan.flex_0), sum(step.dose_ng for step in plan.flex_1))
        case 3:
            return program.dose_ng_per_day + _interval_dose_ng_per_day(program)
        case 4:
            return program.single_dose_ng
        case 5:
            return rate_min_nl_per_day * program.concentration_ug_per_ml // 1000
        case _:
            return 0


def _interval_dose_ng_per_day(program: StageProgram) -> int:
    ticks = program.interval_count * {1: 600, 2: 36_000}.get(program.interval_unit, 0)
    if not ticks:
        return 0
    if ticks > 864_000:
        return (2 * program.interval_dose_ng * 864_000 + ticks) // (2 * ticks)
    return 864_000 // ticks * program.interval_dose_ng


def restore(desk: Desk, snapshot: bytes, crc_xor: int = 0) -> None:
    """Through the bench channel, page by page."""
    for offset in range(0, len(snapshot), SNAPSHOT_PAGE_BYTES):
        Bench(WriteSnapshot(offset_bytes=offset, data=snapshot[offset : offset + SNAPSHOT_PAGE_BYTES])).play(desk)
    Bench(Restore(snapshot_crc=crc32c(snapshot) ^ crc_xor)).play(desk)
