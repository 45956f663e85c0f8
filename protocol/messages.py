"""Every message of the wire, declared once; what a message does is told in SPEC.md and in the pump's SEMANTICS.md."""

from __future__ import annotations

from pumpbench.protocol.codes import (
    Alarm,
    CrcBuild,
    Drug,
    Event,
    Fault,
    Feature,
    FluidKind,
    FluidOutcome,
    Held,
    IntervalUnit,
    Level,
    Load,
    Mode,
    Model,
    Nvm,
    PrimeScope,
    ProgramSource,
    Refusal,
    ResetCause,
    Role,
    StopMask,
    StopReason,
    TherapyState,
    ToneClass,
    UpdateStage,
)
from pumpbench.protocol.layout import (
    IDENTITY,
    MEASURED,
    TICK,
    TRANSPORT,
    U8,
    U16,
    U32,
    U64,
    Registry,
    field,
    item,
    message,
    tail,
    tail_bytes,
)
from pumpbench.protocol.limits import FLEX_STEPS_ON_WIRE, LOG_PAGE_ENTRIES, SNAPSHOT_PAGE_BYTES

# ---- both channels


@message(0x0001, channel="both", kind="request", replies=0x8001)
class Identify:
    """Who are you; answered in every state, needs no session."""


@message(0x8001, channel="both", kind="reply")
class Identified:
    """What the device is and what it can do."""

    model: U16 = field(codes=Model, klass=IDENTITY)
    serial: U32 = field(klass=IDENTITY)
    build_id: U64 = field(klass=IDENTITY, doc="hash of the firmware's sources")
    schema_id: U32 = field(doc="hash over the state layout; digests compare only where it is equal")
    features: U32 = field(flags=Feature, klass=IDENTITY)
    level: U8 = field(codes=Level, klass=IDENTITY)
    nvm: U8 = field(codes=Nvm, klass=IDENTITY)
    crc_build: U8 = field(codes=CrcBuild, klass=IDENTITY)
    armed: U8 = field(hi=1, klass=TRANSPORT)
    ticks_per_second: U32 = field(klass=TRANSPORT, doc="most the device computes, not the pump's own pace")
    identity_crc: U32 = field(klass=IDENTITY, doc="CRC over the identity part")


@message(0x8000, channel="both", kind="reply")
class Refused:
    """The answer to a request that changed nothing."""

    refused_type: U16 = field()
    refusal: U16 = field(codes=Refusal)
    limit: U32 = field(doc="the bound that was broken, in the unit of the field")
    value: U32 = field(doc="what was asked or what stands, in the same unit")


@message(0x8002, channel="both", kind="reply")
class Done:
    """The plain answer to a request that was carried out."""

    done_type: U16 = field()


# ---- therapy: sessions


@message(0x0101, kind="request", replies=0x8101)
class Open:
    """Opens a session; the header's session is 0."""

    serial: U32 = field(klass=IDENTITY)
    role: U8 = field(codes=Role)
    nonce: U32 = field()


@message(0x8101, kind="reply")
class Opened:
    """The session that every therapy frame carries from here on."""

    session: U32 = field()
    fluid_highest_id: U32 = field(doc="request ids of this session must be higher")


@message(0x0102, kind="request", replies=0x8002)
class Close:
    """Ends the session."""


# ---- therapy: reading


@message(0x0110, kind="request", replies=0x8110)
class ReadStatus:
    """One look at the pump; also what an interrogation is."""


@message(0x8110, kind="reply")
class Status:
    """The pump as its controller knows it; nothing here is the plant's truth."""

    therapy_state: U8 = field(codes=TherapyState)
    mode: U8 = field(codes=Mode)
    held: U8 = field(flags=Held)
    update_stage: U8 = field(codes=UpdateStage)
    bolus_kind: U8 = field(codes=FluidKind, doc="bolus that flows now, 255: none")
    clock_valid: U8 = field(hi=1)
    reset_cause: U8 = field(codes=ResetCause)
    boot_count: U32 = field()
    rate_nl_per_day: U32 = field(doc="basal rate in force")
    owed_nl: U32 = field(doc="owed by all boluses, rounded up")
    reservoir_estimated_nl: U32 = field()
    alarms_active: U16 = field(flags=Alarm)
    alarms_silenced: U16 = field(flags=Alarm)
    battery_mv: U16 = field(klass=MEASURED, tolerance=0)
    clock_day: U16 = field()
    clock_day_ticks: U32 = field()
    life_ticks: U64 = field(klass=TICK)
    eri_life_ticks: U64 = field(klass=TICK)
    eos_life_ticks: U64 = field(klass=TICK)
    replace_by_life_ticks: U64 = field(klass=TICK)
    refill_due_life_ticks: U64 = field(klass=TICK)
    step_count: U64 = field()
    stopped_ticks: U32 = field(klass=TICK)
    program_crc: U32 = field(doc="CRC of the program in force; a commit names it")
    log_next_seq: U32 = field()
    controller_crc: U32 = field()
    plant_crc: U32 = field()
    memory_crc: U32 = field()
    bad_frame_count: U32 = field(klass=TRANSPORT)
    refused_frame_count: U32 = field(klass=TRANSPORT)


@message(0x0111, kind="request", replies=0x8002)
class Subscribe:
    """Asks for telemetry every so many ticks, 0: no more."""

    period_ticks: U32 = field()


@message(0x8111, kind="event")
class Telemetry:
    """Sampled state, sent unasked while subscribed."""

    therapy_state: U8 = field(codes=TherapyState)
    bolus_kind: U8 = field(codes=FluidKind)
    held: U8 = field(flags=Held)
    tone_class: U8 = field(codes=ToneClass)
    alarms_active: U16 = field(flags=Alarm)
    battery_mv: U16 = field(klass=MEASURED)
    rate_nl_per_day: U32 = field()
    owed_nl: U32 = field()
    reservoir_estimated_nl: U32 = field()
    step_count: U32 = field(doc="low 32 bits")
    life_ticks: U32 = field(klass=TICK, doc="low 32 bits")
    log_next_seq: U32 = field()


@message(0x0112, kind="request", replies=0x8112)
class ReadProgram:
    """Reads the program in force or the staged one, without its flex steps."""

    source: U8 = field(codes=ProgramSource, hi=1)


@message(0x8112, kind="reply")
class ProgramRead:
    """A program as the pump holds it."""

    source: U8 = field(codes=ProgramSource)
    present: U8 = field(hi=1)
    program_crc: U32 = field()
    program_id: U32 = field()
    mode: U8 = field(codes=Mode)
    schedule_days: U8 = field()
    concentration_ug_per_ml: U16 = field()
    dose_ng_per_day: U32 = field()
    low_reservoir_nl: U32 = field()
    dose_limit_ng: U32 = field()
    critical_interval_ticks: U32 = field()
    interval_unit: U8 = field(codes=IntervalUnit)
    patient_count: U8 = field()
    interval_count: U16 = field()
    interval_dose_ng: U32 = field()
    interval_duration_ticks: U32 = field()
    single_dose_ng: U32 = field()
    single_duration_ticks: U32 = field()
    patient_dose_ng: U32 = field()
    patient_duration_ticks: U32 = field()
    patient_lockout_ticks: U32 = field()
    flex_0_count: U8 = field()
    flex_1_count: U8 = field()
    bridge: U8 = field()


@item
class FlexStep:
    """One step of a flex schedule; it lasts until the next one or midnight."""

    start_minute: U16 = field(hi=1_439)
    dose_ng: U32 = field(doc="over the step's own length")


@message(0x0113, kind="request", replies=0x8113)
class ReadFlex:
    """Reads one flex schedule."""

    source: U8 = field(codes=ProgramSource, hi=1)
    schedule: U8 = field(hi=1)


@message(0x8113, kind="reply")
class FlexRead:
    """One flex schedule as the pump holds it."""

    source: U8 = field(codes=ProgramSource)
    schedule: U8 = field()
    steps: tuple[FlexStep, ...] = tail(FlexStep, max_count=FLEX_STEPS_ON_WIRE)


@message(0x0114, kind="request", replies=0x8114)
class ReadAlarms:
    """Asks for the alarm list."""


@message(0x8114, kind="reply")
class Alarms:
    """The alarm list: what is on, what is silenced, since when."""

    alarms_active: U16 = field(flags=Alarm)
    alarms_silenced: U16 = field(flags=Alarm)
    tone_class: U8 = field(codes=ToneClass)
    low_reservoir_tick: U64 = field(klass=TICK)
    elective_replacement_tick: U64 = field(klass=TICK)
    memory_error_tick: U64 = field(klass=TICK)
    empty_reservoir_tick: U64 = field(klass=TICK)
    end_of_service_tick: U64 = field(klass=TICK)
    motor_stall_tick: U64 = field(klass=TICK)
    stopped_too_long_tick: U64 = field(klass=TICK)
    critical_memory_error_tick: U64 = field(klass=TICK)
    low_battery_reset_tick: U64 = field(klass=TICK)


@item
class LogEntry:
    """One entry of the event log."""

    entry_seq: U32 = field()
    life_ticks: U64 = field(klass=TICK)
    code: U16 = field(codes=Event)
    clock_minute: U32 = field(doc="bit 31: the clock was valid; else minutes since clock day 0")
    boot_count: U32 = field()
    arg_0: U32 = field()
    arg_1: U32 = field()


@message(0x0115, kind="request", replies=0x8115)
class ReadLog:
    """Reads a page of the event log."""

    from_seq: U32 = field()


@message(0x8115, kind="reply")
class LogPage:
    """Valid entries from `from_seq` on, oldest first; none: there are no more."""

    oldest_seq: U32 = field(doc="lowest sequence the ring can still hold")
    next_seq: U32 = field(doc="sequence the next entry will get")
    entries: tuple[LogEntry, ...] = tail(LogEntry, max_count=LOG_PAGE_ENTRIES)


@message(0x0116, kind="request", replies=0x8116)
class ReadRecord:
    """Reads the device record."""


@message(0x8116, kind="reply")
class Record:
    """The device record."""

    model: U16 = field(codes=Model, klass=IDENTITY)
    serial: U32 = field(klass=IDENTITY)
    implant_day: U32 = field(klass=IDENTITY, doc="days since 2000-01-01")
    calendar_origin_day: U32 = field(klass=IDENTITY, doc="date of clock day 0, days since 2000-01-01")
    drug: U16 = field(codes=Drug)
    concentration_ug_per_ml: U16 = field()
    catheter_length_mm: U16 = field()
    tubing_nl: U32 = field()
    fill_nl: U32 = field()
    fill_life_ticks: U64 = field(klass=TICK)
    residual_more_nl: U32 = field()
    residual_less_nl: U32 = field()
    last_session_life_ticks: U64 = field(klass=TICK)
    open_count: U32 = field()


@message(0x0117, kind="request", replies=0x8117)
class ReadAccount:
    """Reads the device's own dose account."""


@message(0x8117, kind="reply")
class Account:
    """commanded = step_count * 216 000 000 + acc + owed + cancelled, always."""

    commanded_q: U64 = field()
    step_count: U64 = field()
    acc_q: U64 = field()
    owed_q: U64 = field(doc="sum over all boluses")
    cancelled_q: U64 = field()


# ---- therapy: programs


@message(0x0120, kind="request", replies=0x8120)
class StageProgram:
    """Stages a program without its flex steps; replaces what was staged."""

    program_id: U32 = field()
    mode: U8 = field(codes=Mode)
    schedule_days: U8 = field(hi=127)
    concentration_ug_per_ml: U16 = field()
    dose_ng_per_day: U32 = field()
    low_reservoir_nl: U32 = field()
    dose_limit_ng: U32 = field()
    critical_interval_ticks: U32 = field()
    interval_unit: U8 = field(codes=IntervalUnit)
    patient_count: U8 = field()
    interval_count: U16 = field()
    interval_dose_ng: U32 = field()
    interval_duration_ticks: U32 = field()
    single_dose_ng: U32 = field()
    single_duration_ticks: U32 = field()
    patient_dose_ng: U32 = field()
    patient_duration_ticks: U32 = field()
    patient_lockout_ticks: U32 = field()
    bridge: U8 = field(hi=1)


@message(0x8120, kind="reply")
class Staged:
    """The image now staged."""

    program_crc: U32 = field()


@message(0x0121, kind="request", replies=0x8120)
class StageFlex:
    """Stages one flex schedule of the staged program."""

    schedule: U8 = field(hi=1)
    steps: tuple[FlexStep, ...] = tail(FlexStep, max_count=FLEX_STEPS_ON_WIRE)


@message(0x0122, kind="request", replies=0x8122)
class VerifyProgram:
    """Asks the pump to judge the staged program, named by its CRC and the programmer's own sums."""

    program_crc: U32 = field()
    rate_check_nl_per_day: U32 = field(doc="sum of the rates the programmer derived")
    volume_check_nl: U32 = field(doc="sum of the bolus volumes the programmer derived")


@message(0x8122, kind="reply")
class Verified:
    """Old against new, as the pump computes it."""

    program_crc: U32 = field()
    old_program_crc: U32 = field()
    daily_dose_ng: U32 = field()
    old_daily_dose_ng: U32 = field()
    second_confirmation: U8 = field(hi=1, doc="1: the commit must repeat the new daily dose")


@message(0x0123, kind="request", replies=0x8002)
class CommitProgram:
    """Starts the update; its outcome comes by status and event."""

    program_crc: U32 = field(doc="of the staged program")
    old_program_crc: U32 = field(doc="of the program the programmer reviewed")
    second_confirmation_ng: U32 = field(doc="the new daily dose, or 0")


# ---- therapy: delivery


@message(0x0130, kind="request", replies=0x8130)
class Bolus:
    """A clinician's bolus on top of the program."""

    dose_ng: U32 = field()
    volume_nl: U32 = field(doc="as the programmer derived it")
    duration_ticks: U32 = field()


@message(0x8130, kind="reply")
class Started:
    """A movement of fluid has begun and is on record."""

    kind: U8 = field(codes=FluidKind)
    volume_nl: U32 = field()
    rate_nl_per_day: U32 = field(doc="rate of the bolus alone")
    refill_due_life_ticks: U64 = field(klass=TICK)


@message(0x8131, kind="reply")
class AlreadyStarted:
    """The same request came before; it moved fluid once and will not again."""

    kind: U8 = field(codes=FluidKind)
    outcome: U8 = field(codes=FluidOutcome)
    volume_nl: U32 = field()
    delivered_nl: U32 = field()


@message(0x0131, kind="request", replies=0x8130)
class PatientBolus:
    """The patient's own bolus, as the program defines it."""


@message(0x0132, kind="request", replies=0x8130)
class Prime:
    """Fills the line at the prime rate."""

    scope: U8 = field(codes=PrimeScope)
    volume_nl: U32 = field(doc="as the programmer derived it")


@message(0x0133, kind="request", replies=0x8133)
class Refill:
    """Tells the pump that it was refilled."""

    measured_nl: U32 = field(doc="volume withdrawn")
    fill_nl: U32 = field(doc="volume filled in")


@message(0x8133, kind="reply")
class Refilled:
    """What the pump made of it."""

    expected_nl: U32 = field(doc="estimate before")
    more_nl: U32 = field(doc="measured above the estimate")
    less_nl: U32 = field(doc="measured below the estimate")
    discrepancy: U8 = field(hi=1)
    refill_due_life_ticks: U64 = field(klass=TICK)


@message(0x0134, kind="request", replies=0x8002)
class Stop:
    """Stops delivery; boluses keep what they owe."""


@message(0x0135, kind="request", replies=0x8002)
class Resume:
    """Resumes the program in force."""


# ---- therapy: alarms, clock, record


@message(0x0140, kind="request", replies=0x8002)
class SilenceAlarms:
    """Silences the alarms listed now."""


@message(0x0141, kind="request", replies=0x8002)
class TestAlarm:
    """Sounds both tones."""


@message(0x0142, kind="request", replies=0x8002)
class SetClock:
    """Sets the pump's clock."""

    clock_day: U16 = field()
    clock_day_ticks: U32 = field()


@message(0x0143, kind="request", replies=0x8002)
class WriteRecord:
    """Writes the part of the device record that therapy depends on."""

    drug: U16 = field(codes=Drug)
    catheter_length_mm: U16 = field()
    tubing_nl: U32 = field()


@message(0x0144, kind="request", replies=0x8002)
class MeasureBattery:
    """Asks for a battery sample; status shows it."""


# ---- bench


@message(0x0201, channel="bench", kind="request", replies=0x8002)
class Arm:
    """Takes the pump's time into the bench's hands."""

    build_id: U64 = field(klass=IDENTITY)


@message(0x0202, channel="bench", kind="request", replies=0x8002)
class Disarm:
    """Gives time back to the device."""


@message(0x0203, channel="bench", kind="request", replies=0x8002)
class Configure:
    """Sets one constant or quirk, by its place in the declared configuration."""

    config_index: U16 = field()
    value: U64 = field()


@message(0x0204, channel="bench", kind="request", replies=0x8205)
class ResetToStart:
    """Puts the whole pump into its start state under the configuration that stands."""

    model: U16 = field(codes=Model, klass=IDENTITY)
    serial: U32 = field(klass=IDENTITY)
    implant_day: U32 = field(klass=IDENTITY)
    calendar_origin_day: U32 = field(klass=IDENTITY)
    drug: U16 = field(codes=Drug)
    catheter_length_mm: U16 = field()
    tubing_nl: U32 = field()
    reservoir_true_nl: U32 = field()
    reservoir_estimated_nl: U32 = field()
    concentration_ug_per_ml: U16 = field(doc="in the reservoir")
    line_ug_per_ml: U16 = field(doc="in the line")
    clock_day: U16 = field()
    clock_day_ticks: U32 = field(hi=863_999)
    life_ticks: U64 = field(klass=TICK)
    charge_nc: U64 = field(doc="0: a full battery")


@message(0x0205, channel="bench", kind="request", replies=0x8205)
class RunTo:
    """Grants time up to an absolute tick."""

    target_tick: U64 = field(klass=TICK)
    stop_mask: U16 = field(flags=StopMask)


@message(0x8205, channel="bench", kind="reply")
class Report:
    """How far the device ran, why it stopped, and what it now is."""

    reached_tick: U64 = field(klass=TICK)
    reason: U8 = field(codes=StopReason)
    step_commanded: U8 = field(hi=1, doc="actuators of the tick reached")
    sample_commanded: U8 = field(hi=1)
    tone_class: U8 = field(codes=ToneClass)
    effect_count: U32 = field(doc="since arm or restore")
    effect_crc: U32 = field()
    controller_crc: U32 = field()
    plant_crc: U32 = field(doc="0 while the plant is outside")
    memory_crc: U32 = field()
    load: U8 = field(flags=Load, since=2, default=0, doc="what the tick reached asks of a plant beside its actuators")
    reset_pending: U8 = field(codes=ResetCause, since=2, default=0)
    tone_onset_tick: U64 = field(klass=TICK, since=2, default=0, doc="the tone plan that the plant sounds")
    tone_period_ticks: U32 = field(klass=TICK, since=2, default=0)
    tone_duration_ticks: U32 = field(klass=TICK, since=2, default=0)
    tone_test_end_tick: U64 = field(klass=TICK, since=2, default=0)


@message(0x0206, channel="bench", kind="request", replies=0x8002)
class Abort:
    """Ends a credit that is under way; harmless otherwise."""


@message(0x0207, channel="bench", kind="request", replies=0x8205)
class Inject:
    """A physical fault or act, in force from the next tick's plant phase; SEMANTICS.md has the arguments."""

    fault: U16 = field(codes=Fault)
    arg_0: U32 = field()
    arg_1: U32 = field()
    arg_2: U32 = field()


@message(0x0208, channel="bench", kind="request", replies=0x8208)
class ReadSnapshot:
    """Reads a page of the snapshot of the state between ticks."""

    offset_bytes: U32 = field()


@message(0x8208, channel="bench", kind="reply")
class SnapshotPage:
    """The bytes from the offset on; the last page is shorter."""

    offset_bytes: U32 = field()
    snapshot_bytes: U32 = field(doc="size of the whole")
    data: bytes = tail_bytes(max_count=SNAPSHOT_PAGE_BYTES)


@message(0x0209, channel="bench", kind="request", replies=0x8002)
class WriteSnapshot:
    """Puts a page into the restore buffer; the state does not change yet."""

    offset_bytes: U32 = field()
    data: bytes = tail_bytes(max_count=SNAPSHOT_PAGE_BYTES)


@message(0x020A, channel="bench", kind="request", replies=0x8205)
class Restore:
    """Makes the restore buffer the state, if its CRC fits."""

    snapshot_crc: U32 = field()


@message(0x020B, channel="bench", kind="request", replies=0x820B)
class ReadLink:
    """Reads the link counters."""


@message(0x020C, channel="bench", kind="request", replies=0x8205)
class Sense:
    """Puts the plant outside and lets the controller feel it; ResetToStart, Restore and Disarm put it inside again."""

    rotor_count: U16 = field()
    sample_mv: U16 = field()
    emi: U8 = field(hi=1)
    reset: U8 = field(codes=ResetCause, doc="0 or LOW_BATTERY; what is pending already stands")
    dead: U8 = field(hi=1)


@message(0x820B, channel="bench", kind="reply")
class LinkCounters:
    """What the link did; outside every digest."""

    good_frame_count: U32 = field(klass=TRANSPORT)
    bad_frame_count: U32 = field(klass=TRANSPORT)
    refused_frame_count: U32 = field(klass=TRANSPORT)
    retried_frame_count: U32 = field(klass=TRANSPORT)
    unknown_type_count: U32 = field(klass=TRANSPORT)
    overrun_bytes: U32 = field(klass=TRANSPORT)
    late_tick_count: U32 = field(klass=TRANSPORT)
    dropped_telemetry_count: U32 = field(klass=TRANSPORT)


@message(0x8220, channel="both", kind="event")
class EventNotice:
    """An effect, sent unasked while telemetry is subscribed."""

    code: U16 = field(codes=Event)
    arg_0: U32 = field()
    arg_1: U32 = field()


REGISTRY = Registry()
REGISTRY.add(
    Identify, Identified, Refused, Done,
    Open, Opened, Close,
    ReadStatus, Status, Subscribe, Telemetry, ReadProgram, ProgramRead, ReadFlex, FlexRead, ReadAlarms, Alarms,
    ReadLog, LogPage, ReadRecord, Record, ReadAccount, Account,
    StageProgram, Staged, StageFlex, VerifyProgram, Verified, CommitProgram,
    Bolus, Started, AlreadyStarted, PatientBolus, Prime, Refill, Refilled, Stop, Resume,
    SilenceAlarms, TestAlarm, SetClock, WriteRecord, MeasureBattery,
    Arm, Disarm, Configure, ResetToStart, RunTo, Report, Abort, Inject,
    ReadSnapshot, SnapshotPage, WriteSnapshot, Restore, ReadLink, LinkCounters, Sense, EventNotice,
)  # fmt: skip
