/* Knows the values that derive from a program (SEMANTICS.md, section 3). */
#include "program.h"

#include "../wire/bytes.h"
#include "../wire/crc32c.h"
#include "../wire/layout.h"
#include "arithmetic.h"

static void image_bytes(const uint32_t *image, uint8_t bytes[PB_PROGRAM_WIRE_BYTES])
{
    for (uint16_t i = 0; i < PB_PROGRAM_BODY_WORDS; i++) {
        pb_put_le32(bytes + 4u * i, image[i]);
    }
}

void pb_program_read(const uint32_t *image, pb_program_t *program)
{
    uint8_t bytes[PB_PROGRAM_WIRE_BYTES];
    image_bytes(image, bytes);
    pb_layout_read(&pb_layout_program, program, bytes);
}

bool pb_program_in_range(const uint32_t *image)
{
    uint8_t bytes[PB_PROGRAM_WIRE_BYTES];
    image_bytes(image, bytes);
    return pb_layout_in_range(&pb_layout_program, bytes);
}

void pb_program_write(const pb_program_t *program, uint32_t *image)
{
    uint8_t bytes[PB_PROGRAM_WIRE_BYTES];
    pb_layout_write(&pb_layout_program, program, bytes);
    for (uint16_t i = 0; i < PB_PROGRAM_BODY_WORDS; i++) {
        image[i] = pb_le32(bytes + 4u * i);
    }
}

uint32_t pb_program_crc(const uint32_t *image)
{
    return pb_crc32c_words(image, PB_PROGRAM_BODY_WORDS);
}

uint64_t pb_interval_ticks(const pb_program_t *program)
{
    uint64_t unit_ticks = program->interval_unit == PB_INTERVAL_UNIT_HOURS ? PB_TICKS_PER_HOUR : PB_TICKS_PER_MINUTE;
    return program->interval_count * unit_ticks;
}

uint64_t pb_volume_nl(const pb_program_t *program, uint32_t dose_ng)
{
    return pb_div_round_half_up((uint64_t)dose_ng * 1000, program->concentration_ug_per_ml);
}

uint64_t pb_rate_nl_per_day(const pb_program_t *program, uint32_t dose_ng_per_day)
{
    return pb_div_round_half_up((uint64_t)dose_ng_per_day * 1000, program->concentration_ug_per_ml);
}

uint64_t pb_bolus_rate_q(uint64_t volume_nl, uint64_t duration_ticks)
{
    return pb_div_floor(pb_less(volume_nl * PB_Q_PER_NL + duration_ticks, 1), duration_ticks);
}

uint8_t pb_flex_count(const pb_program_t *program, uint8_t schedule)
{
    return (uint8_t)pb_min(schedule == 0 ? program->flex_0_count : program->flex_1_count, PB_FLEX_STEPS);
}

/* A step lasts until the next of its schedule, the last one until midnight. */
static uint32_t flex_end_minute(const pb_program_t *program, uint8_t index)
{
    uint8_t schedule = (uint8_t)(index / PB_FLEX_STEPS), step = (uint8_t)(index % PB_FLEX_STEPS);
    bool last = step + 1 >= pb_flex_count(program, schedule);
    return last ? PB_MINUTES_PER_DAY : program->flex_start_minute[index + 1];
}

uint64_t pb_flex_rate_nl_per_day(const pb_program_t *program, uint8_t index)
{
    if (index % PB_FLEX_STEPS >= pb_flex_count(program, (uint8_t)(index / PB_FLEX_STEPS))) {
        return 0;
    }
    uint64_t minutes = pb_less(flex_end_minute(program, index), program->flex_start_minute[index]);
    uint64_t dose = (uint64_t)program->flex_dose_ng[index] * 1000 * PB_MINUTES_PER_DAY;
    return pb_div_round_half_up(dose, program->concentration_ug_per_ml * minutes);
}

uint8_t pb_flex_index(const pb_program_t *program, pb_clock_t clock)
{
    uint8_t schedule = program->schedule_days >> clock.day % 7 & 1u;
    uint8_t first = (uint8_t)(schedule * PB_FLEX_STEPS), index = first;
    for (uint8_t i = 1; i < pb_flex_count(program, schedule); i++) {
        if (program->flex_start_minute[first + i] <= clock.day_ticks / PB_TICKS_PER_MINUTE) {
            index = (uint8_t)(first + i);
        }
    }
    return index;
}

uint64_t pb_flex_sum_ng(const pb_program_t *program, uint8_t schedule)
{
    uint64_t sum = 0;
    for (uint8_t i = 0; i < pb_flex_count(program, schedule); i++) {
        sum += program->flex_dose_ng[schedule * PB_FLEX_STEPS + i];
    }
    return sum;
}

uint32_t pb_basal_until_day_ticks(const pb_program_t *program, pb_clock_t clock)
{
    if (program->mode != PB_MODE_FLEX) {
        return PB_TICKS_PER_DAY;
    }
    uint32_t until = flex_end_minute(program, pb_flex_index(program, clock)) * PB_TICKS_PER_MINUTE;
    /* Starts that do not rise, which verify refuses, are looked at minute by minute. */
    return until > clock.day_ticks ? until : (clock.day_ticks / PB_TICKS_PER_MINUTE + 1) * PB_TICKS_PER_MINUTE;
}

uint64_t pb_basal_nl_per_day(const pb_program_t *program, const pb_config_t *config, pb_clock_t clock)
{
    switch (program->mode) {
    case PB_MODE_SIMPLE_CONTINUOUS:
    case PB_MODE_INTERVAL_BOLUS:
        return pb_rate_nl_per_day(program, program->dose_ng_per_day);
    case PB_MODE_FLEX:
        return pb_flex_rate_nl_per_day(program, pb_flex_index(program, clock));
    case PB_MODE_MINIMUM_RATE:
        return config->rate_min_nl_per_day;
    default:
        return 0;
    }
}

uint64_t pb_basal_max_nl_per_day(const pb_program_t *program, const pb_config_t *config)
{
    if (program->mode != PB_MODE_FLEX) {
        return pb_basal_nl_per_day(program, config, (pb_clock_t){0, 0});
    }
    uint64_t most = 0;
    for (uint8_t index = 0; index < PB_FLEX_SCHEDULES * PB_FLEX_STEPS; index++) {
        most = pb_max(most, pb_flex_rate_nl_per_day(program, index));
    }
    return most;
}

static uint64_t interval_daily_ng(const pb_program_t *program)
{
    uint64_t every = pb_interval_ticks(program);
    if (every > PB_TICKS_PER_DAY) {
        return pb_div_round_half_up((uint64_t)program->interval_dose_ng * PB_TICKS_PER_DAY, every);
    }
    return pb_div_floor(PB_TICKS_PER_DAY, every) * program->interval_dose_ng;
}

uint64_t pb_daily_dose_ng(const pb_program_t *program, const pb_config_t *config)
{
    switch (program->mode) {
    case PB_MODE_SIMPLE_CONTINUOUS:
        return program->dose_ng_per_day;
    case PB_MODE_FLEX:
        return pb_max(pb_flex_sum_ng(program, 0), pb_flex_sum_ng(program, 1));
    case PB_MODE_INTERVAL_BOLUS:
        return program->dose_ng_per_day + interval_daily_ng(program);
    case PB_MODE_SINGLE_BOLUS:
        return program->single_dose_ng;
    case PB_MODE_MINIMUM_RATE:
        return (uint64_t)config->rate_min_nl_per_day * program->concentration_ug_per_ml / 1000;
    default:
        return 0;
    }
}

uint64_t pb_flow_q(const pb_program_t *program, const pb_config_t *config, pb_clock_t clock, uint64_t n)
{
    uint64_t flow_q = 0;
    if (program->mode != PB_MODE_FLEX) {
        return n * pb_basal_nl_per_day(program, config, clock);
    }
    while (n > 0) {
        uint32_t until = pb_basal_until_day_ticks(program, clock);
        uint64_t length = pb_min(n, until - clock.day_ticks);
        flow_q += length * pb_basal_nl_per_day(program, config, clock);
        n -= length;
        clock.day_ticks = until;
        if (until >= PB_TICKS_PER_DAY) {
            clock.day_ticks = 0;
            clock.day++;
        }
    }
    return flow_q;
}

uint64_t pb_line_nl(const pb_durable_t *durable, const pb_config_t *config)
{
    return durable->tubing_nl + (uint64_t)durable->catheter_length_mm * config->catheter_nl_per_mm;
}

bool pb_bridge_asked(const pb_pump_t *pump, const pb_program_t *old, const pb_program_t *next, uint64_t *nl_per_day)
{
    *nl_per_day = pb_div_round_half_up(pb_daily_dose_ng(next, &pump->config) * 1000, old->concentration_ug_per_ml);
    return next->bridge == 1 && old->mode != PB_MODE_STOPPED &&
           old->concentration_ug_per_ml != next->concentration_ug_per_ml &&
           pb_line_nl(&pump->durable, &pump->config) > 0;
}

uint64_t pb_bridge_nl_per_day(const pb_pump_t *pump, const pb_program_t *old, const pb_program_t *next)
{
    uint64_t rate;
    return pb_bridge_asked(pump, old, next, &rate) && rate <= PB_RATE_MAX_NL_PER_DAY ? rate : 0;
}
