/* Knows the daily look at memory; it must not know when a day passes. */
#ifndef PB_SELFTEST_H
#define PB_SELFTEST_H

#include "pump.h"

void pb_selftest(pb_pump_t *pump);

#endif
