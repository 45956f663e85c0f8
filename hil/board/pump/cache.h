/* Knows what may be kept beside the state because it is a function of it; it must not hold anything else. */
#ifndef PB_CACHE_H
#define PB_CACHE_H

#include "pump.h"

/* Between ticks, after anything but a tick changed the state. */
void pb_cache_refresh(pb_pump_t *pump);

/* Within a tick, after the program in force changed. */
void pb_cache_program(pb_pump_t *pump);

/* Rate and flex step at the clock, after the clock passed `basal_until_day_ticks` or jumped. */
void pb_cache_basal(pb_pump_t *pump);

#endif
