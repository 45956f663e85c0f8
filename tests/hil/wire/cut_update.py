"""A change of therapy over a link cut at one byte, in a pump that runs by its own clock; asserts what may stand after it."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import NoAnswer
from pumpbench.hil.links import DIRECTION_NAMES, OUTBOUND, Direction, Link
from pumpbench.hil.programmer import Programmer
from pumpbench.hil.programming import Plan, Programming, change_program
from pumpbench.hil.wire import Fault, Wire, WireLink
from pumpbench.protocol.codes import Event, ProgramSource, Role, TherapyState, UpdateStage
from pumpbench.protocol.layout import replace
from pumpbench.protocol.messages import (
    AlreadyStarted,
    Bolus,
    Opened,
    ReadProgram,
    ReadStatus,
    Refused,
    Started,
    Status,
)
from tests.hil.pumps import SIMPLE, START

NEW: Final = replace(SIMPLE, program_id=2, dose_ng_per_day=340_000)
BOLUS: Final = Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600)
FOREVER: Final = 1_000_000
TRIES: Final = 10_000
FRAMES: Final = 6
"""Open, bolus, read, stage, verify, commit: as many requests, as many replies."""


class Point(NamedTuple):
    """Where the link is cut: so many bytes of that frame of that direction still pass, and then nothing either way."""

    direction: Direction
    frame_index: int
    byte: int

    def __str__(self) -> str:
        return f"{DIRECTION_NAMES[self.direction]}-{self.frame_index}-{self.byte}"

    @property
    def fault(self) -> Fault:
        return Fault(kind="cut", direction=self.direction, frame_index=self.frame_index, byte=self.byte, frames=FOREVER)


class Told(NamedTuple):
    """What the programmer knew when its link was gone: each reply it got, None where it got none."""

    asked_bolus: bool
    bolus: Any
    change: Programming


def frame_lengths(link: Link) -> dict[tuple[Direction, int], int]:
    """Of each frame of the story, told on a good wire."""
    lengths: dict[tuple[Direction, int], int] = {}
    wire = WireLink(link, Wire(tuple(Fault(kind="duplicate", direction=way, frame_index=index, copies=0) for way in (1, 2)
                                     for index in range(FRAMES))),
                    lambda fault, frame: lengths.update({(fault.direction, fault.frame_index): len(frame)}))  # fmt: skip
    told = tell(programmer_over(wire))
    assert told.change.committed, told
    return lengths


def points(lengths: dict[tuple[Direction, int], int]) -> list[Point]:
    return [Point(direction, index, byte) for (direction, index), length in lengths.items() for byte in range(length)]


def programmer_over(link: Link, timeout_s: float = 0.05) -> Programmer:
    return Programmer(Conversation(link, timeout_s=timeout_s, retries=0), START.serial)


def tell(programmer: Programmer) -> Told:
    """Opens, asks for a bolus and changes the program, until a reply stays away."""
    bolus, asked, change = None, False, Programming()

    def request(message: Any) -> Any:
        try:
            return programmer.request(message)
        except NoAnswer:
            return None

    try:
        opened = programmer.open(Role.CLINICIAN)
        assert isinstance(opened, Opened), opened
        asked = True
        bolus = programmer.request(BOLUS)
        change = change_program(request, Plan(NEW, confirm_second=True))
    except NoAnswer:
        pass
    return Told(asked, bolus, change)


def check_cut(link: Link, point: Point, crcs: tuple[int, int], wait: Callable[[], None]) -> tuple[int, int]:
    """Cuts the link there and mends it: the old program or the new one flows, the bolus once or never, as is then told.

    Gives the CRC of the program that flows, and how many boluses began.
    """
    programmer = programmer_over(WireLink(link, Wire((point.fault,))))
    told = tell(programmer)
    talk = programmer.conversation
    talk.link, talk.timeout_s, talk.retries = link, 5.0, 2
    again = Programmer(talk, START.serial, nonce=99)
    reopen(again, wait)
    bolus = told.bolus
    if told.asked_bolus and bolus is None:
        bolus = programmer.repeat()
        assert isinstance(bolus, Started | AlreadyStarted | Refused), f"{point}: {bolus}"
    status = settled(again, wait)
    wait_for_step(again, wait, status.step_count)
    begun = sum(entry.code == Event.BOLUS_STARTED for entry in again.read_log())
    old_crc, new_crc = crcs
    assert status.therapy_state == TherapyState.THERAPY, f"{point}: {TherapyState.name_of(status.therapy_state)}"
    assert status.program_crc in may_flow(point, told, old_crc, new_crc), f"{point}: {status.program_crc:#x}"
    assert begun == isinstance(bolus, Started | AlreadyStarted), f"{point}: {begun} boluses began, the last answer was {bolus}"
    held = again.request(ReadProgram(source=ProgramSource.IN_FORCE))
    assert held.program_crc == status.program_crc
    assert status.rate_nl_per_day == {old_crc: 600_000, new_crc: 680_000}[status.program_crc], (
        f"{point}: {status.rate_nl_per_day}"
    )
    return status.program_crc, begun


def may_flow(point: Point, told: Told, old_crc: int, new_crc: int) -> set[int]:
    """Only a commit that was under way when the link went leaves both possible."""
    commit = FRAMES - 1
    if told.change.committed or (point.direction != OUTBOUND and point.frame_index == commit):
        return {new_crc}
    return {old_crc, new_crc} if point.frame_index == commit else {old_crc}


def reopen(programmer: Programmer, wait: Callable[[], None]) -> None:
    """A session that lost its programmer ends by its timeout; until then the pump is busy."""
    for _ in range(TRIES):
        if isinstance(programmer.open(Role.CLINICIAN), Opened):
            return
        wait()
    raise AssertionError("the pump stayed busy")


def settled(programmer: Programmer, wait: Callable[[], None]) -> Status:
    for _ in range(TRIES):
        status = programmer.request(ReadStatus())
        assert isinstance(status, Status), status
        if status.update_stage == UpdateStage.IDLE:
            return status
        wait()
    raise AssertionError("the update did not end")


def wait_for_step(programmer: Programmer, wait: Callable[[], None], step_count: int) -> None:
    """A pump that says it delivers, and does not, never gets here."""
    for _ in range(TRIES):
        if programmer.request(ReadStatus()).step_count > step_count:
            return
        wait()
    raise AssertionError(f"no step after step {step_count}: the pump stopped in silence")
