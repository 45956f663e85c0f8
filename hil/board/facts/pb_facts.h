/* Facts of wire and pump, generated from the Python declarations by `pumpbench spec`; not to be edited. */

#ifndef PB_FACTS_H
#define PB_FACTS_H

#include <stddef.h>
#include <stdint.h>

/* Numbers: limits, sizes in bytes, addresses in words. */
#define PB_FRAME_WIRE_BYTES_MAX 256u
#define PB_FRAME_DECODED_BYTES_MAX 253u
#define PB_PROTOCOL_VERSION 1u
#define PB_TICK_MS 100u
#define PB_TICKS_PER_SECOND 10u
#define PB_TICKS_PER_MINUTE 600u
#define PB_TICKS_PER_HOUR 36000u
#define PB_TICKS_PER_DAY 864000u
#define PB_TICKS_PER_WEEK 6048000u
#define PB_MINUTES_PER_DAY 1440u
#define PB_Q_PER_NL 864000u
#define PB_STEP_NL 250u
#define PB_STEP_Q 216000000u
#define PB_STEP_PL 250000u
#define PB_PL_PER_NL 1000u
#define PB_PPM 1000000u
#define PB_QUANTA_PER_NG 4u
#define PB_RATE_MAX_NL_PER_DAY 24000000u
#define PB_CONCENTRATION_MIN_UG_PER_ML 1u
#define PB_CONCENTRATION_MAX_UG_PER_ML 4000u
#define PB_FLEX_STEPS 13u
#define PB_FLEX_SCHEDULES 2u
#define PB_FLEX_STEPS_ON_WIRE 16u
#define PB_DOSE_LIMIT_MAX_NG 48000000u
#define PB_DURATION_MIN_TICKS 10u
#define PB_DURATION_MAX_TICKS 864000u
#define PB_INTERVAL_MIN_TICKS 9000u
#define PB_INTERVAL_MAX_TICKS 6048000u
#define PB_LOCKOUT_MIN_TICKS 600u
#define PB_LOCKOUT_MAX_TICKS 864000u
#define PB_PATIENT_BOLUSES 8u
#define PB_TONE_INTERVAL_MIN_TICKS 300u
#define PB_TONE_INTERVAL_MAX_TICKS 72000u
#define PB_CATHETER_MAX_MM 1500u
#define PB_TUBING_MAX_NL 1000000u
#define PB_LINE_MIN_NL 16000u
#define PB_ERASED 4294967295u
#define PB_COMMIT_MAGIC 1129270612u
#define PB_PROGRAM_BODY_WORDS 54u
#define PB_PROGRAM_SLOT_WORDS 57u
#define PB_PROGRAM_SLOTS 2u
#define PB_UPDATE_WORDS_PER_TICK 8u
#define PB_LOG_CAPACITY 32u
#define PB_LOG_ENTRY_WORDS 8u
#define PB_LOG_PAGE_ENTRIES 6u
#define PB_HOUR_BUCKETS 25u
#define PB_FLUID_RECORDS 4u
#define PB_ALARM_COUNT 9u
#define PB_LINE_PARCELS 32u
#define PB_BATTERY_TABLE_POINTS 17u
#define PB_SNAPSHOT_PAGE_BYTES 128u
#define PB_NO_CUT_WORDS 65535u
#define PB_VERSION 1u
#define PB_FLAG_BENCH 1u
#define PB_FLAG_FROM_DEVICE 2u
#define PB_FLAG_TAGGED 4u
#define PB_HOST_BYTES 14u
#define PB_DEVICE_BYTES 26u
#define PB_CRC_BYTES 4u
#define PB_HOST_BODY_BYTES_MAX 235u
#define PB_DEVICE_BODY_BYTES_MAX 223u
#define PB_START 4294967295u
#define PB_ENCODED_BYTES_MAX 254u
#define PB_CHECK 3808858755u
#define PB_RESIDUE 1214729159u
#define PB_GOOD 3080238136u
#define PB_CHECKPOINT_BODY_BYTES 360u
#define PB_CHECKPOINT_BODY_WORDS 90u
#define PB_CHECKPOINT_SLOT_WORDS 93u
#define PB_CHECKPOINT_SLOTS 2u
#define PB_PROGRAM_SLOT_ADDRESS_0 0u
#define PB_PROGRAM_SLOT_ADDRESS_1 57u
#define PB_CHECKPOINT_SLOT_ADDRESS_0 114u
#define PB_CHECKPOINT_SLOT_ADDRESS_1 207u
#define PB_LOG_ADDRESS 300u
#define PB_MEMORY_WORDS 556u
#define PB_SCHEMA_ID 2446439717u
#define PB_CHANNEL_BOTH 0u
#define PB_CHANNEL_THERAPY 1u
#define PB_CHANNEL_BENCH 2u
#define PB_KIND_REQUEST 0u
#define PB_KIND_REPLY 1u
#define PB_KIND_EVENT 2u
#define PB_KIND_ITEM 3u
#define PB_KIND_STATE 4u

/* Who opened the session. */
#define PB_ROLE_NONE 0u
#define PB_ROLE_CLINICIAN 1u
#define PB_ROLE_PATIENT 2u

/* Reservoir sizes of the modelled class [F01]. */
#define PB_MODEL_UNKNOWN 0u
#define PB_MODEL_PUMP_20_ML 1u
#define PB_MODEL_PUMP_40_ML 2u

/* Drug in the reservoir. */
#define PB_DRUG_UNKNOWN 0u
#define PB_DRUG_BACLOFEN 1u
#define PB_DRUG_SALINE 2u

/* What a program asks for. */
#define PB_MODE_STOPPED 0u
#define PB_MODE_SIMPLE_CONTINUOUS 1u
#define PB_MODE_FLEX 2u
#define PB_MODE_INTERVAL_BOLUS 3u
#define PB_MODE_SINGLE_BOLUS 4u
#define PB_MODE_MINIMUM_RATE 5u

/* Unit of the interval field; explicit because minutes typed for hours injured patients [F09]. */
#define PB_INTERVAL_UNIT_NONE 0u
#define PB_INTERVAL_UNIT_MINUTES 1u
#define PB_INTERVAL_UNIT_HOURS 2u

/* What the controller does now; four different ways not to treat, each with its own name. */
#define PB_THERAPY_STATE_STOPPED 0u
#define PB_THERAPY_STATE_THERAPY 1u
#define PB_THERAPY_STATE_MINIMUM_RATE 2u
#define PB_THERAPY_STATE_EMPTY 3u
#define PB_THERAPY_STATE_SAFE_STATE 4u
#define PB_THERAPY_STATE_ENDED 5u

/* Bits that hold delivery back while the therapy state stays as it is. */
#define PB_HELD_UPDATE 0u
#define PB_HELD_TELEMETRY 1u

/* Where a program update stands. */
#define PB_UPDATE_STAGE_IDLE 0u
#define PB_UPDATE_STAGE_STOP 1u
#define PB_UPDATE_STAGE_WRITE 2u
#define PB_UPDATE_STAGE_VERIFY 3u
#define PB_UPDATE_STAGE_COMMIT 4u
#define PB_UPDATE_STAGE_RESTART 5u

/* What moves fluid, in order of precedence; also the index of its account. */
#define PB_FLUID_KIND_PRIME 0u
#define PB_FLUID_KIND_BRIDGE 1u
#define PB_FLUID_KIND_PATIENT 2u
#define PB_FLUID_KIND_CLINICIAN 3u
#define PB_FLUID_KIND_INTERVAL 4u
#define PB_FLUID_KIND_REFILL 5u
#define PB_FLUID_KIND_NONE 255u

/* How a request that moves fluid ended. */
#define PB_FLUID_OUTCOME_NONE 0u
#define PB_FLUID_OUTCOME_RUNNING 1u
#define PB_FLUID_OUTCOME_COMPLETED 2u
#define PB_FLUID_OUTCOME_CANCELLED 3u
#define PB_FLUID_OUTCOME_INTERRUPTED 4u

/* Which part of the line a prime fills. */
#define PB_PRIME_SCOPE_NONE 0u
#define PB_PRIME_SCOPE_TUBING 1u
#define PB_PRIME_SCOPE_CATHETER 2u
#define PB_PRIME_SCOPE_TUBING_AND_CATHETER 3u

/* Which program a read returns. */
#define PB_PROGRAM_SOURCE_IN_FORCE 0u
#define PB_PROGRAM_SOURCE_STAGED 1u

/* Alarms of the trigger table [C01, M01, M02, F14]; also bit positions. */
#define PB_ALARM_LOW_RESERVOIR 0u
#define PB_ALARM_ELECTIVE_REPLACEMENT 1u
#define PB_ALARM_MEMORY_ERROR 2u
#define PB_ALARM_EMPTY_RESERVOIR 3u
#define PB_ALARM_END_OF_SERVICE 4u
#define PB_ALARM_MOTOR_STALL 5u
#define PB_ALARM_STOPPED_TOO_LONG 6u
#define PB_ALARM_CRITICAL_MEMORY_ERROR 7u
#define PB_ALARM_LOW_BATTERY_RESET 8u

/* Which tone the plan asks for. */
#define PB_TONE_CLASS_NONE 0u
#define PB_TONE_CLASS_NON_CRITICAL 1u
#define PB_TONE_CLASS_CRITICAL 2u

/* Why the controller last started. */
#define PB_RESET_CAUSE_NONE 0u
#define PB_RESET_CAUSE_START 1u
#define PB_RESET_CAUSE_LOW_BATTERY 2u
#define PB_RESET_CAUSE_POWER_CUT 3u
#define PB_RESET_CAUSE_WATCHDOG 4u

/* Bits of the durable fault flags; an alarm row's condition reads them. */
#define PB_FLAG_MEMORY_ERROR 0u
#define PB_FLAG_CRITICAL_MEMORY 1u
#define PB_FLAG_LOW_BATTERY_RESET 2u

/* Documented misbehaviour of real devices, off by default. */
#define PB_QUIRK_TELEMETRY_HOLD 0u
#define PB_QUIRK_STOP_AT_STAGE 1u
#define PB_QUIRK_LATE_RECOVERY 2u
#define PB_QUIRK_LATE_REPLACEMENT_DATE 3u

/* How the rotor fails. */
#define PB_ROTOR_FAULT_NONE 0u
#define PB_ROTOR_FAULT_STALLED 1u
#define PB_ROTOR_FAULT_INTERMITTENT 2u

/* Why a credit ended. */
#define PB_STOP_REASON_TARGET 0u
#define PB_STOP_REASON_EFFECT 1u
#define PB_STOP_REASON_ACTUATOR 2u
#define PB_STOP_REASON_ALARM 3u
#define PB_STOP_REASON_RESET 4u
#define PB_STOP_REASON_ABORT 5u

/* Bits that let a credit end before its target; FOLLOW vouches that every step turns the rotor, so that none need end it. */
#define PB_STOP_MASK_EFFECT 0u
#define PB_STOP_MASK_ACTUATOR 1u
#define PB_STOP_MASK_ALARM 2u
#define PB_STOP_MASK_RESET 3u
#define PB_STOP_MASK_FOLLOW 4u

/* Bits of what the last tick asked of a plant, beyond its actuators. */
#define PB_LOAD_ABOVE_MINIMUM 0u
#define PB_LOAD_BOLUS 1u
#define PB_LOAD_SESSION 2u
#define PB_LOAD_RAN 3u

/* Conformance level of a target. */
#define PB_LEVEL_L0 0u
#define PB_LEVEL_L1 1u
#define PB_LEVEL_L2 2u
#define PB_LEVEL_L3 3u

/* What backs the memory of a target. */
#define PB_NVM_RAM 0u
#define PB_NVM_FLASH 1u

/* Bits of the feature word of identify. */
#define PB_FEATURE_BENCH 0u
#define PB_FEATURE_FREE_RUN 1u
#define PB_FEATURE_AUTHENTICATION 2u

/* Which implementation computes the CRC. */
#define PB_CRC_BUILD_UNKNOWN 0u
#define PB_CRC_BUILD_PYTHON 1u
#define PB_CRC_BUILD_EXTENSION 2u
#define PB_CRC_BUILD_FIRMWARE 3u

/* Physical faults and acts that the bench injects between ticks. */
#define PB_FAULT_NONE 0u
#define PB_FAULT_ROTOR 1u
#define PB_FAULT_FIELD 2u
#define PB_FAULT_OCCLUSION 3u
#define PB_FAULT_LEAK 4u
#define PB_FAULT_FLOW 5u
#define PB_FAULT_BATTERY_CHARGE 6u
#define PB_FAULT_BATTERY_RESISTANCE 7u
#define PB_FAULT_MEMORY_FLIP 8u
#define PB_FAULT_POWER_CUT 9u
#define PB_FAULT_RESET 10u
#define PB_FAULT_EMI 11u
#define PB_FAULT_REFILL 12u
#define PB_FAULT_POCKET_FILL 13u
#define PB_FAULT_LINE_SET 14u

/* Why a request was refused; limit and value of the reply say by how much. */
#define PB_REFUSAL_NONE 0u
#define PB_REFUSAL_UNKNOWN_TYPE 1u
#define PB_REFUSAL_MALFORMED 2u
#define PB_REFUSAL_BOOTING 3u
#define PB_REFUSAL_SESSION_UNKNOWN 4u
#define PB_REFUSAL_SERIAL_MISMATCH 5u
#define PB_REFUSAL_BUSY 6u
#define PB_REFUSAL_STALE_ID 7u
#define PB_REFUSAL_ROLE_FORBIDDEN 8u
#define PB_REFUSAL_INVALID_STATE 9u
#define PB_REFUSAL_UPDATE_IN_PROGRESS 10u
#define PB_REFUSAL_NOT_STAGED 11u
#define PB_REFUSAL_NOT_VERIFIED 12u
#define PB_REFUSAL_PROGRAM_CHANGED 13u
#define PB_REFUSAL_NEEDS_SECOND_CONFIRMATION 14u
#define PB_REFUSAL_DOSE_LIMIT 15u
#define PB_REFUSAL_MODE_UNKNOWN 16u
#define PB_REFUSAL_CONCENTRATION_RANGE 17u
#define PB_REFUSAL_RATE_TOO_HIGH 18u
#define PB_REFUSAL_RATE_TOO_LOW 19u
#define PB_REFUSAL_RATE_MISMATCH 20u
#define PB_REFUSAL_VOLUME_MISMATCH 21u
#define PB_REFUSAL_FLEX_COUNT 22u
#define PB_REFUSAL_FLEX_ORDER 23u
#define PB_REFUSAL_FLEX_SUM 24u
#define PB_REFUSAL_INTERVAL_UNIT 25u
#define PB_REFUSAL_INTERVAL_RANGE 26u
#define PB_REFUSAL_DURATION_RANGE 27u
#define PB_REFUSAL_LOCKOUT_RANGE 28u
#define PB_REFUSAL_LIMIT_RANGE 29u
#define PB_REFUSAL_THRESHOLD_RANGE 30u
#define PB_REFUSAL_TONE_INTERVAL_RANGE 31u
#define PB_REFUSAL_FIELD_UNUSED 32u
#define PB_REFUSAL_NOT_ENABLED 33u
#define PB_REFUSAL_BOLUS_IN_PROGRESS 34u
#define PB_REFUSAL_LOCKOUT 35u
#define PB_REFUSAL_DAILY_MAXIMUM 36u
#define PB_REFUSAL_RESERVOIR_TOO_LOW 37u
#define PB_REFUSAL_VOLUME_RANGE 38u
#define PB_REFUSAL_CLOCK_RANGE 39u
#define PB_REFUSAL_RECORD_RANGE 40u
#define PB_REFUSAL_NOT_ARMED 41u
#define PB_REFUSAL_BUILD_MISMATCH 42u
#define PB_REFUSAL_CONFIG_UNKNOWN 43u
#define PB_REFUSAL_CONFIG_RANGE 44u
#define PB_REFUSAL_TICK_PASSED 45u
#define PB_REFUSAL_FAULT_UNKNOWN 46u
#define PB_REFUSAL_FAULT_RANGE 47u
#define PB_REFUSAL_PAGE_RANGE 48u
#define PB_REFUSAL_SNAPSHOT_INVALID 49u
#define PB_REFUSAL_NOT_SUPPORTED 50u
#define PB_REFUSAL_REQUEST_OUTSTANDING 51u
#define PB_REFUSAL_PATIENT_COUNT_RANGE 52u
#define PB_REFUSAL_POWER_CUT 53u

/* Effects with a stamp; `firmware_emu/events.py` says which are logged and which call for a check-point. */
#define PB_EVENT_NONE 0u
#define PB_EVENT_RESET 1u
#define PB_EVENT_BOOT_COMPLETED 2u
#define PB_EVENT_SESSION_OPENED 3u
#define PB_EVENT_SESSION_CLOSED 4u
#define PB_EVENT_SESSION_TIMEOUT 5u
#define PB_EVENT_PROGRAM_STAGED 6u
#define PB_EVENT_UPDATE_STARTED 7u
#define PB_EVENT_PROGRAM_COMMITTED 8u
#define PB_EVENT_UPDATE_FAILED 9u
#define PB_EVENT_UPDATE_INTERRUPTED 10u
#define PB_EVENT_DELIVERY_RESTARTED 11u
#define PB_EVENT_STOPPED 12u
#define PB_EVENT_RESUMED 13u
#define PB_EVENT_FLEX_STEP 14u
#define PB_EVENT_BOLUS_STARTED 15u
#define PB_EVENT_BOLUS_ENDED 16u
#define PB_EVENT_BOLUS_CANCELLED 17u
#define PB_EVENT_BOLUS_REFUSED 18u
#define PB_EVENT_INTERVAL_DROPPED 19u
#define PB_EVENT_REFILLED 20u
#define PB_EVENT_REFILL_DISCREPANCY 21u
#define PB_EVENT_EMPTY_ENTERED 22u
#define PB_EVENT_EMPTY_LEFT 23u
#define PB_EVENT_SAFE_STATE_ENTERED 24u
#define PB_EVENT_ENDED 25u
#define PB_EVENT_ERI_REACHED 26u
#define PB_EVENT_BATTERY_SAMPLED 27u
#define PB_EVENT_STALL_DETECTED 28u
#define PB_EVENT_STALL_RECOVERED 29u
#define PB_EVENT_ALARM_RAISED 30u
#define PB_EVENT_ALARM_CLEARED 31u
#define PB_EVENT_ALARMS_SILENCED 32u
#define PB_EVENT_ALARM_TEST 33u
#define PB_EVENT_TONE_PLAN 34u
#define PB_EVENT_CLOCK_SET 35u
#define PB_EVENT_RECORD_WRITTEN 36u
#define PB_EVENT_MEMORY_FAULT 37u
#define PB_EVENT_MASKED_FAULT 38u
#define PB_EVENT_TELEMETRY_HELD 39u
#define PB_EVENT_HOLD_RELEASED 40u
#define PB_EVENT_COMMIT_REFUSED 41u

/* Faults of a frame, in priority order: a frame has the first that applies. */
#define PB_WIRE_FAULT_OVERSIZE 1u
#define PB_WIRE_FAULT_COBS 2u
#define PB_WIRE_FAULT_SHORT 3u
#define PB_WIRE_FAULT_CRC 4u
#define PB_WIRE_FAULT_VERSION 5u
#define PB_WIRE_FAULT_LENGTH 6u
#define PB_WIRE_FAULT_RANGE 7u

/* Message types. */
#define PB_MSG_IDENTIFY 0x0001u
#define PB_MSG_OPEN 0x0101u
#define PB_MSG_CLOSE 0x0102u
#define PB_MSG_READ_STATUS 0x0110u
#define PB_MSG_SUBSCRIBE 0x0111u
#define PB_MSG_READ_PROGRAM 0x0112u
#define PB_MSG_READ_FLEX 0x0113u
#define PB_MSG_READ_ALARMS 0x0114u
#define PB_MSG_READ_LOG 0x0115u
#define PB_MSG_READ_RECORD 0x0116u
#define PB_MSG_READ_ACCOUNT 0x0117u
#define PB_MSG_STAGE_PROGRAM 0x0120u
#define PB_MSG_STAGE_FLEX 0x0121u
#define PB_MSG_VERIFY_PROGRAM 0x0122u
#define PB_MSG_COMMIT_PROGRAM 0x0123u
#define PB_MSG_BOLUS 0x0130u
#define PB_MSG_PATIENT_BOLUS 0x0131u
#define PB_MSG_PRIME 0x0132u
#define PB_MSG_REFILL 0x0133u
#define PB_MSG_STOP 0x0134u
#define PB_MSG_RESUME 0x0135u
#define PB_MSG_SILENCE_ALARMS 0x0140u
#define PB_MSG_TEST_ALARM 0x0141u
#define PB_MSG_SET_CLOCK 0x0142u
#define PB_MSG_WRITE_RECORD 0x0143u
#define PB_MSG_MEASURE_BATTERY 0x0144u
#define PB_MSG_ARM 0x0201u
#define PB_MSG_DISARM 0x0202u
#define PB_MSG_CONFIGURE 0x0203u
#define PB_MSG_RESET_TO_START 0x0204u
#define PB_MSG_RUN_TO 0x0205u
#define PB_MSG_ABORT 0x0206u
#define PB_MSG_INJECT 0x0207u
#define PB_MSG_READ_SNAPSHOT 0x0208u
#define PB_MSG_WRITE_SNAPSHOT 0x0209u
#define PB_MSG_RESTORE 0x020Au
#define PB_MSG_READ_LINK 0x020Bu
#define PB_MSG_SENSE 0x020Cu
#define PB_MSG_REFUSED 0x8000u
#define PB_MSG_IDENTIFIED 0x8001u
#define PB_MSG_DONE 0x8002u
#define PB_MSG_OPENED 0x8101u
#define PB_MSG_STATUS 0x8110u
#define PB_MSG_TELEMETRY 0x8111u
#define PB_MSG_PROGRAM_READ 0x8112u
#define PB_MSG_FLEX_READ 0x8113u
#define PB_MSG_ALARMS 0x8114u
#define PB_MSG_LOG_PAGE 0x8115u
#define PB_MSG_RECORD 0x8116u
#define PB_MSG_ACCOUNT 0x8117u
#define PB_MSG_STAGED 0x8120u
#define PB_MSG_VERIFIED 0x8122u
#define PB_MSG_STARTED 0x8130u
#define PB_MSG_ALREADY_STARTED 0x8131u
#define PB_MSG_REFILLED 0x8133u
#define PB_MSG_REPORT 0x8205u
#define PB_MSG_SNAPSHOT_PAGE 0x8208u
#define PB_MSG_LINK_COUNTERS 0x820Bu
#define PB_MSG_EVENT_NOTICE 0x8220u

/* Sizes of state parts in canonical bytes. */
#define PB_CONFIG_WIRE_BYTES 118u
#define PB_CONTROLLER_WIRE_BYTES 680u
#define PB_DURABLE_WIRE_BYTES 360u
#define PB_PLANT_WIRE_BYTES 311u
#define PB_MEMORY_WIRE_BYTES 2224u
#define PB_IDENTITY_WIRE_BYTES 14u
#define PB_PROGRAM_WIRE_BYTES 216u
#define PB_SNAPSHOT_BYTES 3693u


/* Bit of a code in a bit set. */
#define PB_BIT(code) (UINT32_C(1) << (code))

/*
 * One field. On the wire fields follow each other little-endian without padding, in table order; in memory each stands
 * at `offset`. A blob of whole words is `count` elements of 4 bytes: the wire bytes are the same.
 */
typedef struct {
    uint16_t offset;   /* in the C struct, bytes */
    uint16_t wire;     /* on the wire from the start of the body, bytes */
    uint16_t count;    /* elements; 1 for a scalar */
    uint8_t size;      /* of one element, bytes: 1, 2, 4 or 8 */
    uint8_t since;     /* revision at which the field came; the first is 1 */
    uint64_t lo;       /* smallest value of an element */
    uint64_t hi;       /* largest */
    uint64_t initial;  /* declared default of a state field; 0 in messages */
} pb_field_t;

typedef struct pb_layout pb_layout_t;

/*
 * One message, item or state part. A tail is, on the wire, count u16, item size u8, items; in memory a uint16_t at
 * `tail_count_offset` and an array at `tail_offset`. `item` is NULL for a tail of bytes and where there is no tail;
 * `tail_max` is 0 where there is none.
 */
struct pb_layout {
    uint16_t number;             /* message type; 0 for items and state */
    uint8_t channel;             /* PB_CHANNEL_* */
    uint8_t kind;                /* PB_KIND_* */
    uint16_t replies;            /* type of the reply a request expects; 0: none */
    uint16_t field_count;
    const pb_field_t *fields;    /* NULL for an empty body */
    uint16_t wire_bytes;         /* of all fixed fields */
    uint16_t struct_bytes;       /* of the C struct; 0 for an empty body, which has none */
    const pb_layout_t *item;
    uint16_t tail_max;
    uint16_t tail_count_offset;
    uint16_t tail_offset;
};

typedef struct {
    uint8_t logged;      /* 1: the log keeps it */
    uint8_t checkpoint;  /* 1: it calls for a check-point */
} pb_event_fact_t;

/* One step of a flex schedule; it lasts until the next one or midnight. */
typedef struct {
    uint16_t start_minute; /* min */
    uint32_t dose_ng; /* ng; over the step's own length */
} pb_item_flex_step_t;

/* One entry of the event log. */
typedef struct {
    uint32_t entry_seq; /* seq */
    uint64_t life_ticks; /* ticks */
    uint16_t code;
    uint32_t clock_minute; /* min; bit 31: the clock was valid; else minutes since clock day 0 */
    uint32_t boot_count; /* count */
    uint32_t arg_0;
    uint32_t arg_1;
} pb_item_log_entry_t;

/* Opens a session; the header's session is 0. */
typedef struct {
    uint32_t serial;
    uint8_t role;
    uint32_t nonce;
} pb_msg_open_t;

/* Asks for telemetry every so many ticks, 0: no more. */
typedef struct {
    uint32_t period_ticks; /* ticks */
} pb_msg_subscribe_t;

/* Reads the program in force or the staged one, without its flex steps. */
typedef struct {
    uint8_t source;
} pb_msg_read_program_t;

/* Reads one flex schedule. */
typedef struct {
    uint8_t source;
    uint8_t schedule;
} pb_msg_read_flex_t;

/* Reads a page of the event log. */
typedef struct {
    uint32_t from_seq; /* seq */
} pb_msg_read_log_t;

/* Stages a program without its flex steps; replaces what was staged. */
typedef struct {
    uint32_t program_id; /* id */
    uint8_t mode;
    uint8_t schedule_days; /* days */
    uint16_t concentration_ug_per_ml; /* ug/ml */
    uint32_t dose_ng_per_day; /* ng/day */
    uint32_t low_reservoir_nl; /* nl */
    uint32_t dose_limit_ng; /* ng */
    uint32_t critical_interval_ticks; /* ticks */
    uint8_t interval_unit;
    uint8_t patient_count; /* count */
    uint16_t interval_count; /* count */
    uint32_t interval_dose_ng; /* ng */
    uint32_t interval_duration_ticks; /* ticks */
    uint32_t single_dose_ng; /* ng */
    uint32_t single_duration_ticks; /* ticks */
    uint32_t patient_dose_ng; /* ng */
    uint32_t patient_duration_ticks; /* ticks */
    uint32_t patient_lockout_ticks; /* ticks */
    uint8_t bridge;
} pb_msg_stage_program_t;

/* Stages one flex schedule of the staged program. */
typedef struct {
    uint8_t schedule;
    uint16_t steps_count;
    pb_item_flex_step_t steps[16];
} pb_msg_stage_flex_t;

/* Asks the pump to judge the staged program, named by its CRC and the programmer's own sums. */
typedef struct {
    uint32_t program_crc; /* crc */
    uint32_t rate_check_nl_per_day; /* nl/day; sum of the rates the programmer derived */
    uint32_t volume_check_nl; /* nl; sum of the bolus volumes the programmer derived */
} pb_msg_verify_program_t;

/* Starts the update; its outcome comes by status and event. */
typedef struct {
    uint32_t program_crc; /* crc; of the staged program */
    uint32_t old_program_crc; /* crc; of the program the programmer reviewed */
    uint32_t second_confirmation_ng; /* ng; the new daily dose, or 0 */
} pb_msg_commit_program_t;

/* A clinician's bolus on top of the program. */
typedef struct {
    uint32_t dose_ng; /* ng */
    uint32_t volume_nl; /* nl; as the programmer derived it */
    uint32_t duration_ticks; /* ticks */
} pb_msg_bolus_t;

/* Fills the line at the prime rate. */
typedef struct {
    uint8_t scope;
    uint32_t volume_nl; /* nl; as the programmer derived it */
} pb_msg_prime_t;

/* Tells the pump that it was refilled. */
typedef struct {
    uint32_t measured_nl; /* nl; volume withdrawn */
    uint32_t fill_nl; /* nl; volume filled in */
} pb_msg_refill_t;

/* Sets the pump's clock. */
typedef struct {
    uint16_t clock_day; /* day */
    uint32_t clock_day_ticks; /* ticks */
} pb_msg_set_clock_t;

/* Writes the part of the device record that therapy depends on. */
typedef struct {
    uint16_t drug;
    uint16_t catheter_length_mm; /* mm */
    uint32_t tubing_nl; /* nl */
} pb_msg_write_record_t;

/* Takes the pump's time into the bench's hands. */
typedef struct {
    uint64_t build_id; /* id */
} pb_msg_arm_t;

/* Sets one constant or quirk, by its place in the declared configuration. */
typedef struct {
    uint16_t config_index; /* index */
    uint64_t value;
} pb_msg_configure_t;

/* Puts the whole pump into its start state under the configuration that stands. */
typedef struct {
    uint16_t model;
    uint32_t serial;
    uint32_t implant_day; /* day */
    uint32_t calendar_origin_day; /* day */
    uint16_t drug;
    uint16_t catheter_length_mm; /* mm */
    uint32_t tubing_nl; /* nl */
    uint32_t reservoir_true_nl; /* nl */
    uint32_t reservoir_estimated_nl; /* nl */
    uint16_t concentration_ug_per_ml; /* ug/ml; in the reservoir */
    uint16_t line_ug_per_ml; /* ug/ml; in the line */
    uint16_t clock_day; /* day */
    uint32_t clock_day_ticks; /* ticks */
    uint64_t life_ticks; /* ticks */
    uint64_t charge_nc; /* nC; 0: a full battery */
} pb_msg_reset_to_start_t;

/* Grants time up to an absolute tick. */
typedef struct {
    uint64_t target_tick; /* tick */
    uint16_t stop_mask;
} pb_msg_run_to_t;

/* A physical fault or act, in force from the next tick's plant phase; SEMANTICS.md has the arguments. */
typedef struct {
    uint16_t fault;
    uint32_t arg_0;
    uint32_t arg_1;
    uint32_t arg_2;
} pb_msg_inject_t;

/* Reads a page of the snapshot of the state between ticks. */
typedef struct {
    uint32_t offset_bytes; /* bytes */
} pb_msg_read_snapshot_t;

/* Puts a page into the restore buffer; the state does not change yet. */
typedef struct {
    uint32_t offset_bytes; /* bytes */
    uint16_t data_count;
    uint8_t data[128];
} pb_msg_write_snapshot_t;

/* Makes the restore buffer the state, if its CRC fits. */
typedef struct {
    uint32_t snapshot_crc; /* crc */
} pb_msg_restore_t;

/* Puts the plant outside and lets the controller feel it; ResetToStart, Restore and Disarm put it inside again. */
typedef struct {
    uint16_t rotor_count; /* count */
    uint16_t sample_mv; /* mV */
    uint8_t emi;
    uint8_t reset; /* 0 or LOW_BATTERY; what is pending already stands */
    uint8_t dead;
} pb_msg_sense_t;

/* The answer to a request that changed nothing. */
typedef struct {
    uint16_t refused_type;
    uint16_t refusal;
    uint32_t limit; /* the bound that was broken, in the unit of the field */
    uint32_t value; /* what was asked or what stands, in the same unit */
} pb_msg_refused_t;

/* What the device is and what it can do. */
typedef struct {
    uint16_t model;
    uint32_t serial;
    uint64_t build_id; /* id; hash of the firmware's sources */
    uint32_t schema_id; /* id; hash over the state layout; digests compare only where it is equal */
    uint32_t features;
    uint8_t level;
    uint8_t nvm;
    uint8_t crc_build;
    uint8_t armed;
    uint32_t ticks_per_second; /* ticks/s; most the device computes, not the pump's own pace */
    uint32_t identity_crc; /* crc; CRC over the identity part */
} pb_msg_identified_t;

/* The plain answer to a request that was carried out. */
typedef struct {
    uint16_t done_type;
} pb_msg_done_t;

/* The session that every therapy frame carries from here on. */
typedef struct {
    uint32_t session;
    uint32_t fluid_highest_id; /* id; request ids of this session must be higher */
} pb_msg_opened_t;

/* The pump as its controller knows it; nothing here is the plant's truth. */
typedef struct {
    uint8_t therapy_state;
    uint8_t mode;
    uint8_t held;
    uint8_t update_stage;
    uint8_t bolus_kind; /* bolus that flows now, 255: none */
    uint8_t clock_valid;
    uint8_t reset_cause;
    uint32_t boot_count; /* count */
    uint32_t rate_nl_per_day; /* nl/day; basal rate in force */
    uint32_t owed_nl; /* nl; owed by all boluses, rounded up */
    uint32_t reservoir_estimated_nl; /* nl */
    uint16_t alarms_active;
    uint16_t alarms_silenced;
    uint16_t battery_mv; /* mV */
    uint16_t clock_day; /* day */
    uint32_t clock_day_ticks; /* ticks */
    uint64_t life_ticks; /* ticks */
    uint64_t eri_life_ticks; /* ticks */
    uint64_t eos_life_ticks; /* ticks */
    uint64_t replace_by_life_ticks; /* ticks */
    uint64_t refill_due_life_ticks; /* ticks */
    uint64_t step_count; /* count */
    uint32_t stopped_ticks; /* ticks */
    uint32_t program_crc; /* crc; CRC of the program in force; a commit names it */
    uint32_t log_next_seq; /* seq */
    uint32_t controller_crc; /* crc */
    uint32_t plant_crc; /* crc */
    uint32_t memory_crc; /* crc */
    uint32_t bad_frame_count; /* count */
    uint32_t refused_frame_count; /* count */
} pb_msg_status_t;

/* Sampled state, sent unasked while subscribed. */
typedef struct {
    uint8_t therapy_state;
    uint8_t bolus_kind;
    uint8_t held;
    uint8_t tone_class;
    uint16_t alarms_active;
    uint16_t battery_mv; /* mV */
    uint32_t rate_nl_per_day; /* nl/day */
    uint32_t owed_nl; /* nl */
    uint32_t reservoir_estimated_nl; /* nl */
    uint32_t step_count; /* count; low 32 bits */
    uint32_t life_ticks; /* ticks; low 32 bits */
    uint32_t log_next_seq; /* seq */
} pb_msg_telemetry_t;

/* A program as the pump holds it. */
typedef struct {
    uint8_t source;
    uint8_t present;
    uint32_t program_crc; /* crc */
    uint32_t program_id; /* id */
    uint8_t mode;
    uint8_t schedule_days; /* days */
    uint16_t concentration_ug_per_ml; /* ug/ml */
    uint32_t dose_ng_per_day; /* ng/day */
    uint32_t low_reservoir_nl; /* nl */
    uint32_t dose_limit_ng; /* ng */
    uint32_t critical_interval_ticks; /* ticks */
    uint8_t interval_unit;
    uint8_t patient_count; /* count */
    uint16_t interval_count; /* count */
    uint32_t interval_dose_ng; /* ng */
    uint32_t interval_duration_ticks; /* ticks */
    uint32_t single_dose_ng; /* ng */
    uint32_t single_duration_ticks; /* ticks */
    uint32_t patient_dose_ng; /* ng */
    uint32_t patient_duration_ticks; /* ticks */
    uint32_t patient_lockout_ticks; /* ticks */
    uint8_t flex_0_count; /* count */
    uint8_t flex_1_count; /* count */
    uint8_t bridge;
} pb_msg_program_read_t;

/* One flex schedule as the pump holds it. */
typedef struct {
    uint8_t source;
    uint8_t schedule;
    uint16_t steps_count;
    pb_item_flex_step_t steps[16];
} pb_msg_flex_read_t;

/* The alarm list: what is on, what is silenced, since when. */
typedef struct {
    uint16_t alarms_active;
    uint16_t alarms_silenced;
    uint8_t tone_class;
    uint64_t low_reservoir_tick; /* tick */
    uint64_t elective_replacement_tick; /* tick */
    uint64_t memory_error_tick; /* tick */
    uint64_t empty_reservoir_tick; /* tick */
    uint64_t end_of_service_tick; /* tick */
    uint64_t motor_stall_tick; /* tick */
    uint64_t stopped_too_long_tick; /* tick */
    uint64_t critical_memory_error_tick; /* tick */
    uint64_t low_battery_reset_tick; /* tick */
} pb_msg_alarms_t;

/* Valid entries from `from_seq` on, oldest first; none: there are no more. */
typedef struct {
    uint32_t oldest_seq; /* seq; lowest sequence the ring can still hold */
    uint32_t next_seq; /* seq; sequence the next entry will get */
    uint16_t entries_count;
    pb_item_log_entry_t entries[6];
} pb_msg_log_page_t;

/* The device record. */
typedef struct {
    uint16_t model;
    uint32_t serial;
    uint32_t implant_day; /* day; days since 2000-01-01 */
    uint32_t calendar_origin_day; /* day; date of clock day 0, days since 2000-01-01 */
    uint16_t drug;
    uint16_t concentration_ug_per_ml; /* ug/ml */
    uint16_t catheter_length_mm; /* mm */
    uint32_t tubing_nl; /* nl */
    uint32_t fill_nl; /* nl */
    uint64_t fill_life_ticks; /* ticks */
    uint32_t residual_more_nl; /* nl */
    uint32_t residual_less_nl; /* nl */
    uint64_t last_session_life_ticks; /* ticks */
    uint32_t open_count; /* count */
} pb_msg_record_t;

/* commanded = step_count * 216 000 000 + acc + owed + cancelled, always. */
typedef struct {
    uint64_t commanded_q; /* q */
    uint64_t step_count; /* count */
    uint64_t acc_q; /* q */
    uint64_t owed_q; /* q; sum over all boluses */
    uint64_t cancelled_q; /* q */
} pb_msg_account_t;

/* The image now staged. */
typedef struct {
    uint32_t program_crc; /* crc */
} pb_msg_staged_t;

/* Old against new, as the pump computes it. */
typedef struct {
    uint32_t program_crc; /* crc */
    uint32_t old_program_crc; /* crc */
    uint32_t daily_dose_ng; /* ng */
    uint32_t old_daily_dose_ng; /* ng */
    uint8_t second_confirmation; /* 1: the commit must repeat the new daily dose */
} pb_msg_verified_t;

/* A movement of fluid has begun and is on record. */
typedef struct {
    uint8_t kind;
    uint32_t volume_nl; /* nl */
    uint32_t rate_nl_per_day; /* nl/day; rate of the bolus alone */
    uint64_t refill_due_life_ticks; /* ticks */
} pb_msg_started_t;

/* The same request came before; it moved fluid once and will not again. */
typedef struct {
    uint8_t kind;
    uint8_t outcome;
    uint32_t volume_nl; /* nl */
    uint32_t delivered_nl; /* nl */
} pb_msg_already_started_t;

/* What the pump made of it. */
typedef struct {
    uint32_t expected_nl; /* nl; estimate before */
    uint32_t more_nl; /* nl; measured above the estimate */
    uint32_t less_nl; /* nl; measured below the estimate */
    uint8_t discrepancy;
    uint64_t refill_due_life_ticks; /* ticks */
} pb_msg_refilled_t;

/* How far the device ran, why it stopped, and what it now is. */
typedef struct {
    uint64_t reached_tick; /* tick */
    uint8_t reason;
    uint8_t step_commanded; /* actuators of the tick reached */
    uint8_t sample_commanded;
    uint8_t tone_class;
    uint32_t effect_count; /* count; since arm or restore */
    uint32_t effect_crc; /* crc */
    uint32_t controller_crc; /* crc */
    uint32_t plant_crc; /* crc; 0 while the plant is outside */
    uint32_t memory_crc; /* crc */
    uint8_t load; /* what the tick reached asks of a plant beside its actuators */
    uint8_t reset_pending;
    uint64_t tone_onset_tick; /* tick; the tone plan that the plant sounds */
    uint32_t tone_period_ticks; /* ticks */
    uint32_t tone_duration_ticks; /* ticks */
    uint64_t tone_test_end_tick; /* tick */
} pb_msg_report_t;

/* The bytes from the offset on; the last page is shorter. */
typedef struct {
    uint32_t offset_bytes; /* bytes */
    uint32_t snapshot_bytes; /* bytes; size of the whole */
    uint16_t data_count;
    uint8_t data[128];
} pb_msg_snapshot_page_t;

/* What the link did; outside every digest. */
typedef struct {
    uint32_t good_frame_count; /* count */
    uint32_t bad_frame_count; /* count */
    uint32_t refused_frame_count; /* count */
    uint32_t retried_frame_count; /* count */
    uint32_t unknown_type_count; /* count */
    uint32_t overrun_bytes; /* bytes */
    uint32_t late_tick_count; /* count */
    uint32_t dropped_telemetry_count; /* count */
} pb_msg_link_counters_t;

/* An effect, sent unasked while telemetry is subscribed. */
typedef struct {
    uint16_t code;
    uint32_t arg_0;
    uint32_t arg_1;
} pb_msg_event_notice_t;

/* Configuration: constants that a bench may set before the start; kept over every modelled reset. */
typedef struct {
    uint16_t quirks; /* documented misbehaviour that is switched on */
    uint16_t boot_ticks; /* ticks; ticks a boot takes; unsourced */
    uint32_t session_timeout_ticks; /* ticks; silence that ends a session; unsourced */
    uint16_t update_stop_ticks; /* ticks; update stage stop; that it stops: F08; length unsourced */
    uint16_t update_verify_ticks; /* ticks; update stage verify; unsourced */
    uint16_t update_restart_ticks; /* ticks; update stage restart; unsourced */
    uint16_t stall_steps_count; /* count; steps without a count that make a stall; unsourced */
    uint32_t reservoir_capacity_nl; /* nl; F01, F12 */
    uint32_t reservoir_empty_nl; /* nl; estimate at which delivery ends; G01 R6.8.0(10) */
    uint32_t rate_min_nl_per_day; /* nl/day; minimum rate; P03 (derived) */
    uint32_t prime_rate_nl_per_day; /* nl/day; rate of a prime; unsourced */
    uint32_t catheter_nl_per_mm; /* nl/mm; 0.0022 mL/cm; unsourced */
    uint32_t tone_non_critical_period_ticks; /* ticks; once an hour; M01, M03 */
    uint16_t tone_non_critical_ticks; /* ticks; about 1 s; M01, M03 */
    uint16_t tone_critical_ticks; /* ticks; about 3 s; M03 */
    uint16_t alarm_test_ticks; /* ticks; both tones once; M03; length unsourced */
    uint16_t dose_factor_count; /* count; daily dose may change by this factor with one confirmation; unsourced */
    uint32_t dose_confirm_above_ng; /* ng; daily dose above which a second confirmation is due; D02 */
    uint16_t refill_tolerance_ppt; /* ppt; parts per thousand of the volume used; F02, F20 */
    uint32_t refill_interval_max_ticks; /* ticks; 180 days; P03 */
    uint32_t stopped_alarm_ticks; /* ticks; 48 h; C01 */
    uint32_t life_limit_ticks; /* ticks; 84 months of 30.4375 days; M02 */
    uint32_t eri_to_eos_ticks; /* ticks; 90 days; M02 */
    uint16_t eri_mv; /* mV; sampled voltage at which ERI is reached; unsourced */
    uint16_t eos_mv; /* mV; sampled voltage at which service ends; unsourced */
    uint64_t battery_capacity_nc; /* nC; 2.5 Ah; unsourced */
    uint32_t idle_nc; /* nC; charge of a tick; unsourced */
    uint32_t step_nc; /* nC; charge of a motor step; unsourced */
    uint32_t tone_nc; /* nC; charge of a tick with tone; unsourced */
    uint32_t session_nc; /* nC; charge of a tick with an open session; unsourced */
    uint32_t load_ua; /* uA; load of a battery sample; unsourced */
    uint32_t brownout_nc_per_mohm; /* nC/mohm; charge bound per resistance, motor at work; unsourced */
    uint32_t brownout_reduced_nc_per_mohm; /* nC/mohm; the same for the reduced load; unsourced */
    uint32_t mix_basal_ppm; /* ppm; exchange between parcels at a shift; unsourced */
    uint32_t mix_bolus_ppm; /* ppm; the same while a bolus runs; M08, F10 (that it mixes); value unsourced */
} pb_config_t;

/* Working memory of the implant's software: lost at every reset. */
typedef struct {
    uint16_t boot_remaining_ticks; /* ticks; 0: running; else ticks until the boot completes */
    uint8_t step_pending; /* 1: a step was commanded in the tick before */
    uint8_t sample_pending; /* 1: a battery sample was asked in the tick before */
    uint8_t sample_wanted; /* 1: the next tick asks for a battery sample */
    uint16_t battery_mv; /* mV; last sampled voltage; 0: none since the boot */
    uint16_t rotor_seen_count; /* count; rotor count at the last feedback */
    uint16_t stall_missed_count; /* count; consecutive steps without a count, at most stall_steps_count */
    uint8_t stall_turning; /* 1: the rotor turned again while the stall still shows */
    uint8_t stall_interrogations_count; /* count; interrogations until a recovery shows (quirk) */
    uint64_t step_tick_sum; /* sum of the ticks in which a step was commanded, modulo 2^64 */
    uint8_t flex_shown_index; /* index; flex step last announced, 255: none */
    uint8_t checkpoint_due; /* 1: this tick or request writes a check-point */
    uint8_t update_stage;
    uint16_t update_remaining_ticks; /* ticks; ticks left in the stage */
    uint8_t update_slot_index; /* index; slot the update writes */
    uint8_t staged_present;
    uint8_t staged_verified;
    uint32_t staged[54]; /* image of the staged program */
    uint32_t program[54]; /* image of the program in force */
    uint8_t program_slot_index; /* index; slot of the program in force */
    uint32_t session_id; /* id; 0: none */
    uint8_t session_role;
    uint32_t session_idle_ticks; /* ticks; since the last accepted frame */
    uint32_t session_last_id; /* id; highest request id accepted */
    uint32_t session_last_crc; /* crc; frame CRC of that request */
    uint32_t open_request_id; /* id; request id of the open that made the session */
    uint32_t open_crc; /* crc; frame CRC of that open */
    uint32_t hour_quanta[25]; /* dose stepped in each hour, 250 pg */
    uint8_t hour_head_index; /* index; bucket of the hour that runs */
    uint64_t patient_start_life_ticks[8]; /* ticks; life tick of each start plus 1; 0: unused */
    uint8_t patient_head_index; /* index; where the next start is kept */
    uint64_t alarm_test_end_tick; /* tick; last tick of the alarm test; 0: none */
    uint8_t tone_class; /* plan in force */
    uint64_t tone_onset_tick; /* tick */
    uint32_t tone_period_ticks; /* ticks */
    uint16_t tone_duration_ticks; /* ticks */
    uint32_t log_next_seq; /* seq; sequence of the next log entry */
} pb_controller_t;

/* What the software keeps over a reset: a check-point is an image of this part. */
typedef struct {
    uint32_t checkpoint_seq; /* seq; sequence of the newest check-point */
    uint64_t life_ticks; /* ticks; the controller's own age */
    uint32_t boot_count; /* count */
    uint32_t program_seq; /* seq; store sequence of the program in force */
    uint8_t reset_cause;
    uint8_t clock_valid;
    uint16_t clock_day; /* day; day 0 is a Monday */
    uint32_t clock_day_ticks; /* ticks; tick of the day */
    uint8_t therapy_state;
    uint8_t resume_state; /* where EMPTY goes back to */
    uint8_t held;
    uint8_t fault_flags;
    uint8_t stalled;
    uint8_t eri_reached;
    uint64_t eri_life_ticks; /* ticks; age at which ERI is reached */
    uint64_t eos_life_ticks; /* ticks; age at which service ends */
    uint32_t stopped_ticks; /* ticks; ticks without delivery by command or hold */
    uint32_t open_count; /* count */
    uint64_t last_session_life_ticks; /* ticks */
    uint16_t drug;
    uint16_t catheter_length_mm; /* mm */
    uint32_t tubing_nl; /* nl */
    uint32_t reservoir_estimated_nl; /* nl; dead reckoning; the truth is the plant's */
    uint32_t fill_nl; /* nl; volume of the last fill */
    uint64_t fill_life_ticks; /* ticks; age at the last fill */
    uint64_t refill_due_life_ticks; /* ticks */
    uint32_t residual_more_nl; /* nl; last refill: measured above the estimate */
    uint32_t residual_less_nl; /* nl; last refill: measured below the estimate */
    uint64_t step_count; /* count; steps commanded */
    uint64_t commanded_q; /* q; all that was asked: basal per tick, boluses at their start */
    uint64_t cancelled_q; /* q; asked and given up */
    uint64_t acc_q; /* q; asked, less than a step */
    uint64_t owed_q[5]; /* q; bolus volume still owed, by FluidKind */
    uint32_t bolus_q[5]; /* q; bolus rate a tick, by FluidKind */
    uint64_t interval_next_life_ticks; /* ticks; age at which the next interval bolus is due */
    uint32_t fluid_highest_id; /* id; highest request id that moved fluid */
    uint8_t fluid_head_index; /* index; where the next record is kept */
    uint32_t fluid_id[4]; /* id */
    uint32_t fluid_crc[4]; /* crc; CRC of type and body of the request */
    uint8_t fluid_kind[4];
    uint8_t fluid_outcome[4];
    uint32_t fluid_volume_nl[4]; /* nl */
    uint32_t fluid_delivered_nl[4]; /* nl; once the outcome is final */
    uint16_t alarms_active;
    uint16_t alarms_silenced;
    uint64_t alarm_raise_tick[9]; /* tick; 0 while not active */
    uint8_t padding;
} pb_durable_t;

/* The body of the pump: the truth, and every physical fault. */
typedef struct {
    uint64_t tick; /* tick; completed ticks; never stops */
    uint8_t reset_pending; /* cause; taken at the next tick's phase 2 */
    uint8_t reset_cause; /* cause of the last reset, kept by the hardware */
    uint8_t dead; /* 1: no charge left */
    uint16_t rotor_count; /* count; wraps */
    uint8_t rotor_fault;
    uint32_t rotor_run_count; /* count; intermittent: steps that turn */
    uint32_t rotor_miss_count; /* count; intermittent: steps that miss, after them */
    uint32_t rotor_phase_count; /* count; place in run + miss */
    uint8_t magnetic_field;
    uint32_t field_lag_ticks; /* ticks; rotor stays locked this long after the field */
    uint32_t field_lag_remaining_ticks; /* ticks */
    uint8_t emi;
    uint64_t reservoir_true_pl; /* pl */
    uint32_t reservoir_ng_per_ml; /* ng/ml; concentration of the drug in the reservoir */
    uint64_t depot_pl; /* pl; drug volume outside the pump (pocket fill) */
    uint32_t flow_ppm; /* ppm; volume of a step against the nominal */
    uint32_t flow_drift_ppm_per_day; /* ppm/day; added to flow_ppm at each plant day, up to its range */
    uint32_t flow_rem;
    uint32_t occlusion_ppm; /* ppm */
    uint32_t leak_ppm; /* ppm */
    uint32_t leak_rem;
    uint64_t pumped_pl; /* pl; left the reservoir through the pump */
    uint64_t leaked_pl; /* pl; lost before the tip */
    uint64_t delivered_pl; /* pl; left the tip */
    uint64_t delivered_fg; /* fg; drug that left the tip */
    uint32_t delivered_rem; /* ag, below 1 fg */
    uint64_t parcel_pl; /* pl; volume of one parcel */
    uint64_t parcel_phase_pl; /* pl; volume since the last shift */
    uint32_t line_ng_per_ml[32]; /* ng/ml; index 0 is at the pump */
    uint64_t charge_nc; /* nC */
    uint32_t resistance_mohm; /* mohm */
    uint32_t resistance_growth_mohm_per_day; /* mohm/day */
    uint16_t sample_mv; /* mV; voltage of the sample asked in the tick before; 0: none */
    uint16_t cut_words_count; /* count; power fails after this many words; 65535: not armed */
    uint8_t tone_class;
    uint64_t tone_onset_tick; /* tick */
    uint32_t tone_period_ticks; /* ticks */
    uint16_t tone_duration_ticks; /* ticks */
    uint64_t tone_test_end_tick; /* tick */
    uint64_t tone_tick_count; /* count; ticks in which a tone sounded */
} pb_plant_t;

/* Non-volatile memory: 32-bit words, each written whole or not. */
typedef struct {
    uint32_t words[556];
} pb_memory_t;

/* What identifies the device; under a CRC of its own, outside digest and snapshot. */
typedef struct {
    uint16_t model;
    uint32_t serial;
    uint32_t implant_day; /* day; days since 2000-01-01 */
    uint32_t calendar_origin_day; /* day; date of clock day 0, days since 2000-01-01 */
} pb_identity_t;

/* A therapy program: 54 words, little-endian, the body of a slot. Unused fields are 0. */
typedef struct {
    uint32_t program_id; /* id; number the programmer gives */
    uint8_t mode;
    uint8_t schedule_days; /* days; bit d set: weekday d (0 = Monday) follows flex schedule 1 */
    uint16_t concentration_ug_per_ml; /* ug/ml */
    uint32_t dose_ng_per_day; /* ng/day; daily dose; flex: the sum of schedule 0; interval: of the basal part */
    uint32_t low_reservoir_nl; /* nl; threshold of the low alarm on the estimate */
    uint32_t dose_limit_ng; /* ng; most that any 24 h may give */
    uint32_t critical_interval_ticks; /* ticks; period of the critical tone */
    uint8_t interval_unit;
    uint8_t patient_count; /* count; patient boluses allowed in 24 h */
    uint16_t interval_count; /* count; interval in its unit */
    uint32_t interval_dose_ng; /* ng */
    uint32_t interval_duration_ticks; /* ticks */
    uint32_t single_dose_ng; /* ng */
    uint32_t single_duration_ticks; /* ticks */
    uint32_t patient_dose_ng; /* ng */
    uint32_t patient_duration_ticks; /* ticks */
    uint32_t patient_lockout_ticks; /* ticks */
    uint8_t flex_0_count; /* count; steps of schedule 0 */
    uint8_t flex_1_count; /* count; steps of schedule 1 */
    uint8_t bridge; /* 1: a bridge bolus follows the commit */
    uint8_t reserved;
    uint16_t flex_start_minute[26]; /* min; minute of the day; schedule 1 starts at index 13 */
    uint32_t flex_dose_ng[26]; /* ng; dose over the step's own length */
} pb_program_t;

/* Any request's body. */
typedef union {
    pb_msg_open_t open;
    pb_msg_subscribe_t subscribe;
    pb_msg_read_program_t read_program;
    pb_msg_read_flex_t read_flex;
    pb_msg_read_log_t read_log;
    pb_msg_stage_program_t stage_program;
    pb_msg_stage_flex_t stage_flex;
    pb_msg_verify_program_t verify_program;
    pb_msg_commit_program_t commit_program;
    pb_msg_bolus_t bolus;
    pb_msg_prime_t prime;
    pb_msg_refill_t refill;
    pb_msg_set_clock_t set_clock;
    pb_msg_write_record_t write_record;
    pb_msg_arm_t arm;
    pb_msg_configure_t configure;
    pb_msg_reset_to_start_t reset_to_start;
    pb_msg_run_to_t run_to;
    pb_msg_inject_t inject;
    pb_msg_read_snapshot_t read_snapshot;
    pb_msg_write_snapshot_t write_snapshot;
    pb_msg_restore_t restore;
    pb_msg_sense_t sense;
} pb_request_t;

/* Any body a device sends. */
typedef union {
    pb_msg_refused_t refused;
    pb_msg_identified_t identified;
    pb_msg_done_t done;
    pb_msg_opened_t opened;
    pb_msg_status_t status;
    pb_msg_telemetry_t telemetry;
    pb_msg_program_read_t program_read;
    pb_msg_flex_read_t flex_read;
    pb_msg_alarms_t alarms;
    pb_msg_log_page_t log_page;
    pb_msg_record_t record;
    pb_msg_account_t account;
    pb_msg_staged_t staged;
    pb_msg_verified_t verified;
    pb_msg_started_t started;
    pb_msg_already_started_t already_started;
    pb_msg_refilled_t refilled;
    pb_msg_report_t report;
    pb_msg_snapshot_page_t snapshot_page;
    pb_msg_link_counters_t link_counters;
    pb_msg_event_notice_t event_notice;
} pb_answer_t;

/* Every message by rising type. */
#define PB_MESSAGE_COUNT 59u
extern const pb_layout_t pb_messages[PB_MESSAGE_COUNT];

/* State parts; `pb_snapshot_parts` in a snapshot's order. `configure` counts the fields of pb_layout_config. */
extern const pb_layout_t pb_layout_config;
extern const pb_layout_t pb_layout_controller;
extern const pb_layout_t pb_layout_durable;
extern const pb_layout_t pb_layout_plant;
extern const pb_layout_t pb_layout_memory;
extern const pb_layout_t pb_layout_identity;
extern const pb_layout_t pb_layout_program;
#define PB_SNAPSHOT_PART_COUNT 5u
extern const pb_layout_t *const pb_snapshot_parts[PB_SNAPSHOT_PART_COUNT];

/* By event code. */
#define PB_EVENT_FACT_COUNT 42u
extern const pb_event_fact_t pb_event_facts[PB_EVENT_FACT_COUNT];

/* Rest voltage at i sixteenths of the charge. */
extern const uint16_t pb_battery_rest_mv[PB_BATTERY_TABLE_POINTS];

#endif
