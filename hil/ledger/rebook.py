"""The account of an exact recording, run again beside it: where the device's own readings leave it; it gives no verdict."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from pumpbench.firmware_emu.account import dose_account, plant_account
from pumpbench.firmware_emu.machine import SEEN_EFFECT, SEEN_STEP
from pumpbench.firmware_emu.reading import read_account, status, telemetry
from pumpbench.hil.ledger.book import START, Finding, Kind, Limit, Place, Readings, place_in, place_of
from pumpbench.hil.ledger.limits import PatientBook, RateBook, WindowBook
from pumpbench.hil.ledger.saying import given_more_q, tells
from pumpbench.hil.replay.heard import Turns
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.replay.replay import same_state_layout
from pumpbench.hil.rerun import Act, Rerun, Script
from pumpbench.hil.rig.rig import Stamped
from pumpbench.protocol.codes import Event, FluidKind, Level
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.limits import Q_PER_NL, TICKS_PER_HOUR
from pumpbench.protocol.messages import Account, Report, Started, Status, Telemetry

if TYPE_CHECKING:
    from pumpbench.hil.capture.rows import Rows

MAKES: Final[dict[type, Any]] = {Account: read_account, Status: status, Telemetry: telemetry}
ASKED_FOR: Final = ("Bolus", "PatientBolus", "Prime")
FLUID_EVENTS: Final = (Event.BOLUS_STARTED, Event.BOLUS_ENDED, Event.BOLUS_CANCELLED)


class Rebook:
    """Runs the script once. `vouched`: the device's readings and digests show the account that the re-run has."""

    def __init__(self, script: Script, recorded: Recorded) -> None:
        self.script = script
        self.recorded = recorded
        self.readings = Readings()
        self.findings: list[Finding] = []
        self.window = WindowBook()
        self.patient = PatientBook()
        self.rate = RateBook()
        self.steps_forgotten = 0
        self._digests = same_state_layout(recorded.header) and _level(recorded) >= Level.L2
        self._plants = not recorded.plant_outside
        self._unasked = Turns(_telemetry(recorded))
        self._more_q = 0
        self._before = START
        self._asked: dict[int, Place] = {}
        self._priming = False
        self._steps_at_reset = 0
        self._rerun = Rerun(script, self._effect)
        pump = self._rerun.pump
        self.opened, self.truth_opened = dose_account(pump.durable), plant_account(pump.plant)
        self.window.begin(pump)

    @property
    def vouched(self) -> bool:
        """By what the device told last: readings alone, where its digests cannot be compared."""
        found = self.readings
        return not found.digests_differing and (found.digests_agreed > 0 or found.count > 0)

    @property
    def truth_vouched(self) -> bool:
        return not self.readings.plant_differing and self.readings.plant_agreed > 0

    def run(self) -> None:
        for act in self.script.acts:
            self._hear(act.tick)
            self._run_to(act.tick)
            self._tell(act)
        self._hear(self.script.end_tick)
        self._run_to(self.script.end_tick)
        pump = self._rerun.pump
        self.closed, self.truth = dose_account(pump.durable), plant_account(pump.plant)
        self.findings += self.rate.findings + self.patient.findings + self.window.findings
        if self.closed.surplus_q:
            kind = Kind.DUPLICATE if self.closed.surplus_q > 0 else Kind.LOSS
            what = "the re-run's own account does not add up"
            self.findings.append(Finding(kind, abs(self.closed.surplus_q), START, self._before, what))

    def limits(self) -> Iterator[Limit]:
        yield self.rate.limit()
        yield from self.patient.limits()
        yield self.window.limit()

    def _hear(self, tick: int) -> None:
        """Telemetry of ticks up to this one, each held against the re-run at its own."""
        for one in self._unasked.take(tick):
            if isinstance(one, Frame):
                self._run_to(one.head[7])
                self._read(one)
            else:
                self._read_rows(one)

    def _tell(self, act: Act) -> None:
        pump, reply = self._rerun.pump, act.request.reply
        if act.name == "PatientBolus":
            program = pump.plan.program
            self.patient.learn(program.patient_lockout_ticks, program.patient_count)
        before = len(self._rerun.effects)
        answer = self._rerun.tell(act)
        if act.name in ASKED_FOR and answer is not None:
            self._check_asked_once(act, answer, self._rerun.effects[before:])
        if reply is None:
            return
        self.patient.see(reply)
        if tells(reply):
            self._read(reply)
        elif isinstance(reply.message, Report) and self._digests:
            self._compare_digests(reply)

    def _check_asked_once(self, act: Act, answer: Frame, effects: list[Stamped]) -> None:
        """A stored reply starts nothing: this holds even where pump and re-run forget alike."""
        started = sum(one.code == Event.BOLUS_STARTED for one in effects)
        here = place_of(act.request.reply or answer)
        again = act.request.retry and isinstance(answer.message, Started)
        if started and again:
            what = f"request {answer.head[4]} ({act.name}) came again and was started again"
            amount_q = answer.message.volume_nl * Q_PER_NL
            before = self._asked.get(answer.head[4], self._before)
            self.findings.append(Finding(Kind.DUPLICATE, amount_q, before, here, what))
        if started:
            self._asked[answer.head[4]] = here

    def _read(self, frame: Frame) -> None:
        """Each change of the difference is a finding of its own: what went wrong once stays in every later reading."""
        self.readings.add(type(frame.message).__name__)
        ours = MAKES[type(frame.message)](self._rerun.pump)
        more_q = given_more_q(frame.message, ours)
        if isinstance(ours, Status) and self._digests:
            self._compare_digests(frame)
        self.rate.see(frame, frame.message.step_count)
        self._hold(more_q, self._before, place_of(frame))

    def _read_rows(self, rows: "Rows") -> None:
        """The same of much telemetry at once."""
        from pumpbench.hil.ledger.reckoning import changes, more_q_of

        self.readings.add(Telemetry.__name__, len(rows))
        mores_q = more_q_of(rows, *self._told(rows["header_tick"]))
        for at in changes(mores_q, self._more_q):
            self._hold(int(mores_q[at]), place_in(rows, at - 1) if at else self._before, place_in(rows, at))
        self.rate.see_rows(rows)
        self._before = place_in(rows, -1)

    def _hold(self, more_q: int, before: Place, here: Place) -> None:
        if more_q != self._more_q:
            change_q = more_q - self._more_q
            kind, word = (Kind.DUPLICATE, "more than was asked") if change_q > 0 else (Kind.LOSS, "less than was asked")
            what = f"the device counts {_amount(abs(change_q))} {word}"
            self.findings.append(Finding(kind, abs(change_q), before, here, what))
            self._more_q = more_q
        self._before = here

    def _told(self, ticks: Any) -> tuple[Any, Any]:
        """What the re-run's telemetry says at each tick, (steps, owed nl): columns. Past ticks are now.

        Between two ticks at which something happens, a motor step among that, and while nothing is owed, it says the same.
        """
        from pumpbench.hil.ledger.reckoning import held_at, next_tick

        pump, last_tick, seen = self._rerun.pump, int(ticks.max()), []
        while True:
            now = telemetry(pump)
            seen.append((self._rerun.tick, now.step_count, now.owed_nl))
            if self._rerun.tick >= last_tick:
                return held_at(seen, ticks)
            if now.owed_nl or any(pump.durable.owed_q):
                self._run_to(next_tick(ticks, self._rerun.tick))
            else:
                self._run_on(last_tick, SEEN_STEP | SEEN_EFFECT)

    def _compare_digests(self, frame: Frame) -> None:
        message, readings = frame.message, self.readings
        controller, plant, memory = self._rerun.pump.digests()
        if (message.controller_crc, message.memory_crc) == (controller, memory):
            readings.digests_agreed += 1
            self._before = place_of(frame)
            self.rate.see(frame, self._rerun.pump.durable.step_count)
        else:
            readings.digests_differing += 1
            readings.first_differing = readings.first_differing or place_of(frame)
        if self._plants and message.plant_crc == plant:
            readings.plant_agreed += 1
        elif self._plants:
            readings.plant_differing += 1
            readings.first_plant_differing = readings.first_plant_differing or place_of(frame)

    def _run_to(self, tick: int) -> None:
        while self._rerun.tick < tick:
            self._run_on(tick)

    def _run_on(self, tick: int, stop_mask: int = 0) -> None:
        """To the end of an hour at most, since the dose window counts in hours."""
        rerun = self._rerun
        rerun.run_to(min(tick, rerun.tick - rerun.tick % TICKS_PER_HOUR + TICKS_PER_HOUR), stop_mask)
        self.window.book(rerun.pump, self._priming)
        if rerun.tick % TICKS_PER_HOUR == 0:
            self.window.end_hour(rerun.pump)

    def _effect(self, effect: Stamped) -> None:
        pump = self._rerun.pump
        if effect.code == Event.RESET:
            self.window.book(pump, self._priming)
            self._steps_at_reset, self._priming = pump.durable.step_count, False
        elif effect.code == Event.BOOT_COMPLETED:
            self.steps_forgotten += self._steps_at_reset - pump.durable.step_count
            self.window.forget(pump)
        elif effect.code == Event.UPDATE_STARTED:
            self.window.book(pump, self._priming)  # while the old concentration holds: an update commands no step
        elif effect.code in FLUID_EVENTS:
            self.window.book(pump, self._priming)
            if effect.arg_0 == FluidKind.PRIME:
                self._priming = effect.code == Event.BOLUS_STARTED
            elif effect.code == Event.BOLUS_STARTED and effect.arg_0 in (FluidKind.PATIENT, FluidKind.CLINICIAN):
                self.window.bolus()


def _telemetry(recorded: Recorded) -> "Iterator[Frame | Rows]":
    return (one for one in recorded.unasked.pieces() if not isinstance(one, Frame) or isinstance(one.message, Telemetry))


def _amount(amount_q: int) -> str:
    """In nl where it is whole nl, else in q."""
    return f"{amount_q // Q_PER_NL:,} nl" if amount_q % Q_PER_NL == 0 else f"{amount_q:,} q"


def _level(recorded: Recorded) -> int:
    try:
        return int((recorded.header or {})["builds"]["target"]["level"])
    except (KeyError, TypeError, ValueError, IndexError):
        return 0
