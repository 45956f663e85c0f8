/* Knows what each accepted therapy request does (SEMANTICS.md, sections 7.3 to 7.6). */
#include "requests.h"

#include <string.h>

#include "alarms.h"
#include "bolus_requests.h"
#include "cache.h"
#include "effects.h"
#include "log.h"
#include "reading.h"
#include "refill.h"
#include "refusal.h"
#include "session.h"
#include "snapshot.h"
#include "staging.h"
#include "store.h"
#include "therapy.h"
#include "window.h"

/* Fills the answer, or refuses. */
typedef bool handler_t(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why);

typedef struct {
    uint16_t type;
    uint16_t answer_type;
    bool for_patient;
    handler_t *handle;
} row_t;

/* An interrogation lets a late recovery show and releases a telemetry hold. */
static void interrogate(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    if (pump->controller.stall_interrogations_count > 0) {
        pump->controller.stall_interrogations_count--;
    }
    if (pb_bit(durable->held, PB_HELD_TELEMETRY)) {
        durable->held = (uint8_t)(durable->held & ~PB_BIT(PB_HELD_TELEMETRY));
        pb_emit(pump, PB_EVENT_HOLD_RELEASED, durable->held, 0);
    }
}

static bool status(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)why;
    interrogate(pump);
    pb_read_status(pump, &call->answer.status);
    call->answer.status.bad_frame_count = call->bad_frame_count;
    call->answer.status.refused_frame_count = call->refused_frame_count;
    return true;
}

static bool nothing(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)pump, (void)call, (void)why;
    return true;
}

static bool program(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)why;
    pb_read_program(pump, call->asked->read_program.source, &call->answer.program_read);
    return true;
}

static bool flex(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)why;
    pb_read_flex(pump, call->asked->read_flex.source, call->asked->read_flex.schedule, &call->answer.flex_read);
    return true;
}

static bool alarms(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)why;
    pb_read_alarms(pump, &call->answer.alarms);
    return true;
}

static bool log_page(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)why;
    pb_log_page(pump, call->asked->read_log.from_seq, &call->answer.log_page);
    return true;
}

static bool record(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)why;
    pb_read_record(pump, &call->answer.record);
    return true;
}

static bool account(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)why;
    pb_read_account(pump, &call->answer.account);
    return true;
}

static bool close_session(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)call, (void)why;
    pb_session_close(pump);
    return true;
}

static bool stage(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    return pb_stage_program(pump, &call->asked->stage_program, &call->answer.staged, why);
}

static bool stage_flex(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    return pb_stage_flex(pump, &call->asked->stage_flex, &call->answer.staged, why);
}

static bool verify(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    return pb_verify_program(pump, &call->asked->verify_program, &call->answer.verified, why);
}

static bool commit(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    return pb_commit_program(pump, &call->asked->commit_program, why);
}

static bool bolus(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    return pb_clinician_bolus(pump, &call->asked->bolus, call->key, &call->answer.started, why);
}

static bool patient_bolus(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    return pb_patient_bolus(pump, call->key, &call->answer.started, why);
}

static bool prime(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    return pb_prime(pump, &call->asked->prime, call->key, &call->answer.started, why);
}

static bool refill(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    return pb_refill(pump, &call->asked->refill, call->key, &call->answer.refilled, why);
}

static bool stop(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)call;
    return pb_therapy_stop(pump, why);
}

static bool resume(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)call;
    return pb_therapy_resume(pump, why);
}

static bool silence(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)call, (void)why;
    pb_alarms_silence(pump);
    return true;
}

static bool test_alarm(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)call, (void)why;
    pb_alarm_test(pump);
    return true;
}

static bool set_clock(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    const pb_msg_set_clock_t *asked = &call->asked->set_clock;
    if (asked->clock_day_ticks >= PB_TICKS_PER_DAY) {
        return pb_refuse(why, PB_REFUSAL_CLOCK_RANGE, PB_TICKS_PER_DAY - 1, asked->clock_day_ticks);
    }
    /* Turning a valid clock back would give a step of the schedule again. */
    const pb_clock_t clock = {asked->clock_day, asked->clock_day_ticks};
    bool follows = pump->durable.therapy_state == PB_THERAPY_STATE_THERAPY && pump->durable.clock_valid;
    if (follows && !pb_window_admits_clock(pump, clock, why)) {
        return false;
    }
    pump->durable.clock_day = asked->clock_day;
    pump->durable.clock_day_ticks = asked->clock_day_ticks;
    pump->durable.clock_valid = 1;
    pump->controller.flex_shown_index = 255;
    pb_emit(pump, PB_EVENT_CLOCK_SET, asked->clock_day, asked->clock_day_ticks);
    return true;
}

static bool write_record(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    const pb_msg_write_record_t *asked = &call->asked->write_record;
    if (!pb_within(why, PB_REFUSAL_RECORD_RANGE, asked->catheter_length_mm, 0, PB_CATHETER_MAX_MM) ||
        !pb_within(why, PB_REFUSAL_RECORD_RANGE, asked->tubing_nl, 0, PB_TUBING_MAX_NL)) {
        return false;
    }
    pump->durable.drug = asked->drug;
    pump->durable.catheter_length_mm = asked->catheter_length_mm;
    pump->durable.tubing_nl = asked->tubing_nl;
    pb_emit(pump, PB_EVENT_RECORD_WRITTEN, asked->catheter_length_mm, asked->tubing_nl);
    return true;
}

static bool measure_battery(pb_pump_t *pump, pb_call_t *call, pb_refusal_t *why)
{
    (void)call, (void)why;
    pump->controller.sample_wanted = 1;
    return true;
}

static const row_t rows[] = {
    {PB_MSG_CLOSE, PB_MSG_DONE, true, close_session},
    {PB_MSG_READ_STATUS, PB_MSG_STATUS, true, status},
    {PB_MSG_SUBSCRIBE, PB_MSG_DONE, false, nothing}, /* the device's own, outside the state */
    {PB_MSG_READ_PROGRAM, PB_MSG_PROGRAM_READ, false, program},
    {PB_MSG_READ_FLEX, PB_MSG_FLEX_READ, false, flex},
    {PB_MSG_READ_ALARMS, PB_MSG_ALARMS, false, alarms},
    {PB_MSG_READ_LOG, PB_MSG_LOG_PAGE, false, log_page},
    {PB_MSG_READ_RECORD, PB_MSG_RECORD, false, record},
    {PB_MSG_READ_ACCOUNT, PB_MSG_ACCOUNT, false, account},
    {PB_MSG_STAGE_PROGRAM, PB_MSG_STAGED, false, stage},
    {PB_MSG_STAGE_FLEX, PB_MSG_STAGED, false, stage_flex},
    {PB_MSG_VERIFY_PROGRAM, PB_MSG_VERIFIED, false, verify},
    {PB_MSG_COMMIT_PROGRAM, PB_MSG_DONE, false, commit},
    {PB_MSG_BOLUS, PB_MSG_STARTED, false, bolus},
    {PB_MSG_PATIENT_BOLUS, PB_MSG_STARTED, true, patient_bolus},
    {PB_MSG_PRIME, PB_MSG_STARTED, false, prime},
    {PB_MSG_REFILL, PB_MSG_REFILLED, false, refill},
    {PB_MSG_STOP, PB_MSG_DONE, false, stop},
    {PB_MSG_RESUME, PB_MSG_DONE, false, resume},
    {PB_MSG_SILENCE_ALARMS, PB_MSG_DONE, false, silence},
    {PB_MSG_TEST_ALARM, PB_MSG_DONE, false, test_alarm},
    {PB_MSG_SET_CLOCK, PB_MSG_DONE, false, set_clock},
    {PB_MSG_WRITE_RECORD, PB_MSG_DONE, false, write_record},
    {PB_MSG_MEASURE_BATTERY, PB_MSG_DONE, false, measure_battery},
};

static const row_t *row_of(uint16_t type)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].type == type) {
            return &rows[i];
        }
    }
    return NULL;
}

bool pb_request_known(uint16_t type)
{
    return row_of(type) != NULL;
}

bool pb_request_for_patient(uint16_t type)
{
    const row_t *row = row_of(type);
    return row && row->for_patient;
}

void pb_call_refuse(pb_call_t *call, const pb_refusal_t *why)
{
    call->answer_type = PB_MSG_REFUSED;
    call->answer.refused = (pb_msg_refused_t){
        .refused_type = call->type, .refusal = why->refusal, .limit = why->limit, .value = why->value};
}

void pb_call_done(pb_call_t *call)
{
    call->answer_type = PB_MSG_DONE;
    call->answer.done.done_type = call->type;
}

void pb_request_begin(pb_pump_t *pump)
{
    pump->now = pump->plant.tick;
    pb_writes_begin(pump);
}

bool pb_request_flush(pb_pump_t *pump)
{
    bool cut = pb_writes_flush(pump);
    pb_cache_refresh(pump);
    return cut;
}

static void add_digests(const pb_pump_t *pump, pb_msg_status_t *read)
{
    const pb_digests_t digests = pb_digests_told(pump);
    read->controller_crc = digests.controller_crc;
    read->plant_crc = digests.plant_crc;
    read->memory_crc = digests.memory_crc;
}

void pb_request_handle(pb_pump_t *pump, pb_call_t *call)
{
    const row_t *row = row_of(call->type);
    pb_refusal_t why = {PB_REFUSAL_NONE, 0, 0};
    memset(&call->answer, 0, sizeof call->answer);
    pb_request_begin(pump);
    if (!row->handle(pump, call, &why)) {
        pb_call_refuse(call, &why);
    } else if (row->answer_type == PB_MSG_DONE) {
        pb_call_done(call);
    } else {
        call->answer_type = row->answer_type;
    }
    call->cut = pb_request_flush(pump);
    if (call->answer_type == PB_MSG_STATUS) {
        add_digests(pump, &call->answer.status);
    }
}
