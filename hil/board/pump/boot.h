/* Knows what a reset takes and what a boot brings back; it must not know what caused the reset. */
#ifndef PB_BOOT_H
#define PB_BOOT_H

#include "pump.h"

/* The controller part at its reset value; the pump is off for `boot_ticks`. */
void pb_reset_take(pb_pump_t *pump);

/* Completes a boot from what memory holds. */
void pb_boot_complete(pb_pump_t *pump);

/* Ages at which replacement and end of service fall due for a pump that starts. */
void pb_life_limits(pb_pump_t *pump);

#endif
