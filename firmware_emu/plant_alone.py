"""Knows how a plant goes on by what a controller elsewhere reports of itself; it must not know that controller, or its link.

Section 13.1 of SEMANTICS.md. Law: driven by the reports of a device whose plant is outside, it is the plant of the whole pump.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from pumpbench.firmware_emu.arithmetic import div_floor, mod
from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.faults import inject_plant
from pumpbench.firmware_emu.plant import NOT_RUNNING, Load, run_plant, turn_plant_days
from pumpbench.firmware_emu.state import Plant
from pumpbench.firmware_emu.tone import sounding_ticks
from pumpbench.protocol import codes
from pumpbench.protocol.codes import Fault, ResetCause
from pumpbench.protocol.limits import NO_CUT_WORDS, TICKS_PER_DAY
from pumpbench.protocol.messages import Refused, Report, Sense

ABOVE_MINIMUM: Final = codes.Load.bit_of(codes.Load.ABOVE_MINIMUM)
BOLUS: Final = codes.Load.bit_of(codes.Load.BOLUS)
SESSION: Final = codes.Load.bit_of(codes.Load.SESSION)
RAN: Final = codes.Load.bit_of(codes.Load.RAN)


class Felt(NamedTuple):
    """Levels that a controller has been told of its plant."""

    rotor_count: int
    sample_mv: int
    emi: int
    dead: int


class PlantAlone:
    """A plant of its own, between ticks. `asleep`: its controller does not run yet, because it boots.

    What stands of the load between two reports is the session, and whether the controller runs; so a credit ends at every effect.
    """

    def __init__(self, plant: Plant, config: Config, asleep: bool = False) -> None:
        self.plant = plant
        self.config = config
        self._asleep = asleep
        self._session = False
        self._felt: Felt | None = None
        self._pending = ResetCause.NONE

    def heard(self, report: Report) -> None:
        """Goes on to the tick of a report."""
        ticks = report.reached_tick - self.plant.tick
        if ticks:
            self._rest(ticks - 1)
            self._tick(report)
            self._forget_levels()
        else:
            self._take_over_reset(report)
        self._know(report)

    def followed(self, plant: Plant, report: Report) -> None:
        """Takes the plant that a shadow moved through a credit in which the rotor was vouched for, and so counted by both."""
        self.plant = plant
        self._asleep = not report.load & RAN
        self._forget_levels()
        if self._felt is not None:
            self._felt = self._felt._replace(rotor_count=plant.rotor_count)
        self._know(report)

    def sense(self) -> Sense | None:
        """What the controller is to be told before it goes on; None where it feels all that already."""
        plant = self.plant
        levels = Felt(plant.rotor_count, plant.sample_mv, plant.emi, plant.dead)
        broken = plant.reset_pending == ResetCause.LOW_BATTERY and self._pending == ResetCause.NONE
        if levels == self._felt and not broken:
            return None
        self._felt = levels
        return Sense(**levels._asdict(), reset=ResetCause.LOW_BATTERY if broken else ResetCause.NONE)

    def inject(self, fault: int, arguments: tuple[int, int, int]) -> Refused | None:
        """A fault of the plant acts; of those of the controller only what the plant keeps of them."""
        if fault == Fault.POWER_CUT:
            self.plant.cut_words_count = arguments[0]
            return None
        return inject_plant(self, fault, arguments)

    def rests_until(self, target_tick: int) -> int:
        """The last tick that a credit may reach: where charge at rest ends, and each day that changes the supply."""
        plant, ticks = self.plant, target_tick - self.plant.tick
        if plant.dead:
            return target_tick
        if plant.resistance_growth_mohm_per_day:
            ticks = min(ticks, TICKS_PER_DAY - mod(plant.tick, TICKS_PER_DAY))
        return plant.tick + min(ticks, self._ticks_of_charge(ticks))

    def _know(self, report: Report) -> None:
        self.plant.tone_test_end_tick = report.tone_test_end_tick
        self._session = bool(report.load & SESSION)
        self._pending = report.reset_pending

    def _forget_levels(self) -> None:
        """A tick takes the sample, and interference lasts for one."""
        if self._felt is not None:
            self._felt = self._felt._replace(sample_mv=0, emi=0)

    def _take_over_reset(self, report: Report) -> None:
        """A power cut that acted is armed no more."""
        plant = self.plant
        if not report.reset_pending or plant.reset_pending:
            return
        plant.reset_pending = report.reset_pending
        if report.reset_pending == ResetCause.POWER_CUT:
            plant.cut_words_count = NO_CUT_WORDS

    def _tick(self, report: Report) -> None:
        """The tick of the report, with its actuators."""
        plant = self.plant
        plant.sample_mv = 0
        load = NOT_RUNNING
        if not plant.dead:
            self._notice_cut(report)
            if plant.reset_pending:
                self._fall_asleep()
            else:
                load = self._reported(report)
        run_plant(plant, self.config, plant.tick + 1, load)
        plant.tick += 1

    def _notice_cut(self, report: Report) -> None:
        """The tick that a power cut spoils says nothing, and the next one takes the reset: only that is reported."""
        if not (report.load & RAN or self._asleep or self.plant.reset_pending):
            self.plant.reset_pending, self.plant.cut_words_count = ResetCause.POWER_CUT, NO_CUT_WORDS

    def _reported(self, report: Report) -> Load:
        told, ran = report.load, bool(report.load & RAN)
        self._asleep = not ran
        self._take_over_reset(report)
        if ran and report.reset_pending != ResetCause.POWER_CUT:
            self._take_over_tone(report)
        session = ran and bool(told & SESSION)
        return report.step_commanded, report.sample_commanded, bool(told & ABOVE_MINIMUM), bool(told & BOLUS), session, ran

    def _take_over_tone(self, report: Report) -> None:
        plant = self.plant
        plant.tone_class = report.tone_class
        plant.tone_onset_tick = report.tone_onset_tick
        plant.tone_period_ticks = report.tone_period_ticks
        plant.tone_duration_ticks = report.tone_duration_ticks

    def _fall_asleep(self) -> None:
        """The plant's own part of taking a reset."""
        plant = self.plant
        plant.reset_cause, plant.reset_pending = plant.reset_pending, ResetCause.NONE
        plant.tone_class = plant.tone_onset_tick = plant.tone_period_ticks = plant.tone_duration_ticks = 0
        plant.tone_test_end_tick = 0
        self._asleep = True

    def _rest(self, ticks: int) -> None:
        """Ticks without step and sample, in closed form."""
        plant = self.plant
        if ticks <= 0:
            return
        if plant.reset_pending and not plant.dead:
            self._fall_asleep()
        plant.sample_mv = plant.emi = 0
        if not plant.magnetic_field:
            plant.field_lag_remaining_ticks -= min(ticks, plant.field_lag_remaining_ticks)
        turn_plant_days(plant, div_floor(plant.tick + ticks, TICKS_PER_DAY) - div_floor(plant.tick, TICKS_PER_DAY))
        self._draw(ticks)
        plant.tick += ticks

    def _draw(self, ticks: int) -> None:
        plant = self.plant
        if not plant.dead:
            alive = self._ticks_of_charge(ticks)
            cost_nc, sounding = self._cost(alive)
            plant.tone_tick_count += sounding
            plant.charge_nc -= min(cost_nc, plant.charge_nc)
            plant.dead = int(plant.charge_nc == 0)
            ticks -= alive
        plant.charge_nc -= min(ticks * self.config.idle_nc, plant.charge_nc)

    def _cost(self, ticks: int) -> tuple[int, int]:
        """(charge of the next `ticks` at rest, the ticks among them in which a tone sounds)"""
        config, plant = self.config, self.plant
        sounding = sounding_ticks(plant, plant.tick + 1, plant.tick + ticks)
        session_nc = config.session_nc if self._session and not self._asleep else 0
        return ticks * (config.idle_nc + session_nc) + sounding * config.tone_nc, sounding

    def _ticks_of_charge(self, ticks: int) -> int:
        """How many of `ticks` at rest pass until the charge has ended, that one included; all where it lasts."""
        if self._cost(ticks)[0] < self.plant.charge_nc:
            return ticks
        lasting, ended = 0, ticks
        while ended - lasting > 1:
            middle = lasting + ended >> 1
            if self._cost(middle)[0] < self.plant.charge_nc:
                lasting = middle
            else:
                ended = middle
        return ended
