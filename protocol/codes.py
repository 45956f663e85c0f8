"""Code lists that travel on the wire: every number has one name here, and unknown numbers keep their value."""

from __future__ import annotations

from pumpbench.protocol.layout import Codes


class Role(Codes):
    """Who opened the session."""

    NONE = 0
    CLINICIAN = 1
    PATIENT = 2


class Model(Codes):
    """Reservoir sizes of the modelled class [F01]."""

    UNKNOWN = 0
    PUMP_20_ML = 1
    PUMP_40_ML = 2


class Drug(Codes):
    """Drug in the reservoir."""

    UNKNOWN = 0
    BACLOFEN = 1
    SALINE = 2


class Mode(Codes):
    """What a program asks for."""

    STOPPED = 0
    SIMPLE_CONTINUOUS = 1
    FLEX = 2
    INTERVAL_BOLUS = 3
    SINGLE_BOLUS = 4
    MINIMUM_RATE = 5


class IntervalUnit(Codes):
    """Unit of the interval field; explicit because minutes typed for hours injured patients [F09]."""

    NONE = 0
    MINUTES = 1
    HOURS = 2


class TherapyState(Codes):
    """What the controller does now; four different ways not to treat, each with its own name."""

    STOPPED = 0
    THERAPY = 1
    MINIMUM_RATE = 2
    EMPTY = 3
    SAFE_STATE = 4
    ENDED = 5


class Held(Codes):
    """Bits that hold delivery back while the therapy state stays as it is."""

    UPDATE = 0
    TELEMETRY = 1


class UpdateStage(Codes):
    """Where a program update stands."""

    IDLE = 0
    STOP = 1
    WRITE = 2
    VERIFY = 3
    COMMIT = 4
    RESTART = 5


class FluidKind(Codes):
    """What moves fluid, in order of precedence; also the index of its account."""

    PRIME = 0
    BRIDGE = 1
    PATIENT = 2
    CLINICIAN = 3
    INTERVAL = 4
    REFILL = 5
    NONE = 255


class FluidOutcome(Codes):
    """How a request that moves fluid ended."""

    NONE = 0
    RUNNING = 1
    COMPLETED = 2
    CANCELLED = 3
    INTERRUPTED = 4


class PrimeScope(Codes):
    """Which part of the line a prime fills."""

    NONE = 0
    TUBING = 1
    CATHETER = 2
    TUBING_AND_CATHETER = 3


class ProgramSource(Codes):
    """Which program a read returns."""

    IN_FORCE = 0
    STAGED = 1


class Alarm(Codes):
    """Alarms of the trigger table [C01, M01, M02, F14]; also bit positions."""

    LOW_RESERVOIR = 0
    ELECTIVE_REPLACEMENT = 1
    MEMORY_ERROR = 2
    EMPTY_RESERVOIR = 3
    END_OF_SERVICE = 4
    MOTOR_STALL = 5
    STOPPED_TOO_LONG = 6
    CRITICAL_MEMORY_ERROR = 7
    LOW_BATTERY_RESET = 8


class ToneClass(Codes):
    """Which tone the plan asks for."""

    NONE = 0
    NON_CRITICAL = 1
    CRITICAL = 2


class ResetCause(Codes):
    """Why the controller last started."""

    NONE = 0
    START = 1
    LOW_BATTERY = 2
    POWER_CUT = 3
    WATCHDOG = 4


class Flag(Codes):
    """Bits of the durable fault flags; an alarm row's condition reads them."""

    MEMORY_ERROR = 0
    CRITICAL_MEMORY = 1
    LOW_BATTERY_RESET = 2


class Quirk(Codes):
    """Documented misbehaviour of real devices, off by default."""

    TELEMETRY_HOLD = 0
    STOP_AT_STAGE = 1
    LATE_RECOVERY = 2
    LATE_REPLACEMENT_DATE = 3


class RotorFault(Codes):
    """How the rotor fails."""

    NONE = 0
    STALLED = 1
    INTERMITTENT = 2


class StopReason(Codes):
    """Why a credit ended."""

    TARGET = 0
    EFFECT = 1
    ACTUATOR = 2
    ALARM = 3
    RESET = 4
    ABORT = 5


class StopMask(Codes):
    """Bits that let a credit end before its target; FOLLOW vouches that every step turns the rotor, so that none need end it."""

    EFFECT = 0
    ACTUATOR = 1
    ALARM = 2
    RESET = 3
    FOLLOW = 4


class Load(Codes):
    """Bits of what the last tick asked of a plant, beyond its actuators."""

    ABOVE_MINIMUM = 0
    BOLUS = 1
    SESSION = 2
    RAN = 3


class Level(Codes):
    """Conformance level of a target."""

    L0 = 0
    L1 = 1
    L2 = 2
    L3 = 3


class Nvm(Codes):
    """What backs the memory of a target."""

    RAM = 0
    FLASH = 1


class Feature(Codes):
    """Bits of the feature word of identify."""

    BENCH = 0
    FREE_RUN = 1
    AUTHENTICATION = 2


class CrcBuild(Codes):
    """Which implementation computes the CRC."""

    UNKNOWN = 0
    PYTHON = 1
    EXTENSION = 2
    FIRMWARE = 3


class Fault(Codes):
    """Physical faults and acts that the bench injects between ticks."""

    NONE = 0
    ROTOR = 1
    FIELD = 2
    OCCLUSION = 3
    LEAK = 4
    FLOW = 5
    BATTERY_CHARGE = 6
    BATTERY_RESISTANCE = 7
    MEMORY_FLIP = 8
    POWER_CUT = 9
    RESET = 10
    EMI = 11
    REFILL = 12
    POCKET_FILL = 13
    LINE_SET = 14


class Refusal(Codes):
    """Why a request was refused; limit and value of the reply say by how much."""

    NONE = 0
    UNKNOWN_TYPE = 1
    MALFORMED = 2
    BOOTING = 3
    SESSION_UNKNOWN = 4
    SERIAL_MISMATCH = 5
    BUSY = 6
    STALE_ID = 7
    ROLE_FORBIDDEN = 8
    INVALID_STATE = 9
    UPDATE_IN_PROGRESS = 10
    NOT_STAGED = 11
    NOT_VERIFIED = 12
    PROGRAM_CHANGED = 13
    NEEDS_SECOND_CONFIRMATION = 14
    DOSE_LIMIT = 15
    MODE_UNKNOWN = 16
    CONCENTRATION_RANGE = 17
    RATE_TOO_HIGH = 18
    RATE_TOO_LOW = 19
    RATE_MISMATCH = 20
    VOLUME_MISMATCH = 21
    FLEX_COUNT = 22
    FLEX_ORDER = 23
    FLEX_SUM = 24
    INTERVAL_UNIT = 25
    INTERVAL_RANGE = 26
    DURATION_RANGE = 27
    LOCKOUT_RANGE = 28
    LIMIT_RANGE = 29
    THRESHOLD_RANGE = 30
    TONE_INTERVAL_RANGE = 31
    FIELD_UNUSED = 32
    NOT_ENABLED = 33
    BOLUS_IN_PROGRESS = 34
    LOCKOUT = 35
    DAILY_MAXIMUM = 36
    RESERVOIR_TOO_LOW = 37
    VOLUME_RANGE = 38
    CLOCK_RANGE = 39
    RECORD_RANGE = 40
    NOT_ARMED = 41
    BUILD_MISMATCH = 42
    CONFIG_UNKNOWN = 43
    CONFIG_RANGE = 44
    TICK_PASSED = 45
    FAULT_UNKNOWN = 46
    FAULT_RANGE = 47
    PAGE_RANGE = 48
    SNAPSHOT_INVALID = 49
    NOT_SUPPORTED = 50
    REQUEST_OUTSTANDING = 51
    PATIENT_COUNT_RANGE = 52
    POWER_CUT = 53


class Event(Codes):
    """Effects with a stamp; `firmware_emu/events.py` says which are logged and which call for a check-point."""

    NONE = 0
    RESET = 1
    BOOT_COMPLETED = 2
    SESSION_OPENED = 3
    SESSION_CLOSED = 4
    SESSION_TIMEOUT = 5
    PROGRAM_STAGED = 6
    UPDATE_STARTED = 7
    PROGRAM_COMMITTED = 8
    UPDATE_FAILED = 9
    UPDATE_INTERRUPTED = 10
    DELIVERY_RESTARTED = 11
    STOPPED = 12
    RESUMED = 13
    FLEX_STEP = 14
    BOLUS_STARTED = 15
    BOLUS_ENDED = 16
    BOLUS_CANCELLED = 17
    BOLUS_REFUSED = 18
    INTERVAL_DROPPED = 19
    REFILLED = 20
    REFILL_DISCREPANCY = 21
    EMPTY_ENTERED = 22
    EMPTY_LEFT = 23
    SAFE_STATE_ENTERED = 24
    ENDED = 25
    ERI_REACHED = 26
    BATTERY_SAMPLED = 27
    STALL_DETECTED = 28
    STALL_RECOVERED = 29
    ALARM_RAISED = 30
    ALARM_CLEARED = 31
    ALARMS_SILENCED = 32
    ALARM_TEST = 33
    TONE_PLAN = 34
    CLOCK_SET = 35
    RECORD_WRITTEN = 36
    MEMORY_FAULT = 37
    MASKED_FAULT = 38
    TELEMETRY_HELD = 39
    HOLD_RELEASED = 40
    COMMIT_REFUSED = 41
