"""The state of the modelled pump, part by part, in the order its digests and snapshots are made; no behaviour."""

from __future__ import annotations

from pumpbench.firmware_emu.arithmetic import div_floor
from pumpbench.firmware_emu.config import Config
from pumpbench.protocol.codes import (
    Alarm,
    Drug,
    Flag,
    FluidKind,
    FluidOutcome,
    Held,
    ResetCause,
    Role,
    RotorFault,
    TherapyState,
    ToneClass,
    UpdateStage,
)
from pumpbench.protocol.layout import U8, U16, U32, U64, State, array, blob, field, state
from pumpbench.protocol.limits import (
    ALARM_COUNT,
    FLUID_RECORDS,
    HOUR_BUCKETS,
    LINE_PARCELS,
    LOG_CAPACITY,
    LOG_ENTRY_WORDS,
    NO_CUT_WORDS,
    PATIENT_BOLUSES,
    PROGRAM_BODY_WORDS,
    PROGRAM_SLOT_WORDS,
    PROGRAM_SLOTS,
)


@state("controller")
class Controller(State):
    """Working memory of the implant's software: lost at every reset."""

    boot_remaining_ticks: U16 = field(doc="0: running; else ticks until the boot completes")
    step_pending: U8 = field(hi=1, doc="1: a step was commanded in the tick before")
    sample_pending: U8 = field(hi=1, doc="1: a battery sample was asked in the tick before")
    sample_wanted: U8 = field(hi=1, doc="1: the next tick asks for a battery sample")
    battery_mv: U16 = field(doc="last sampled voltage; 0: none since the boot")
    rotor_seen_count: U16 = field(doc="rotor count at the last feedback")
    stall_missed_count: U16 = field(doc="consecutive steps without a count, at most stall_steps_count")
    stall_turning: U8 = field(hi=1, doc="1: the rotor turned again while the stall still shows")
    stall_interrogations_count: U8 = field(hi=2, doc="interrogations until a recovery shows (quirk)")
    step_tick_sum: U64 = field(doc="sum of the ticks in which a step was commanded, modulo 2^64")
    flex_shown_index: U8 = field(doc="flex step last announced, 255: none")
    checkpoint_due: U8 = field(hi=1, doc="1: this tick or request writes a check-point")
    update_stage: U8 = field(codes=UpdateStage, hi=5)
    update_remaining_ticks: U16 = field(doc="ticks left in the stage")
    update_slot_index: U8 = field(hi=1, doc="slot the update writes")
    staged_present: U8 = field(hi=1)
    staged_verified: U8 = field(hi=1)
    staged: bytearray = blob(4 * PROGRAM_BODY_WORDS, doc="image of the staged program")
    program: bytearray = blob(4 * PROGRAM_BODY_WORDS, doc="image of the program in force")
    program_slot_index: U8 = field(hi=1, doc="slot of the program in force")
    session_id: U32 = field(doc="0: none")
    session_role: U8 = field(codes=Role, hi=2)
    session_idle_ticks: U32 = field(doc="since the last accepted frame")
    session_last_id: U32 = field(doc="highest request id accepted")
    session_last_crc: U32 = field(doc="frame CRC of that request")
    open_request_id: U32 = field(doc="request id of the open that made the session")
    open_crc: U32 = field(doc="frame CRC of that open")
    hour_quanta: list[int] = array(U32, HOUR_BUCKETS, doc="dose stepped in each hour, 250 pg")
    hour_head_index: U8 = field(hi=HOUR_BUCKETS - 1, doc="bucket of the hour that runs")
    patient_start_life_ticks: list[int] = array(U64, PATIENT_BOLUSES, doc="life tick of each start plus 1; 0: unused")
    patient_head_index: U8 = field(hi=PATIENT_BOLUSES - 1, doc="where the next start is kept")
    alarm_test_end_tick: U64 = field(doc="last tick of the alarm test; 0: none")
    tone_class: U8 = field(codes=ToneClass, hi=2, doc="plan in force")
    tone_onset_tick: U64 = field()
    tone_period_ticks: U32 = field()
    tone_duration_ticks: U16 = field()
    log_next_seq: U32 = field(doc="sequence of the next log entry")


@state("durable")
class Durable(State):
    """What the software keeps over a reset: a check-point is an image of this part."""

    checkpoint_seq: U32 = field(doc="sequence of the newest check-point")
    life_ticks: U64 = field(doc="the controller's own age")
    boot_count: U32 = field()
    program_seq: U32 = field(doc="store sequence of the program in force")
    reset_cause: U8 = field(codes=ResetCause, hi=4)
    clock_valid: U8 = field(hi=1)
    clock_day: U16 = field(doc="day 0 is a Monday")
    clock_day_ticks: U32 = field(hi=863_999, doc="tick of the day")
    therapy_state: U8 = field(codes=TherapyState, hi=5)
    resume_state: U8 = field(codes=TherapyState, hi=5, doc="where EMPTY goes back to")
    held: U8 = field(flags=Held, hi=3)
    fault_flags: U8 = field(flags=Flag, hi=7)
    stalled: U8 = field(hi=1)
    eri_reached: U8 = field(hi=1)
    eri_life_ticks: U64 = field(doc="age at which ERI is reached")
    eos_life_ticks: U64 = field(doc="age at which service ends")
    stopped_ticks: U32 = field(doc="ticks without delivery by command or hold")
    open_count: U32 = field()
    last_session_life_ticks: U64 = field()
    drug: U16 = field(codes=Drug)
    catheter_length_mm: U16 = field()
    tubing_nl: U32 = field()
    reservoir_estimated_nl: U32 = field(doc="dead reckoning; the truth is the plant's")
    fill_nl: U32 = field(doc="volume of the last fill")
    fill_life_ticks: U64 = field(doc="age at the last fill")
    refill_due_life_ticks: U64 = field()
    residual_more_nl: U32 = field(doc="last refill: measured above the estimate")
    residual_less_nl: U32 = field(doc="last refill: measured below the estimate")
    step_count: U64 = field(doc="steps commanded")
    commanded_q: U64 = field(doc="all that was asked: basal per tick, boluses at their start")
    cancelled_q: U64 = field(doc="asked and given up")
    acc_q: U64 = field(doc="asked, less than a step")
    owed_q: list[int] = array(U64, 5, doc="bolus volume still owed, by FluidKind")
    bolus_q: list[int] = array(U32, 5, doc="bolus rate a tick, by FluidKind")
    interval_next_life_ticks: U64 = field(doc="age at which the next interval bolus is due")
    fluid_highest_id: U32 = field(doc="highest request id that moved fluid")
    fluid_head_index: U8 = field(hi=FLUID_RECORDS - 1, doc="where the next record is kept")
    fluid_id: list[int] = array(U32, FLUID_RECORDS)
    fluid_crc: list[int] = array(U32, FLUID_RECORDS, doc="CRC of type and body of the request")
    fluid_kind: list[int] = array(U8, FLUID_RECORDS, codes=FluidKind, hi=5)
    fluid_outcome: list[int] = array(U8, FLUID_RECORDS, codes=FluidOutcome, hi=4)
    fluid_volume_nl: list[int] = array(U32, FLUID_RECORDS)
    fluid_delivered_nl: list[int] = array(U32, FLUID_RECORDS, doc="once the outcome is final")
    alarms_active: U16 = field(flags=Alarm, hi=0x1FF)
    alarms_silenced: U16 = field(flags=Alarm, hi=0x1FF)
    alarm_raise_tick: list[int] = array(U64, ALARM_COUNT, doc="0 while not active")
    padding: U8 = field(hi=0)


@state("plant")
class Plant(State):
    """The body of the pump: the truth, and every physical fault."""

    tick: U64 = field(doc="completed ticks; never stops")
    reset_pending: U8 = field(codes=ResetCause, hi=4, doc="cause; taken at the next tick's phase 2")
    reset_cause: U8 = field(codes=ResetCause, hi=4, doc="cause of the last reset, kept by the hardware")
    dead: U8 = field(hi=1, doc="1: no charge left")
    rotor_count: U16 = field(doc="wraps")
    rotor_fault: U8 = field(codes=RotorFault, hi=2)
    rotor_run_count: U32 = field(doc="intermittent: steps that turn")
    rotor_miss_count: U32 = field(doc="intermittent: steps that miss, after them")
    rotor_phase_count: U32 = field(doc="place in run + miss")
    magnetic_field: U8 = field(hi=1)
    field_lag_ticks: U32 = field(doc="rotor stays locked this long after the field")
    field_lag_remaining_ticks: U32 = field()
    emi: U8 = field(hi=1)
    reservoir_true_pl: U64 = field()
    reservoir_ng_per_ml: U32 = field(hi=4_000_000, doc="concentration of the drug in the reservoir")
    depot_pl: U64 = field(doc="drug volume outside the pump (pocket fill)")
    flow_ppm: U32 = field(default=1_000_000, hi=2_000_000, doc="volume of a step against the nominal")
    flow_drift_ppm_per_day: U32 = field(doc="added to flow_ppm at each plant day, up to its range")
    flow_rem: U32 = field(hi=999_999)
    occlusion_ppm: U32 = field(hi=1_000_000)
    leak_ppm: U32 = field(hi=1_000_000)
    leak_rem: U32 = field(hi=999_999)
    pumped_pl: U64 = field(doc="left the reservoir through the pump")
    leaked_pl: U64 = field(doc="lost before the tip")
    delivered_pl: U64 = field(doc="left the tip")
    delivered_fg: U64 = field(doc="drug that left the tip")
    delivered_rem: U32 = field(hi=999, doc="ag, below 1 fg")
    parcel_pl: U64 = field(doc="volume of one parcel")
    parcel_phase_pl: U64 = field(doc="volume since the last shift")
    line_ng_per_ml: list[int] = array(U32, LINE_PARCELS, doc="index 0 is at the pump")
    charge_nc: U64 = field()
    resistance_mohm: U32 = field(default=20_000)
    resistance_growth_mohm_per_day: U32 = field()
    sample_mv: U16 = field(doc="voltage of the sample asked in the tick before; 0: none")
    cut_words_count: U16 = field(default=NO_CUT_WORDS, doc="power fails after this many words; 65535: not armed")
    tone_class: U8 = field(codes=ToneClass, hi=2)
    tone_onset_tick: U64 = field()
    tone_period_ticks: U32 = field()
    tone_duration_ticks: U16 = field()
    tone_test_end_tick: U64 = field()
    tone_tick_count: U64 = field(doc="ticks in which a tone sounded")


CHECKPOINT_BODY_BYTES = len(Durable().to_bytes())
CHECKPOINT_BODY_WORDS = div_floor(CHECKPOINT_BODY_BYTES, 4)
CHECKPOINT_SLOT_WORDS = CHECKPOINT_BODY_WORDS + 3
CHECKPOINT_SLOTS = 2

# Word addresses of the memory image
PROGRAM_SLOT_ADDRESS = (0, PROGRAM_SLOT_WORDS)
CHECKPOINT_SLOT_ADDRESS = (PROGRAM_SLOTS * PROGRAM_SLOT_WORDS, PROGRAM_SLOTS * PROGRAM_SLOT_WORDS + CHECKPOINT_SLOT_WORDS)
LOG_ADDRESS = PROGRAM_SLOTS * PROGRAM_SLOT_WORDS + CHECKPOINT_SLOTS * CHECKPOINT_SLOT_WORDS
MEMORY_WORDS = LOG_ADDRESS + LOG_CAPACITY * LOG_ENTRY_WORDS


@state("memory")
class Memory(State):
    """Non-volatile memory: 32-bit words, each written whole or not."""

    words: bytearray = blob(4 * MEMORY_WORDS)


@state("identity")
class Identity(State):
    """What identifies the device; under a CRC of its own, outside digest and snapshot."""

    model: U16 = field(default=1)
    serial: U32 = field(default=1)
    implant_day: U32 = field(doc="days since 2000-01-01")
    calendar_origin_day: U32 = field(doc="date of clock day 0, days since 2000-01-01")


STATE_PARTS: tuple[type[State], ...] = (Config, Controller, Durable, Plant, Memory)
