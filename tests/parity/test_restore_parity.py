"""A snapshot that no pump could run on is refused by both sides, each clause of section 13 alone, and its neighbour is taken."""

from typing import Any

import pytest

from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.state import STATE_PARTS, Controller, Durable, Plant
from pumpbench.protocol.codes import FluidKind, FluidOutcome, Mode, RotorFault, ToneClass, UpdateStage
from tests.parity.sides import Reference
from tests.parity.test_snapshots_parity import refused_by

SOUND = Program(
    mode=Mode.SIMPLE_CONTINUOUS, concentration_ug_per_ml=500, dose_ng_per_day=200_000, low_reservoir_nl=2_000_000,
    dose_limit_ng=48_000_000, critical_interval_ticks=6_000,
).to_bytes()  # fmt: skip
NOTHING = bytes(len(SOUND))
Changes = dict[tuple[type, str], Any]


def crafted(changes: Changes) -> bytes:
    """A start state with some fields changed. Lists are given as {index: value}."""
    snapshot, parts, at = Reference().snapshot(), [], 0
    for part in STATE_PARTS:
        size = part.__layout__.size
        state = part.from_bytes(snapshot[at : at + size])
        at += size
        for (owner, name), value in changes.items():
            if owner is part:
                _set(state, name, value)
        parts.append(state.to_bytes())
    return b"".join(parts)


def _set(state: Any, name: str, value: Any) -> None:
    if isinstance(value, dict):
        for index, one in value.items():
            getattr(state, name)[index] = one
    else:
        setattr(state, name, bytearray(value) if isinstance(value, bytes) else value)


def updating(stage: int, remaining: int, staged: bytes = SOUND) -> Changes:
    return {
        (Controller, "update_stage"): stage,
        (Controller, "update_remaining_ticks"): remaining,
        (Controller, "staged"): staged,
        (Controller, "staged_present"): 1,
        (Controller, "staged_verified"): 1,
        (Controller, "update_slot_index"): 1,
    }


def running(kind: int, volume_nl: int, owed_q: int) -> Changes:
    return {
        (Durable, "fluid_kind"): {0: kind},
        (Durable, "fluid_outcome"): {0: FluidOutcome.RUNNING},
        (Durable, "fluid_volume_nl"): {0: volume_nl},
        (Durable, "owed_q"): {min(kind, 4): owed_q},
        (Durable, "bolus_q"): {min(kind, 4): 1000},
    }


def toned(owner: type, tone: int, period: int) -> Changes:
    return {(owner, "tone_class"): tone, (owner, "tone_period_ticks"): period, (owner, "tone_duration_ticks"): 10}


def rotor(run: int, miss: int) -> Changes:
    return {
        (Plant, "rotor_fault"): RotorFault.INTERMITTENT,
        (Plant, "rotor_run_count"): run,
        (Plant, "rotor_miss_count"): miss,
    }


REFUSED: dict[str, Changes] = {
    "rotor that neither turns nor misses": rotor(0, 0),
    "verified, but staged nothing": {(Controller, "staged_verified"): 1, (Controller, "staged"): NOTHING},
    "update of nothing": updating(UpdateStage.STOP, 5, NOTHING),
    "update without ticks left": updating(UpdateStage.STOP, 0),
    "writing for eight ticks": updating(UpdateStage.WRITE, 8),
    "committing for two ticks": updating(UpdateStage.COMMIT, 2),
    "running refill": running(FluidKind.REFILL, 100, 5),
    "running record that owes more than its volume": running(FluidKind.CLINICIAN, 100, 100 * 864_000 + 1),
    "tone without a period": toned(Controller, ToneClass.CRITICAL, 0),
    "plant's tone without a period": toned(Plant, ToneClass.NON_CRITICAL, 0),
}
TAKEN: dict[str, Changes] = {
    "nothing changed": {},
    "rotor that only misses": rotor(0, 1),
    "rotor that only turns": rotor(1, 0),
    "verified program": {(Controller, "staged_verified"): 1, (Controller, "staged"): SOUND, (Controller, "staged_present"): 1},
    "stopping": updating(UpdateStage.STOP, 600),
    "writing for seven ticks": updating(UpdateStage.WRITE, 7),
    "committing": updating(UpdateStage.COMMIT, 1),
    "restarting with nothing staged": {**updating(UpdateStage.RESTART, 5, NOTHING), (Controller, "staged_verified"): 0},
    "running record": running(FluidKind.CLINICIAN, 100, 100 * 864_000),
    "tone": toned(Controller, ToneClass.CRITICAL, 300),
    "plant's tone": toned(Plant, ToneClass.NON_CRITICAL, 36_000),
    "no program": {(Controller, "program"): NOTHING},
}


@pytest.mark.parametrize("name", REFUSED)
def test_state_that_could_not_run_is_refused_by_both(name: str) -> None:
    assert refused_by(crafted(REFUSED[name])) == (True, True)


@pytest.mark.parametrize("name", TAKEN)
def test_state_beside_it_is_taken_by_both(name: str) -> None:
    assert refused_by(crafted(TAKEN[name])) == (False, False)
