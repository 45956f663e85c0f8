"""The target over USB: its names, what this process serves for it, and that lockstep over it is what it is over a pty."""

import os
import signal

import pytest

from pumpbench.hil.bench import Bench
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import TargetUnknown
from pumpbench.hil.links import LinkLost, PortMissing, ReconnectingLink
from pumpbench.hil.links.usb import UsbLink
from pumpbench.hil.lock import BoardLock
from pumpbench.hil.rig import TwinRig
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import DEFAULT, load
from pumpbench.hil.targets import Access, check_name, open_target, served_here
from pumpbench.hil.targets.native import NativeTarget
from pumpbench.hil.targets.usb import UsbTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import CrcBuild, Level, StopReason
from pumpbench.protocol.limits import TICKS_PER_DAY
from pumpbench.protocol.messages import Abort, RunTo
from tests.hil.pumps import START
from tests.support import SEED, require

EMULATOR = "usb:1209:0001@emulator"


@pytest.mark.parametrize(
    "name",
    [
        "usb:1209:0001",
        "usb:2E8A:000a:E66",
        EMULATOR,
        "usb:2e8a:000a@usbip://10.0.2.2",
        "usb:1209:0001:B7@usbip://[::1]:3241/1-2",
        "usb:1209:0001@native",
        "usb:1209:0001:B7@qemu:mps2-an385",
    ],
)
def test_usb_target_is_named_by_its_device_and_what_serves_it(name: str) -> None:
    assert check_name(name) == name
    assert served_here(name) == ("@" in name)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("usb:", "expected usb:<vid>:<pid>[:<serial>]"),
        ("usb:1209", "such as usb:1209:0001"),
        ("usb:1209:0001@", "'' cannot be served; choose @ and one of emulator, native, qemu:<board>, usbip"),
        ("usb:1209:0001@natve", "'natve' cannot be served"),
        ("usb:1209:0001@serial:/dev/ttyACM0", "cannot be served"),
        ("usb:1209:0001@qemu:mps2-an358", "did you mean qemu:mps2-an385?"),
        ("usb:1209:0001@usbip:127.0.0.1:3240", "write usbip://127.0.0.1:3240/1-1"),
        ("usb:1209:0001@usbip://", "is no device of a USB/IP server"),
        ("usb:2e8a:000a@native", "in this process there is usb:1209:0001 alone"),
    ],
)
def test_usb_name_is_refused_with_what_to_choose(name: str, told: str) -> None:
    with pytest.raises(TargetUnknown) as caught:
        open_target(name)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_device_that_is_not_plugged_in_is_missing_and_never_served_instead() -> None:
    require("libusb")
    with pytest.raises(PortMissing, match="no such device"):
        open_target("usb:1209:0001:NO-SUCH-DEVICE")


def test_emulator_answers_over_usb_and_is_known_for_itself() -> None:
    with open_target(EMULATOR) as target:
        bench = Bench(Conversation(target.link))
        known = bench.identify()
        assert (known.level, target.name, target.link.url) == (Level.L3, EMULATOR, EMULATOR)
        assert known.crc_build in (CrcBuild.PYTHON, CrcBuild.EXTENSION)
        bench.arm()
        bench.reset_to_start(START)
        assert bench.run_to(1_000).reached_tick == 1_000
        assert bench.read_link().bad_frame_count == 0


@pytest.mark.parametrize("behind", ["emulator", "native"])
def test_abort_ends_a_credit_over_usb_that_would_outlast_everybody(behind: str) -> None:
    if behind == "native":
        require("cc")
    with open_target(f"usb:1209:0001@{behind}") as target:
        talk = Conversation(target.link)
        bench = Bench(talk)
        bench.arm()
        bench.reset_to_start(START)
        credit, abort = (talk.bench.request(asked, True) for asked in (RunTo(target_tick=2**64 - 1, stop_mask=0), Abort()))
        target.link.write(credit.wire)
        talk.collect(0.01)
        target.link.write(abort.wire)
        report = talk.await_reply(credit, "RunTo", True).message
        assert (report.reason, talk.retry_count) == (StopReason.ABORT, 0)
        assert bench.run_to(report.reached_tick + 5).reached_tick == report.reached_tick + 5


@pytest.mark.parametrize(("name", "serial"), [("1209:0001@emulator", "EMULATOR"), ("1209:0001:B7@emulator", "B7")])
def test_served_device_has_the_serial_number_it_was_named_by(name: str, serial: str) -> None:
    with UsbTarget(name) as target:
        assert target.served is not None
        assert [one.device.name for one in target.served.bus.attached] == [serial]


def test_reconnecting_is_left_out_where_it_is_not_wanted() -> None:
    with open_target(EMULATOR) as target:
        assert isinstance(target.link, ReconnectingLink)
    with open_target(EMULATOR, access=Access(reconnect=False)) as target:
        assert isinstance(target.link, UsbLink)


def test_real_device_is_not_looked_for_while_another_holds_its_board() -> None:
    from pumpbench.hil.lock import BoardBusy

    with BoardLock("no-such-device", "test it"), pytest.raises(BoardBusy, match="to test it"):
        open_target("usb:1209:0001:NO-SUCH-DEVICE")


def test_firmware_behind_usb_tells_its_own_crash() -> None:
    require("cc")
    with UsbTarget("1209:0001@native") as target:
        behind = target._behind
        assert isinstance(behind, NativeTarget)
        assert (target.crashed(), behind.alive()) == ("", target.alive())
        os.kill(behind.pid, signal.SIGSEGV)
        with pytest.raises(LinkLost, match="was not back"):
            Bench(Conversation(target.link)).identify()
        assert target.crashed() == "the firmware ended itself by SIGSEGV"


def test_twins_agree_over_usb_for_ninety_days() -> None:
    require("cc")
    scenario = load(DEFAULT)
    with TwinRig(UsbTarget("1209:0001@native"), SEED) as rig:
        ran = run_scenario(scenario, rig, seed=SEED)
        result = rig.finish()
    assert (result.verdict, result.ticks, ran.verdict) == (Verdict.PASS, 90 * TICKS_PER_DAY, Verdict.PASS)
    assert result.digests_compared >= 3 * result.credits
    assert (result.retries, result.bad_frames, result.missing_frames) == (0, 0, 0)


def test_twins_agree_over_usb_on_an_emulated_board() -> None:
    require("arm")
    require("qemu")
    with TwinRig(UsbTarget("1209:0001@qemu:mps2-an385"), SEED) as rig:
        assert rig.target.ticks_per_second > 0
        rig.start({}, START)
        rig.run_to(TICKS_PER_DAY)
        assert rig.finish().verdict is Verdict.PASS
