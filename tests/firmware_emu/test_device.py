"""The device on its link: who is heard, what is answered, how time is granted."""

from typing import Any

import pytest

from pumpbench.firmware_emu.capabilities import Capabilities
from pumpbench.firmware_emu.device import Device
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Event, Fault, FluidOutcome, Refusal, Role, StopMask, StopReason
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.exchange import Exchange
from pumpbench.protocol.frame import Frame, host_frame
from pumpbench.protocol.layout import replace
from tests.firmware_emu import build

BUILD = 0x1234


class Desk:
    """A host with both channels of one device; keeps every frame it got."""

    def __init__(self, dense: bool = False) -> None:
        self.device = Device(build_id=BUILD, dense=dense)
        self.bench = Exchange()
        self.therapy = Exchange()
        self.frames: list[Frame] = []
        self._decoder = Decoder(from_device=True)

    def hear(self, data: bytes) -> list[Any]:
        frames = self._decoder.feed(data)
        assert all(isinstance(frame, Frame) for frame in frames)
        self.frames += frames  # type: ignore[arg-type]
        return [frame.message for frame in frames]  # type: ignore[union-attr]

    def raw(self, wire: bytes) -> list[Any]:
        return self.hear(self.device.receive(wire))

    def on_bench(self, message: Any) -> Any:
        return self.raw(self.bench.request(message, bench=True).wire)[-1]

    def ask(self, message: Any) -> Any:
        replies = self.raw(self.therapy.request(message, bench=False).wire)
        return replies[-1] if replies else None

    def armed(self) -> "Desk":
        assert isinstance(self.on_bench(messages.Arm(build_id=BUILD)), messages.Done)
        assert isinstance(self.on_bench(build.START), messages.Report)
        return self

    def opened(self, role: int = Role.CLINICIAN) -> "Desk":
        reply = self.ask(messages.Open(serial=self.device.pump.identity.serial, role=role, nonce=5))
        assert isinstance(reply, messages.Opened), reply
        self.therapy.session = reply.session
        return self

    def run(self, ticks: int, stop_mask: int = 0) -> messages.Report:
        tick = self.device.pump.plant.tick
        report: messages.Report = self.on_bench(messages.RunTo(target_tick=tick + ticks, stop_mask=stop_mask))
        return report


def refusal_of(reply: Any) -> str:
    assert isinstance(reply, messages.Refused), reply
    return Refusal.name_of(reply.refusal).upper()


def test_identify_is_answered_on_both_channels_and_consumes_no_id() -> None:
    desk = Desk()
    for bench in (True, False):
        (said,) = desk.raw(host_frame(messages.Identify(), 0, 1, bench=bench))
        assert (said.build_id, said.level, said.armed) == (BUILD, 3, 0)
    assert isinstance(desk.on_bench(messages.Arm(build_id=BUILD)), messages.Done)


def test_capabilities_are_what_the_device_was_made_with() -> None:
    device = Device(build_id=1, capabilities=Capabilities(level=2, ticks_per_second=77))
    (frame,) = Decoder(from_device=True).feed(device.receive(host_frame(messages.Identify(), 0, 1)))
    assert (frame.message.level, frame.message.ticks_per_second) == (2, 77)  # type: ignore[union-attr]


def test_noise_is_counted_and_not_answered() -> None:
    desk = Desk()
    wire = bytearray(host_frame(messages.Identify(), 0, 1))
    wire[5] ^= 4
    assert desk.raw(bytes(wire)) == []
    assert desk.device.counters.bad_frame_count == 1


@pytest.mark.parametrize(
    ("message", "bench", "refusal"),
    [
        (messages.RunTo(target_tick=5, stop_mask=0), True, "NOT_ARMED"),
        (messages.Arm(build_id=BUILD + 1), True, "BUILD_MISMATCH"),
        (messages.ReadStatus(), True, "UNKNOWN_TYPE"),
        (messages.Arm(build_id=BUILD), False, "UNKNOWN_TYPE"),
        (messages.ReadStatus(), False, "SESSION_UNKNOWN"),
        (messages.Open(serial=99, role=Role.CLINICIAN, nonce=0), False, "SERIAL_MISMATCH"),
        (messages.Open(serial=1, role=7, nonce=0), False, "MALFORMED"),
    ],
)
def test_a_fresh_device_refuses_by_name(message: Any, bench: bool, refusal: str) -> None:
    desk = Desk()
    before = desk.device.pump.digests()
    (said,) = desk.raw(host_frame(message, 0, 1, bench=bench))
    assert refusal_of(said) == refusal
    assert desk.device.pump.digests() == before


def test_refusals_before_parsing_change_no_digest() -> None:
    desk = Desk().armed().opened()
    session = desk.therapy.session
    before = desk.device.pump.digests()
    wires = {
        "SESSION_UNKNOWN": host_frame(messages.ReadStatus(), 0, 9, session ^ 1),
        "STALE_ID": host_frame(messages.ReadStatus(), 0, 0, session),
        "BUSY": host_frame(messages.Open(serial=7, role=Role.CLINICIAN, nonce=6), 0, 9),
    }
    for refusal, wire in wires.items():
        (said,) = desk.raw(wire)
        assert refusal_of(said) == refusal
    assert desk.device.pump.digests() == before
    assert desk.device.counters.refused_frame_count == 3


def test_the_last_request_again_gets_the_stored_reply_byte_for_byte() -> None:
    desk = Desk().armed().opened()
    sent = desk.therapy.request(messages.Stop(), bench=False)
    first = desk.device.receive(sent.wire)
    before = desk.device.pump.digests()
    assert desk.device.receive(sent.wire) == first
    assert desk.device.pump.digests() == before
    assert desk.device.counters.retried_frame_count == 1
    other = host_frame(messages.Resume(), 0, sent.request_id, desk.therapy.session)
    assert refusal_of(desk.raw(other)[0]) == "STALE_ID"


def test_an_open_again_gets_the_same_session() -> None:
    desk = Desk().armed()
    wire = host_frame(messages.Open(serial=7, role=Role.PATIENT, nonce=1), 0, 3)
    assert desk.raw(wire) == desk.raw(wire)
    assert desk.device.pump.durable.open_count == 1


def test_a_patient_may_read_status_and_ask_for_a_bolus_only() -> None:
    desk = Desk().armed().opened(Role.PATIENT)
    assert refusal_of(desk.ask(messages.Stop())) == "ROLE_FORBIDDEN"
    assert isinstance(desk.ask(messages.ReadStatus()), messages.Status)
    assert refusal_of(desk.ask(messages.PatientBolus())) == "INVALID_STATE"
    assert isinstance(desk.ask(messages.Close()), messages.Done)


def test_a_silent_session_ends_and_a_spoken_one_does_not() -> None:
    desk = Desk().armed().opened()
    desk.run(2_999)
    assert isinstance(desk.ask(messages.ReadStatus()), messages.Status)
    desk.run(2_999)
    assert isinstance(desk.ask(messages.ReadStatus()), messages.Status)
    desk.run(3_000)
    assert refusal_of(desk.ask(messages.ReadStatus())) == "SESSION_UNKNOWN"


def test_a_bolus_asked_again_after_a_reset_says_what_was_given() -> None:
    desk = Desk().armed().opened()
    build.commit(desk.device.pump)
    desk.run(60)
    asked = messages.Bolus(dose_ng=10_000, volume_nl=5_000, duration_ticks=1_000)
    assert isinstance(desk.ask(asked), messages.Started)
    request_id = 2
    desk.run(36_000 - desk.device.pump.plant.tick - 35_000)
    desk.on_bench(messages.Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0))
    desk.run(30)
    desk.therapy.session = 0
    desk.opened()
    (said,) = desk.raw(host_frame(asked, 0, request_id, desk.therapy.session))
    assert (said.outcome, said.volume_nl) == (FluidOutcome.INTERRUPTED, 5_000)
    (other,) = desk.raw(host_frame(replace(asked, dose_ng=9_998), 0, request_id, desk.therapy.session))
    assert refusal_of(other) == "STALE_ID"


def test_a_booting_controller_answers_only_identify() -> None:
    desk = Desk().armed().opened()
    desk.on_bench(messages.Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0))
    desk.run(3)
    said = desk.ask(messages.ReadStatus())
    assert (refusal_of(said), said.value) == ("BOOTING", 18)
    assert isinstance(desk.ask(messages.Identify()), messages.Identified)


def test_a_request_that_lost_power_is_named_in_lockstep_and_silent_in_free_run() -> None:
    desk = Desk().armed().opened()
    desk.on_bench(messages.Inject(fault=Fault.POWER_CUT, arg_0=2, arg_1=0, arg_2=0))
    assert refusal_of(desk.ask(messages.SilenceAlarms())) == "POWER_CUT"
    free = Desk().armed().opened()
    free.on_bench(messages.Inject(fault=Fault.POWER_CUT, arg_0=2, arg_1=0, arg_2=0))
    free.on_bench(messages.Disarm())
    assert free.ask(messages.SilenceAlarms()) is None


def test_a_credit_asked_again_is_answered_from_store_and_an_older_one_is_stale() -> None:
    desk = Desk().armed()
    sent = desk.bench.request(messages.RunTo(target_tick=1_000, stop_mask=0))
    first = desk.device.receive(sent.wire)
    desk.on_bench(messages.RunTo(target_tick=1_000, stop_mask=0))
    assert refusal_of(desk.raw(sent.wire)[0]) == "STALE_ID"
    again = desk.bench.request(messages.RunTo(target_tick=1_500, stop_mask=0))
    assert desk.device.receive(again.wire) == desk.device.receive(again.wire) != first
    assert desk.device.pump.plant.tick == 1_500
    passed = desk.on_bench(messages.RunTo(target_tick=1_499, stop_mask=0))
    assert (refusal_of(passed), passed.limit, passed.value) == ("TICK_PASSED", 1_500, 1_499)


@pytest.mark.parametrize(
    ("mask", "reason", "after"),
    [(StopMask.EFFECT, StopReason.EFFECT, 1), (StopMask.ACTUATOR, StopReason.ACTUATOR, 1), (StopMask.RESET, StopReason.RESET, 5)],
)
def test_a_credit_stops_at_what_its_mask_asks_for(mask: int, reason: int, after: int) -> None:
    desk = Desk().armed().opened()
    desk.run(10)
    desk.ask(messages.MeasureBattery())
    if mask == StopMask.EFFECT:
        desk.run(1)
    if mask == StopMask.RESET:
        desk.run(4)
        desk.on_bench(messages.Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0))
        after = 1
    tick = desk.device.pump.plant.tick
    report = desk.run(50_000, StopMask.bit_of(mask))
    assert (report.reason, report.reached_tick) == (reason, tick + after)


def test_telemetry_comes_at_its_ticks_before_the_report_and_ends_with_the_session() -> None:
    desk = Desk().armed().opened()
    desk.ask(messages.Subscribe(period_ticks=70))
    start = len(desk.frames)
    desk.run(3_500)
    came = desk.frames[start:]
    ticks = [frame.header.tick for frame in came if isinstance(frame.message, messages.Telemetry)]
    assert ticks == list(range(70, 3_000, 70))
    assert isinstance(came[-1].message, messages.Report)
    assert {frame.header.request_id for frame in came[:-1]} == {0}


def test_logged_effects_are_noticed_at_their_tick_while_telemetry_is_subscribed() -> None:
    desk = Desk().armed().opened()
    desk.ask(messages.Subscribe(period_ticks=100_000))
    build_start = len(desk.frames)
    desk.ask(messages.WriteRecord(drug=1, catheter_length_mm=300, tubing_nl=1_000))
    notice, reply = desk.frames[build_start:]
    assert (notice.message.code, notice.header.session) == (Event.RECORD_WRITTEN, desk.therapy.session)
    assert isinstance(reply.message, messages.Done)


def test_a_snapshot_read_in_pages_restores_the_same_pump() -> None:
    desk = Desk().armed().opened()
    desk.run(5_000)
    pages, size = b"", 1
    while len(pages) < size:
        page = desk.on_bench(messages.ReadSnapshot(offset_bytes=len(pages)))
        pages, size = pages + page.data, page.snapshot_bytes
    assert pages == desk.device.pump.snapshot()
    other = Desk().armed()
    for offset in range(0, size, 128):
        page = pages[offset : offset + 128]
        assert isinstance(other.on_bench(messages.WriteSnapshot(offset_bytes=offset, data=page)), messages.Done)
    wrong = other.on_bench(messages.Restore(snapshot_crc=1))
    assert (refusal_of(wrong), wrong.limit) == ("SNAPSHOT_INVALID", crc32c(pages))
    report = other.on_bench(messages.Restore(snapshot_crc=crc32c(pages)))
    assert (report.controller_crc, report.plant_crc, report.memory_crc) == desk.device.pump.digests()
    assert refusal_of(other.on_bench(messages.ReadSnapshot(offset_bytes=1))) == "PAGE_RANGE"
    assert refusal_of(other.on_bench(messages.WriteSnapshot(offset_bytes=0, data=b"short"))) == "PAGE_RANGE"


def test_configure_names_index_and_bound() -> None:
    desk = Desk().armed()
    unknown = desk.on_bench(messages.Configure(config_index=999, value=1))
    assert (refusal_of(unknown), unknown.value) == ("CONFIG_UNKNOWN", 999)
    low = desk.on_bench(messages.Configure(config_index=1, value=0))
    assert (refusal_of(low), low.limit, low.value) == ("CONFIG_RANGE", 1, 0)
    assert isinstance(desk.on_bench(messages.Configure(config_index=1, value=9)), messages.Done)
    assert desk.device.pump.config.boot_ticks == 9


def test_a_dense_device_reports_the_same_as_a_leaping_one() -> None:
    dense, leapt = Desk(dense=True).armed().opened(), Desk().armed().opened()
    for desk in (dense, leapt):
        desk.ask(messages.Subscribe(period_ticks=333))
        build.commit(desk.device.pump)
        desk.run(40_000, StopMask.bit_of(StopMask.RESET))
    assert [frame.message for frame in dense.frames] == [frame.message for frame in leapt.frames]


def test_every_chunking_of_the_same_bytes_gets_the_same_answer() -> None:
    asked = (messages.Arm(build_id=BUILD), build.START, messages.Identify())
    wires = b"".join(host_frame(message, seq, seq + 1) for seq, message in enumerate(asked))
    whole = Device(build_id=BUILD).receive(wires)
    piecewise = Device(build_id=BUILD)
    assert b"".join(piecewise.receive(bytes([byte])) for byte in wires) == whole


def test_credit_in_slices_says_what_a_credit_at_once_says() -> None:
    asked = host_frame(messages.RunTo(target_tick=100_000, stop_mask=0), 9, 9, bench=True)
    whole, sliced = Desk().armed(), Desk().armed()
    said = whole.device.receive(asked)
    sliced.device.push(asked)
    slices = [sliced.device.work(7_000)]
    while sliced.device.busy:
        assert slices[-1] == b""
        slices.append(sliced.device.work(7_000))
    assert slices[-1] == said
    assert len(slices) == 15
