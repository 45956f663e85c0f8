"""Knows what this device says it is and can do; it must not know who asks."""

from __future__ import annotations

from typing import Final, NamedTuple

from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.state import STATE_PARTS
from pumpbench.protocol.codes import CrcBuild, Feature, Level, Nvm
from pumpbench.protocol.crc import crc32c, crc_build
from pumpbench.protocol.layout import layout_of, schema_id
from pumpbench.protocol.messages import Identified

SCHEMA_ID: Final = schema_id(layout_of(part) for part in STATE_PARTS)


class Capabilities(NamedTuple):
    """`ticks_per_second` sizes a bench's credits: the most that a leap may be asked for in a second."""

    level: int = Level.L3
    nvm: int = Nvm.RAM
    features: int = Feature.bit_of(Feature.BENCH) | Feature.bit_of(Feature.FREE_RUN)
    ticks_per_second: int = 10_000_000


def identified(machine: Machine, build_id: int, capabilities: Capabilities, armed: bool) -> Identified:
    return Identified(
        model=machine.identity.model, serial=machine.identity.serial, build_id=build_id, schema_id=SCHEMA_ID,
        features=capabilities.features, level=capabilities.level, nvm=capabilities.nvm,
        crc_build=CrcBuild.EXTENSION if crc_build() == "extension" else CrcBuild.PYTHON, armed=int(armed),
        ticks_per_second=capabilities.ticks_per_second, identity_crc=crc32c(machine.identity.to_bytes()),
    )  # fmt: skip
