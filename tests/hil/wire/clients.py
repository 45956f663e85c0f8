"""A programmer that asks over a faulty wire and keeps book of what it was told; asserts nothing."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.links import OUTBOUND, Link, Tap, memory_pair
from pumpbench.hil.native import NativeDevice, NativeLibrary
from pumpbench.hil.rig import TwinRig
from pumpbench.hil.targets import Target
from pumpbench.hil.wire import Wire
from pumpbench.hil.wire.client import Unknown
from pumpbench.protocol.codes import Event, Role
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import (
    AlreadyStarted,
    Bolus,
    MeasureBattery,
    PatientBolus,
    ReadStatus,
    Refused,
    Resume,
    Started,
    Stop,
)
from tests.hil.pumps import PATIENT, START, treat
from tests.hil.wire.wires import FRAMES, wires

ASKED = (
    PatientBolus(),
    Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600),
    ReadStatus(),
    Stop(),
    Resume(),
    MeasureBattery(),
)
# What is asked, how many ticks pass before it, and how many where it had to be asked again.
# Longer than a session lives without its programmer.
OUTLASTS = 5_000
PLANS = st.lists(
    st.tuples(st.sampled_from(ASKED), st.sampled_from((0, 1, 700, 40_000)), st.sampled_from((0, 1, 700, OUTLASTS))),
    min_size=1,
    max_size=10,
)
WIRES = wires(FRAMES)


class InProcess(Target):
    """The firmware as a library, or another reference, behind a link in memory; every chunk it hears is kept with its tick."""

    def __init__(self, device: NativeDevice | Device) -> None:
        self.name, self.independent, self.device = "native", True, None
        host, end = memory_pair()

        def work() -> None:
            if arrived := end.read(0):
                end.write(device.receive(arrived))

        host.pump = work
        self.heard: list[bytes] = []
        self.link: Link = Tap(host, lambda direction, _, data: self.heard.append(data) if direction == OUTBOUND else None)

    def close(self) -> None:
        self.link.close()


@dataclass(slots=True)
class Book:
    """What the client knows in the end: each request that moves fluid with its last answer; how often it had not known."""

    started: list[Any] = field(default_factory=list)
    refused: list[Any] = field(default_factory=list)
    unknown: int = 0


def carry_out(rig: TwinRig, plan: list[tuple[Any, int, int]], retries: int) -> Book:
    """Programs the pump over the wire, asks what the plan says, and each unknown again until it is known."""
    rig.start({}, START)
    treat(rig, PATIENT)
    talk, book = rig.programmer.conversation, Book()
    for message, wait, wait_again in plan:
        rig.run_to(rig.tick + wait)
        assert rig.open_session(Role.CLINICIAN) is not None
        patience, talk.retries = talk.retries, retries
        reply = _once(lambda message=message: rig.therapy(message, role=Role.CLINICIAN), book)
        while reply is None:
            rig.run_to(rig.tick + wait_again)
            if wait_again == OUTLASTS:
                talk.retries = patience
                rig.programmer.forget()
                rig.open_session(Role.CLINICIAN)
                talk.retries = retries
            reply = _once(rig.repeat, book)
        talk.retries = patience
        if isinstance(message, Bolus | PatientBolus):
            (book.refused if isinstance(reply, Refused) else book.started).append(reply)
            assert isinstance(reply, Refused | Started | AlreadyStarted), reply
    return book


def _once(ask: Any, book: Book) -> Any:
    try:
        return ask()
    except Unknown:
        book.unknown += 1
        return None


def boluses_begun(rig: TwinRig) -> int:
    return sum(event.code == Event.BOLUS_STARTED for event in rig.events)


def heard_once(rig: TwinRig, heard: list[bytes], build_id: int) -> bytes:
    """The state of a reference that hears each therapy frame that got through once, and no noise."""
    clean, seen = Device(build_id=build_id), set[bytes]()
    for event in Decoder(from_device=False).feed(b"".join(heard)):
        if isinstance(event, Frame) and (event.header.bench or event.raw not in seen):
            seen.add(event.raw)
            clean.receive(event.wire)
    return clean.pump.snapshot()


def twin_over(wire: Wire | None, library: NativeLibrary) -> tuple[TwinRig, InProcess]:
    target = InProcess(library.device())
    return TwinRig(target, 1, wire=wire), target
