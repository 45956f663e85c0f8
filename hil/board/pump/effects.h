/* Knows how an effect is counted, chained, logged and made durable; it must not know why it happened. */
#ifndef PB_EFFECTS_H
#define PB_EFFECTS_H

#include "pump.h"

void pb_emit(pb_pump_t *pump, uint16_t code, uint32_t arg_0, uint32_t arg_1);

/* At arm, reset_to_start and restore. */
void pb_effects_restart(pb_pump_t *pump);

#endif
