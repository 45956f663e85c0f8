"""Facts about a pump, for any target: copy this folder, and run it with `pytest --pump-target native`."""

from typing import Any

import pytest

from pumpbench.hil.plugin.bench_view import PumpBench
from pumpbench.hil.plugin.faults_view import PumpFaults
from pumpbench.hil.plugin.programmer_view import Pump

BASAL: dict[str, Any] = {"mode": "simple_continuous", "dose_ng_per_day": 300_000}
"""At 500 ug/mL: 0.6 mL a day."""
PATIENT = {"dose_ng": 10_000, "duration": "10min", "lockout": "2h", "count": 4}


def test_pump_delivers_what_was_programmed_within_three_days(pump: Pump, pump_bench: PumpBench) -> None:
    pump.program(**BASAL)
    before_nl = pump_bench.truth("delivered_true_nl")
    pump.advance("3d")
    assert isinstance(before_nl, int)
    assert pump_bench.truth("delivered_true_nl") == pytest.approx(before_nl + 1_800_000, abs=250)


def test_pump_says_therapy_once_a_program_is_in_force(pump: Pump) -> None:
    assert pump.status().therapy_state == "stopped"
    pump.program(**BASAL)
    status = pump.status()
    assert (status.therapy_state, status.mode, status.rate_nl_per_day) == ("therapy", "simple_continuous", 600_000)


def test_patient_bolus_is_refused_inside_the_lockout(pump: Pump) -> None:
    pump.program(**BASAL, patient=PATIENT)
    pump.patient_bolus()
    pump.advance("1h 59min")
    with pump.refuses("lockout"):
        pump.patient_bolus()
    pump.advance("2min")
    assert pump.patient_bolus().volume_nl == 20_000


def test_bolus_that_is_asked_for_twice_is_given_once(pump: Pump) -> None:
    pump.program(**BASAL)
    with pump.session("clinician"):
        first = pump.bolus(dose_ng=50_000, duration="10min")
        assert pump.repeat() == first
    pump.advance("1h")
    assert [entry.volume_nl for entry in pump.log("bolus_started")] == [100_000]


@pytest.mark.pump_start(reservoir_nl=3_000_000)
def test_empty_reservoir_ends_delivery_until_it_is_refilled(pump: Pump, pump_bench: PumpBench) -> None:
    pump.program(**BASAL)
    pump.advance("5d")
    assert pump.alarms() == {"low_reservoir", "empty_reservoir"}
    assert pump.status().therapy_state == "empty"
    stopped_nl = pump_bench.truth("delivered_true_nl")
    pump.advance("1d")
    assert pump_bench.truth("delivered_true_nl") == stopped_nl
    pump.refill(18_000_000)
    pump.advance("1min")
    assert pump.status().therapy_state == "therapy"
    assert not pump.alarms()


def test_stalled_motor_is_said_within_two_days(pump: Pump, pump_faults: PumpFaults) -> None:
    pump.program(**BASAL)
    pump_faults.rotor("stalled")
    pump.advance("2d")
    assert "motor_stall" in pump.alarms()


def test_motor_that_turns_again_clears_its_alarm_by_itself(pump: Pump, pump_faults: PumpFaults) -> None:
    pump.program(**BASAL)
    pump_faults.rotor("stalled")
    pump.advance("2d")
    pump_faults.rotor("none")
    pump.advance("1d")
    assert "motor_stall" not in pump.alarms()
    assert [entry.alarm for entry in pump.log("alarm_cleared")] == ["motor_stall"]


def test_program_survives_a_reset_of_the_pump(pump: Pump, pump_faults: PumpFaults) -> None:
    pump.program(**BASAL)
    before = pump.program_in_force()
    boots = pump.status().boot_count
    pump_faults.reset()
    pump.advance("1h")
    assert pump.program_in_force() == before
    assert pump.status().boot_count == boots + 1
    assert pump.status().therapy_state == "therapy"


def test_link_lost_before_the_commit_leaves_the_old_program(pump: Pump, pump_faults: PumpFaults) -> None:
    pump.program(**BASAL)
    before = pump.program_in_force()
    pump.program(mode="simple_continuous", dose_ng_per_day=330_000, lose_link_after="verify")
    pump.advance("1d")
    pump_faults.restore_link()
    assert pump.program_in_force() == before


def test_patient_may_not_stop_the_pump_by_themselves(pump: Pump) -> None:
    pump.program(**BASAL)
    with pump.refuses("role_forbidden"):
        pump.stop(role="patient")
    assert pump.status().therapy_state == "therapy"
