"""Knows how a boot makes up for a commit that power cut off from its check-point; it must not know the boot's other steps.

Section 9, steps 3 and 5 of SEMANTICS.md.
"""

from __future__ import annotations

from pumpbench.firmware_emu.boluses import owe
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.plan import Plan, plan_of
from pumpbench.firmware_emu.store import read_program
from pumpbench.firmware_emu.therapy import treats
from pumpbench.firmware_emu.update import bridge_rate, bridge_runs, line_nl
from pumpbench.protocol.codes import Event, FluidKind


def bridge_from(machine: Machine, old_seq: int) -> None:
    """Moves the old drug out of the line, if what was replaced is known and the program still gives therapy.

    After a low battery, or with a single bolus, it does not.
    """
    old = replaced(machine, old_seq)
    if old is None or not treats(machine.durable) or not bridge_runs(old, machine.plan, line_nl(machine)):
        return
    owe(machine.durable, FluidKind.BRIDGE, line_nl(machine), bridge_rate(old, machine.plan))


def replaced(machine: Machine, old_seq: int) -> Plan | None:
    """The program that ran until the commit, where memory still holds it."""
    other = read_program(machine.memory, 1 - machine.controller.program_slot_index)
    if other is None or other.store_seq != old_seq:
        return None
    return plan_of(other.body, machine.config.rate_min_nl_per_day)


def report_commit(machine: Machine) -> None:
    """What a commit says; a bridge can only be its own."""
    if machine.durable.owed_q[FluidKind.BRIDGE]:
        machine.emit(Event.BOLUS_STARTED, FluidKind.BRIDGE, line_nl(machine))
    machine.emit(Event.PROGRAM_COMMITTED, machine.plan.program.program_id, machine.durable.program_seq)
