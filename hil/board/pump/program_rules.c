/* Knows the rules of a program, one function each, in their order (SEMANTICS.md, section 3). */
#include "program_rules.h"

#include "program.h"
#include "refusal.h"

typedef struct {
    const pb_pump_t *pump; /* NULL where a program is judged by itself */
    const pb_program_t *next;
    uint32_t rate_min_nl_per_day;
    uint64_t rate_check_nl_per_day;
    uint64_t volume_check_nl;
    pb_refusal_t *why;
} check_t;

#define RATE_MAX PB_RATE_MAX_NL_PER_DAY

/* The first that is not 0 names itself. */
static bool unused(const check_t *c, const uint64_t *values, uint8_t count)
{
    for (uint8_t i = 0; i < count; i++) {
        if (values[i] != 0) {
            return pb_refuse(c->why, PB_REFUSAL_FIELD_UNUSED, 0, values[i]);
        }
    }
    return true;
}

static bool rate_low_enough(const check_t *c, uint64_t rate)
{
    return rate <= RATE_MAX || pb_refuse(c->why, PB_REFUSAL_RATE_TOO_HIGH, RATE_MAX, rate);
}

static bool bolus_fits(const check_t *c, uint32_t dose_ng, uint32_t duration_ticks, uint64_t longest_ticks)
{
    return pb_within(c->why, PB_REFUSAL_DURATION_RANGE, duration_ticks, PB_DURATION_MIN_TICKS, longest_ticks) &&
           rate_low_enough(c, pb_bolus_rate_q(pb_volume_nl(c->next, dose_ng), duration_ticks));
}

static bool mode_is(const check_t *c, uint32_t mode)
{
    return c->next->mode == mode;
}

static bool mode_known(const check_t *c)
{
    return c->next->mode <= PB_MODE_MINIMUM_RATE ||
           pb_refuse(c->why, PB_REFUSAL_MODE_UNKNOWN, PB_MODE_MINIMUM_RATE, c->next->mode);
}

static bool concentration(const check_t *c)
{
    return pb_within(c->why, PB_REFUSAL_CONCENTRATION_RANGE, c->next->concentration_ug_per_ml,
                     PB_CONCENTRATION_MIN_UG_PER_ML, PB_CONCENTRATION_MAX_UG_PER_ML);
}

static bool basal_rate(const check_t *c)
{
    uint32_t least = c->rate_min_nl_per_day, dose = c->next->dose_ng_per_day;
    bool simple = mode_is(c, PB_MODE_SIMPLE_CONTINUOUS);
    if (simple && dose == 0) {
        return pb_refuse(c->why, PB_REFUSAL_RATE_TOO_LOW, least, 0);
    }
    if ((!simple && !mode_is(c, PB_MODE_INTERVAL_BOLUS)) || dose == 0) {
        return true;
    }
    uint64_t rate = pb_rate_nl_per_day(c->next, dose);
    if (rate < least) {
        return pb_refuse(c->why, PB_REFUSAL_RATE_TOO_LOW, least, rate);
    }
    return rate_low_enough(c, rate);
}

static bool dose_unused(const check_t *c)
{
    bool used = mode_is(c, PB_MODE_SIMPLE_CONTINUOUS) || mode_is(c, PB_MODE_INTERVAL_BOLUS) || mode_is(c, PB_MODE_FLEX);
    uint64_t dose = c->next->dose_ng_per_day;
    return used || unused(c, &dose, 1);
}

static bool flex_counts(const check_t *c)
{
    const pb_program_t *next = c->next;
    if (!mode_is(c, PB_MODE_FLEX)) {
        return true;
    }
    if (next->flex_0_count < 1 || next->flex_0_count > PB_FLEX_STEPS) {
        return pb_refuse(c->why, PB_REFUSAL_FLEX_COUNT, PB_FLEX_STEPS, next->flex_0_count);
    }
    if (next->flex_1_count > PB_FLEX_STEPS) {
        return pb_refuse(c->why, PB_REFUSAL_FLEX_COUNT, PB_FLEX_STEPS, next->flex_1_count);
    }
    if (next->schedule_days != 0 && next->flex_1_count < 1) {
        return pb_refuse(c->why, PB_REFUSAL_FLEX_COUNT, 1, 0);
    }
    return true;
}

static bool flex_order_of(const check_t *c, uint8_t schedule)
{
    const uint16_t *start = &c->next->flex_start_minute[schedule * PB_FLEX_STEPS];
    uint8_t count = pb_flex_count(c->next, schedule);
    if (count > 0 && start[0] != 0) {
        return pb_refuse(c->why, PB_REFUSAL_FLEX_ORDER, 0, start[0]);
    }
    for (uint8_t i = 1; i < count; i++) {
        if (start[i] <= start[i - 1]) {
            return pb_refuse(c->why, PB_REFUSAL_FLEX_ORDER, start[i - 1], start[i]);
        }
    }
    return true;
}

static bool flex_order(const check_t *c)
{
    return !mode_is(c, PB_MODE_FLEX) || (flex_order_of(c, 0) && flex_order_of(c, 1));
}

static bool flex_rates(const check_t *c)
{
    uint32_t least = c->rate_min_nl_per_day;
    for (uint8_t index = 0; mode_is(c, PB_MODE_FLEX) && index < PB_FLEX_SCHEDULES * PB_FLEX_STEPS; index++) {
        uint64_t rate = pb_flex_rate_nl_per_day(c->next, index);
        if (!rate_low_enough(c, rate)) {
            return false;
        }
        if (rate != 0 && rate < least) {
            return pb_refuse(c->why, PB_REFUSAL_RATE_TOO_LOW, least, rate);
        }
    }
    return true;
}

static bool flex_sum(const check_t *c)
{
    uint64_t sum = pb_flex_sum_ng(c->next, 0);
    if (!mode_is(c, PB_MODE_FLEX)) {
        return true;
    }
    if (sum != c->next->dose_ng_per_day) {
        return pb_refuse(c->why, PB_REFUSAL_FLEX_SUM, c->next->dose_ng_per_day, sum);
    }
    /* A day of nothing is a stop, and a stop is asked for by name. */
    bool nothing = sum == 0 || (c->next->flex_1_count > 0 && pb_flex_sum_ng(c->next, 1) == 0);
    return !nothing || pb_refuse(c->why, PB_REFUSAL_RATE_TOO_LOW, c->rate_min_nl_per_day, 0);
}

static bool flex_unused(const check_t *c)
{
    const uint64_t values[] = {c->next->flex_0_count, c->next->flex_1_count, c->next->schedule_days};
    return mode_is(c, PB_MODE_FLEX) || unused(c, values, 3);
}

static bool interval_length(const check_t *c)
{
    const pb_program_t *next = c->next;
    if (!mode_is(c, PB_MODE_INTERVAL_BOLUS)) {
        return true;
    }
    if (next->interval_unit != PB_INTERVAL_UNIT_MINUTES && next->interval_unit != PB_INTERVAL_UNIT_HOURS) {
        return pb_refuse(c->why, PB_REFUSAL_INTERVAL_UNIT, PB_INTERVAL_UNIT_HOURS, next->interval_unit);
    }
    return pb_within(c->why, PB_REFUSAL_INTERVAL_RANGE, pb_interval_ticks(next), PB_INTERVAL_MIN_TICKS,
                     PB_INTERVAL_MAX_TICKS);
}

static bool interval_bolus(const check_t *c)
{
    const pb_program_t *next = c->next;
    uint64_t every = pb_interval_ticks(next);
    if (!mode_is(c, PB_MODE_INTERVAL_BOLUS)) {
        return true;
    }
    if (next->interval_dose_ng == 0) {
        return pb_refuse(c->why, PB_REFUSAL_VOLUME_RANGE, 1, 0);
    }
    return bolus_fits(c, next->interval_dose_ng, next->interval_duration_ticks, pb_min(PB_DURATION_MAX_TICKS, every));
}

static bool interval_unused(const check_t *c)
{
    const pb_program_t *next = c->next;
    const uint64_t values[] = {next->interval_unit, next->interval_count, next->interval_dose_ng,
                               next->interval_duration_ticks};
    return mode_is(c, PB_MODE_INTERVAL_BOLUS) || unused(c, values, 4);
}

static bool single_bolus(const check_t *c)
{
    if (!mode_is(c, PB_MODE_SINGLE_BOLUS)) {
        return true;
    }
    if (c->next->single_dose_ng == 0) {
        return pb_refuse(c->why, PB_REFUSAL_VOLUME_RANGE, 1, 0);
    }
    return bolus_fits(c, c->next->single_dose_ng, c->next->single_duration_ticks, PB_DURATION_MAX_TICKS);
}

static bool single_unused(const check_t *c)
{
    const uint64_t values[] = {c->next->single_dose_ng, c->next->single_duration_ticks};
    return mode_is(c, PB_MODE_SINGLE_BOLUS) || unused(c, values, 2);
}

static bool patient_bolus(const check_t *c)
{
    const pb_program_t *next = c->next;
    bool offered = mode_is(c, PB_MODE_SIMPLE_CONTINUOUS) || mode_is(c, PB_MODE_FLEX) || mode_is(c, PB_MODE_INTERVAL_BOLUS);
    if (next->patient_dose_ng == 0) {
        return true;
    }
    if (!offered) {
        return pb_refuse(c->why, PB_REFUSAL_FIELD_UNUSED, 0, next->patient_dose_ng);
    }
    return bolus_fits(c, next->patient_dose_ng, next->patient_duration_ticks, PB_DURATION_MAX_TICKS) &&
           pb_within(c->why, PB_REFUSAL_LOCKOUT_RANGE, next->patient_lockout_ticks, PB_LOCKOUT_MIN_TICKS,
                     PB_LOCKOUT_MAX_TICKS) &&
           pb_within(c->why, PB_REFUSAL_PATIENT_COUNT_RANGE, next->patient_count, 1, PB_PATIENT_BOLUSES);
}

static bool patient_unused(const check_t *c)
{
    const pb_program_t *next = c->next;
    const uint64_t values[] = {next->patient_duration_ticks, next->patient_lockout_ticks, next->patient_count};
    return next->patient_dose_ng > 0 || unused(c, values, 3);
}

static bool bridge(const check_t *c)
{
    bool allowed = mode_is(c, PB_MODE_SIMPLE_CONTINUOUS) || mode_is(c, PB_MODE_FLEX);
    uint64_t flag = c->next->bridge, rate;
    if (!allowed && !unused(c, &flag, 1)) {
        return false;
    }
    if (pb_bridge_asked(c->pump, &c->pump->cache.program, c->next, &rate) && (rate < 1 || rate > RATE_MAX)) {
        return pb_refuse(c->why, PB_REFUSAL_RATE_TOO_HIGH, RATE_MAX, rate);
    }
    return true;
}

static bool rate_sum(const check_t *c)
{
    uint64_t sum = 0;
    if (mode_is(c, PB_MODE_SIMPLE_CONTINUOUS) || mode_is(c, PB_MODE_INTERVAL_BOLUS)) {
        sum = pb_rate_nl_per_day(c->next, c->next->dose_ng_per_day);
    }
    for (uint8_t index = 0; mode_is(c, PB_MODE_FLEX) && index < PB_FLEX_SCHEDULES * PB_FLEX_STEPS; index++) {
        sum += pb_flex_rate_nl_per_day(c->next, index);
    }
    return sum == c->rate_check_nl_per_day || pb_refuse(c->why, PB_REFUSAL_RATE_MISMATCH, sum, c->rate_check_nl_per_day);
}

static bool volume_sum(const check_t *c)
{
    uint64_t sum = pb_volume_nl(c->next, c->next->interval_dose_ng) + pb_volume_nl(c->next, c->next->single_dose_ng) +
                   pb_volume_nl(c->next, c->next->patient_dose_ng);
    return sum == c->volume_check_nl || pb_refuse(c->why, PB_REFUSAL_VOLUME_MISMATCH, sum, c->volume_check_nl);
}

static bool threshold(const check_t *c)
{
    const pb_config_t *config = &c->pump->config;
    uint32_t low = c->next->low_reservoir_nl;
    if (low > config->reservoir_capacity_nl) {
        return pb_refuse(c->why, PB_REFUSAL_THRESHOLD_RANGE, config->reservoir_capacity_nl, low);
    }
    return low >= config->reservoir_empty_nl ||
           pb_refuse(c->why, PB_REFUSAL_THRESHOLD_RANGE, config->reservoir_empty_nl, low);
}

static bool tone_interval(const check_t *c)
{
    return pb_within(c->why, PB_REFUSAL_TONE_INTERVAL_RANGE, c->next->critical_interval_ticks, PB_TONE_INTERVAL_MIN_TICKS,
                     PB_TONE_INTERVAL_MAX_TICKS);
}

static bool dose_limit(const check_t *c)
{
    return pb_within(c->why, PB_REFUSAL_LIMIT_RANGE, c->next->dose_limit_ng, 1, PB_DOSE_LIMIT_MAX_NG);
}

/* The window looks a day ahead and no further: a program that breaks its own limit every day is refused here. */
static bool daily_dose(const check_t *c)
{
    uint64_t daily_ng = pb_daily_dose_ng(c->next, &c->pump->config);
    return daily_ng <= c->next->dose_limit_ng || pb_refuse(c->why, PB_REFUSAL_DOSE_LIMIT, c->next->dose_limit_ng, daily_ng);
}

/* A program that asks for nothing is spared the rules about what it asks for. The first ones ask nothing of the pump. */
static const struct {
    bool (*holds)(const check_t *);
    bool for_stopped;
} rules[] = {
    {mode_known, true},        {concentration, true},   {basal_rate, false},      {dose_unused, false},
    {flex_counts, false},      {flex_order, false},     {flex_rates, false},      {flex_sum, false},
    {flex_unused, false},      {interval_length, false}, {interval_bolus, false}, {interval_unused, false},
    {single_bolus, false},     {single_unused, false},  {patient_bolus, false},   {patient_unused, false},
    {bridge, false},           {rate_sum, false},       {volume_sum, false},      {threshold, true},
    {tone_interval, true},     {dose_limit, true},         {daily_dose, false},
};

#define RULE_COUNT (sizeof rules / sizeof rules[0])
#define OWN_RULE_COUNT 16u /* rules 1 to 16 of the page */

static bool hold(const check_t *c, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool applies = rules[i].for_stopped || c->next->mode != PB_MODE_STOPPED;
        if (applies && !rules[i].holds(c)) {
            return false;
        }
    }
    return true;
}

bool pb_program_sound(const uint32_t *image)
{
    pb_program_t program;
    pb_refusal_t why;
    const check_t c = {.next = &program, .why = &why};
    pb_program_read(image, &program);
    return pb_program_in_range(image) && hold(&c, OWN_RULE_COUNT);
}

bool pb_program_allowed(const pb_pump_t *pump, const pb_program_t *next, uint32_t rate_check_nl_per_day,
                        uint32_t volume_check_nl, pb_refusal_t *why)
{
    const check_t c = {.pump = pump, .next = next, .rate_min_nl_per_day = pump->config.rate_min_nl_per_day,
                       .rate_check_nl_per_day = rate_check_nl_per_day, .volume_check_nl = volume_check_nl, .why = why};
    return hold(&c, RULE_COUNT);
}
