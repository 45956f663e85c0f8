/* Knows what a battery sample says about replacement and end of service; it must not know the true charge. */
#ifndef PB_BATTERY_H
#define PB_BATTERY_H

#include "pump.h"

void pb_battery_sampled(pb_pump_t *pump, uint16_t battery_mv);
void pb_eri_reach(pb_pump_t *pump);

/* Age at which a replacement is due, as status tells it. */
uint64_t pb_replace_by_life_ticks(const pb_pump_t *pump);

#endif
