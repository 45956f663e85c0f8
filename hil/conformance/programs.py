"""Programs and the state of being treated, as many checks need them; it judges only that they come about."""

from __future__ import annotations

from typing import Any, Final

from pumpbench.hil.conformance.subject import Subject
from pumpbench.hil.programming import Plan, change_program
from pumpbench.protocol.codes import Mode
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import FlexStep, StageProgram

UPDATE_TICKS: Final = 33
"""From a commit to the tick in which delivery begins: stop 10, write 7, verify 5, commit 1, restart 10 (section 6)."""
EFFECT_TICKS: Final = 23
"""From a commit to the tick in which the program takes effect."""
STEP_TICKS: Final = 360
"""Of `SIMPLE`: 300 000 ng/day at 500 ug/ml are 600 000 nl/day; 216 000 000 q a step // 600 000 = 360."""
FIRST_STEP: Final = UPDATE_TICKS - 1 + STEP_TICKS
"""After a commit at tick 0: 33 is the first tick that adds, so the n-th step comes at 32 + 360 n."""

SIMPLE: Final = StageProgram(
    **{field.name: 0 for field in layout_of(StageProgram).fields}
    | {
        "program_id": 7, "mode": Mode.SIMPLE_CONTINUOUS, "concentration_ug_per_ml": 500, "dose_ng_per_day": 300_000,
        "low_reservoir_nl": 2_000_000, "dose_limit_ng": 1_000_000, "critical_interval_ticks": 6_000,
    }
)  # fmt: skip
PATIENT: Final[dict[str, Any]] = {
    "patient_dose_ng": 5_000, "patient_duration_ticks": 600, "patient_lockout_ticks": 36_000, "patient_count": 4,
}  # fmt: skip
"""5 000 ng are 10 000 nl, 40 steps; one in an hour, four in a day."""


def program(**fields: Any) -> StageProgram:
    """`SIMPLE` with other values."""
    given = {field.name: getattr(SIMPLE, field.name) for field in layout_of(StageProgram).fields}
    return StageProgram(**given | fields)


def commit(pump: Subject, flex_0: tuple[FlexStep, ...] = (), flex_1: tuple[FlexStep, ...] = (), **fields: Any) -> None:
    """Stages, verifies and commits in zero ticks; a session must be open."""
    made = change_program(pump.ask, Plan(program(**fields), flex_0, flex_1, confirm_second=True))
    pump.expect("a program within its limits is", made.refused or ("committed" if made.committed else made.step), "committed")


def treat(pump: Subject, **fields: Any) -> None:
    """The program is in force and delivers from this tick's end on; the session stays open."""
    if not pump.session:
        pump.open()
    commit(pump, **fields)
    pump.at(pump.tick + UPDATE_TICKS)
