"""What happens to a device in its own time, between two checks or within one, and which finding that is."""

from contextlib import closing

import pytest

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.conformance import Conformance, select
from pumpbench.hil.conformance.check import Check
from pumpbench.hil.conformance.subject import Subject
from pumpbench.hil.links import memory_pair
from pumpbench.hil.serve import SLICE_TICKS
from pumpbench.hil.targets import Access
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.targets.usb import Served, UsbTarget
from pumpbench.hil.usb.usbip_server import UsbipServer
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.messages import RunTo


class Hasty(EmulatorTarget):
    """A tick passes whenever it is looked at while time is its own, as on a board behind a slow link."""

    def __init__(self) -> None:
        self.device = Device()
        host, self._end = memory_pair("hasty")
        host.pump = self._work
        self.link = host

    def _work(self) -> bool:
        assert self.device is not None
        self.device.push(self._end.read(0))
        answer = self.device.work(SLICE_TICKS)
        if not self.device.armed:
            answer += self.device.advance(1)
        if answer:
            self._end.write(answer)
        return self.device.busy


def test_telemetry_of_a_tick_between_two_checks_is_not_held_against_the_next() -> None:
    with Hasty() as target:
        results = list(Conformance(target).run(select("telemetry.*")))
    assert [f"{one.check.id}: {one.reason}" for one in results if one.verdict is not Verdict.PASS] == []
    assert len(results) > 5


@pytest.mark.parametrize("away", [0, 1])
def test_check_in_which_the_target_went_away_and_started_anew_is_inconclusive(away: int) -> None:
    with EmulatorTarget() as target:

        def pulled(pump: Subject) -> None:
            pump.start()
            target.device = Device()
            target.link.reconnected_count += away
            pump.report(RunTo(target_tick=5, stop_mask=0))

        check = Check("test.pulled", "Its state stands.", "none", 0, pulled)
        result, after = Conformance(target).run([check, *select("session.requests-need-one")])
    assert result.verdict is (Verdict.INCONCLUSIVE if away else Verdict.FAIL)
    assert ("the target went away and came back, so it may have started anew" in result.reason) == bool(away)
    assert "not_armed" in result.reason
    assert after.verdict is Verdict.PASS


@pytest.mark.parametrize("speed", [None, 1])
def test_pump_whose_time_outruns_the_session_is_not_called_wrong(speed: float | None) -> None:
    with (
        closing(Served("FAST", "emulator", Access(), speed=speed)) as served,
        closing(UsbipServer(served.bus, port=0)) as server,
        UsbTarget(f"1209:0001@{server.url}") as target,
    ):
        found = list(Conformance(target).run(select("free-run.age*", "bench.disarmed-*", "session.requests-need-one")))
    wrong = {one.check.id: one for one in found if one.verdict is not Verdict.PASS}
    if speed == 1:
        assert not wrong
        return
    assert "session.requests-need-one" not in wrong
    for one in wrong.values():
        assert one.verdict is Verdict.INCONCLUSIVE, one.reason
        assert "times as fast as a pump's" in one.reason
        assert "session_unknown" in one.reason
    assert set(wrong) == {"free-run.age-rises-with-the-tick", "bench.disarmed-it-goes-on-from-its-state"}


def test_defect_shows_on_a_pump_whose_time_outruns_the_session() -> None:
    with (
        closing(Served("FAST", "emulator", Access(), speed=None)) as served,
        closing(UsbipServer(served.bus, port=0)) as server,
        UsbTarget(f"1209:0001@{server.url}") as target,
    ):

        def wrong(pump: Subject) -> None:
            pump.start()
            pump.expect("the tick", pump.at(5).reached_tick, 6)

        (result,) = Conformance(target).run([Check("test.wrong", "Five is six.", "none", 0, wrong)])
    assert result.verdict is Verdict.FAIL
