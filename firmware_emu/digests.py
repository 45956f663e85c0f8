"""Knows the canonical bytes of a pump: digests, snapshot and its return; it must not know what any field means.

Section 2 of SEMANTICS.md.
"""

from __future__ import annotations

from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.soundness import refuse_unsound
from pumpbench.firmware_emu.state import STATE_PARTS
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.layout import State

PART_BYTES = tuple(len(part().to_bytes()) for part in STATE_PARTS)
SNAPSHOT_BYTES = sum(PART_BYTES)


def parts_of(machine: Machine) -> tuple[State, ...]:
    """In the order of the snapshot."""
    return machine.config, machine.controller, machine.durable, machine.plant, machine.memory


def digests_of(machine: Machine) -> tuple[int, int, int]:
    """(controller, plant, memory)"""
    config, controller, durable, plant, memory = (part.to_bytes() for part in parts_of(machine))
    return crc32c(config + controller + durable), crc32c(plant), crc32c(backwards(memory))


def backwards(memory: bytes) -> bytes:
    """Its words from the last to the first: in their order no CRC tells one record that ends with its own CRC from another."""
    return memoryview(memory).cast("I")[::-1].tobytes()


def told_digests(machine: Machine) -> tuple[int, int, int]:
    """The same as replies tell them: 0 for a plant that is said to stand outside."""
    controller_crc, plant_crc, memory_crc = digests_of(machine)
    return controller_crc, 0 if machine.hides_plant else plant_crc, memory_crc


def snapshot_of(machine: Machine) -> bytes:
    return b"".join(part.to_bytes() for part in parts_of(machine))


def restore_into(machine: Machine, snapshot: bytes) -> None:
    """Raises ValueError, and changes nothing, when the size is wrong or no pump could go on from what it holds."""
    if len(snapshot) != SNAPSHOT_BYTES:
        raise ValueError(f"snapshot: {len(snapshot)} bytes; expected {SNAPSHOT_BYTES}; take it from a device of this schema")
    made: list[State] = []
    at = 0
    for part, size in zip(STATE_PARTS, PART_BYTES, strict=True):
        one = part.from_bytes(snapshot[at : at + size])
        one.check()
        made.append(one)
        at += size
    refuse_unsound(made[1], made[2], made[3])  # type: ignore[arg-type]
    machine.config, machine.controller, machine.durable, machine.plant, machine.memory = made  # type: ignore[assignment]
    machine.restart_effects()
    machine.forget_last_tick()
