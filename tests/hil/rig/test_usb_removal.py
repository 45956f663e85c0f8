"""A pump that is pulled off its USB at every transfer of an update: what goes on, and that the twins never differ over it."""

from collections.abc import Callable
from contextlib import ExitStack, closing

import pytest

from pumpbench.hil.errors import RigBroken
from pumpbench.hil.links import LinkLost, ReconnectingLink
from pumpbench.hil.rig import RigResult, TwinRig
from pumpbench.hil.targets import Access
from pumpbench.hil.targets.usb import Served, UsbTarget
from pumpbench.hil.twin import Diverged
from pumpbench.hil.usb.transfers import Transfer
from pumpbench.hil.usb.usbip_server import UsbipServer
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import ProgramSource, Role
from pumpbench.protocol.messages import ProgramRead, ReadProgram
from tests.hil.pumps import PATIENT, SIMPLE, START, treat
from tests.support import SEED, effort, require

EMULATOR, NATIVE = "1209:0001@emulator", "1209:0001@native"


class Cable:
    """Pulled at the transfer `at` of those from now on, before that moves a byte or just after; put back when looked for."""

    def __init__(self, served: Served, at: int | None = None, after: bool = False) -> None:
        self.count = 0
        self.pulled = False
        usb, bus, real = served.usb, served.bus, served.usb.submit

        def submit(transfer: Transfer) -> None:
            self.count += 1
            cut = self.count == at
            self.pulled = self.pulled or cut
            if cut and not after:
                bus.unplug(usb)
            real(transfer)
            if cut and after:
                bus.unplug(usb)

        def look() -> None:
            if self.pulled and not usb.plugged:
                bus.plug(usb)

        usb.submit = submit  # type: ignore[method-assign]
        bus.before_look = look


def updated(name: str, make: Callable[[Served], Cable], far: Served | None = None) -> tuple[RigResult, int, int]:
    """A second program over a first one, with a cable that may be pulled on the way: how many transfers the update took, and how
    often the link came back. `far`: where the device is, if not in the target itself.
    """
    with TwinRig(UsbTarget(name), SEED) as rig:
        assert isinstance(rig.target, UsbTarget)
        rig.start({}, START)
        treat(rig, SIMPLE)
        served = far or rig.target.served
        assert served is not None
        cable = make(served)
        treat(rig, PATIENT)
        transfers = cable.count
        program = rig.therapy(ReadProgram(source=ProgramSource.IN_FORCE), role=Role.CLINICIAN)
        assert isinstance(program, ProgramRead)
        assert program.patient_count == PATIENT.patient_count
        rig.run_to(rig.tick + 10_000)
        link = rig.link
        assert isinstance(link, ReconnectingLink)
        return rig.finish(), transfers, link.reconnected_count


@pytest.mark.parametrize("after", [False, True], ids=["before it moves", "after it moved"])
def test_update_comes_through_a_removal_at_each_of_its_transfers(after: bool) -> None:
    result, transfers, back = updated(EMULATOR, Cable)
    assert (result.first_difference, back) == (None, 0)
    assert transfers > 20
    for at in range(1, transfers + 1):
        result, _, back = updated(EMULATOR, lambda served, at=at: Cable(served, at, after))  # type: ignore[misc]
        # The pump served here is the reference itself: agreement is no evidence, but a difference would be one.
        assert (result.first_difference, result.verdict, back) == (None, Verdict.INCONCLUSIVE, 1), (at, result.judged)


def test_update_of_the_firmware_comes_through_removals_too() -> None:
    require("cc")
    _, transfers, _ = updated(NATIVE, Cable)
    for at in range(1, transfers + 1, effort(7, 1)):
        for after in (False, True):
            result, _, back = updated(NATIVE, lambda served, at=at, after=after: Cable(served, at, after))  # type: ignore[misc]
            assert (result.verdict, back) == (Verdict.PASS, 1), (at, after, result.judged)


def updated_over_usbip(make: Callable[[Served], Cable]) -> tuple[RigResult, int, int]:
    with closing(Served("FAR", "native", Access())) as far, closing(UsbipServer(far.bus, port=0)) as server:
        return updated(f"1209:0001@{server.url}", make, far)


def test_update_over_usbip_comes_through_removals_too() -> None:
    require("cc")
    _, transfers, _ = updated_over_usbip(Cable)
    assert transfers > 20
    for at in range(1, transfers + 1, effort(11, 1)):
        for after in (False, True):
            result, _, back = updated_over_usbip(lambda served, at=at, after=after: Cable(served, at, after))  # type: ignore[misc]
            assert (result.verdict, back) == (Verdict.PASS, 1), (at, after, result.judged)


def test_removal_ends_the_run_by_name_where_nobody_puts_it_back() -> None:
    with TwinRig(UsbTarget(EMULATOR, Access(reconnect=False)), SEED) as rig:
        assert isinstance(rig.target, UsbTarget)
        assert rig.target.served is not None
        rig.start({}, START)
        rig.target.served.bus.unplug(rig.target.served.usb)
        with pytest.raises(LinkLost, match="usb:1209:0001@emulator: it was unplugged"):
            rig.run_to(1_000)


def test_pump_that_comes_back_as_new_is_a_broken_bench_and_no_difference_of_twins() -> None:
    far, port = serve_far(0)
    with TwinRig(UsbTarget(f"1209:0001@usbip://127.0.0.1:{port}"), SEED) as rig:
        rig.start({}, START)
        rig.run_to(1_000)
        far.close()
        again, _ = serve_far(port)
        with again:
            with pytest.raises(Diverged, match="Report.header.type"):
                rig.run_to(2_000)
            with pytest.raises(RigBroken, match="it went away in mid-run, and had started anew when it came back; see"):
                rig.finish()


def serve_far(port: int) -> tuple[ExitStack, int]:
    """A pump of its own behind a USB/IP server, until the stack is closed; and the port it is at."""
    with ExitStack() as opened:
        served = opened.enter_context(closing(Served("FAR", "emulator", Access())))
        server = opened.enter_context(closing(UsbipServer(served.bus, port=port)))
        return opened.pop_all(), server.port
