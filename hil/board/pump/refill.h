/* Knows when the next refill is due and what a refill makes of the estimate; it must not know the true volume. */
#ifndef PB_REFILL_H
#define PB_REFILL_H

#include "boluses.h"

void pb_refill_due_anew(pb_pump_t *pump);

bool pb_refill(pb_pump_t *pump, const pb_msg_refill_t *asked, pb_fluid_key_t key, pb_msg_refilled_t *reply,
               pb_refusal_t *why);

#endif
