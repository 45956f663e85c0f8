"""The bench link: ids are asked once, only the same bytes are answered again, and what was lost is counted by its name."""

import pytest

from pumpbench.firmware_emu.device import Device
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Refusal
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, host_frame

BUILD = 0x1234


def ask(device: Device, message: object, request_id: int) -> object:
    (frame,) = Decoder(from_device=True).feed(device.receive(host_frame(message, request_id, request_id, bench=True)))
    assert isinstance(frame, Frame)
    return frame.message


@pytest.mark.parametrize("request_id", [1, 2])
def test_request_under_an_id_that_came_before_is_stale_when_its_bytes_differ(request_id: int) -> None:
    device = Device(build_id=BUILD)
    ask(device, messages.Arm(build_id=BUILD), 1)
    ask(device, messages.RunTo(target_tick=5, stop_mask=0), 2)
    answer = ask(device, messages.RunTo(target_tick=6, stop_mask=0), request_id)
    assert isinstance(answer, messages.Refused)
    assert (answer.refusal, answer.limit, answer.value) == (Refusal.STALE_ID, 2, request_id)
    assert device.pump.plant.tick == 5


def test_run_too_long_for_a_frame_is_a_bad_frame_and_no_overrun() -> None:
    device = Device(build_id=BUILD)
    device.receive(b"\xff" * 100_000 + b"\0")
    counters = ask(device, messages.ReadLink(), 1)
    assert isinstance(counters, messages.LinkCounters)
    assert (counters.bad_frame_count, counters.overrun_bytes) == (1, 0)
