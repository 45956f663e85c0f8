/* Knows whether a dose keeps any 24 hours under the limit (SEMANTICS.md, section 7.7). */
#include "window.h"

#include "delivery.h"
#include "program.h"
#include "refusal.h"

#define WINDOW_HOURS (PB_HOUR_BUCKETS - 1u)

typedef struct {
    const pb_pump_t *pump;
    const pb_program_t *program;
    bool in_force;
    pb_clock_t clock;
    uint64_t owed_q;
    uint64_t request_q;
} window_t;

static uint64_t quanta(const window_t *w, uint64_t q)
{
    return (q * w->program->concentration_ug_per_ml + PB_STEP_Q - 1) / PB_STEP_Q;
}

/* What stepped in the hour that runs and the 25 - k hours before it, as far as they are kept. */
static uint64_t past(const pb_controller_t *controller, uint32_t k)
{
    uint64_t sum = 0;
    for (uint32_t back = 0; back < PB_HOUR_BUCKETS && back <= PB_HOUR_BUCKETS - k; back++) {
        sum += controller->hour_quanta[(controller->hour_head_index + PB_HOUR_BUCKETS - back) % PB_HOUR_BUCKETS];
    }
    return sum;
}

/* Interval boluses that fall due in the next n ticks. */
static uint64_t starts(const window_t *w, uint64_t n)
{
    const pb_durable_t *durable = &w->pump->durable;
    uint64_t every = pb_interval_ticks(w->program);
    if (w->program->mode != PB_MODE_INTERVAL_BOLUS) {
        return 0;
    }
    if (!w->in_force) {
        return pb_div_floor(n, every);
    }
    uint64_t until = pb_less(durable->interval_next_life_ticks, durable->life_ticks);
    return n < until ? 0 : 1 + pb_div_floor(n - until, every);
}

static uint64_t next_q(const window_t *w, uint32_t k)
{
    uint64_t n = (uint64_t)PB_TICKS_PER_HOUR * k;
    return pb_flow_q(w->program, &w->pump->config, w->clock, n) +
           starts(w, n) * pb_volume_nl(w->program, w->program->interval_dose_ng) * PB_Q_PER_NL;
}

static bool admits(const window_t *w, pb_refusal_t *why)
{
    uint64_t limit = (uint64_t)w->program->dose_limit_ng * PB_QUANTA_PER_NG;
    for (uint32_t k = 0; k <= WINDOW_HOURS; k++) {
        uint64_t sum = past(&w->pump->controller, k) + quanta(w, next_q(w, k) + w->owed_q + w->request_q);
        if (sum > limit) {
            return pb_refuse(why, PB_REFUSAL_DOSE_LIMIT, w->program->dose_limit_ng,
                             (sum + PB_QUANTA_PER_NG - 1) / PB_QUANTA_PER_NG);
        }
    }
    return true;
}

static pb_clock_t clock_of(const pb_pump_t *pump)
{
    return (pb_clock_t){pump->durable.clock_day, pump->durable.clock_day_ticks};
}

bool pb_window_admits_bolus(const pb_pump_t *pump, uint64_t volume_nl, pb_refusal_t *why)
{
    uint64_t owed_q = pb_owed_q(&pump->durable);
    const window_t w = {pump, &pump->cache.program, true, clock_of(pump), owed_q, volume_nl * PB_Q_PER_NL};
    return admits(&w, why);
}

bool pb_window_admits_clock(const pb_pump_t *pump, pb_clock_t clock, pb_refusal_t *why)
{
    const window_t w = {pump, &pump->cache.program, true, clock, pb_owed_q(&pump->durable), 0};
    return admits(&w, why);
}

bool pb_window_admits_program(const pb_pump_t *pump, const pb_program_t *next, pb_refusal_t *why)
{
    bool single = next->mode == PB_MODE_SINGLE_BOLUS;
    uint64_t request_q = single ? pb_volume_nl(next, next->single_dose_ng) * PB_Q_PER_NL : 0;
    const window_t w = {pump, next, false, clock_of(pump), 0, request_q};
    return next->mode == PB_MODE_STOPPED || admits(&w, why);
}
