"""Knows how a pump's dose account adds up, and what really left the plant beside it; it must not know who asks.

Law 2 of section 14 of SEMANTICS.md: commanded = delivered + pending + cancelled. 1 q is 1 nl / 864 000.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from pumpbench.firmware_emu.state import Durable, Plant
from pumpbench.protocol.limits import PL_PER_NL, STEP_NL, STEP_Q

STEP_PL: Final = STEP_NL * PL_PER_NL


class DoseAccount(NamedTuple):
    """What was asked of the motor and what became of it. Pending: less than a step (`acc_q`), or owed by boluses."""

    commanded_q: int
    step_count: int
    acc_q: int
    owed_q: int
    cancelled_q: int

    @property
    def delivered_q(self) -> int:
        """By the steps commanded: each counts whole, whether or not fluid moved."""
        return self.step_count * STEP_Q

    @property
    def pending_q(self) -> int:
        return self.acc_q + self.owed_q

    @property
    def surplus_q(self) -> int:
        """0 by law; above: more was given or is due than was asked; below: less."""
        return self.delivered_q + self.pending_q + self.cancelled_q - self.commanded_q


class PlantAccount(NamedTuple):
    """What really moved. `pumped_pl = leaked_pl + tip_pl`, by law 4."""

    pumped_pl: int
    leaked_pl: int
    tip_pl: int
    reservoir_pl: int


def dose_account(durable: Durable) -> DoseAccount:
    return DoseAccount(durable.commanded_q, durable.step_count, durable.acc_q, sum(durable.owed_q), durable.cancelled_q)


def plant_account(plant: Plant) -> PlantAccount:
    return PlantAccount(plant.pumped_pl, plant.leaked_pl, plant.delivered_pl, plant.reservoir_true_pl)
