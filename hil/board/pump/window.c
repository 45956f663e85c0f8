/* Knows whether a dose keeps any 24 hours under the limit (SEMANTICS.md, section 7.7). */
#include "window.h"

#include "arithmetic.h"
#include "delivery.h"
#include "program.h"
#include "refusal.h"

#define WINDOW_HOURS (PB_HOUR_BUCKETS - 1u)

/* One program over the hours behind and ahead of now. */
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

/* What stepped in the hour that runs and the 24 - k hours before it. Interval boluses less than 24 h apart can lie in
 * hours that no 24 whole hours hold: for them one more, as far as they are kept. */
static uint64_t past(const window_t *w, uint32_t k)
{
    const pb_controller_t *controller = &w->pump->controller;
    bool interval = w->program->mode == PB_MODE_INTERVAL_BOLUS;
    uint64_t sum = 0, before = pb_min(WINDOW_HOURS, WINDOW_HOURS - k + (interval ? 1u : 0u));
    for (uint32_t back = 0; back <= before; back++) {
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

/* To the end of the k-th hour, the one that runs being the first. */
static uint64_t ahead_ticks(const pb_pump_t *pump, uint32_t k)
{
    return pb_less((uint64_t)PB_TICKS_PER_HOUR * k, pb_mod(pump->now, PB_TICKS_PER_HOUR));
}

static uint64_t next_q(const window_t *w, uint32_t k)
{
    uint64_t n = ahead_ticks(w->pump, k);
    return pb_flow_q(w->program, &w->pump->config, w->clock, n) +
           starts(w, n) * pb_volume_nl(w->program, w->program->interval_dose_ng) * PB_Q_PER_NL;
}

static uint64_t sum_quanta(const window_t *w, uint32_t k)
{
    return past(w, k) + quanta(w, next_q(w, k) + w->owed_q + w->request_q);
}

/* `going_on`: what flows anyway, which no limit refuses; NULL where that excuses nothing. */
static bool admits(const window_t *w, const window_t *going_on, pb_refusal_t *why)
{
    uint64_t limit = (uint64_t)w->program->dose_limit_ng * PB_QUANTA_PER_NG;
    for (uint32_t k = 0; k <= WINDOW_HOURS; k++) {
        uint64_t sum = sum_quanta(w, k);
        if (sum > limit && (!going_on || sum > sum_quanta(going_on, k))) {
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

/* The program in force, with all that is owed. */
static window_t in_force(const pb_pump_t *pump, pb_clock_t clock)
{
    return (window_t){pump, &pump->cache.program, true, clock, pb_owed_q(&pump->durable), 0};
}

/* A change is judged beside what goes on without it; outside therapy nothing does. */
static bool admits_change(const window_t *w, pb_refusal_t *why)
{
    const window_t going_on = in_force(w->pump, clock_of(w->pump));
    bool treats = w->pump->durable.therapy_state == PB_THERAPY_STATE_THERAPY;
    return admits(w, treats ? &going_on : NULL, why);
}

bool pb_window_admits_bolus(const pb_pump_t *pump, uint64_t volume_nl, pb_refusal_t *why)
{
    window_t w = in_force(pump, clock_of(pump));
    w.request_q = volume_nl * PB_Q_PER_NL;
    return admits(&w, NULL, why);
}

bool pb_window_admits_clock(const pb_pump_t *pump, pb_clock_t clock, pb_refusal_t *why)
{
    const window_t w = in_force(pump, clock);
    return admits_change(&w, why);
}

bool pb_window_admits_program(const pb_pump_t *pump, const pb_program_t *next, pb_refusal_t *why)
{
    bool single = next->mode == PB_MODE_SINGLE_BOLUS;
    uint64_t request_q = single ? pb_volume_nl(next, next->single_dose_ng) * PB_Q_PER_NL : 0;
    const window_t w = {pump, next, false, clock_of(pump), 0, request_q};
    return next->mode == PB_MODE_STOPPED || admits_change(&w, why);
}
