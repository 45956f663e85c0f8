"""What a pump may give at most, held against what its frames and a re-run show it gave; it knows no account."""

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.ledger.book import START, Finding, Kind, Limit, Place, place_in, place_of
from pumpbench.hil.ledger.saying import LOW_32, steps_possible
from pumpbench.hil.rerun.course import ug_per_ml_asked
from pumpbench.protocol.codes import FluidKind, ProgramSource
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.limits import QUANTA_PER_NG, RATE_MAX_NL_PER_DAY, STEP_NL, STEP_Q, TICKS_PER_DAY
from pumpbench.protocol.messages import ProgramRead, Started

if TYPE_CHECKING:
    from pumpbench.hil.capture.rows import Rows

HOURS: Final = 24


class Reading(NamedTuple):
    """Of the steps that the device is known to have commanded."""

    boot_seq: int
    step_count: int
    place: Place


class RateBook:
    """The rate of the motor, from the steps that the device is known to have commanded at its frames."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._last: Reading | None = None
        self._most_nl_per_day = 0
        self._seen = False

    def see(self, frame: Frame, step_count: int) -> None:
        """`step_count` may be told modulo 2^32."""
        self._see(Reading(frame.head[6], step_count, place_of(frame)))

    def see_rows(self, rows: "Rows") -> None:
        """Telemetry, as frame by frame; one by one only what breaks the bound."""
        boots, ticks, counts = (rows[name].astype("i8") for name in ("header_boot_seq", "header_tick", "step_count"))
        steps, passed_ticks = counts[1:] - counts[:-1] & LOW_32, ticks[1:] - ticks[:-1]
        goes_on = (boots[1:] == boots[:-1]) & (passed_ticks >= 0)
        self._see(_reading(rows, 0))
        self._seen |= bool(goes_on.any())
        rates = _rate(steps, passed_ticks.clip(1)) * (goes_on & (passed_ticks > 0))
        self._most_nl_per_day = max(self._most_nl_per_day, int(rates.max(initial=0)))
        for at in (goes_on & (steps > steps_possible(passed_ticks))).nonzero()[0].tolist():
            self._last = _reading(rows, at)
            self._see(_reading(rows, at + 1))
        self._last = _reading(rows, -1)

    def _see(self, reading: "Reading") -> None:
        last, self._last = self._last, reading
        if last is None or last.boot_seq != reading.boot_seq or reading.place.tick < last.place.tick:
            return  # a reset goes back to a check-point, and with it the count
        steps, ticks = reading.step_count - last.step_count & LOW_32, reading.place.tick - last.place.tick
        self._seen = True
        if ticks:
            self._most_nl_per_day = max(self._most_nl_per_day, _rate(steps, ticks))
        if steps > steps_possible(ticks):
            over = steps - steps_possible(ticks)
            what = f"{steps:,} steps in {ticks:,} ticks; at {RATE_MAX_NL_PER_DAY:,} nl/day there can be {steps_possible(ticks):,}"
            self.findings.append(Finding(Kind.LIMIT, over * STEP_Q, last.place, reading.place, what))

    def limit(self) -> Limit:
        kept = not self.findings if self._seen else None
        return Limit("rate between two readings", RATE_MAX_NL_PER_DAY, self._most_nl_per_day, "nl/day", kept)


def _reading(rows: "Rows", index: int) -> Reading:
    return Reading(int(rows["header_boot_seq"][index]), int(rows["step_count"][index]), place_in(rows, index))


def _rate(steps: Any, ticks: Any) -> Any:
    """In nl/day, at least; of numbers or of whole columns. A step nearly due at the first reading belongs to the time before."""
    return (steps - (steps > 0)) * (STEP_NL * TICKS_PER_DAY) // ticks


class PatientBook:
    """Lockout and daily count of a patient's boluses, by the ticks at which the device said that they started.

    A bolus's own program counts. Life never runs faster than ticks, and a reset starts both bounds anew.
    """

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._starts: deque[Frame] = deque()
        self._lockout_ticks = self._count_max = 0
        self._known = False
        self._least_ticks: int | None = None
        self._most_count = 0
        self._ids: set[int] = set()

    def learn(self, lockout_ticks: int, count_max: int) -> None:
        """The program in force."""
        self._lockout_ticks, self._count_max, self._known = lockout_ticks, count_max, True

    def forget(self) -> None:
        """A commit puts another program in force, or fails to."""
        self._known = False

    def see(self, frame: Frame) -> None:
        message = frame.message
        if isinstance(message, ProgramRead) and message.source == ProgramSource.IN_FORCE:
            self.learn(message.patient_lockout_ticks, message.patient_count)
        if isinstance(message, Started) and message.kind == FluidKind.PATIENT and frame.head[4] not in self._ids:
            self._start(frame)

    def limits(self) -> Iterator[Limit]:
        if self._ids:
            kept = not self.findings if self._known else None
            if self._least_ticks is not None:
                yield Limit("lockout between patient boluses", self._lockout_ticks, self._least_ticks, "ticks", kept)
            yield Limit("patient boluses in 24 h", self._count_max, self._most_count, "boluses", kept)

    def _start(self, frame: Frame) -> None:
        tick, starts = frame.head[7], self._starts
        self._ids.add(frame.head[4])
        before = starts[-1] if starts else None
        while starts and tick - starts[0].head[7] >= TICKS_PER_DAY:
            starts.popleft()
        starts.append(frame)
        self._most_count = max(self._most_count, len(starts))
        if before is not None:
            gap = tick - before.head[7]
            self._least_ticks = gap if self._least_ticks is None else min(gap, self._least_ticks)
            if self._known and gap < self._lockout_ticks:
                self._break(before, frame, f"{gap:,} ticks between patient boluses, {self._lockout_ticks:,} are due")
        if self._known and len(starts) > self._count_max:
            self._break(starts[0], frame, f"{len(starts)} patient boluses in 24 h, {self._count_max} are allowed")

    def _break(self, before: Frame, after: Frame, what: str) -> None:
        amount_q = after.message.volume_nl * TICKS_PER_DAY
        self.findings.append(Finding(Kind.LIMIT, amount_q, place_of(before), place_of(after), what))


class Hour(NamedTuple):
    """What one gave, in quanta of 250 pg: by the drug that flowed, and as the pump counts it; and whether a bolus began."""

    quanta: int
    by_program: int
    bolus: bool


class WindowBook:
    """The dose of any 24 hours, by the steps of the re-run; primes apart, which fill the line.

    Hours begin where the pump's own do. A bridge counts with the drug that the line still holds; the pump itself counts all with
    its program's, and what passes the limit only so, or without, is no finding. Nor is what goes on anyway: a bolus never may.
    """

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._hours: deque[Hour] = deque(maxlen=HOURS)
        self._ug_per_ml = self._by_program = 0
        self._quanta = self._steps = self._most_quanta = self._limit_ng = 0
        self._bolus = False
        self._over = False

    def begin(self, pump: Pump) -> None:
        self._steps = pump.durable.step_count
        self._ug_per_ml = pump.plan.concentration

    def book(self, pump: Pump, is_prime: bool) -> None:
        """The steps since the last booking, which all were of one kind and one concentration."""
        steps, self._steps = pump.durable.step_count - self._steps, pump.durable.step_count
        if not is_prime:
            self._quanta += max(0, steps) * self._ug_per_ml
            self._by_program += max(0, steps) * pump.plan.concentration
        self._ug_per_ml = ug_per_ml_asked(pump, self._ug_per_ml)

    def forget(self, pump: Pump) -> None:
        """After a reset the count stands at its check-point."""
        self._steps = pump.durable.step_count
        self._ug_per_ml = ug_per_ml_asked(pump, self._ug_per_ml)

    def bolus(self) -> None:
        self._bolus = True

    def end_hour(self, pump: Pump) -> None:
        self._hours.append(Hour(self._quanta, self._by_program, self._bolus))
        self._quanta, self._by_program, self._bolus = 0, 0, False
        total = sum(hour.quanta for hour in self._hours)
        limit_ng = pump.plan.program.dose_limit_ng
        self._most_quanta, self._limit_ng = max(self._most_quanta, total), max(self._limit_ng, limit_ng)
        # Steps are whole: what was pending before the window may end one of its own.
        bound = limit_ng * QUANTA_PER_NG + pump.plan.concentration
        if total > bound and limit_ng:
            self._over = True
            is_ruled_out = sum(hour.by_program for hour in self._hours) > bound
            if is_ruled_out and any(hour.bolus for hour in self._hours) and not self.findings:
                self._break(pump, total, total - bound)

    def _break(self, pump: Pump, total_quanta: int, over_quanta: int) -> None:
        tick, limit_ng = pump.plant.tick, pump.plan.program.dose_limit_ng
        what = f"{total_quanta // QUANTA_PER_NG:,} ng in the 24 h to tick {tick}, {limit_ng:,} ng are allowed"
        after = START._replace(tick=tick, message="the hour that ends")
        before = after._replace(tick=max(0, tick - TICKS_PER_DAY))
        self.findings.append(Finding(Kind.LIMIT, over_quanta * STEP_Q // pump.plan.concentration, before, after, what))

    def limit(self) -> Limit:
        remark = "passed by what went on anyway, which the rules allow" if self._over and not self.findings else ""
        kept = not self.findings if self._hours else None
        return Limit("dose in whole hours of any 24 h", self._limit_ng, self._most_quanta // QUANTA_PER_NG, "ng", kept, remark)
