"""Knows how to draw one act at random, with arguments that the bench accepts; it must not know when it happens."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from pumpbench.firmware_emu.state import MEMORY_WORDS
from pumpbench.hil.scenario.acts_table import READABLE
from pumpbench.hil.scenario.duration import format_duration
from pumpbench.hil.scenario.generate_program import CONCENTRATIONS, program, spoilt
from pumpbench.protocol.limits import PROGRAM_SLOT_WORDS

Draw = Callable[[Random, int], Any]
"""Arguments of an act for a pump whose reservoir holds a drug of this many ug/mL."""


def _program(draw: Random, concentration: int) -> Any:
    return spoilt(draw, program(draw, draw.choice((concentration, concentration, draw.choice(CONCENTRATIONS)))))


def _bolus(draw: Random, concentration: int) -> Any:
    made = {"dose_ng": draw.randrange(1, 200) * concentration, "duration": format_duration(draw.randrange(600, 40_000))}
    return made | ({"volume_nl": draw.randrange(400_000)} if draw.random() < 0.1 else {})


def _prime(draw: Random, concentration: int) -> Any:
    made: dict[str, Any] = {"scope": draw.choice(("tubing", "catheter", "tubing_and_catheter"))}
    return made | ({"volume_nl": draw.randrange(400_000)} if draw.random() < 0.1 else {})


def _refill(draw: Random, concentration: int) -> Any:
    made: dict[str, Any] = {"fill_nl": draw.randrange(1_000_000, 19_000_000)}
    if draw.random() < 0.3:
        return made | {"pocket": True}
    made["concentration_ug_per_ml"] = draw.choice(CONCENTRATIONS)
    if draw.random() < 0.2:
        return made | {"untold": True}
    return made | ({"measured_nl": draw.randrange(19_000_000)} if draw.random() < 0.3 else {})


def _clock(draw: Random, concentration: int) -> Any:
    return {"day": draw.randrange(3_000), "time": f"{draw.randrange(24):02}:{draw.randrange(60):02}"}


def _record(draw: Random, concentration: int) -> Any:
    length_mm = draw.choice((draw.randrange(1_501), 2_000))
    return {"drug": draw.choice(("baclofen", "saline")), "catheter_length_mm": length_mm, "tubing_nl": draw.randrange(1_000_001)}


def _rotor(draw: Random, concentration: int) -> Any:
    fault = draw.choice(("none", "none", "stalled", "intermittent"))
    return {"fault": fault} | (
        {"run_count": draw.randrange(1, 200), "miss_count": draw.randrange(1, 50)} if fault == "intermittent" else {}
    )


def _field(draw: Random, concentration: int) -> Any:
    return {"on": True, "lag": format_duration(draw.randrange(864_001))} if draw.random() < 0.5 else {}


def _flow(draw: Random, concentration: int) -> Any:
    return {"ppm": draw.randrange(1, 2_000_001), "drift_ppm_per_day": draw.choice((0, draw.randrange(1_000_001)))}


def _charge(draw: Random, concentration: int) -> Any:
    """Mostly enough to live on; seldom next to nothing, rarely nothing."""
    enough = draw.randrange(400_000, 1_000_001)
    return draw.choice((1_000_000, enough, enough, draw.randrange(20_000), 0))


def _resistance(draw: Random, concentration: int) -> Any:
    """High enough and the sag of a sample ends the service, higher still and a motor pulse browns out."""
    mohm = draw.choice((20_000, draw.randrange(60_000), draw.randrange(60_000), draw.randrange(6_000_000)))
    return {"mohm": mohm, "growth_mohm_per_day": draw.choice((0, 0, draw.randrange(500_000)))}


def _flip(draw: Random, concentration: int) -> Any:
    mask = 1 << draw.randrange(32)
    if draw.random() < 0.5:
        slot = draw.choice(("program_slot_0", "program_slot_1"))
        return {"place": slot, "word": draw.randrange(PROGRAM_SLOT_WORDS), "mask": mask}
    return {"word": draw.randrange(MEMORY_WORDS), "mask": mask}


def _ppm(draw: Random, concentration: int) -> Any:
    return draw.choice((0, 1_000_000, draw.randrange(1_000_001)))


def _yes(draw: Random, concentration: int) -> Any:
    return True


THERAPY: Final[dict[str, tuple[int, Draw]]] = {
    "program": (14, _program),
    "bolus": (10, _bolus),
    "patient_bolus": (12, _yes),
    "prime": (5, _prime),
    "refill": (6, _refill),
    "stop": (3, _yes),
    "resume": (9, _yes),
    "silence": (3, _yes),
    "test_alarm": (2, _yes),
    "measure_battery": (3, _yes),
    "set_clock": (4, _clock),
    "write_record": (3, _record),
    "read": (8, lambda draw, _: draw.sample(READABLE, draw.randrange(1, len(READABLE)))),
    "repeat": (4, _yes),
}
"""Act -> how often against the others, and how its arguments are drawn."""

BENCH: Final[dict[str, tuple[int, Draw]]] = {
    "rotor": (4, _rotor),
    "field": (4, _field),
    "occlusion_ppm": (3, _ppm),
    "leak_ppm": (3, _ppm),
    "flow": (3, _flow),
    "battery_charge_ppm": (1, _charge),
    "battery_resistance": (2, _resistance),
    "memory_flip": (5, _flip),
    "power_cut_words": (5, lambda draw, _: draw.choice((0, draw.randrange(12), draw.randrange(120)))),
    "reset": (3, _yes),
    "emi": (4, _yes),
    "line_ug_per_ml": (2, lambda draw, _: draw.choice((0, *CONCENTRATIONS))),
}
