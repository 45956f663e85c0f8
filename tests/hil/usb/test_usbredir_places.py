"""Places at which a device is served by usb-redir, as people write them: odd paths, and one that two servers take for QEMU's."""

import shlex
import threading
from contextlib import closing
from pathlib import Path

import pytest

from pumpbench.hil.links import PortMissing
from pumpbench.hil.links.tcp import listen
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.pump import PumpDevice
from pumpbench.hil.usb.usbredir_server import RedirServer, qemu_line


@pytest.mark.parametrize(
    ("path", "chardev"),
    [
        ("redir.sock", "socket,id=pump,path=redir.sock"),
        ("/a folder/redir.sock", "socket,id=pump,path=/a folder/redir.sock"),
        ("one,two.sock", "socket,id=pump,path=one,,two.sock"),
    ],
)
def test_line_for_qemu_can_be_typed_whatever_the_path(path: str, chardev: str) -> None:
    assert shlex.split(qemu_line(f"usbredir:unix:{path}"))[3] == chardev


def test_second_server_at_a_place_is_told_once_that_it_is_no_qemu(tmp_path: Path) -> None:
    called = threading.Semaphore(0)
    told: list[str] = []

    def one_more(line: str) -> None:
        called.release()

    first, second = Bus(), Bus()
    first.plug(PumpDevice("P1"))
    second.plug(PumpDevice("P2"))
    with (
        closing(RedirServer(first, f"unix:{tmp_path}/redir.sock")) as listening,
        closing(RedirServer(second, f"unix:{tmp_path}/redir.sock", told.append)) as calling,
    ):
        listening._say = one_more  # type: ignore[method-assign]
        for _ in range(3):
            assert called.acquire(timeout=30)
        assert (listening.listens, calling.listens) == (True, False)
    assert len(told) == 1
    assert "another server of a device has that place, and no QEMU; hung up on it" in told[0]


def test_address_that_is_not_ours_is_told_in_the_words_of_the_system_alone() -> None:
    with pytest.raises(PortMissing, match=r"^usbip://\[2001:db8::1\]:5000: cannot listen \([A-Z][a-z ]+\); choose an address"):
        listen("2001:db8::1", 5000, "usbip")
