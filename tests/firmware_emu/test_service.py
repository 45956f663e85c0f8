"""The battery and the end: samples, replacement, end of service, brown-out, death."""

import pytest

from pumpbench.protocol import messages
from pumpbench.protocol.codes import Alarm, Fault, Quirk, ResetCause, TherapyState
from tests.firmware_emu import build

LIFE = 2_209_032_000
ERI = LIFE - 77_760_000


def test_a_sample_asked_in_one_tick_is_known_in_the_next() -> None:
    pump = build.started()
    heard = build.Effects(pump)
    pump.handle(messages.MeasureBattery())
    pump.tick()
    assert pump.sample_commanded == 1
    assert heard == []
    pump.tick()
    # A full battery, less 0.2 mA through 20 ohm.
    assert heard == [(2, "battery_sampled", 3_049 - 4, 0)]


def test_replacement_and_end_come_at_their_ages_to_the_tick() -> None:
    pump = build.started(life_ticks=ERI - 1_000)
    heard = build.Effects(pump)
    pump.leap(10_000)
    assert heard.named("eri_reached", "alarm_raised") == [
        (1_000, "eri_reached", 0, 0),
        (1_000, "alarm_raised", Alarm.ELECTIVE_REPLACEMENT, 0),
    ]
    end = build.started(life_ticks=LIFE - 7)
    heard = build.Effects(end)
    end.leap(10)
    assert heard.ticks_of("ended") == [7]
    assert end.durable.therapy_state == TherapyState.ENDED


def test_a_low_sample_moves_replacement_forward_and_the_end_ninety_days_behind_it() -> None:
    pump = build.treating()
    pump.inject(Fault.BATTERY_CHARGE, 90_000)
    heard = build.Effects(pump)
    pump.handle(messages.MeasureBattery())
    pump.leap(2)
    at = pump.plant.tick
    assert heard.named("eri_reached") == [(at, "eri_reached", pump.controller.battery_mv, 0)]
    assert pump.durable.eos_life_ticks == pump.durable.life_ticks + 77_760_000
    assert pump.durable.therapy_state == TherapyState.THERAPY


def test_the_end_is_final_and_answers_no_therapy() -> None:
    pump = build.treating()
    pump.durable.eos_life_ticks = pump.durable.life_ticks + 5
    pump.leap(5)
    asked = pump.durable.commanded_q
    pump.leap(50_000)
    assert pump.durable.commanded_q == asked
    refusals = [build.commit(pump), pump.handle(messages.Stop()), pump.handle(messages.Resume())]
    assert {refused.value for refused in refusals} == {TherapyState.ENDED}


@pytest.mark.parametrize(("quirks", "late"), [(0, 0), (Quirk.bit_of(Quirk.LATE_REPLACEMENT_DATE), 25_920_000)])
def test_the_status_names_the_date_of_replacement(quirks: int, late: int) -> None:
    pump = build.started({"quirks": quirks})
    assert pump.handle(messages.ReadStatus()).replace_by_life_ticks == LIFE + late


def test_a_brown_out_comes_at_a_step_above_the_minimum_rate_and_below_the_bound() -> None:
    pump = build.treating(config={"eri_mv": 1, "eos_mv": 1})
    bound = pump.plant.resistance_mohm * pump.config.brownout_nc_per_mohm
    pump.plant.charge_nc = bound + 1_000_000
    heard = build.Effects(pump)
    pump.leap(400_000)
    assert heard.named("reset")[0][2] == ResetCause.LOW_BATTERY
    assert pump.plant.charge_nc < bound
    assert len(heard.named("reset")) == 1, "the minimum rate lives on less"


def test_rising_resistance_alone_can_brown_the_pump_out_at_a_plant_day() -> None:
    pump = build.treating()
    pump.inject(Fault.BATTERY_RESISTANCE, 20_000, 100_000_000)
    heard = build.Effects(pump)
    pump.leap(864_100)
    assert heard.ticks_of("reset") == [864_001]


def test_a_battery_without_charge_leaves_a_dead_pump_whose_plant_goes_on() -> None:
    pump = build.treating()
    pump.inject(Fault.BATTERY_CHARGE, 0)
    pump.tick()
    assert pump.plant.dead == 1
    life, tick = pump.durable.life_ticks, pump.plant.tick
    pump.leap(1_000_000)
    assert (pump.durable.life_ticks, pump.plant.tick) == (life, tick + 1_000_000)
    pump.check()


def test_an_open_session_costs_its_charge() -> None:
    pump = build.started()
    idle = build.started()
    pump.handle(messages.Open(serial=7, role=1, nonce=1), 1, 1)
    pump.leap(100)
    idle.leap(100)
    assert idle.plant.charge_nc - pump.plant.charge_nc == 100 * pump.config.session_nc
