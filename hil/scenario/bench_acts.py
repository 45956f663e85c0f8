"""Knows how the acts of the world - faults, the field, the link - reach a rig; it must not know a programmer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pumpbench.firmware_emu.state import CHECKPOINT_SLOT_ADDRESS, LOG_ADDRESS, PROGRAM_SLOT_ADDRESS
from pumpbench.hil.rig import Rig
from pumpbench.protocol.codes import Fault

_PLACES: Final = {
    "memory": 0,
    "program_slot_0": PROGRAM_SLOT_ADDRESS[0],
    "program_slot_1": PROGRAM_SLOT_ADDRESS[1],
    "checkpoint_slot_0": CHECKPOINT_SLOT_ADDRESS[0],
    "checkpoint_slot_1": CHECKPOINT_SLOT_ADDRESS[1],
    "log": LOG_ADDRESS,
}


def perform(rig: Rig, act: str, arguments: Any) -> None:
    """Carries out one of `BENCH_ACTS`."""
    _BENCH[act](rig, arguments)


def memory_word(flip: dict[str, Any]) -> int:
    """Word address that a `memory_flip` table means."""
    return _PLACES[flip["place"]] + int(flip["word"])


def _link(rig: Rig, state: str) -> None:
    if state == "lost":
        rig.cut_link()
    else:
        rig.restore_link()


def _wait(rig: Rig, note: str) -> None:
    """A place in the report, not a change of the pump."""


_BENCH: Final[dict[str, Callable[[Rig, Any], None]]] = {
    "link": _link,
    "wait": _wait,
    "rotor": lambda rig, given: rig.inject(Fault.ROTOR, given["fault"], given["run_count"], given["miss_count"]),
    "field": lambda rig, given: rig.inject(Fault.FIELD, 1 if given["on"] else 0, given["lag"]),
    "occlusion_ppm": lambda rig, ppm: rig.inject(Fault.OCCLUSION, ppm),
    "leak_ppm": lambda rig, ppm: rig.inject(Fault.LEAK, ppm),
    "flow": lambda rig, given: rig.inject(Fault.FLOW, given["ppm"], given["drift_ppm_per_day"]),
    "battery_charge_ppm": lambda rig, ppm: rig.inject(Fault.BATTERY_CHARGE, ppm),
    "battery_resistance": lambda rig, given: rig.inject(Fault.BATTERY_RESISTANCE, given["mohm"], given["growth_mohm_per_day"]),
    "memory_flip": lambda rig, given: rig.inject(Fault.MEMORY_FLIP, memory_word(given), given["mask"]),
    "power_cut_words": lambda rig, words: rig.inject(Fault.POWER_CUT, words),
    "reset": lambda rig, _: rig.inject(Fault.RESET),
    "emi": lambda rig, _: rig.inject(Fault.EMI),
    "line_ug_per_ml": lambda rig, concentration: rig.inject(Fault.LINE_SET, concentration),
}
BENCH_ACTS: Final = frozenset(_BENCH)
