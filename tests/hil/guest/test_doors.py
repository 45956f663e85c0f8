"""Two doors into one session, as a kernel and its users come through them: who comes second is told so, and by whom."""

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pumpbench.hil.guest.guest import Done, Guest
from tests.hil.guest.guests import await_file
from tests.hil.guest.plugged import DOORS, FRAMES, PORT, TTY, WAYS, plugged
from tests.support import wait_until

OPENS = {
    FRAMES: "from pumpbench.hil.links.usb import UsbLink as L; from pumpbench.hil.links.usb_find import UsbName as N\n"
    "link = L(N.parse('1209:0001'))",
    PORT: "from pumpbench.hil.links import SerialLink\nlink = SerialLink('/dev/ttyACM0')",
}
HOLDS = "import pathlib, time\npathlib.Path('/tmp/held').touch()\ntime.sleep(1000)"


def asked(guest: Guest, door: str) -> Done:
    return guest.pumpbench("send", door, "ReadStatus", "--json")


@contextmanager
def held(guest: Guest, door: str) -> Iterator[None]:
    """By a program that is killed in the end, as by the system when it runs out of memory."""
    number = guest.begin("python", f"{OPENS[door]}\n{HOLDS}")
    await_file(guest, "/tmp/held")
    yield
    guest.end(number, signal.SIGKILL)
    assert guest.wait(number).code == -signal.SIGKILL
    guest.run("rm", "/tmp/held")


def check_free(guest: Guest, door: str) -> None:
    done = asked(guest, door)
    assert done.code == 0, done.err
    assert json.loads(done.out)["type"] == "Status"


@pytest.mark.parametrize("way", WAYS)
def test_second_opener_is_told_that_it_is_busy(way: str) -> None:
    with plugged(way, "emulator") as pump:
        with held(pump.guest, PORT):
            assert "usb:1209:0001: it refuses a session: it has one already" in asked(pump.guest, FRAMES).err
            assert "/dev/ttyACM0: held by pid" in asked(pump.guest, PORT).err
        for door in DOORS:
            check_free(pump.guest, door)
        with held(pump.guest, FRAMES):
            assert "usb:1209:0001: another program or a kernel driver has claimed it" in asked(pump.guest, FRAMES).err
            assert "/dev/ttyACM0: its pump has a session already, through the interface for frames" in asked(pump.guest, PORT).err
        for door in reversed(DOORS):
            check_free(pump.guest, door)
        assert pump.told == []


@pytest.mark.parametrize("way", WAYS)
def test_what_a_terminal_says_reaches_the_device(way: str) -> None:
    """Line coding, DTR and RTS, a break: as Linux's own driver asks for them."""
    with plugged(way, "emulator") as pump:
        done = pump.guest.python(
            "import serial, time\n"
            "port = serial.Serial('/dev/ttyACM0', 57600, parity='E', stopbits=2)\n"
            "end = time.monotonic() + 20\n"  # the device answers the open by a notice, which comes when it comes
            "while not (port.dsr and port.cd) and time.monotonic() < end: time.sleep(0.01)\n"
            "print(port.dsr, port.cd)\n"
            "port.send_break(0.01)\n"
            "port.rts = False\n"
        )
        assert (done.code, done.out) == (0, "True True\n"), done.err
        usb = pump.served.usb
        assert usb.line_coding == (57600).to_bytes(4, "little") + bytes([2, 2, 8])
        assert usb.break_count == 1
        wait_until(lambda: usb.line_state == 0 and usb.holder is None, "the closed port to lower its lines")


def test_device_is_found_by_its_serial_number_by_either_library() -> None:
    with plugged("usbredir", "emulator") as pump:
        done = pump.guest.python(
            "from serial.tools.list_ports import comports\n"
            "print([(one.vid, one.pid, one.serial_number) for one in comports() if 'ACM' in one.device])\n"
        )
        assert done.out == f"[({0x1209}, 1, 'GUEST-1')]\n", done.err
        check_free(pump.guest, f"{FRAMES}:GUEST-1")
        missing = asked(pump.guest, f"{FRAMES}:GUEST-2")
        assert missing.code == 4
        assert "no such device" in missing.err
        assert "GUEST-1" in missing.err


def test_user_without_rights_is_given_the_line_for_udev() -> None:
    with plugged("usbredir", "emulator") as pump:
        nobody = (
            "import os, sys\nos.setgid(65534); os.setuid(65534); os.environ['HOME'] = '/tmp'\n"
            "from pumpbench.hil.links import LinkError\n"
            "try:\n    {}\nexcept LinkError as problem:\n    print(type(problem).__name__, problem)\n"
        )
        opened = OPENS[FRAMES].replace("\n", "; ")
        done = pump.guest.python(nobody.format(opened))
        assert done.out.startswith("PortDenied usb:1209:0001: this user may not"), done.err
        assert 'SUBSYSTEM=="usb", ATTR{idVendor}=="1209", ATTR{idProduct}=="0001", TAG+="uaccess"' in done.out
        done = pump.guest.python(nobody.format(OPENS[PORT].replace("\n", "; ")))
        assert done.out.startswith("PortDenied /dev/ttyACM0: this user may not open it"), done.err


@pytest.mark.parametrize("way", WAYS)
def test_reset_of_the_device_leaves_it_as_it_was_for_who_comes_next(way: str) -> None:
    with plugged(way, "emulator") as pump:
        done = pump.guest.python("import usb.core\nusb.core.find(idVendor=0x1209).reset()\nprint('reset')")
        assert done.out == "reset\n", done.err
        await_file(pump.guest, TTY)
        for door in DOORS:
            check_free(pump.guest, door)
