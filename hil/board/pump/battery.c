/* Knows what a battery sample says about replacement and end of service (SEMANTICS.md, phases 4 and 5). */
#include "battery.h"

#include "arithmetic.h"
#include "effects.h"

/* Quirk LATE_REPLACEMENT_DATE: 30 days [F06]. */
#define LATE_DATE_TICKS (30u * PB_TICKS_PER_DAY)

void pb_battery_sampled(pb_pump_t *pump, uint16_t battery_mv)
{
    pb_durable_t *durable = &pump->durable;
    pump->controller.sample_pending = 0;
    pump->controller.battery_mv = battery_mv;
    pb_emit(pump, PB_EVENT_BATTERY_SAMPLED, battery_mv, 0);
    if (battery_mv <= pump->config.eri_mv && !durable->eri_reached) {
        durable->eri_life_ticks = pb_min(durable->eri_life_ticks, durable->life_ticks);
    }
    if (battery_mv <= pump->config.eos_mv) {
        durable->eos_life_ticks = pb_min(durable->eos_life_ticks, durable->life_ticks);
    }
}

void pb_eri_reach(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    durable->eri_reached = 1;
    durable->eos_life_ticks = pb_min(durable->eos_life_ticks, durable->eri_life_ticks + pump->config.eri_to_eos_ticks);
    pb_emit(pump, PB_EVENT_ERI_REACHED, pump->controller.battery_mv, 0);
}

uint64_t pb_replace_by_life_ticks(const pb_pump_t *pump)
{
    const pb_durable_t *durable = &pump->durable;
    uint64_t expected = pb_min(durable->eri_life_ticks + pump->config.eri_to_eos_ticks, durable->eos_life_ticks);
    uint64_t by = durable->eri_reached ? durable->eos_life_ticks : expected;
    return pb_bit(pump->config.quirks, PB_QUIRK_LATE_REPLACEMENT_DATE) ? by + LATE_DATE_TICKS : by;
}
