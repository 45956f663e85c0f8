"""How the firmware answers: ids, retries, sessions, both channels, and what a refusal leaves as it was."""

import pytest

from pumpbench.protocol.codes import Fault, FluidKind, FluidOutcome, Refusal, Role, TherapyState
from pumpbench.protocol.frame import host_frame
from pumpbench.protocol.messages import (
    AlreadyStarted,
    Arm,
    Close,
    Configure,
    Disarm,
    Done,
    EventNotice,
    Identify,
    Inject,
    LinkCounters,
    Open,
    Opened,
    PatientBolus,
    Prime,
    ReadAccount,
    ReadLink,
    ReadProgram,
    ReadStatus,
    Refused,
    Report,
    Resume,
    RunTo,
    Started,
    Stop,
    Subscribe,
    Telemetry,
)
from tests.board.bench import START, Bench, native, replace, treating
from tests.board.parts import change


def refusal_of(reply: object) -> tuple[str, int, int]:
    assert isinstance(reply, Refused), reply
    return Refusal.name_of(reply.refusal), reply.limit, reply.value


def test_device_answers_identify_on_both_channels_before_anything_else() -> None:
    bench = Bench()
    plain = bench.ask(Identify())
    asked = host_frame(Identify(), 1, 2, 0, bench=True)
    assert bench.send(asked)[0].message == plain
    assert plain.build_id == native().library.build_id != 0


def test_bench_request_is_refused_until_the_device_is_armed_with_its_build_id() -> None:
    bench = Bench()
    assert refusal_of(bench.run_to(1)) == ("not_armed", 0, 0x0205)
    assert refusal_of(bench.ask(Arm(build_id=1))) == ("build_mismatch", 0, 0)
    bench.arm()
    assert isinstance(bench.run_to(1), Report)


def test_therapy_message_on_the_bench_channel_is_an_unknown_type() -> None:
    bench = treating()
    wire = host_frame(ReadStatus(), 1, 999, bench.session, bench=True)
    assert refusal_of(bench.send(wire)[0].message) == ("unknown_type", 0, 0x0110)


def test_bolus_under_a_used_id_with_other_bytes_gives_no_second_dose() -> None:
    bench = treating()
    assert isinstance(bench.ask(PatientBolus()), Started)
    before = bench.ask(ReadAccount(), bench.therapy_id + 5)
    reply = bench.ask(Prime(scope=1, volume_nl=200_000), bench.therapy_id)
    assert refusal_of(reply)[0] == "stale_id"
    assert bench.ask(ReadAccount(), bench.therapy_id + 6) == before


def test_retry_byte_for_byte_gets_the_stored_reply() -> None:
    bench = treating()
    wire = bench.frame(PatientBolus())
    first = bench.device.receive(wire)
    assert bench.device.receive(wire) == first
    assert isinstance(bench.decoder.feed(first)[0].message, Started)  # type: ignore[union-attr]


def test_lower_id_is_stale_and_consumes_nothing() -> None:
    bench = treating()
    high = bench.therapy_id + 10
    assert bench.ask(ReadStatus(), high).therapy_state == TherapyState.THERAPY
    assert refusal_of(bench.ask(Stop(), high - 1)) == ("stale_id", high, high - 1)
    assert bench.ask(ReadStatus(), high + 1).therapy_state == TherapyState.THERAPY


def test_id_that_moves_fluid_may_lie_below_the_highest_that_did_but_not_far_above() -> None:
    bench = treating()
    change(bench, "durable", fluid_highest_id=1_000)
    far = 1_000 + 65_536
    assert refusal_of(bench.ask(PatientBolus(), far + 1)) == ("stale_id", bench.therapy_id, far + 1)
    assert isinstance(bench.ask(PatientBolus(), 500), Started)


def test_bolus_asked_again_after_a_reset_is_already_started_and_interrupted() -> None:
    bench = treating()
    request_id = bench.therapy_id + 1
    started = bench.ask(PatientBolus(), request_id)
    bench.run_to(200)
    bench.ask(Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0))
    bench.run_to(400)
    bench.therapy_id = request_id + 1
    bench.session = 0
    bench.open(nonce=6)
    again = bench.ask(PatientBolus(), request_id)
    assert isinstance(again, AlreadyStarted)
    assert (again.kind, again.outcome) == (FluidKind.PATIENT, FluidOutcome.INTERRUPTED)
    assert again.volume_nl == started.volume_nl
    # What the check-point cannot know is told as the most that can have flowed: within its hour, all of it.
    assert again.delivered_nl == started.volume_nl


@pytest.mark.parametrize("message", [ReadAccount(), Stop(), Prime(scope=1, volume_nl=1), Subscribe(period_ticks=1)])
def test_patient_session_may_not_ask_for_more_than_a_bolus(message: object) -> None:
    bench = treating()
    bench.ask(Close())
    bench.open(Role.PATIENT)
    assert refusal_of(bench.ask(message))[0] == "role_forbidden"
    assert isinstance(bench.ask(PatientBolus()), Started)


def test_second_open_is_busy_and_the_first_one_repeated_is_not() -> None:
    bench = Bench()
    bench.arm()
    wire = bench.frame(Open(serial=START.serial, role=Role.CLINICIAN, nonce=1))
    first = bench.send(wire)[0].message
    assert bench.send(wire)[0].message == first
    assert refusal_of(bench.open())[0] == "busy"


def test_open_names_the_serial_or_is_refused() -> None:
    bench = Bench()
    bench.arm()
    reply = bench.ask(Open(serial=START.serial + 1, role=Role.CLINICIAN, nonce=1))
    assert refusal_of(reply) == ("serial_mismatch", 0, 0)


def test_refusal_before_parsing_changes_no_digest() -> None:
    bench = treating()
    before = native_digests(bench)
    bench.send(host_frame(Stop(), 1, 10_000, bench.session + 1))
    bench.send(host_frame(Stop(), 1, 1, bench.session))
    bench.send(host_frame(Open(serial=1, role=1, nonce=1), 1, 10_001))
    bench.send(b"\0noise\0")
    assert native_digests(bench) == before
    counters = bench.ask(ReadLink())
    assert isinstance(counters, LinkCounters)
    assert (counters.refused_frame_count, counters.bad_frame_count) == (3, 1)


def native_digests(bench: Bench) -> tuple[int, int, int]:
    return bench.device.digests()  # type: ignore[attr-defined, no-any-return]


def test_session_times_out_in_silence_and_telemetry_ends_with_it() -> None:
    bench = treating()
    bench.ask(Subscribe(period_ticks=100))
    frames = bench.frames(RunTo(target_tick=10_000, stop_mask=0))
    telemetry = [one for one in frames if isinstance(one.message, Telemetry)]
    # Silent from tick 100 on: the 3000th tick of silence closes it, and of that tick nothing is sent.
    assert [one.header.tick for one in telemetry] == list(range(200, 3_100, 100))
    assert refusal_of(bench.ask(ReadStatus()))[0] == "session_unknown"


def test_notices_of_a_request_stand_right_before_its_reply() -> None:
    bench = treating()
    bench.ask(Subscribe(period_ticks=1_000))
    frames = bench.frames(Stop())
    assert [type(one.message) for one in frames] == [EventNotice, Done]
    assert frames[0].header.session == bench.session


def test_credit_at_the_tick_reached_reports_at_once_and_a_lower_one_is_passed() -> None:
    bench = treating(at_tick=500)
    assert bench.run_to(500).reached_tick == 500
    assert refusal_of(bench.run_to(499)) == ("tick_passed", 500, 499)


def test_retried_credit_repeats_its_report_and_runs_no_tick() -> None:
    bench = treating()
    wire = bench.frame(RunTo(target_tick=1_000, stop_mask=0))
    first = bench.device.receive(wire)
    assert bench.device.receive(wire) == first
    assert bench.run_to(1_000).reached_tick == 1_000


def test_configuration_outside_its_range_is_refused_with_the_bound() -> None:
    bench = Bench()
    bench.arm()
    assert refusal_of(bench.ask(Configure(config_index=99, value=0)))[0] == "config_unknown"
    assert refusal_of(bench.ask(Configure(config_index=1, value=0))) == ("config_range", 1, 0)
    assert isinstance(bench.ask(Configure(config_index=1, value=1)), Done)


def test_start_that_breaks_a_bound_is_refused_and_changes_nothing() -> None:
    bench = treating()
    before = native_digests(bench)
    assert refusal_of(bench.ask(replace(START, catheter_length_mm=1_501))) == ("record_range", 1_500, 1_501)
    assert native_digests(bench) == before


def test_disarmed_device_goes_on_from_the_state_as_it_stands() -> None:
    bench = treating(at_tick=1_000)
    assert isinstance(bench.ask(Disarm()), Done)
    bench.device.advance(50)  # type: ignore[attr-defined]
    assert bench.ask(ReadStatus()).life_ticks == 1_050


def test_power_cut_by_a_request_is_told_to_the_bench_alone() -> None:
    bench = treating()
    bench.ask(Inject(fault=Fault.POWER_CUT, arg_0=0, arg_1=0, arg_2=0))
    assert refusal_of(bench.ask(Stop()))[0] == "power_cut"
    bench.run_to(300)
    bench.session = 0
    assert isinstance(bench.open(), Opened)
    assert bench.ask(ReadStatus()).boot_count == 2
    # Nothing of the stop reached memory: the program resumed unasked.
    assert bench.ask(ReadStatus()).therapy_state == TherapyState.THERAPY
    assert isinstance(bench.ask(Resume()), Done)


def test_program_read_back_is_the_program_in_force() -> None:
    bench = treating()
    read = bench.ask(ReadProgram(source=0))
    assert (read.present, read.program_id, read.dose_ng_per_day) == (1, 9, 400_000)
    assert bench.ask(ReadProgram(source=1)).present == 0
