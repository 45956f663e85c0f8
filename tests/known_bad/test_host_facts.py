"""Facts of the host's side that defects of it are known by: the boot of a frame, the id of a request, what is on record."""

from pathlib import Path

import pytest

from pumpbench.firmware_emu.device import Device
from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.compare import Comparer
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.replay import load, replay_on
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Role
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, device_frame
from pumpbench.protocol.messages import AlreadyStarted, Done, Opened, Refill, Refilled
from tests.hil.pumps import PlantedTarget
from tests.hil.replay.recordings import record

REFILL = Refill(measured_nl=18_000_000, fill_nl=18_000_000)


def of_boot(boot_seq: int) -> Frame:
    event = Decoder(from_device=True).feed(device_frame(Done(done_type=1), 0, 9, 0, boot_seq, 100))[0]
    assert isinstance(event, Frame)
    return event


def test_comparer_names_the_boot_of_a_frame_of_another_one() -> None:
    found = Comparer().compare(of_boot(3), of_boot(2))
    assert found is not None
    assert (found.field, found.theirs, found.ours) == ("header.boot_seq", 3, 2)


def test_request_repeated_in_a_later_session_keeps_its_id_and_is_not_carried_out_again() -> None:
    with EmulatorTarget() as target:
        programmer = Programmer(Conversation(target.link), serial=_serial(target.device))
        assert isinstance(programmer.open(Role.CLINICIAN), Opened)
        assert isinstance(programmer.request(REFILL), Refilled)
        programmer.close()
        assert isinstance(programmer.open(Role.CLINICIAN), Opened)
        assert isinstance(programmer.repeat(), AlreadyStarted)


def test_replay_fails_when_the_target_leaves_out_what_is_on_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tmp_path / "ten.pcapng")
    with PlantedTarget(Pump()) as target:
        monkeypatch.setattr(target.device._subscription, "begin", lambda period_ticks: None)
        result = replay_on(target, load(tmp_path / "ten.pcapng"))
    assert result.verdict is Verdict.FAIL, result.reason
    assert result.missing > 0


def _serial(device: Device) -> int:
    return int(device.pump.identity.serial)
