"""The image of a therapy program, as it stands in a memory slot, staged or in force; no rules."""

from __future__ import annotations

from pumpbench.protocol.codes import IntervalUnit, Mode
from pumpbench.protocol.layout import U8, U16, U32, State, array, field, state
from pumpbench.protocol.limits import FLEX_SCHEDULES, FLEX_STEPS, MINUTES_PER_DAY


@state("program")
class Program(State):
    """A therapy program: 54 words, little-endian, the body of a slot. Unused fields are 0."""

    program_id: U32 = field(doc="number the programmer gives")
    mode: U8 = field(codes=Mode)
    schedule_days: U8 = field(hi=127, doc="bit d set: weekday d (0 = Monday) follows flex schedule 1")
    concentration_ug_per_ml: U16 = field()
    dose_ng_per_day: U32 = field(doc="daily dose; flex: the sum of schedule 0; interval: of the basal part")
    low_reservoir_nl: U32 = field(doc="threshold of the low alarm on the estimate")
    dose_limit_ng: U32 = field(doc="most that any 24 h may give")
    critical_interval_ticks: U32 = field(doc="period of the critical tone")
    interval_unit: U8 = field(codes=IntervalUnit)
    patient_count: U8 = field(doc="patient boluses allowed in 24 h")
    interval_count: U16 = field(doc="interval in its unit")
    interval_dose_ng: U32 = field()
    interval_duration_ticks: U32 = field()
    single_dose_ng: U32 = field()
    single_duration_ticks: U32 = field()
    patient_dose_ng: U32 = field()
    patient_duration_ticks: U32 = field()
    patient_lockout_ticks: U32 = field()
    flex_0_count: U8 = field(hi=FLEX_STEPS, doc="steps of schedule 0")
    flex_1_count: U8 = field(hi=FLEX_STEPS, doc="steps of schedule 1")
    bridge: U8 = field(hi=1, doc="1: a bridge bolus follows the commit")
    reserved: U8 = field(hi=0)
    flex_start_minute: list[int] = array(
        U16, FLEX_SCHEDULES * FLEX_STEPS, hi=MINUTES_PER_DAY - 1, doc="minute of the day; schedule 1 starts at index 13"
    )
    flex_dose_ng: list[int] = array(U32, FLEX_SCHEDULES * FLEX_STEPS, doc="dose over the step's own length")
