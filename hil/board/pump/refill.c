/* Knows when the next refill is due and what a refill makes of the estimate (SEMANTICS.md, sections 5.4 and 7.6). */
#include "refill.h"

#include "effects.h"
#include "program.h"
#include "refusal.h"

static uint64_t weekly_q(const pb_pump_t *pump)
{
    const pb_program_t *program = &pump->cache.program;
    uint64_t flow_q, patient_nl;
    if (pump->durable.therapy_state == PB_THERAPY_STATE_MINIMUM_RATE) {
        return (uint64_t)pump->config.rate_min_nl_per_day * PB_TICKS_PER_WEEK;
    }
    if (pump->durable.therapy_state != PB_THERAPY_STATE_THERAPY) {
        return 0;
    }
    flow_q = pb_flow_q(program, &pump->config, (pb_clock_t){0, 0}, PB_TICKS_PER_WEEK);
    if (program->mode == PB_MODE_INTERVAL_BOLUS) {
        uint64_t boluses = pb_div_floor(PB_TICKS_PER_WEEK, pb_interval_ticks(program));
        flow_q += boluses * pb_volume_nl(program, program->interval_dose_ng) * PB_Q_PER_NL;
    }
    patient_nl = pb_volume_nl(program, program->patient_dose_ng);
    return flow_q + 7u * (uint64_t)program->patient_count * patient_nl * PB_Q_PER_NL;
}

void pb_refill_due_anew(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    uint32_t estimate = durable->reservoir_estimated_nl, low = pump->cache.program.low_reservoir_nl;
    uint64_t cap = durable->fill_life_ticks + pump->config.refill_interval_max_ticks;
    if (estimate <= low) {
        durable->refill_due_life_ticks = durable->life_ticks;
        return;
    }
    uint64_t weekly_nl = weekly_q(pump) / PB_Q_PER_NL;
    uint64_t left_ticks = pb_div_floor((uint64_t)(estimate - low) * PB_TICKS_PER_WEEK, weekly_nl);
    durable->refill_due_life_ticks = weekly_nl == 0 ? cap : pb_min(durable->life_ticks + left_ticks, cap);
}

static bool allowed(const pb_pump_t *pump, const pb_msg_refill_t *asked, pb_refusal_t *why)
{
    uint32_t capacity = pump->config.reservoir_capacity_nl;
    if (pump->controller.update_stage != PB_UPDATE_STAGE_IDLE) {
        return pb_refuse(why, PB_REFUSAL_UPDATE_IN_PROGRESS, 0, pump->controller.update_stage);
    }
    if (pump->durable.owed_q[PB_FLUID_KIND_PRIME] > 0) {
        return pb_refuse(why, PB_REFUSAL_BOLUS_IN_PROGRESS, 0, PB_FLUID_KIND_PRIME);
    }
    return pb_within(why, PB_REFUSAL_VOLUME_RANGE, asked->measured_nl, 0, capacity) &&
           pb_within(why, PB_REFUSAL_VOLUME_RANGE, asked->fill_nl, 0, capacity);
}

static void compare(pb_pump_t *pump, uint32_t measured_nl, pb_msg_refilled_t *reply)
{
    pb_durable_t *durable = &pump->durable;
    uint64_t used = pb_less(durable->fill_nl, durable->reservoir_estimated_nl);
    uint64_t tolerance = used * pump->config.refill_tolerance_ppt / 1000;
    reply->expected_nl = durable->reservoir_estimated_nl;
    reply->more_nl = (uint32_t)pb_less(measured_nl, reply->expected_nl);
    reply->less_nl = (uint32_t)pb_less(reply->expected_nl, measured_nl);
    reply->discrepancy = reply->more_nl > tolerance || reply->less_nl > tolerance;
    durable->residual_more_nl = reply->more_nl;
    durable->residual_less_nl = reply->less_nl;
}

/* Whether the fill ends EMPTY. */
static bool leave_empty(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    if (durable->therapy_state != PB_THERAPY_STATE_EMPTY || durable->fill_nl <= pump->config.reservoir_empty_nl) {
        return false;
    }
    durable->therapy_state = durable->resume_state;
    if (pump->cache.program.mode == PB_MODE_INTERVAL_BOLUS) {
        durable->interval_next_life_ticks = durable->life_ticks + pb_interval_ticks(&pump->cache.program);
    }
    return true;
}

bool pb_refill(pb_pump_t *pump, const pb_msg_refill_t *asked, pb_fluid_key_t key, pb_msg_refilled_t *reply,
               pb_refusal_t *why)
{
    pb_durable_t *durable = &pump->durable;
    uint8_t head = durable->fluid_head_index;
    if (!allowed(pump, asked, why)) {
        return false;
    }
    compare(pump, asked->measured_nl, reply);
    pb_fluid_record(pump, key, PB_FLUID_KIND_REFILL, asked->fill_nl);
    durable->fluid_outcome[head] = PB_FLUID_OUTCOME_COMPLETED;
    durable->fluid_delivered_nl[head] = asked->fill_nl;
    durable->reservoir_estimated_nl = asked->fill_nl;
    durable->fill_nl = asked->fill_nl;
    durable->fill_life_ticks = durable->life_ticks;
    bool left = leave_empty(pump);
    pb_refill_due_anew(pump);
    pb_emit(pump, PB_EVENT_REFILLED, asked->fill_nl, asked->measured_nl);
    if (reply->discrepancy) {
        pb_emit(pump, PB_EVENT_REFILL_DISCREPANCY, reply->more_nl, reply->less_nl);
    }
    if (left) {
        pb_emit(pump, PB_EVENT_EMPTY_LEFT, durable->therapy_state, 0);
    }
    reply->refill_due_life_ticks = durable->refill_due_life_ticks;
    return true;
}
