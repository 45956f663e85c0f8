"""Knows how a prescription written in a scenario becomes the plan of a clinician's programmer; it must not know a rig."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pumpbench.hil.programming import Plan
from pumpbench.hil.scenario.acts_table import PHASES, WEEKDAYS
from pumpbench.protocol.codes import PrimeScope
from pumpbench.protocol.layout import replace
from pumpbench.protocol.messages import CommitProgram, FlexStep, ReadProgram, StageFlex, StageProgram, VerifyProgram

_PHASE_OF: Final = {
    ReadProgram: "read",
    StageProgram: "stage",
    StageFlex: "stage",
    VerifyProgram: "verify",
    CommitProgram: "commit",
}
_CLAIMS: Final = ("rate_check_nl_per_day", "volume_check_nl")


def plan_of(program: Mapping[str, Any], program_id: int, concentration_ug_per_ml: int) -> Plan:
    """A `program` table as a plan. `program_id` and the concentration stand in where the table leaves them out."""
    flex_0, flex_1 = (_steps(program[name]) for name in ("flex", "flex_other"))
    given, dose, number = program["concentration_ug_per_ml"], program["dose_ng_per_day"], program["id"]
    unit, count = program["interval"]
    patient = program["patient"] or {"dose_ng": 0, "duration": 0, "lockout": 0, "count": 0}
    message = StageProgram(
        program_id=program_id if number is None else number,
        mode=program["mode"],
        schedule_days=sum(1 << WEEKDAYS.index(day) for day in set(program["other_days"])),
        concentration_ug_per_ml=concentration_ug_per_ml if given is None else given,
        dose_ng_per_day=sum(step.dose_ng for step in flex_0) if dose is None else dose,
        low_reservoir_nl=program["low_reservoir_nl"],
        dose_limit_ng=program["dose_limit_ng"],
        critical_interval_ticks=program["critical_interval"],
        interval_unit=unit,
        interval_count=count,
        interval_dose_ng=program["interval_dose_ng"],
        interval_duration_ticks=program["interval_duration"],
        single_dose_ng=program["single_dose_ng"],
        single_duration_ticks=program["single_duration"],
        patient_dose_ng=patient["dose_ng"],
        patient_duration_ticks=patient["duration"],
        patient_lockout_ticks=patient["lockout"],
        patient_count=patient["count"],
        bridge=1 if program["bridge"] else 0,
    )
    return Plan(message, flex_0, flex_1, confirm_second=bool(program["confirm"]))


def _steps(listed: Sequence[Mapping[str, int]]) -> tuple[FlexStep, ...]:
    return tuple(FlexStep(start_minute=step["start"], dose_ng=step["dose_ng"]) for step in listed)


def steered(request: Callable[[Any], Any], program: Mapping[str, Any], cut: Callable[[], None]) -> Callable[[Any], Any]:
    """`request` as a `program` table bends it: it ends early, loses the link on the way, or claims sums of its own."""
    finish, lost = program["finish"], program["lose_link_after"]
    claims = {name: program[name] for name in _CLAIMS if program[name] is not None}

    def bent(message: Any) -> Any:
        phase = PHASES.index(_PHASE_OF[type(message)])
        if phase > PHASES.index(finish):
            return None
        if lost is not None and phase > PHASES.index(lost):
            cut()
        return request(replace(message, **claims) if isinstance(message, VerifyProgram) and claims else message)

    return bent


def goes_silent(program: Mapping[str, Any]) -> bool:
    """Whether the link is lost before the table's last request."""
    lost = program["lose_link_after"]
    return lost is not None and PHASES.index(lost) < PHASES.index(program["finish"])


def prime_nl(scope: int, tubing_nl: int, catheter_length_mm: int, catheter_nl_per_mm: int) -> int:
    """Volume of the part of the line that a prime fills."""
    tubing = tubing_nl if scope in (PrimeScope.TUBING, PrimeScope.TUBING_AND_CATHETER) else 0
    catheter = catheter_length_mm * catheter_nl_per_mm if scope in (PrimeScope.CATHETER, PrimeScope.TUBING_AND_CATHETER) else 0
    return tubing + catheter
