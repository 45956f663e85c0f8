/* Knows what may be kept beside the state because it is a function of it (SEMANTICS.md, section 2). */
#include "cache.h"

#include "arithmetic.h"
#include "program.h"

static uint32_t left(uint64_t tick, uint32_t period)
{
    return period - (uint32_t)(tick % period);
}

void pb_cache_basal(pb_pump_t *pump)
{
    const pb_clock_t clock = {pump->durable.clock_day, pump->durable.clock_day_ticks};
    pb_cache_t *cache = &pump->cache;
    cache->basal_nl_per_day = pb_u32(pb_basal_nl_per_day(&cache->program, &pump->config, clock));
    cache->basal_until_day_ticks = pb_basal_until_day_ticks(&cache->program, clock);
    cache->flex_index = cache->flex ? pb_flex_index(&cache->program, clock) : 255;
}

void pb_cache_program(pb_pump_t *pump)
{
    pb_cache_t *cache = &pump->cache;
    pb_program_read(pump->controller.program, &cache->program);
    cache->flex = cache->program.mode == PB_MODE_FLEX;
    cache->tone_stale = true;
    pb_cache_basal(pump);
}

void pb_cache_refresh(pb_pump_t *pump)
{
    pump->cache.hour_left_ticks = left(pump->plant.tick, PB_TICKS_PER_HOUR);
    pump->cache.day_left_ticks = left(pump->plant.tick, PB_TICKS_PER_DAY);
    pb_cache_program(pump);
}
