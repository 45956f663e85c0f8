/* Knows the order of a tick; it must not know any phase's inside. */
#ifndef PB_TICK_H
#define PB_TICK_H

#include "pump.h"

/* One tick: the whole pump, 100 ms of it. `pump->marks` says what happened. */
void pb_tick(pb_pump_t *pump);

#endif
