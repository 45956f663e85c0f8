"""The rotor: what the controller makes of its count, and what holds it."""

from pumpbench.firmware_emu.pump import Pump
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Alarm, Fault, Held, Quirk, RotorFault
from tests.firmware_emu import build


def steps_of(pump: Pump, ticks: int) -> list[int]:
    """The ticks, of those that follow, in which a step was commanded."""
    found = []
    for _ in range(ticks):
        pump.tick()
        if pump.step_commanded:
            found.append(pump.plant.tick)
    return found


def test_three_steps_without_a_count_are_a_stall_seen_in_the_tick_after() -> None:
    pump = build.treating()
    pump.inject(Fault.ROTOR, RotorFault.STALLED)
    heard = build.Effects(pump)
    steps = steps_of(pump, 6_000)
    assert heard.ticks_of("stall_detected") == [steps[2] + 1]
    assert heard.named("alarm_raised") == [(steps[2] + 1, "alarm_raised", Alarm.MOTOR_STALL, 0)]


def test_steps_go_on_in_a_stall_while_nothing_flows() -> None:
    pump = build.treating()
    pump.inject(Fault.ROTOR, RotorFault.STALLED)
    true_pl, steps = pump.plant.reservoir_true_pl, pump.durable.step_count
    pump.leap(100_000)
    assert pump.plant.reservoir_true_pl == true_pl
    assert pump.durable.step_count > steps + 50


def test_the_first_count_ends_a_stall() -> None:
    pump = build.treating()
    pump.inject(Fault.ROTOR, RotorFault.STALLED)
    pump.leap(20_000)
    pump.inject(Fault.ROTOR, RotorFault.NONE)
    heard = build.Effects(pump)
    steps = steps_of(pump, 4_000)
    assert heard.ticks_of("stall_recovered") == [steps[0] + 1]
    assert heard.named("alarm_cleared") == [(steps[0] + 1, "alarm_cleared", Alarm.MOTOR_STALL, 0)]


def test_a_late_recovery_shows_only_at_the_second_interrogation() -> None:
    pump = build.treating(config={"quirks": Quirk.bit_of(Quirk.LATE_RECOVERY)})
    pump.inject(Fault.ROTOR, RotorFault.STALLED)
    pump.leap(20_000)
    pump.inject(Fault.ROTOR, RotorFault.NONE)
    pump.leap(20_000)
    assert pump.durable.stalled == 1
    pump.handle(messages.ReadStatus())
    pump.leap(10)
    assert pump.durable.stalled == 1
    pump.handle(messages.ReadStatus())
    pump.tick()
    assert pump.durable.stalled == 0


def test_an_intermittent_rotor_turns_and_misses_in_its_rhythm() -> None:
    pump = build.treating()
    pump.inject(Fault.ROTOR, RotorFault.INTERMITTENT, 5, 2)
    count, steps = pump.plant.rotor_count, pump.durable.step_count
    while pump.durable.step_count < steps + 70:
        pump.leap(100)
    made = pump.durable.step_count - steps
    assert pump.plant.rotor_count - count == made // 7 * 5 + min(made % 7, 5)
    assert pump.durable.stalled == 0


def test_a_magnetic_field_holds_the_rotor_and_its_lag_after_it() -> None:
    pump = build.treating()
    pump.inject(Fault.FIELD, 1, 5_000)
    pump.leap(2_000)
    held = pump.plant.rotor_count
    pump.inject(Fault.FIELD, 0)
    pump.leap(5_000)
    assert (pump.plant.rotor_count, pump.plant.field_lag_remaining_ticks) == (held, 0)
    pump.leap(2_000)
    assert pump.plant.rotor_count > held


def test_interference_holds_an_alarming_pump_until_it_is_interrogated() -> None:
    pump = build.treating(config={"quirks": Quirk.bit_of(Quirk.TELEMETRY_HOLD)}, low_reservoir_nl=20_000_000)
    pump.tick()
    heard = build.Effects(pump)
    pump.inject(Fault.EMI)
    pump.tick()
    assert heard == [(pump.plant.tick, "telemetry_held", Held.bit_of(Held.TELEMETRY), 0)]
    asked = pump.durable.commanded_q
    pump.leap(1_000)
    assert pump.durable.commanded_q == asked
    assert pump.durable.stopped_ticks == 1_001
    pump.handle(messages.ReadStatus())
    assert heard.named("hold_released") == [(pump.plant.tick, "hold_released", 0, 0)]
    pump.tick()
    assert pump.durable.commanded_q > asked


def test_interference_does_nothing_to_a_pump_without_the_quirk() -> None:
    pump = build.treating(low_reservoir_nl=20_000_000)
    pump.tick()
    pump.inject(Fault.EMI)
    pump.tick()
    assert (pump.durable.held, pump.plant.emi) == (0, 0)
