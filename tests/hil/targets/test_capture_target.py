"""A recording as a target: the same acts get the recorded answers, other acts none; it never fails a pump for what it lacks."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pumpbench.hil.capture.canonical import canonical
from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import TargetUnknown
from pumpbench.hil.links import INBOUND, NotOnRecord
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.replay.turns import load_turns
from pumpbench.hil.rig import About, BaseRig, Diverged, Recording, RigResult, TwinRig
from pumpbench.hil.targets import Target, check_name, open_target
from pumpbench.hil.targets.capture import CaptureTarget
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import CrcBuild, Fault, Role
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, device_frame
from pumpbench.protocol.messages import Bolus, Identified, ReadProgram, ReadStatus, Report, Status, Subscribe
from tests.hil.pumps import PATIENT, START, treat
from tests.hil.replay.recordings import Kept, record_free_run, records, rewrite
from tests.support import SEED, effort

Acts = Callable[[BaseRig], None]
END_TICK = 5_000


def ten_minutes(rig: BaseRig, dose_ng: int = 5_000, extra_tick: int = 0) -> None:
    """With telemetry, a fault, a retry and two roles."""
    treat(rig, PATIENT)
    rig.therapy(Subscribe(period_ticks=500), role=Role.CLINICIAN)
    rig.therapy(Bolus(dose_ng=dose_ng, volume_nl=2 * dose_ng, duration_ticks=600), role=Role.CLINICIAN)
    rig.run_to(rig.tick + 1_000 + extra_tick)
    rig.repeat()
    rig.inject(Fault.FIELD, 1, 300)
    rig.run_to(3_000)
    rig.therapy(ReadStatus(), role=Role.PATIENT)
    rig.run_to(END_TICK)


def beyond(rig: BaseRig) -> None:
    ten_minutes(rig)
    rig.run_to(END_TICK + 1)


def run(target: Target, acts: Acts = ten_minutes, seed: int = SEED, path: Path | None = None) -> RigResult:
    with TwinRig(target, seed, None if path is None else Recording(path, About(seed=seed))) as rig:
        rig.start({"session_timeout_ticks": 5_000}, START)
        acts(rig)
        return rig.finish()


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a pump that says it is firmware: its answers count as another implementation's."""
    path = tmp_path_factory.mktemp("recall") / "own.pcapng"
    run(EmulatorTarget(), path=path)
    header, *rest = records(path)
    told = json.loads(header.payload)
    told["builds"]["target"]["crc_build"] = CrcBuild.FIRMWARE
    return rewrite(path, [header._replace(payload=canonical(told)), *rest])


@pytest.mark.parametrize("seed", [SEED, SEED + 1])
def test_same_acts_pass_on_the_recording_whatever_the_seed(capture: Path, seed: int) -> None:
    """Of the credits: a recording runs as far as it was run."""
    result = run(CaptureTarget(str(capture)), seed=seed)
    assert (result.verdict, result.ticks) == (Verdict.PASS, END_TICK)
    assert (result.missing_frames, result.retries, result.bad_frames) == (0, 0, 0)
    assert result.frames_compared > 50


def test_recording_of_the_emulator_is_no_witness_for_it(tmp_path: Path) -> None:
    run(EmulatorTarget(), path=tmp_path / "own.pcapng")
    result = run(CaptureTarget(str(tmp_path / "own.pcapng")))
    assert (result.verdict, result.first_difference) == (Verdict.INCONCLUSIVE, None)
    assert "compared with itself" in result.judged[1]


@pytest.mark.parametrize(
    ("acts", "told"),
    [
        (lambda rig: ten_minutes(rig, dose_ng=5_001), r"Bolus\(dose_ng=5001, volume_nl=10002\) .* on record Bolus\(dose_ng=5000"),
        (lambda rig: ten_minutes(rig, extra_tick=1), "RunTo at tick .* cannot be answered: on record Bolus"),
        (lambda rig: rig.run_to(1), "RunTo at tick 0 .* on record Open"),
        (lambda rig: rig.inject(Fault.RESET), "Inject at tick 0 .* on record Open"),
        (beyond, f"at tick {END_TICK} .* the recording ends there"),
    ],
)
def test_other_acts_get_no_answer_and_are_told_where(capture: Path, acts: Acts, told: str) -> None:
    with pytest.raises(NotOnRecord, match=told):
        run(CaptureTarget(str(capture)), acts)


def test_other_start_gets_no_answer(capture: Path) -> None:
    with TwinRig(CaptureTarget(str(capture)), SEED) as rig, pytest.raises(NotOnRecord, match="clock_day=1"):
        rig.start({"session_timeout_ticks": 5_000}, with_field(START, "clock_day", 1))


@settings(max_examples=effort(15, 300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(1, END_TICK), period=st.integers(1, 999))
def test_recording_never_fails_a_pump_for_what_it_was_not_asked(capture: Path, at: int, period: int) -> None:
    """A rig that strays from the recording at any tick ends without a verdict on the pump."""

    def strays(rig: BaseRig) -> None:
        treat(rig, PATIENT)
        rig.run_to(max(rig.tick, at))
        rig.therapy(Subscribe(period_ticks=period), role=Role.CLINICIAN)
        ten_minutes(rig)

    with pytest.raises(NotOnRecord):
        run(CaptureTarget(str(capture)), strays)


def with_field(message: Any, name: str, value: int) -> Any:
    return message._replace(**{name: value})


def changed_report(kept: list[Kept]) -> list[Kept]:
    """One digest of the last report is another."""
    *rest, last = kept
    report = Decoder(from_device=True).feed(last.payload)[-1]
    assert isinstance(report, Frame)
    assert isinstance(report.message, Report)
    _, _, _, seq, request_id, session, boot, tick = report.head
    message = with_field(report.message, "plant_crc", report.message.plant_crc ^ 1)
    spoilt = device_frame(message, seq, request_id, session, boot, tick, bench=True)
    return [*rest, last._replace(payload=last.payload[: -len(report.wire)] + spoilt)]


def test_recorded_pump_that_said_otherwise_fails(capture: Path, tmp_path: Path) -> None:
    spoilt = rewrite(tmp_path / "spoilt.pcapng", changed_report(records(capture)))
    with pytest.raises(Diverged, match="plant_crc"):
        run(CaptureTarget(str(spoilt)))


def test_difference_is_inconclusive_when_the_recording_has_gaps(capture: Path, tmp_path: Path) -> None:
    spoilt = rewrite(tmp_path / "spoilt.pcapng", changed_report(records(capture)), standing=(END_TICK + 1, 7))
    with TwinRig(CaptureTarget(str(spoilt)), SEED) as rig:
        rig.start({"session_timeout_ticks": 5_000}, START)
        with pytest.raises(Diverged):
            ten_minutes(rig)
        verdict, reason = rig.finish().judged
    assert verdict is Verdict.INCONCLUSIVE
    assert "its end was cut off" in reason
    assert "plant_crc" in reason


def test_reply_that_is_not_on_record_is_not_invented(capture: Path, tmp_path: Path) -> None:
    kept = records(capture)
    gone = [at for at, one in enumerate(kept) if one.direction == INBOUND][-1]
    lost = rewrite(tmp_path / "lost.pcapng", kept[:gone])
    with pytest.raises(NotOnRecord, match="no reply is on record"):
        run(CaptureTarget(str(lost)))


def test_every_answer_says_what_was_recorded_there(capture: Path) -> None:
    recorded = {(frame.head[2], frame.head[7], frame.message) for turn in load_turns(capture)[1] for frame in frames(turn.frames)}
    target = CaptureTarget(str(capture))
    heard: list[Frame] = []
    original = target.link.read

    def read(timeout_s: float) -> bytes:
        chunk = original(timeout_s)
        heard.extend(frames(Decoder(from_device=True).feed(chunk)))
        return chunk

    target.link.read = read  # type: ignore[method-assign]
    run(target)
    assert len(heard) > len(recorded) // 2
    assert all((one.head[2], one.head[7], one.message) in recorded for one in heard if not isinstance(one.message, Identified))


def frames(events: Sequence[object]) -> list[Frame]:
    return [event for event in events if isinstance(event, Frame)]


def test_programmer_who_only_reads_is_answered_from_a_session_of_the_field(tmp_path: Path) -> None:
    """Under ids of its own, and though the recorded programmer asked other things in between."""
    path = tmp_path / "free.pcapng"
    record_free_run(path)
    with CaptureTarget(str(path)) as target:
        conversation = Conversation(target.link)
        programmer = Programmer(conversation, START.serial, nonce=99)
        programmer.open(Role.CLINICIAN)
        status = programmer.request(ReadStatus())
        assert isinstance(status, Status)
        programmer.request(ReadProgram(source=0))
        with pytest.raises(NotOnRecord, match="on record StageProgram comes there"):
            programmer.request(ReadProgram(source=0))
        assert conversation.missing_frame_count == conversation.late_frame_count == 0


def test_capture_is_named_by_an_existing_file(capture: Path, tmp_path: Path) -> None:
    assert check_name(f"capture:{capture}") == f"capture:{capture}"
    with pytest.raises(TargetUnknown, match="no such file"):
        check_name(f"capture:{tmp_path / 'none'}")
    with pytest.raises(TargetUnknown, match="no such file"):
        check_name("capture:")
    (tmp_path / "text").write_text("no capture")
    with pytest.raises(CaptureError, match="holds no request"):
        open_target(f"capture:{tmp_path / 'text'}")
