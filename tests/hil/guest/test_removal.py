"""A pump pulled out of a real kernel amid an update: a named error, the old program or the new, never a silent stop."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from pumpbench.hil.usb.transfers import Transfer
from pumpbench.protocol.codes import TherapyState, UpdateStage
from tests.hil.guest import updating
from tests.hil.guest.guests import await_file
from tests.hil.guest.plugged import DOORS, FRAMES, OverUsbredir, Plugged, plugged
from tests.hil.pumps import PATIENT, SIMPLE
from tests.support import EFFORT, ROOT, rng

CARRIED = ("tests/hil/pumps.py", "tests/hil/guest/updating.py")
PULLS_S = 30.0
INBOUND = 0x80
COUNTED: list[int] = []
MAIN = "tests.hil.guest.updating:main"
HOWS = [("usbip", "by the server"), ("usbredir", "by the server"), ("usbredir", "by QEMU")]


class Cable:
    """Pulled at transfer `at` to the device, of those from now on: `by QEMU` while that waits, else by the device's own bus."""

    def __init__(self, pump: Plugged, how: str, at: int | None = None) -> None:
        self.count = 0
        self._pump = pump
        self._how = how
        self._at = at
        self.reached = threading.Event()
        self._pulled = threading.Event()
        self._real = type(pump.served.usb).submit
        pump.served.usb.submit = self._submit  # type: ignore[method-assign]

    def pull(self) -> None:
        """Once the transfer is there; and waits until the guest has seen it."""
        assert self.reached.wait(PULLS_S), "the update ended before its transfer"
        if self._how == "by QEMU":
            assert isinstance(self._pump, OverUsbredir)
            self._pump.socket.pull()
        self._pulled.set()

    def _submit(self, transfer: Transfer) -> None:
        if not transfer.address & INBOUND:
            self.count += 1
            if self.count == self._at:
                if self._how != "by QEMU":
                    self._pump.pull()
                self.reached.set()
                self._pulled.wait(PULLS_S)
        self._real(self._pump.served.usb, transfer)


def begin(pump: Plugged, what: str, door: str) -> int:
    """The number of a run in the guest that stands where the cable may be pulled."""
    pump.guest.run("rm", "-f", str(updating.READY), str(updating.GO))
    number = pump.guest.begin("call", (MAIN, what, door))
    await_file(pump.guest, str(updating.READY))
    return number


def ended(pump: Plugged, number: int) -> dict[str, Any]:
    done = pump.guest.wait(number)
    assert done.code == 0, done.err
    told: dict[str, Any] = json.loads(done.out)
    return told


def cut(pump: Plugged, how: str, at: int, what: str, door: str) -> dict[str, Any]:
    number = begin(pump, what, door)
    cable = Cable(pump, how, at)
    pump.guest.push(str(updating.GO), b"")
    cable.pull()
    told = ended(pump, number) if what == "lost" else {}
    pump.replug()
    return told or ended(pump, number)


def transfers(pump: Plugged) -> int:
    """How many the update takes to a device that nobody pulls: the same by every way, so it is counted once."""
    if not COUNTED:
        number = begin(pump, "lost", FRAMES)
        cable = Cable(pump, "not at all")
        pump.guest.push(str(updating.GO), b"")
        assert ended(pump, number) == {"error": ""}
        COUNTED.append(cable.count)
    return COUNTED[0]


def places(count: int) -> list[int]:
    """Where to pull: at every transfer in the soak; in the gate at the first, at the last, and at one between."""
    return list(range(1, count + 1)) if EFFORT == "soak" else [1, rng("cut").randrange(2, count), count]


@contextmanager
def carried(way: str) -> Iterator[Plugged]:
    """With what the guest needs to change a program."""
    with plugged(way) as pump:
        for path in CARRIED:
            pump.guest.push(f"/tmp/{path}", (ROOT / path).read_bytes())
        pump.guest.load([updating.__name__])
        yield pump


@pytest.mark.parametrize(("way", "how"), HOWS)
def test_update_comes_through_a_removal_from_a_kernel(way: str, how: str) -> None:
    """Put back in time: the run goes on where it was, the twins never differ, and the new program is in force."""
    with carried(way) as pump:
        n = transfers(pump)
        for at in places(n) if EFFORT == "soak" else [rng(f"{way} {how}").randrange(1, n)]:
            told = cut(pump, how, at, "through", FRAMES)
            assert (told["verdict"], told["reconnected"]) == ("PASS", 1), (at, told)
            assert told["patient_count"] == PATIENT.patient_count, at


@pytest.mark.parametrize(("way", "how"), HOWS)
def test_removal_ends_an_update_by_name_and_leaves_one_program_whole(way: str, how: str) -> None:
    with carried(way) as pump:
        left = set()
        for at in places(transfers(pump)):
            door = DOORS[at % len(DOORS)]
            told = cut(pump, how, at, "lost", door)
            assert told["error"] == "LinkLost", (at, told)
            assert door.removeprefix("serial:") in told["line"]
            seen = ended(pump, pump.guest.begin("call", (MAIN, "look", door)))
            assert (seen["therapy_state"], seen["stage"]) == (TherapyState.THERAPY, UpdateStage.IDLE), (at, seen)
            left.add(seen["patient_count"])
        assert left == {SIMPLE.patient_count, PATIENT.patient_count}
