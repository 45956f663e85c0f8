"""What the fixtures give, asked in the emulator of this very run: names for codes, and a plain word for each slip."""

import pytest

from pumpbench.hil.errors import Refusal
from pumpbench.hil.plugin.bench_view import PumpBench
from pumpbench.hil.plugin.faults_view import PumpFaults
from pumpbench.hil.plugin.outcomes import NoReply
from pumpbench.hil.plugin.programmer_view import Pump
from pumpbench.protocol.codes import Fault
from pumpbench.protocol.messages import ReadFlex

# In the emulator alone: what is asked here is what a view says, not what a pump does.
pytestmark = pytest.mark.parametrize("pump_target", ["emulator"], indirect=True)
FLEX = [{"start": "00:00", "dose_ng": 100_000}, {"start": "12:00", "dose_ng": 150_000}]


def started(pump: Pump) -> Pump:
    pump.program(mode="simple_continuous", dose_ng_per_day=300_000)
    return pump


def test_refusal_stops_a_test_that_did_not_expect_it(pump: Pump) -> None:
    with pytest.raises(Refusal, match=r"Bolus refused: invalid_state \(limit 0, value 0\)"):
        pump.bolus(dose_ng=10_000, duration="10min")


def test_expected_refusal_passes_and_keeps_its_bound(pump: Pump) -> None:
    refusing = pump.refuses("invalid_state")
    with refusing:
        pump.bolus(dose_ng=10_000, duration="10min")
    assert refusing.refusal is not None
    assert refusing.refusal.refused.limit == 0


def test_expected_refusal_fails_where_the_pump_accepts(pump: Pump) -> None:
    started(pump)
    with pytest.raises(AssertionError, match="the pump accepted; expected it to refuse with lockout"), pump.refuses("lockout"):
        pump.bolus(dose_ng=10_000, duration="10min")


def test_expected_refusal_fails_for_another_reason(pump: Pump) -> None:
    with pytest.raises(AssertionError, match="Bolus refused: invalid_state .*; expected lockout"), pump.refuses("lockout"):
        pump.bolus(dose_ng=10_000, duration="10min")


def test_expected_refusal_lets_other_trouble_through(pump: Pump) -> None:
    with pytest.raises(ZeroDivisionError), pump.refuses("lockout"):
        _ = 1 // 0


def test_refusal_that_does_not_exist_is_no_expectation(pump: Pump) -> None:
    with pytest.raises(ValueError, match="expected one of"):
        pump.refuses("lockdown")


def test_cut_link_lets_no_reply_through_until_it_is_back(pump: Pump, pump_faults: PumpFaults) -> None:
    pump_faults.cut_link()
    for ask in (pump.status, pump.log, pump.stop):
        with pytest.raises(NoReply, match="the telemetry link is cut"):
            ask()
    pump_faults.restore_link()
    assert pump.status().therapy_state == "stopped"


def test_arguments_are_checked_as_a_scenario_is(pump: Pump, pump_faults: PumpFaults) -> None:
    with pytest.raises(ValueError, match=r"pump: program\.dose_per_day: unknown key; did you mean dose_ng_per_day"):
        pump.program(mode="simple_continuous", dose_per_day=1)
    with pytest.raises(ValueError, match=r"pump: bolus\.duration: '10m': unit 'm' is not known"):
        pump.bolus(dose_ng=1, duration="10m")
    with pytest.raises(ValueError, match=r"pump: rotor\.fault: 'stuck' is no name known here"):
        pump_faults.rotor("stuck")
    with pytest.raises(ValueError, match="time only goes forward"):
        pump.advance(-1)


def test_time_passes_by_spans_and_by_ticks(pump: Pump, pump_bench: PumpBench) -> None:
    pump.advance("1h 5t")
    pump.advance(7)
    assert pump.tick == pump_bench.tick == 36_012


def test_program_is_in_force_when_the_call_returns_unless_told_otherwise(pump: Pump) -> None:
    started(pump)
    assert pump.status().update_stage == "idle"
    pump.program(mode="flex", flex=FLEX, wait=False)
    assert pump.status().update_stage != "idle"
    pump.advance("5min")
    program = pump.program_in_force()
    assert (program.mode, program.dose_ng_per_day, program.flex_0_count) == ("flex", 250_000, 2)
    assert [(step.start_minute, step.dose_ng) for step in pump.request(ReadFlex(source=0, schedule=0)).steps] == [
        (0, 100_000),
        (720, 150_000),
    ]


def test_program_that_is_not_committed_changes_nothing(pump: Pump) -> None:
    started(pump)
    before = pump.program_in_force()
    pump.program(mode="flex", flex=FLEX, finish="verify")
    assert pump.program_in_force() == before


def test_codes_are_names_and_flags_are_sets(pump: Pump) -> None:
    status = started(pump).status()
    assert (status.mode, status.bolus_kind, status.reset_cause) == ("simple_continuous", "none", "start")
    assert status.alarms_active == status.held == frozenset()


def test_log_names_each_argument_by_its_code_list(pump: Pump) -> None:
    started(pump).bolus(dose_ng=10_000, duration="10min")
    (entry,) = pump.log("bolus_started")
    assert (entry.kind, entry.volume_nl) == ("clinician", 20_000)
    assert [one.entry_seq for one in pump.log()] == sorted(one.entry_seq for one in pump.log())


def test_effects_carry_their_ticks(pump: Pump, pump_bench: PumpBench) -> None:
    started(pump)
    (committed,) = pump_bench.events("program_committed")
    assert 0 < committed.tick <= pump.tick
    assert len(pump_bench.events()) > 1


def test_repeated_request_gets_the_first_reply(pump: Pump) -> None:
    started(pump)
    with pump.session("clinician"):
        first = pump.bolus(dose_ng=10_000, duration="10min")
        assert pump.repeat() == first
    pump.advance("1h")
    assert len(pump.log("bolus_started")) == 1


def test_session_of_a_patient_may_not_program(pump: Pump) -> None:
    started(pump)
    with pump.session("patient"), pump.refuses("role_forbidden"):
        pump.request(ReadFlex(source=0, schedule=0))
    assert pump.request(ReadFlex(source=0, schedule=0)).steps == []


def test_truth_has_the_names_of_a_scenario(pump: Pump, pump_bench: PumpBench) -> None:
    assert pump_bench.truth("therapy_state") == "stopped"
    assert pump_bench.truth("reservoir_true_nl") == 18_000_000
    with pytest.raises(ValueError, match="did you mean delivered_true_nl"):
        pump_bench.truth("delivered_nl_true")


def test_refill_fills_the_pump_and_tells_it(pump: Pump, pump_bench: PumpBench) -> None:
    reply = pump.refill(10_000_000, withdraw_nl=18_000_000)
    assert (reply.expected_nl, reply.discrepancy) == (18_000_000, 0)
    pump.advance(1)
    assert pump_bench.truth("reservoir_true_nl") == 10_000_000
    untold = pump.refill(5_000_000, untold=True)
    assert not vars(untold)


def test_state_before_and_after_differ_by_what_was_done(pump: Pump, pump_bench: PumpBench) -> None:
    before = pump_bench.snapshot()
    assert pump_bench.snapshot() == before
    pump_bench.inject(Fault.OCCLUSION, 1_000_000)
    assert pump_bench.snapshot() != before


@pytest.mark.parametrize(
    ("fault", "arguments", "told"),
    [
        ("rotor", {"fault": "intermittent", "run_count": 3, "miss_count": 1}, True),
        ("field", {"on": True, "lag": "1h"}, True),
        ("occlusion", {"ppm": 500_000}, True),
        ("leak", {"ppm": 500_000}, True),
        ("flow", {"ppm": 1_100_000}, True),
        ("battery_charge", {"ppm": 500_000}, True),
        ("battery_resistance", {"mohm": 5_000}, True),
        ("memory_flip", {"word": 3, "mask": 1}, True),
        ("power_cut", {"after_words": 2}, True),
        ("line", {"ug_per_ml": 0}, True),
        ("reset", {}, True),
        ("emi", {}, True),
        ("field", {"on": False}, False),
    ],
)
def test_each_fault_reaches_the_pump_by_its_name(
    pump_bench: PumpBench, pump_faults: PumpFaults, fault: str, arguments: dict[str, object], told: bool
) -> None:
    before = pump_bench.snapshot()
    getattr(pump_faults, fault)(**arguments)
    assert (pump_bench.snapshot() != before) == told


@pytest.mark.parametrize(
    ("act", "event"),
    [("stop", "stopped"), ("silence", "alarms_silenced"), ("test_alarm", "alarm_test"), ("measure_battery", "battery_sampled")],
)
def test_each_plain_act_does_its_own_thing(pump: Pump, pump_bench: PumpBench, act: str, event: str) -> None:
    started(pump)
    before = len(pump_bench.events(event))
    getattr(pump, act)()
    pump.advance("1min")
    assert len(pump_bench.events(event)) == before + 1


def test_clock_record_and_account_are_as_written(pump: Pump) -> None:
    started(pump)
    pump.set_clock(day=5, time="06:30")
    pump.write_record(catheter_length_mm=500, tubing_nl=100_000)
    assert (pump.record().catheter_length_mm, pump.record().tubing_nl) == (500, 100_000)
    assert pump.status().clock_day == 5
    account = pump.account()
    assert account.commanded_q == account.step_count * 216_000_000 + account.acc_q + account.owed_q + account.cancelled_q


def test_stopped_pump_resumes_when_asked(pump: Pump) -> None:
    started(pump).stop()
    assert pump.status().therapy_state == "stopped"
    pump.resume()
    assert pump.status().therapy_state == "therapy"


def test_prime_takes_its_volume_from_the_record(pump: Pump) -> None:
    prime = started(pump).prime("tubing")
    assert (prime.kind, prime.volume_nl) == ("prime", pump.record().tubing_nl)
