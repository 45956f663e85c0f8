"""Snapshots taken apart: every number has a name and a unit, and each that differs is named."""

import pytest

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.state import STATE_PARTS, Controller, Durable, Memory, Plant
from pumpbench.hil.statediff import differences, values

START = b"".join(part().to_bytes() for part in STATE_PARTS)


def snapshot(plant: Plant, durable: Durable, controller: Controller, memory: Memory) -> bytes:
    return b"".join(part.to_bytes() for part in (Config(), controller, durable, plant, memory))


def test_values_name_every_number_once() -> None:
    names = [value.name for value in values(START)]
    assert len(names) == len(set(names))
    assert {"config.boot_ticks", "durable.owed_q[4]", "controller.staged.flex_dose_ng[25]", "memory.words[0]"} <= set(names)


def test_values_refuse_a_snapshot_of_another_layout() -> None:
    with pytest.raises(ValueError, match="belongs to another state layout"):
        values(START + b"\0")


def test_differences_name_field_unit_and_each_moment() -> None:
    plant = Plant(flow_rem=7)
    durable = Durable()
    durable.owed_q[2] = 5
    theirs = snapshot(plant, durable, Controller(), Memory())
    found = differences([(START, START), (theirs, START)])
    assert [(d.name, d.unit, d.theirs, d.ours) for d in found] == [
        ("durable.owed_q[2]", "q", (0, 5), (0, 0)),
        ("plant.flow_rem", "", (0, 7), (0, 0)),
    ]


def test_differences_look_inside_a_program_image() -> None:
    controller = Controller()
    controller.program[0] = 9
    found = differences([(snapshot(Plant(), Durable(), controller, Memory()), START)])
    assert [d.name for d in found] == ["controller.program.program_id"]
