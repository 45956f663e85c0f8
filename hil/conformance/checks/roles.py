"""What a patient's session may ask, what it may not, and what is on no channel or no list at all."""

from __future__ import annotations

from typing import Any, Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Level, Refusal, Role
from pumpbench.protocol.frame import Frame, Unknown, encode_frame
from pumpbench.protocol.header import FLAG_BENCH, VERSION, Header
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import (
    REGISTRY,
    Abort,
    Close,
    Identify,
    Open,
    PatientBolus,
    ReadLink,
    ReadStatus,
    RunTo,
    Status,
    Stop,
)

SECTION: Final = "SEMANTICS 7.1"
MAY_ASK: Final = (ReadStatus, PatientBolus, Close)
UNHEARD: Final = (0x0003, 0x0150, 0x7FFF)
"""Types that no message has."""


def least(cls: type) -> Any:
    """A message of this class with the least value of each field, and nothing in its tail."""
    layout = layout_of(cls)
    tail = {} if layout.tail is None else {layout.tail.name: b"" if layout.tail.item is None else ()}
    return cls(**{field.name: field.lo for field in layout.fields}, **tail)


def raw(pump: Subject, number: int, flags: int = 0, body: bytes = b"", session: int | None = None) -> Frame:
    """The reply to a frame of any type, known or not."""
    request_id = pump.next_id(bool(flags & FLAG_BENCH))
    opened = 0 if flags & FLAG_BENCH else pump.session
    header = Header(VERSION, flags, number, 1, request_id, opened if session is None else session)
    return pump.send(encode_frame(header, Unknown(header, body)))


@check("role.patient-may-not-ask", f"{SECTION} step 8")
def patient_may_not_ask(pump: Subject) -> None:
    """A patient's session is refused every request but status, patient bolus and close, with the request's type."""
    pump.start()
    pump.open(Role.PATIENT)
    layouts = [layout_of(cls) for cls in REGISTRY]
    therapy = [cls for cls, one in zip(REGISTRY, layouts, strict=True) if one.kind == "request" and one.channel == "therapy"]
    for cls in therapy:
        if cls not in (*MAY_ASK, Open):
            pump.refused(least(cls), Refusal.ROLE_FORBIDDEN, 0, layout_of(cls).number)


@check("role.patient-may-read-and-close", f"{SECTION} step 8")
def patient_may_read(pump: Subject) -> None:
    """A patient's session reads status, is judged on its bolus like anyone, and may close."""
    pump.start()
    pump.open(Role.PATIENT)
    pump.status()
    reply = pump.ask(PatientBolus())
    pump.expect("a patient's bolus is refused for its role", getattr(reply, "refusal", None) == Refusal.ROLE_FORBIDDEN, False)
    pump.close()


@check("role.malformed-comes-before-it", f"{SECTION} steps 7 and 8")
def malformed_comes_first(pump: Subject) -> None:
    """A body that does not parse is malformed, also where the role would forbid the request."""
    pump.start()
    pump.open(Role.PATIENT)
    short = raw(pump, layout_of(RunTo).number - 0x205 + 0x130, body=b"\0")  # Bolus, one byte of twelve
    pump.is_refused("a short Bolus", short.message, Refusal.MALFORMED, 0, 0)


@check("channel.unknown-types-are-refused", f"{SECTION} step 4")
def unknown_types(pump: Subject) -> None:
    """A type that no message has, or that only a device sends, is refused with it in a session, and takes no id."""
    pump.start()
    pump.open()
    for number in (*UNHEARD, layout_of(Status).number):
        pump.is_refused(f"type {number:#06x}", raw(pump, number).message, Refusal.UNKNOWN_TYPE, 0, number)
    pump.status()


@check("channel.unknown-types-need-a-session-first", f"{SECTION} steps 4 and 5")
def unknown_types_need_a_session(pump: Subject) -> None:
    """Without a session, an unknown type is refused for that first."""
    pump.start()
    pump.is_refused("type 0x7fff", raw(pump, 0x7FFF, session=5).message, Refusal.SESSION_UNKNOWN, 0, 0)


@check("channel.messages-keep-to-theirs", f"{SECTION} step 1")
def messages_keep_to_theirs(pump: Subject) -> None:
    """A therapy message on the bench channel and a bench message on the therapy channel are unknown types."""
    pump.start()
    pump.open()
    of_bench: tuple[Any, ...] = Abort(), ReadLink(), RunTo(target_tick=0, stop_mask=0)
    of_therapy: tuple[Any, ...] = ReadStatus(), Stop(), Open(serial=pump.serial, role=Role.CLINICIAN, nonce=1)
    for message in of_bench:
        number = layout_of(type(message)).number
        pump.refused(message, Refusal.UNKNOWN_TYPE, 0, number, bench=False, session=pump.session)
    for message in of_therapy:
        pump.refused(message, Refusal.UNKNOWN_TYPE, 0, layout_of(type(message)).number, bench=True)


@check("channel.without-a-bench-its-messages-are-refused", "SPEC Channels")
def without_a_bench(pump: Subject) -> None:
    """A bench message to a device that is not armed, or has no bench, is refused by a name, never carried out."""
    pump.start()
    pump.disarm()
    reply = pump.ask(RunTo(target_tick=1 << 40, stop_mask=0), bench=True)
    known = {Refusal.NOT_ARMED, Refusal.NOT_SUPPORTED, Refusal.UNKNOWN_TYPE}
    pump.expect(f"{reply}: a refusal for want of a bench", getattr(reply, "refusal", None) in known, True)
    pump.expect("armed after that", pump.ask(Identify()).armed, 0)


@check("channel.unknown-type-on-the-bench", "SEMANTICS 13", Level.L1)
def unknown_on_the_bench(pump: Subject) -> None:
    """Armed, a type that no host sends is refused with it on the bench channel."""
    pump.start()
    for number in (*UNHEARD, layout_of(Status).number):
        pump.is_refused(f"type {number:#06x}", raw(pump, number, FLAG_BENCH).message, Refusal.UNKNOWN_TYPE, 0, number)
