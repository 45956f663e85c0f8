/* Knows what the motor is asked for in a tick (SEMANTICS.md, phases 8 to 10). */
#include "delivery.h"

#include "arithmetic.h"
#include "boluses.h"
#include "effects.h"

uint64_t pb_owed_q(const pb_durable_t *durable)
{
    uint64_t sum = 0;
    for (uint8_t kind = 0; kind < PB_BOLUS_KINDS; kind++) {
        sum += durable->owed_q[kind];
    }
    return sum;
}

bool pb_delivering(const pb_pump_t *pump)
{
    uint8_t state = pump->durable.therapy_state;
    return pump->controller.update_stage == PB_UPDATE_STAGE_IDLE && pump->durable.held == 0 &&
           (state == PB_THERAPY_STATE_THERAPY || state == PB_THERAPY_STATE_MINIMUM_RATE);
}

static uint8_t first_owed(const pb_durable_t *durable)
{
    for (uint8_t kind = 0; kind < PB_BOLUS_KINDS; kind++) {
        if (durable->owed_q[kind] > 0) {
            return kind;
        }
    }
    return PB_FLUID_KIND_NONE;
}

static pb_demand_t therapy_demand(const pb_pump_t *pump)
{
    const pb_durable_t *durable = &pump->durable;
    pb_demand_t demand = {pump->cache.basal_nl_per_day, 0, first_owed(durable)};
    if (demand.kind != PB_FLUID_KIND_NONE) {
        if (demand.kind <= PB_FLUID_KIND_BRIDGE) {
            demand.basal_q = 0;
        }
        uint64_t room = pb_less(PB_RATE_MAX_NL_PER_DAY, demand.basal_q);
        demand.bolus_q = pb_min(pb_min(durable->bolus_q[demand.kind], durable->owed_q[demand.kind]), room);
    }
    return demand;
}

pb_demand_t pb_demand(const pb_pump_t *pump)
{
    if (!pb_delivering(pump)) {
        return (pb_demand_t){0, 0, PB_FLUID_KIND_NONE};
    }
    if (pump->durable.therapy_state == PB_THERAPY_STATE_MINIMUM_RATE) {
        return (pb_demand_t){pump->config.rate_min_nl_per_day, 0, PB_FLUID_KIND_NONE};
    }
    return therapy_demand(pump);
}

void pb_bolus_ended(pb_pump_t *pump, uint8_t kind)
{
    pb_durable_t *durable = &pump->durable;
    durable->bolus_q[kind] = 0;
    pb_emit(pump, PB_EVENT_BOLUS_ENDED, kind, pb_fluid_end(durable, kind, PB_FLUID_OUTCOME_COMPLETED));
    if (kind == PB_FLUID_KIND_CLINICIAN && pump->cache.program.mode == PB_MODE_SINGLE_BOLUS) {
        durable->therapy_state = PB_THERAPY_STATE_STOPPED;
        pb_emit(pump, PB_EVENT_STOPPED, PB_THERAPY_STATE_THERAPY, 0);
    }
}

void pb_step_estimated(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    pb_controller_t *controller = &pump->controller;
    durable->reservoir_estimated_nl = (uint32_t)pb_less(durable->reservoir_estimated_nl, PB_STEP_NL);
    controller->hour_quanta[controller->hour_head_index] += pump->cache.program.concentration_ug_per_ml;
}

void pb_empty_enter(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    durable->resume_state = durable->therapy_state;
    durable->therapy_state = PB_THERAPY_STATE_EMPTY;
    pb_emit(pump, PB_EVENT_EMPTY_ENTERED, durable->reservoir_estimated_nl, 0);
    /* A refill weeks later must not let them flow unasked. A program of a single bolus waits for it. */
    bool single = pump->cache.program.mode == PB_MODE_SINGLE_BOLUS;
    uint32_t lost = PB_BIT(PB_FLUID_KIND_PRIME) | PB_BIT(PB_FLUID_KIND_PATIENT) | PB_BIT(PB_FLUID_KIND_INTERVAL);
    pb_boluses_cancel(pump, single ? lost : lost | PB_BIT(PB_FLUID_KIND_CLINICIAN));
}
