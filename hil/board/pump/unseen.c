/* Knows what a boot assumes of fluid that moved after the check-point (SEMANTICS.md, section 9, steps 3 and 4). */
#include "unseen.h"

#include "arithmetic.h"
#include "boluses.h"
#include "delivery.h"
#include "program.h"

/* What a program alone gives at most while a check-point grows old. */
static uint64_t by_program_q(const pb_program_t *program, const pb_config_t *config)
{
    uint64_t most_q = pb_basal_max_nl_per_day(program, config) * PB_CHECKPOINT_AGE_TICKS;
    if (program->mode == PB_MODE_INTERVAL_BOLUS) {
        uint64_t boluses = pb_div_floor(PB_CHECKPOINT_AGE_TICKS, pb_interval_ticks(program)) + 1;
        most_q += boluses * pb_volume_nl(program, program->interval_dose_ng) * PB_Q_PER_NL;
    }
    return most_q;
}

/* The most that can have flowed since the check-point. */
static uint64_t most_q(const pb_pump_t *pump, bool program_found, const pb_program_t *old)
{
    if (pump->durable.therapy_state == PB_THERAPY_STATE_MINIMUM_RATE) {
        return (uint64_t)pump->config.rate_min_nl_per_day * PB_CHECKPOINT_AGE_TICKS;
    }
    if (pump->durable.therapy_state != PB_THERAPY_STATE_THERAPY || !program_found) {
        return 0;
    }
    uint64_t by_old = old ? by_program_q(old, &pump->config) : 0;
    return pb_max(by_program_q(&pump->cache.program, &pump->config), by_old) + pb_owed_q(&pump->durable);
}

void pb_unseen_lower_estimate(pb_pump_t *pump, bool program_found, const pb_program_t *old)
{
    uint64_t most = most_q(pump, program_found, old);
    if (most > 0) {
        uint64_t flowed_nl = most / PB_Q_PER_NL + PB_STEP_NL;
        pump->durable.reservoir_estimated_nl = (uint32_t)pb_less(pump->durable.reservoir_estimated_nl, flowed_nl);
    }
}

/* Gives up at most `most_q` of what a kind owes. */
static void give_up(pb_durable_t *durable, uint8_t kind, uint64_t most_q)
{
    uint64_t given_up_q = pb_min(durable->owed_q[kind], most_q);
    durable->cancelled_q += given_up_q;
    durable->owed_q[kind] -= given_up_q;
    if (durable->owed_q[kind] == 0) {
        durable->bolus_q[kind] = 0;
    }
}

/* The record of an interrupted bolus tells the most that can have flowed since the check-point. */
static void interrupt_bolus(pb_durable_t *durable, uint8_t kind)
{
    int index = pb_fluid_running(durable, kind);
    uint64_t unseen_nl = pb_owed_nl((uint64_t)durable->bolus_q[kind] * PB_CHECKPOINT_AGE_TICKS);
    if (index >= 0) {
        pb_fluid_end(durable, kind, PB_FLUID_OUTCOME_INTERRUPTED);
        durable->fluid_delivered_nl[index] =
            (uint32_t)pb_min(durable->fluid_volume_nl[index], durable->fluid_delivered_nl[index] + unseen_nl);
    }
}

static void shorten_bridge(pb_durable_t *durable)
{
    bool flowed = durable->therapy_state == PB_THERAPY_STATE_THERAPY;
    if (durable->owed_q[PB_FLUID_KIND_BRIDGE] > 0 && flowed) {
        give_up(durable, PB_FLUID_KIND_BRIDGE, (uint64_t)durable->bolus_q[PB_FLUID_KIND_BRIDGE] * PB_CHECKPOINT_AGE_TICKS);
    }
}

void pb_unseen_give_up(pb_durable_t *durable)
{
    for (uint8_t kind = 0; kind < PB_BOLUS_KINDS; kind++) {
        if (durable->owed_q[kind] > 0 && kind != PB_FLUID_KIND_BRIDGE) {
            interrupt_bolus(durable, kind);
            give_up(durable, kind, UINT64_MAX);
        }
    }
    shorten_bridge(durable);
    durable->cancelled_q += durable->acc_q;
    durable->acc_q = 0;
}

void pb_unseen_give_up_bridge(pb_durable_t *durable)
{
    if (durable->owed_q[PB_FLUID_KIND_BRIDGE] > 0) {
        give_up(durable, PB_FLUID_KIND_BRIDGE, UINT64_MAX);
    }
}
