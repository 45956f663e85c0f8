/* Knows how a program is staged, judged and committed (SEMANTICS.md, section 7.4). */
#include "staging.h"

#include "arithmetic.h"
#include "effects.h"
#include "program.h"
#include "program_rules.h"
#include "refusal.h"
#include "therapy.h"
#include "update.h"
#include "window.h"

static bool no_update(const pb_pump_t *pump, pb_refusal_t *why)
{
    uint8_t stage = pump->controller.update_stage;
    return stage == PB_UPDATE_STAGE_IDLE || pb_refuse(why, PB_REFUSAL_UPDATE_IN_PROGRESS, 0, stage);
}

static bool something_staged(const pb_pump_t *pump, pb_refusal_t *why)
{
    return no_update(pump, why) && (pump->controller.staged_present || pb_refuse(why, PB_REFUSAL_NOT_STAGED, 0, 0));
}

static bool names(uint32_t crc, uint32_t asked_crc, pb_refusal_t *why)
{
    return crc == asked_crc || pb_refuse(why, PB_REFUSAL_PROGRAM_CHANGED, crc, asked_crc);
}

static pb_program_t program_of(const pb_msg_stage_program_t *asked)
{
    return (pb_program_t){
        .program_id = asked->program_id,
        .mode = asked->mode,
        .schedule_days = asked->schedule_days,
        .concentration_ug_per_ml = asked->concentration_ug_per_ml,
        .dose_ng_per_day = asked->dose_ng_per_day,
        .low_reservoir_nl = asked->low_reservoir_nl,
        .dose_limit_ng = asked->dose_limit_ng,
        .critical_interval_ticks = asked->critical_interval_ticks,
        .interval_unit = asked->interval_unit,
        .patient_count = asked->patient_count,
        .interval_count = asked->interval_count,
        .interval_dose_ng = asked->interval_dose_ng,
        .interval_duration_ticks = asked->interval_duration_ticks,
        .single_dose_ng = asked->single_dose_ng,
        .single_duration_ticks = asked->single_duration_ticks,
        .patient_dose_ng = asked->patient_dose_ng,
        .patient_duration_ticks = asked->patient_duration_ticks,
        .patient_lockout_ticks = asked->patient_lockout_ticks,
        .bridge = asked->bridge,
    };
}

/* Quirk STOP_AT_STAGE: a pump that treats is held from here until the commit [F08]. */
static void hold_at_stage(pb_pump_t *pump)
{
    uint8_t state = pump->durable.therapy_state;
    bool treats = state == PB_THERAPY_STATE_THERAPY || state == PB_THERAPY_STATE_MINIMUM_RATE;
    if (treats && pb_bit(pump->config.quirks, PB_QUIRK_STOP_AT_STAGE)) {
        pump->durable.held = (uint8_t)(pump->durable.held | PB_BIT(PB_HELD_UPDATE));
    }
}

static void keep(pb_pump_t *pump, const pb_program_t *program, pb_msg_staged_t *reply)
{
    pump->controller.staged_present = 1;
    pump->controller.staged_verified = 0;
    pb_program_write(program, pump->controller.staged);
    reply->program_crc = pb_program_crc(pump->controller.staged);
}

bool pb_stage_program(pb_pump_t *pump, const pb_msg_stage_program_t *asked, pb_msg_staged_t *reply, pb_refusal_t *why)
{
    if (!no_update(pump, why)) {
        return false;
    }
    const pb_program_t program = program_of(asked);
    keep(pump, &program, reply);
    hold_at_stage(pump);
    pb_emit(pump, PB_EVENT_PROGRAM_STAGED, asked->program_id, 0);
    return true;
}

static void replace_schedule(pb_program_t *program, const pb_msg_stage_flex_t *asked)
{
    uint8_t *count = asked->schedule == 0 ? &program->flex_0_count : &program->flex_1_count;
    *count = (uint8_t)asked->steps_count;
    for (uint8_t i = 0; i < PB_FLEX_STEPS; i++) {
        bool given = i < asked->steps_count;
        program->flex_start_minute[asked->schedule * PB_FLEX_STEPS + i] = given ? asked->steps[i].start_minute : 0;
        program->flex_dose_ng[asked->schedule * PB_FLEX_STEPS + i] = given ? asked->steps[i].dose_ng : 0;
    }
}

bool pb_stage_flex(pb_pump_t *pump, const pb_msg_stage_flex_t *asked, pb_msg_staged_t *reply, pb_refusal_t *why)
{
    pb_program_t program;
    if (!something_staged(pump, why)) {
        return false;
    }
    if (asked->steps_count > PB_FLEX_STEPS) {
        return pb_refuse(why, PB_REFUSAL_FLEX_COUNT, PB_FLEX_STEPS, asked->steps_count);
    }
    pb_program_read(pump->controller.staged, &program);
    replace_schedule(&program, asked);
    keep(pump, &program, reply);
    return true;
}

/* The smaller day of a flex program with two schedules, else its day. */
static uint64_t least_ng(const pb_program_t *next, uint64_t new_ng)
{
    bool two = next->mode == PB_MODE_FLEX && next->flex_1_count > 0;
    return two ? pb_min(pb_flex_sum_ng(next, 0), pb_flex_sum_ng(next, 1)) : new_ng;
}

static bool needs_confirmation(const pb_pump_t *pump, const pb_program_t *next)
{
    uint64_t factor = pump->config.dose_factor_count;
    uint64_t old_ng = pb_daily_dose_ng(&pump->cache.program, &pump->config);
    uint64_t new_ng = pb_daily_dose_ng(next, &pump->config);
    return new_ng > pump->config.dose_confirm_above_ng ||
           (old_ng > 0 && new_ng > 0 && (new_ng > old_ng * factor || least_ng(next, new_ng) * factor < old_ng));
}

bool pb_verify_program(pb_pump_t *pump, const pb_msg_verify_program_t *asked, pb_msg_verified_t *reply, pb_refusal_t *why)
{
    pb_controller_t *controller = &pump->controller;
    pb_program_t next;
    if (!something_staged(pump, why) || !names(pb_program_crc(controller->staged), asked->program_crc, why)) {
        return false;
    }
    pb_program_read(controller->staged, &next);
    if (!pb_program_allowed(pump, &next, asked->rate_check_nl_per_day, asked->volume_check_nl, why) ||
        !pb_window_admits_program(pump, &next, why)) {
        return false;
    }
    uint64_t old_ng = pb_daily_dose_ng(&pump->cache.program, &pump->config);
    uint64_t new_ng = pb_daily_dose_ng(&next, &pump->config);
    controller->staged_verified = 1;
    reply->program_crc = asked->program_crc;
    reply->old_program_crc = pb_program_crc(controller->program);
    reply->daily_dose_ng = pb_u32(new_ng);
    reply->old_daily_dose_ng = pb_u32(old_ng);
    reply->second_confirmation = needs_confirmation(pump, &next);
    return true;
}

static bool dose_confirmed(const pb_pump_t *pump, const pb_program_t *next, uint32_t confirmed_ng, pb_refusal_t *why)
{
    uint64_t new_ng = pb_daily_dose_ng(next, &pump->config);
    return !needs_confirmation(pump, next) || confirmed_ng == new_ng ||
           pb_refuse(why, PB_REFUSAL_NEEDS_SECOND_CONFIRMATION, new_ng, confirmed_ng);
}

static bool may_commit(const pb_pump_t *pump, const pb_msg_commit_program_t *asked, pb_refusal_t *why)
{
    const pb_controller_t *controller = &pump->controller;
    uint8_t state = pump->durable.therapy_state;
    pb_program_t next;
    if (pb_therapy_answer(PB_COMMAND_COMMIT, state) == PB_ANSWER_REFUSED) {
        return pb_refuse(why, PB_REFUSAL_INVALID_STATE, 0, state);
    }
    if (!something_staged(pump, why)) {
        return false;
    }
    if (!controller->staged_verified) {
        return pb_refuse(why, PB_REFUSAL_NOT_VERIFIED, 0, 0);
    }
    pb_program_read(controller->staged, &next);
    if (pump->durable.owed_q[PB_FLUID_KIND_BRIDGE] > 0 && next.mode != PB_MODE_STOPPED) {
        return pb_refuse(why, PB_REFUSAL_BOLUS_IN_PROGRESS, 0, PB_FLUID_KIND_BRIDGE);
    }
    return names(pb_program_crc(controller->staged), asked->program_crc, why) &&
           names(pb_program_crc(controller->program), asked->old_program_crc, why) &&
           pb_window_admits_program(pump, &next, why) &&
           dose_confirmed(pump, &next, asked->second_confirmation_ng, why);
}

bool pb_commit_program(pb_pump_t *pump, const pb_msg_commit_program_t *asked, pb_refusal_t *why)
{
    if (!may_commit(pump, asked, why)) {
        uint32_t program_id = pump->controller.staged_present ? pump->controller.staged[0] : 0;
        pb_emit(pump, PB_EVENT_COMMIT_REFUSED, why->refusal, program_id);
        return false;
    }
    pb_update_start(pump);
    return true;
}
