"""Knows how a bolus starts, is given up and is kept on record; it must not know who may ask for one.

Sections 5.1 to 5.3 of SEMANTICS.md.
"""

from __future__ import annotations

from typing import Final

from pumpbench.firmware_emu.arithmetic import div_ceil, mod, u32
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.refill_due import renew_refill_due
from pumpbench.firmware_emu.state import Durable
from pumpbench.protocol.codes import Event, FluidKind, FluidOutcome
from pumpbench.protocol.limits import FLUID_RECORDS, Q_PER_NL

ACCOUNTS: Final = (FluidKind.PRIME, FluidKind.BRIDGE, FluidKind.PATIENT, FluidKind.CLINICIAN, FluidKind.INTERVAL)
"""Kinds of fluid with an account of what they owe, in order of precedence."""


def start_bolus(machine: Machine, kind: int, volume_nl: int, rate_q: int) -> None:
    """Owes the volume from now on and says so; records and patient starts are entered before."""
    owe(machine.durable, kind, volume_nl, rate_q)
    renew_refill_due(machine)
    machine.emit(Event.BOLUS_STARTED, kind, volume_nl)


def owe(durable: Durable, kind: int, volume_nl: int, rate_q: int) -> None:
    """Asks for a volume, to flow at `rate_q` a tick."""
    durable.owed_q[kind] = volume_nl * Q_PER_NL
    durable.bolus_q[kind] = rate_q
    durable.commanded_q += volume_nl * Q_PER_NL


def owed_nl(owed_q: int) -> int:
    """What is owed, rounded up."""
    return div_ceil(owed_q, Q_PER_NL)


def cancel_boluses(machine: Machine, kinds: tuple[int, ...] = ACCOUNTS) -> None:
    """Gives up whatever is owed of these kinds, each with its event."""
    durable = machine.durable
    for kind in kinds:
        owed_q = durable.owed_q[kind]
        if owed_q:
            close_running(durable, kind, FluidOutcome.CANCELLED)
            machine.emit(Event.BOLUS_CANCELLED, kind, u32(owed_nl(owed_q)))
            forget_owed(durable, kind)


def close_running(durable: Durable, kind: int, outcome: int) -> None:
    """Moves what is owed to what is cancelled, and closes the record of its request with what was delivered."""
    durable.cancelled_q += durable.owed_q[kind]
    place = running_record(durable, kind)
    if place is not None:
        close_record(durable, place, outcome, delivered_nl(durable, place))


def forget_owed(durable: Durable, kind: int) -> None:
    durable.owed_q[kind] = 0
    durable.bolus_q[kind] = 0


def add_record(durable: Durable, request_id: int, body_crc: int, kind: int, volume_nl: int) -> int:
    """Place of the new RUNNING record; the oldest of the ring is forgotten."""
    place = durable.fluid_head_index
    durable.fluid_id[place] = request_id
    durable.fluid_crc[place] = body_crc
    durable.fluid_kind[place] = kind
    durable.fluid_volume_nl[place] = volume_nl
    close_record(durable, place, FluidOutcome.RUNNING, 0)
    durable.fluid_head_index = mod(place + 1, FLUID_RECORDS)
    durable.fluid_highest_id = max(durable.fluid_highest_id, request_id)
    return place


def close_record(durable: Durable, place: int, outcome: int, delivered: int) -> None:
    durable.fluid_outcome[place] = outcome
    durable.fluid_delivered_nl[place] = delivered


def running_record(durable: Durable, kind: int) -> int | None:
    """Place of the record of a bolus that is under way; boluses without a request have none."""
    for place in range(FLUID_RECORDS):
        if durable.fluid_outcome[place] == FluidOutcome.RUNNING and durable.fluid_kind[place] == kind:
            return place
    return None


def delivered_nl(durable: Durable, place: int) -> int:
    """What a record's request has delivered by now."""
    if durable.fluid_outcome[place] != FluidOutcome.RUNNING:
        return durable.fluid_delivered_nl[place]
    return durable.fluid_volume_nl[place] - owed_nl(durable.owed_q[durable.fluid_kind[place]])
