"""Alarms: what raises, silences and clears them, and the tone that follows."""

import json

from pumpbench.firmware_emu.alarms import ALARMS
from pumpbench.firmware_emu.tables import export_tables
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Alarm, Fault, TherapyState, ToneClass
from tests.firmware_emu import build


def test_every_alarm_has_one_row_in_order_of_its_number() -> None:
    assert [(row.name.lower(), row.number) for row in ALARMS] == list(Alarm.items())


def test_every_request_has_an_outcome_in_every_state() -> None:
    tables = json.loads(json.dumps(export_tables()))
    assert set(tables["transitions"]) == {"stop", "resume", "bolus", "commit"}
    for outcomes in tables["transitions"].values():
        assert len(outcomes) == len(TherapyState.items())
        assert set(outcomes) <= {"done", "go", "refused"}
    assert all(len(row) == 3 for row in tables["alarms"])


def test_a_pump_stopped_longer_than_48_hours_raises_a_critical_alarm_and_a_resume_clears_it() -> None:
    pump = build.treating()
    heard = build.Effects(pump)
    pump.handle(messages.Stop())
    at = pump.plant.tick
    pump.leap(1_728_000)
    assert heard.named("alarm_raised") == []
    pump.tick()
    assert heard.named("alarm_raised") == [(at + 1_728_001, "alarm_raised", Alarm.STOPPED_TOO_LONG, 0)]
    pump.handle(messages.Resume())
    pump.tick()
    assert heard.named("alarm_cleared") == [(at + 1_728_002, "alarm_cleared", Alarm.STOPPED_TOO_LONG, 0)]


def test_the_estimate_raises_low_then_ends_delivery_at_empty() -> None:
    pump = build.treating(config={"reservoir_capacity_nl": 20_000_000})
    heard = build.Effects(pump)
    pump.handle(messages.Refill(measured_nl=20_000_000, fill_nl=2_000_100), 4)
    pump.leap(30_000_000)
    low, empty = heard.named("alarm_raised")[0], heard.named("empty_entered")[0]
    assert low[2] == Alarm.LOW_RESERVOIR
    # 2 000 100 nl less 6 001 steps: the first value that is not above 500 000.
    assert empty[2] == 499_850
    assert pump.durable.therapy_state == TherapyState.EMPTY
    assert pump.durable.alarms_active >> Alarm.EMPTY_RESERVOIR & 1


def test_a_critical_alarm_takes_the_tone_and_silence_leaves_the_list() -> None:
    pump = build.treating()
    pump.inject(Fault.ROTOR, 1)
    pump.handle(messages.Refill(measured_nl=20_000_000, fill_nl=1_000_000), 4)
    pump.tick()
    assert pump.controller.tone_class == ToneClass.NON_CRITICAL
    pump.leap(10_000)
    assert (pump.controller.tone_class, pump.controller.tone_period_ticks) == (ToneClass.CRITICAL, 6_000)
    assert pump.controller.tone_onset_tick == pump.durable.alarm_raise_tick[Alarm.MOTOR_STALL]
    active = pump.durable.alarms_active
    pump.handle(messages.SilenceAlarms())
    pump.tick()
    assert (pump.controller.tone_class, pump.durable.alarms_active) == (ToneClass.NONE, active)


def test_a_tone_sounds_for_its_duration_in_every_period_and_costs_its_charge() -> None:
    pump = build.started(reservoir_estimated_nl=1_000_000)
    pump.tick()
    assert pump.plant.tone_class == ToneClass.NON_CRITICAL
    pump.leap(36_000 * 3)
    assert pump.plant.tone_tick_count == 3 * 10 + 1


def test_an_alarm_test_sounds_and_changes_no_alarm() -> None:
    pump = build.started()
    heard = build.Effects(pump)
    pump.handle(messages.TestAlarm())
    pump.leap(1_000)
    assert pump.plant.tone_tick_count == 40
    assert heard == [(0, "alarm_test", 0, 0)]
    assert (pump.controller.alarm_test_end_tick, pump.durable.alarms_active) == (0, 0)


def test_an_alarm_raised_again_after_clearing_is_not_silenced() -> None:
    pump = build.started(reservoir_estimated_nl=1_000_000)
    pump.tick()
    pump.handle(messages.SilenceAlarms())
    pump.handle(messages.Refill(measured_nl=1_000_000, fill_nl=20_000_000), 1)
    pump.tick()
    pump.handle(messages.Refill(measured_nl=20_000_000, fill_nl=1_000_000), 2)
    pump.tick()
    assert pump.durable.alarms_active == 1 << Alarm.LOW_RESERVOIR
    assert pump.durable.alarms_silenced == 0
