"""Reads a re-run at many ticks: volumes, dose, battery, what happened; it says nothing of whether the device did the same."""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.rerun.rerun import Rerun
from pumpbench.hil.rerun.script import Script
from pumpbench.hil.rig.rig import Stamped
from pumpbench.protocol.codes import Event, FluidKind
from pumpbench.protocol.limits import STEP_Q, TICKS_PER_DAY, TICKS_PER_MINUTE

COARSE_SAMPLES: Final = 1_000
FINE_TICKS: Final = 15 * TICKS_PER_MINUTE
"""Between the samples from which accuracy is judged."""
FINE_SPAN_TICKS: Final = 30 * TICKS_PER_DAY
"""Of the end of a recording: so much of it is sampled finely."""
ACT_SAMPLES_MAX: Final = 3_000
FG_PER_Q_AND_UG_PER_ML: Final = 864
"""1 nl of 1 ug/mL is 1000 fg, and 864 000 q: so many q of it are 1 fg."""


class Sample(NamedTuple):
    """After so many ticks. `asked`: what the rates in force add up to: not what a bolus still owes, but what a reset forgot."""

    tick: int
    asked_q: int
    asked_fg: int
    delivered_pl: int
    """That left the tip."""
    delivered_fg: int
    reservoir_true_pl: int
    reservoir_estimated_nl: int
    charge_ppm: int


class Course(NamedTuple):
    """`coarse` covers the whole run, `fine` its end at even distances; `effects` is all that happened."""

    coarse: tuple[Sample, ...]
    fine: tuple[Sample, ...]
    effects: tuple[Stamped, ...]


def course_of(script: Script) -> Course:
    """Raises `NoStart`."""
    return _Watch(script).run()


class _Watch:
    def __init__(self, script: Script) -> None:
        self.script = script
        self._asked_q = self._asked_fg = self._last_q = 0
        self._rerun = Rerun(script, self._effect)
        self._first_tick = self._rerun.tick
        self._last_q = _motor_q(self._rerun.pump)
        self._ug_per_ml = self._rerun.pump.plan.program.concentration_ug_per_ml

    def run(self) -> Course:
        coarse, fine = [self._sample()], list[Sample]()
        acts, often = iter(self.script.acts), len(self.script.acts) <= ACT_SAMPLES_MAX
        act = next(acts, None)
        for tick, is_fine in _grid(self._first_tick, self.script.end_tick):
            while act is not None and act.tick <= tick:
                self._rerun.run_to(act.tick)
                coarse += [self._sample()] if often and not act.is_grant else []
                self._rerun.tell(act)
                coarse += [self._sample()] if often and not act.is_grant else []
                act = next(acts, None)
            self._rerun.run_to(tick)
            (fine if is_fine else coarse).append(self._sample())
        return Course(tuple(_unlike(coarse)), tuple(fine), tuple(self._rerun.effects))

    def _sample(self) -> Sample:
        pump = self._rerun.pump
        self._book(pump)
        plant = pump.plant
        return Sample(
            plant.tick, self._asked_q, self._asked_fg // FG_PER_Q_AND_UG_PER_ML, plant.delivered_pl, plant.delivered_fg,
            plant.reservoir_true_pl, pump.durable.reservoir_estimated_nl,
            plant.charge_nc * 1_000_000 // pump.config.battery_capacity_nc,
        )  # fmt: skip

    def _book(self, pump: Pump) -> None:
        """What was asked since the last look, at the concentration that it was reckoned with."""
        motor_q = _motor_q(pump)
        more_q = motor_q - self._last_q
        self._asked_q += more_q
        self._asked_fg += more_q * self._ug_per_ml
        self._last_q = motor_q
        self._reckon(pump)

    def _reckon(self, pump: Pump) -> None:
        self._ug_per_ml = ug_per_ml_asked(pump, self._ug_per_ml)

    def _effect(self, effect: Stamped) -> None:
        pump = self._rerun.pump
        if effect.code in (Event.RESET, Event.UPDATE_STARTED, Event.PROGRAM_COMMITTED, Event.BOLUS_ENDED):
            self._book(pump)  # before the account goes back, or another drug is reckoned with
        elif effect.code == Event.BOOT_COMPLETED:
            self._last_q = _motor_q(pump)
            self._reckon(pump)


def ug_per_ml_asked(pump: Pump, before_ug_per_ml: int) -> int:
    """From here on the program's drug; but a bridge asks for the one before it, which the line still holds."""
    return before_ug_per_ml if pump.durable.owed_q[FluidKind.BRIDGE] else pump.plan.program.concentration_ug_per_ml


def _motor_q(pump: Pump) -> int:
    """What the motor was asked for: its steps, and the part of the next."""
    return pump.durable.step_count * STEP_Q + pump.durable.acc_q


def _grid(first_tick: int, end_tick: int) -> Iterator[tuple[int, bool]]:
    """Ticks in order, each with whether it is one of the fine ones; some are both."""
    step = max(1, (end_tick - first_tick) // COARSE_SAMPLES)
    coarse = {*range(first_tick + step, end_tick, step), end_tick}
    fine = range(max(first_tick, end_tick - FINE_SPAN_TICKS), end_tick + 1, FINE_TICKS)
    yield from sorted([*((tick, False) for tick in coarse), *((tick, True) for tick in fine)])


def _unlike(samples: Iterable[Sample]) -> Iterator[Sample]:
    """Without what repeats the sample before."""
    last: Sample | None = None
    for sample in samples:
        if sample != last:
            yield sample
        last = sample
