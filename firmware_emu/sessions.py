"""Knows how a session is opened and closed; it must not know frames. Session, role and nonce are no authentication.

Section 7.2 of SEMANTICS.md.
"""

from __future__ import annotations

from struct import Struct
from typing import Final

from pumpbench.firmware_emu.arithmetic import next_of
from pumpbench.firmware_emu.machine import Machine
from pumpbench.protocol.codes import Event, Refusal, Role
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Open, Opened, Refused

OPEN: Final = layout_of(Open).number
_ID: Final = Struct("<III")


def open_refused(machine: Machine, asked: Open) -> Refused | None:
    """What stands against opening, in order: serial, role, a session that is open."""
    if asked.serial != machine.identity.serial:
        return _refused(Refusal.SERIAL_MISMATCH)
    if asked.role not in (Role.CLINICIAN, Role.PATIENT):
        return _refused(Refusal.MALFORMED)
    return _refused(Refusal.BUSY) if machine.controller.session_id and not _yields(machine, asked) else None


def _yields(machine: Machine, asked: Open) -> bool:
    """Whether the session that is open is a patient's and a clinician asks, whom it must not keep out."""
    return asked.role == Role.CLINICIAN and machine.controller.session_role == Role.PATIENT


def _refused(refusal: int) -> Refused:
    return Refused(refused_type=OPEN, refusal=refusal, limit=0, value=0)


def session_id_of(boot_count: int, open_count: int, nonce: int) -> int:
    """Never 0, which is no session."""
    return crc32c(_ID.pack(boot_count, open_count, nonce)) or 1


def open_session(machine: Machine, asked: Open, request_id: int, frame_crc: int) -> Opened:
    """Opens what `open_refused` let pass; a session that is still open ends."""
    controller, durable = machine.controller, machine.durable
    if controller.session_id:
        close_session(machine)
    durable.open_count = next_of(durable.open_count)
    controller.session_id = session_id_of(durable.boot_count, durable.open_count, asked.nonce)
    controller.session_role = asked.role
    controller.session_idle_ticks = 0
    controller.session_last_id = durable.fluid_highest_id
    controller.session_last_crc = 0
    controller.open_request_id = request_id
    controller.open_crc = frame_crc
    durable.last_session_life_ticks = durable.life_ticks
    machine.emit(Event.SESSION_OPENED, asked.role, durable.open_count)
    return opened(machine)


def opened(machine: Machine) -> Opened:
    return Opened(session=machine.controller.session_id, fluid_highest_id=machine.durable.fluid_highest_id)


def close_session(machine: Machine) -> None:
    """Every session field becomes 0. A timeout closes the same way, after its own event."""
    controller = machine.controller
    machine.emit(Event.SESSION_CLOSED, controller.session_role)
    controller.session_id = controller.session_role = controller.session_idle_ticks = 0
    controller.session_last_id = controller.session_last_crc = 0
    controller.open_request_id = controller.open_crc = 0
