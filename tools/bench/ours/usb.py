"""The pump's requests and frames over USB, in this process and by USB/IP, and a bare bulk echo the same ways; no kernel."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack

from pumpbench.hil.conversation import Conversation
from pumpbench.hil.links import LOOPBACK, Link
from pumpbench.hil.links.usb import UsbLink
from pumpbench.hil.links.usb_find import UsbName
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.usb.backend import InProcessBackend
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.composite import PRODUCT_ID, VENDOR_ID
from pumpbench.hil.usb.usbip_device import UsbipDevice
from pumpbench.protocol.codes import Role
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import Identify, Opened, ReadStatus, Status
from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Round, Setting
from pumpbench.tools.bench.ours.usb_device import SERIAL, plugged

REQUESTS = 500
FRAMES = 2000
AHEAD = 64
"""Requests under way at once where it is their number a second that counts."""
US_PER_NS = 1e-3
WAIT_S = 5.0
Way = Callable[[str, ExitStack], Link]


def in_process(kind: str, stack: ExitStack) -> Link:
    return stack.enter_context(_link(stack.enter_context(plugged(kind))))


def by_usbip(kind: str, stack: ExitStack) -> Link:
    """From a process of its own, on loopback."""
    command = [sys.executable, "-m", "pumpbench.tools.bench.ours.usb_device", kind]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    stack.callback(process.communicate)
    assert process.stdout is not None
    device, bus = UsbipDevice(LOOPBACK, int(process.stdout.readline()), "1-1"), Bus()
    stack.callback(device.unplug)
    bus.plug(device)
    return stack.enter_context(_link(bus))


def _link(bus: Bus) -> UsbLink:
    return UsbLink(UsbName(VENDOR_ID, PRODUCT_ID, SERIAL), InProcessBackend(bus))


def _session(link: Link) -> Programmer:
    conversation = Conversation(link)
    programmer = Programmer(conversation, conversation.ask(Identify()).message.serial)
    assert isinstance(programmer.open(Role.CLINICIAN), Opened)
    return programmer


def _request(way: Way) -> Callable[[Setting, ExitStack], Round]:
    """Encode, write, pump, read, decode: the median of a round, in us."""

    def prepare(setting: Setting, stack: ExitStack) -> Round:
        programmer = _session(way("pump", stack))
        return _median(setting, lambda: type(programmer.request(ReadStatus())) is Status)

    return prepare


def _echo_request(way: Way) -> Callable[[Setting, ExitStack], Round]:
    """The bytes of the same request and of the same reply, and no more."""

    def prepare(setting: Setting, stack: ExitStack) -> Round:
        link = way("echo", stack)
        asked, reply = payload.request_and_reply()

        def once() -> bool:
            link.write(asked)
            got = b""
            while len(got) < len(reply):
                got += link.read(WAIT_S)
            return got == reply

        return _median(setting, once)

    return prepare


def _median(setting: Setting, once: Callable[[], bool]) -> Round:
    def timed() -> int:
        start = time.perf_counter_ns()
        answered = once()
        taken = time.perf_counter_ns() - start
        assert answered
        return taken

    return lambda: statistics.median(timed() for _ in range(setting.count(REQUESTS))) * US_PER_NS


def _frames(way: Way) -> Callable[[Setting, ExitStack], Round]:
    """Requests and replies a second, so many under way at once: each encoded, answered by the pump and decoded."""

    def prepare(setting: Setting, stack: ExitStack) -> Round:
        link = way("pump", stack)
        exchange = _session(link).conversation.therapy
        decoder = Decoder(from_device=True)

        def once() -> int:
            link.write(b"".join(exchange.request(ReadStatus(), bench=False).wire for _ in range(AHEAD)))
            count = 0
            while count < AHEAD:
                found = decoder.feed(link.read(WAIT_S))
                assert all(isinstance(one, Frame) and type(one.message) is Status for one in found)
                count += len(found)
            return count

        return _rate(setting, once)

    return prepare


def _echo_frames(way: Way) -> Callable[[Setting, ExitStack], Round]:
    def prepare(setting: Setting, stack: ExitStack) -> Round:
        link = way("echo", stack)
        asked, reply = payload.request_and_reply()

        def once() -> int:
            link.write(asked * AHEAD)
            left = len(reply) * AHEAD
            while left:
                left -= len(link.read(WAIT_S))
            return AHEAD

        return _rate(setting, once)

    return prepare


def _rate(setting: Setting, once: Callable[[], int]) -> Round:
    """By the clock on the wall, because most of it is waiting for the other side."""

    def work() -> float:
        start, done = time.perf_counter(), 0
        while done < setting.count(FRAMES):
            done += once()
        return done / (time.perf_counter() - start)

    return work


request_in_process, request_by_usbip = _request(in_process), _request(by_usbip)
echo_request_in_process, echo_request_by_usbip = _echo_request(in_process), _echo_request(by_usbip)
frames_in_process, frames_by_usbip = _frames(in_process), _frames(by_usbip)
echo_frames_in_process, echo_frames_by_usbip = _echo_frames(in_process), _echo_frames(by_usbip)
