"""Knows what a program image amounts to: rates, volumes, flows over time; it must not know the pump that runs it.

Section 3 of SEMANTICS.md. Everything here is a function of the image and of the minimum rate, so it may be kept.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import Final

from pumpbench.firmware_emu.arithmetic import div_floor, div_round_half_up, mod
from pumpbench.firmware_emu.program import Program
from pumpbench.protocol.codes import IntervalUnit, Mode
from pumpbench.protocol.limits import (
    FLEX_STEPS,
    HOUR_BUCKETS,
    MINUTES_PER_DAY,
    Q_PER_NL,
    TICKS_PER_DAY,
    TICKS_PER_HOUR,
    TICKS_PER_MINUTE,
    TICKS_PER_WEEK,
)

NO_FLEX_INDEX: Final = 255
CLOCK_DAYS: Final = 65_536
UNIT_TICKS: Final = {IntervalUnit.MINUTES: TICKS_PER_MINUTE, IntervalUnit.HOURS: TICKS_PER_HOUR}


def volume_nl(dose_ng: int, concentration_ug_per_ml: int) -> int:
    """Volume that holds a dose; a dose of 0 has none, whatever the concentration."""
    return div_round_half_up(dose_ng * 1000, concentration_ug_per_ml) if dose_ng else 0


def bolus_rate_q(volume: int, duration_ticks: int) -> int:
    """Least whole rate, in q a tick, that gives `volume` nl within the duration."""
    return div_floor(volume * Q_PER_NL + duration_ticks - 1, duration_ticks)


def hours_ahead(hour_ticks: int) -> list[int]:
    """Ticks to the end of 0, 1 .. 24 hours, of which the first began `hour_ticks` ago."""
    return [max(TICKS_PER_HOUR * hours, hour_ticks) - hour_ticks for hours in range(HOUR_BUCKETS)]


class FlexSchedule:
    """One day of flex steps, rising: `starts` and `ends` in ticks of the day, `rates` in nl/day.

    `first_index`: where they begin in the program's arrays.
    """

    __slots__ = ("_before_q", "ends", "first_index", "rates", "starts")

    def __init__(self, program: Program, schedule: int) -> None:
        count = (program.flex_0_count, program.flex_1_count)[schedule]
        self.first_index = FLEX_STEPS * schedule
        minutes = program.flex_start_minute[self.first_index :][:count]
        doses = program.flex_dose_ng[self.first_index :][:count]
        lengths = [end - start for start, end in zip(minutes, [*minutes[1:], MINUTES_PER_DAY], strict=False)]
        self.starts = [minute * TICKS_PER_MINUTE for minute in minutes]
        self.ends = [*self.starts[1:], TICKS_PER_DAY]
        self.rates = [
            div_round_half_up(dose * 1000 * MINUTES_PER_DAY, program.concentration_ug_per_ml * length)
            for dose, length in zip(doses, lengths, strict=True)
        ]
        steps_q = [rate * length * TICKS_PER_MINUTE for rate, length in zip(self.rates, lengths, strict=True)]
        self._before_q = [0, *accumulate(steps_q)]

    def place(self, day_ticks: int) -> int:
        """Which of its steps is in force."""
        return bisect_right(self.starts, day_ticks) - 1

    def flow_until_q(self, day_ticks: int) -> int:
        """Flow from midnight to a tick of the day, 864 000 included."""
        place = self.place(day_ticks)
        return self._before_q[place] + self.rates[place] * (day_ticks - self.starts[place])


class Plan:
    """A program with its derived values. `rate_nl_per_day` is the basal rate of every mode but FLEX."""

    __slots__ = (
        "_hourly_key", "_hourly_q", "_weekly_q", "concentration", "flex", "interval_ticks", "interval_volume_nl", "mode",
        "patient_volume_nl", "program", "rate_nl_per_day", "single_volume_nl",
    )  # fmt: skip

    def __init__(self, image: bytes, rate_min_nl_per_day: int) -> None:
        program = self.program = Program.from_bytes(image)
        self.mode = program.mode
        concentration = self.concentration = program.concentration_ug_per_ml
        self.interval_ticks = program.interval_count * UNIT_TICKS.get(program.interval_unit, 0)
        self.interval_volume_nl = volume_nl(program.interval_dose_ng, concentration)
        self.patient_volume_nl = volume_nl(program.patient_dose_ng, concentration)
        self.single_volume_nl = volume_nl(program.single_dose_ng, concentration)
        self.rate_nl_per_day = self._constant_rate(rate_min_nl_per_day)
        flex = self.mode == Mode.FLEX
        self.flex = (FlexSchedule(program, 0), FlexSchedule(program, 1)) if flex else None
        self._weekly_q: int | None = None
        self._hourly_key = (-1, -1, -1, -1)
        self._hourly_q: tuple[int, ...] = ()

    def _constant_rate(self, rate_min_nl_per_day: int) -> int:
        if self.mode in (Mode.SIMPLE_CONTINUOUS, Mode.INTERVAL_BOLUS):
            return volume_nl(self.program.dose_ng_per_day, self.concentration)
        return rate_min_nl_per_day if self.mode == Mode.MINIMUM_RATE else 0

    def schedule_of(self, day: int) -> FlexSchedule:
        """The flex schedule of a clock day; only in mode FLEX."""
        assert self.flex is not None
        return self.flex[self._schedule_index(day)]

    def flex_index(self, day: int, day_ticks: int) -> int:
        """Index of the flex step in force, 0..25."""
        schedule = self.schedule_of(day)
        return schedule.first_index + schedule.place(day_ticks)

    def basal_nl_per_day(self, day: int, day_ticks: int) -> int:
        """Basal rate at a clock, which is also q a tick."""
        if self.flex is None:
            return self.rate_nl_per_day
        schedule = self.flex[self.program.schedule_days >> mod(day, 7) & 1]
        return schedule.rates[bisect_right(schedule.starts, day_ticks) - 1]

    def largest_basal_nl_per_day(self) -> int:
        """Largest basal rate at any clock."""
        return self.rate_nl_per_day if self.flex is None else max(self.flex[0].rates + self.flex[1].rates)

    def rate_sum_nl_per_day(self) -> int:
        """What the programmer's own sum of rates is checked against."""
        if self.mode == Mode.FLEX and self.flex is not None:
            return sum(self.flex[0].rates) + sum(self.flex[1].rates)
        return 0 if self.mode == Mode.MINIMUM_RATE else self.rate_nl_per_day

    def flow_q(self, day: int, day_ticks: int, ticks: int) -> int:
        """Basal flow of the next `ticks` ticks from a clock on, over midnights."""
        if self.flex is None:
            return self.rate_nl_per_day * ticks
        total, left = 0, day_ticks + ticks
        before = self.schedule_of(day).flow_until_q(day_ticks)
        while left >= TICKS_PER_DAY:
            total += self.schedule_of(day).flow_until_q(TICKS_PER_DAY)
            day, left = mod(day + 1, CLOCK_DAYS), left - TICKS_PER_DAY
        return total + self.schedule_of(day).flow_until_q(left) - before

    def weekly_q(self) -> int:
        """Basal flow, interval boluses and allotted patient boluses of a week; kept, because every bolus asks for it."""
        if self._weekly_q is None:
            self._weekly_q = self._sum_of_week_q()
        return self._weekly_q

    def hourly_q(self, day: int, day_ticks: int, hour_ticks: int) -> tuple[int, ...]:
        """Basal flow from a clock on to the end of 0, 1 .. 24 hours, of which the first is `hour_ticks` old already.

        The last answer is kept: boluses have their habits.
        """
        key = (self._schedule_index(day), self._schedule_index(mod(day + 1, CLOCK_DAYS)), day_ticks, hour_ticks)
        if key != self._hourly_key:
            self._hourly_key = key
            self._hourly_q = tuple(self.flow_q(day, day_ticks, ticks) for ticks in hours_ahead(hour_ticks))
        return self._hourly_q

    def _schedule_index(self, day: int) -> int:
        return self.program.schedule_days >> mod(day, 7) & 1

    def _sum_of_week_q(self) -> int:
        total = self.flow_q(0, 0, TICKS_PER_WEEK)
        if self.mode == Mode.INTERVAL_BOLUS:
            total += div_floor(TICKS_PER_WEEK, self.interval_ticks) * self.interval_volume_nl * Q_PER_NL
        return total + 7 * self.program.patient_count * self.patient_volume_nl * Q_PER_NL

    def daily_dose_ng(self) -> int:
        """The dose that the second confirmation and the bridge go by."""
        program = self.program
        if self.mode == Mode.FLEX:
            return max(self.schedule_doses_ng(), default=0)
        if self.mode == Mode.INTERVAL_BOLUS:
            return program.dose_ng_per_day + self._interval_dose_ng_per_day()
        if self.mode == Mode.MINIMUM_RATE:
            return div_floor(self.rate_nl_per_day * self.concentration, 1000)
        return {Mode.SIMPLE_CONTINUOUS: program.dose_ng_per_day, Mode.SINGLE_BOLUS: program.single_dose_ng}.get(self.mode, 0)

    def least_daily_dose_ng(self) -> int:
        """The daily dose of the day that gives less, where flex has two kinds of day."""
        return min(self.schedule_doses_ng(), default=0) if self.mode == Mode.FLEX else self.daily_dose_ng()

    def schedule_doses_ng(self) -> list[int]:
        """The dose of a day by each flex schedule that has steps."""
        program, doses = self.program, self.program.flex_dose_ng
        counts = (program.flex_0_count, program.flex_1_count)
        return [sum(doses[FLEX_STEPS * schedule :][:count]) for schedule, count in enumerate(counts) if count]

    def _interval_dose_ng_per_day(self) -> int:
        dose = self.program.interval_dose_ng
        if self.interval_ticks > TICKS_PER_DAY:
            return div_round_half_up(dose * TICKS_PER_DAY, self.interval_ticks)
        return div_floor(TICKS_PER_DAY, self.interval_ticks) * dose


@lru_cache(maxsize=32)
def plan_of(image: bytes, rate_min_nl_per_day: int) -> Plan:
    """The plan of a program image of 216 bytes that passed verify; never changed once made."""
    return Plan(image, rate_min_nl_per_day)
