"""A run whose port goes away in the middle: it goes on where the port comes back, and ends by name where it does not."""

import threading
from collections.abc import Iterator

import pytest

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.links import LinkLost, PtyLink, ReconnectingLink
from pumpbench.hil.rig import TwinRig
from pumpbench.hil.serve import Server
from pumpbench.hil.targets import Access
from pumpbench.hil.targets.port import PortTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.limits import TICKS_PER_DAY
from tests.hil.pumps import START, treat
from tests.support import SEED, require

CUT_TICK = 10_000


@pytest.fixture
def port() -> Iterator[str]:
    """The path of a pty behind which a pump lives, whoever opens and closes it."""
    require("pty")
    with PtyLink() as link:
        server = Server(Device(), link, speed=1)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        yield link.slave_path
        server.stop()
        thread.join()


def unplug_once(rig: TwinRig) -> None:
    """Takes the port away under the link at the first credit after `CUT_TICK`."""
    link = rig.target.link
    inner = link._link if isinstance(link, ReconnectingLink) else link

    def cut() -> None:
        if rig.tick > CUT_TICK:
            inner.close()

    rig.on_credit = cut


def test_run_goes_on_to_its_end_when_the_port_comes_back(port: str) -> None:
    with TwinRig(PortTarget(port), SEED) as rig:
        rig.start({}, START)
        treat(rig)
        unplug_once(rig)
        rig.run_to(TICKS_PER_DAY)
        link = rig.target.link
        result = rig.finish()
    assert isinstance(link, ReconnectingLink)
    assert link.reconnected_count == 1
    assert result.measured is not None
    assert result.measured.reconnected_count == 1
    # The pump behind the port is the reference itself, which is known again: agreement is no evidence, but it is agreement.
    assert (result.verdict, result.first_difference) == (Verdict.INCONCLUSIVE, None), result.judged
    assert "compared with itself" in result.judged[1]
    assert result.digests_compared >= 3 * result.credits
    assert result.ticks == TICKS_PER_DAY


def test_run_ends_by_name_when_it_may_not_reconnect(port: str) -> None:
    with TwinRig(PortTarget(port, Access(reconnect=False)), SEED) as rig:
        rig.start({}, START)
        unplug_once(rig)
        with pytest.raises(LinkLost, match=port):
            rig.run_to(TICKS_PER_DAY)
        assert rig.tick < TICKS_PER_DAY


def test_pty_that_has_the_number_of_the_one_that_went_is_not_taken_for_it(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    with PortTarget(port) as target:
        assert isinstance(target.link, ReconnectingLink)
        target.link._patience_s = 0.0
        monkeypatch.setattr("pumpbench.hil.targets.port.board_id", lambda url: f"{url}#another")
        target.link._link.close()
        with pytest.raises(LinkLost, match="what has its number now is another pty"):
            target.link.read(1)
