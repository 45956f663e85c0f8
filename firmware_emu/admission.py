"""Knows which therapy frames are heard at all, before any is carried out; it must not know what a request does.

Section 7.1 of SEMANTICS.md, steps 3 to 9, in order. Every refusal here changes no state and consumes no id.
"""

from __future__ import annotations

from struct import Struct
from typing import Any, Final, NamedTuple

from pumpbench.firmware_emu.boluses import delivered_nl
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.requests import is_request
from pumpbench.protocol.codes import FluidOutcome, Refusal, Role
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import FLUID_RECORDS
from pumpbench.protocol.messages import AlreadyStarted, Bolus, Close, PatientBolus, Prime, ReadStatus, Refill, Refused

PATIENT_TYPES: Final = frozenset(layout_of(cls).number for cls in (ReadStatus, PatientBolus, Close))
FLUID_TYPES: Final = frozenset(layout_of(cls).number for cls in (PatientBolus, Bolus, Prime, Refill))
ID_JUMP_MAX: Final = 65_536
"""Ids between two that move fluid: the highest outlives sessions, so one near the top would lock out every later one."""
_TYPE: Final = Struct("<H")


class Heard(NamedTuple):
    """A frame on its way in. `message` is None where its body did not parse."""

    number: int
    request_id: int
    session: int
    frame_crc: int
    body: bytes
    message: Any

    @property
    def body_crc(self) -> int:
        """CRC of type and body, by which a request that moved fluid is known again."""
        return crc32c(_TYPE.pack(self.number) + self.body)


def refuse(heard: Heard, refusal: int, limit: int = 0, value: int = 0) -> Refused:
    return Refused(refused_type=heard.number, refusal=refusal, limit=limit, value=value)


def asleep(machine: Machine, heard: Heard) -> Refused | None:
    """Step 3."""
    remaining = machine.controller.boot_remaining_ticks
    off = remaining or machine.plant.dead or machine.plant.reset_pending
    return refuse(heard, Refusal.BOOTING, 0, remaining) if off else None


def is_repeated(machine: Machine, heard: Heard) -> bool:
    """Whether it is the last accepted request again, byte for byte."""
    controller = machine.controller
    return heard.request_id == controller.session_last_id and heard.frame_crc == controller.session_last_crc


def is_stranger(machine: Machine, heard: Heard) -> bool:
    """Step 5."""
    return machine.controller.session_id == 0 or heard.session != machine.controller.session_id


def not_admitted(machine: Machine, heard: Heard) -> Refused | AlreadyStarted | None:
    """Steps 6 to 9 for a frame of this session without a stored reply; None when it is accepted."""
    last_id = machine.controller.session_last_id
    if heard.request_id <= last_id:
        return _already_started(machine, heard) or refuse(heard, Refusal.STALE_ID, last_id, heard.request_id)
    if not is_request(heard.number):
        return refuse(heard, Refusal.UNKNOWN_TYPE, 0, heard.number)
    if heard.message is None:
        return refuse(heard, Refusal.MALFORMED)
    if machine.controller.session_role == Role.PATIENT and heard.number not in PATIENT_TYPES:
        return refuse(heard, Refusal.ROLE_FORBIDDEN, 0, heard.number)
    if heard.number in FLUID_TYPES and heard.request_id > machine.durable.fluid_highest_id + ID_JUMP_MAX:
        return refuse(heard, Refusal.STALE_ID, last_id, heard.request_id)
    return None


def _already_started(machine: Machine, heard: Heard) -> AlreadyStarted | None:
    durable = machine.durable
    for place in range(FLUID_RECORDS):
        same = durable.fluid_id[place] == heard.request_id and durable.fluid_crc[place] == heard.body_crc
        if same and durable.fluid_outcome[place] != FluidOutcome.NONE:
            return AlreadyStarted(
                kind=durable.fluid_kind[place], outcome=durable.fluid_outcome[place],
                volume_nl=durable.fluid_volume_nl[place], delivered_nl=delivered_nl(durable, place),
            )  # fmt: skip
    return None
