"""What a device does in its own time between two checks: that is no finding of the check that comes next."""

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.conformance import Conformance, select
from pumpbench.hil.links import memory_pair
from pumpbench.hil.serve import SLICE_TICKS
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.hil.verdict import Verdict


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
