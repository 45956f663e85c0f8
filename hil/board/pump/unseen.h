/* Knows what a boot assumes of fluid that moved after the check-point; it must not know what goes on afterwards. */
#ifndef PB_UNSEEN_H
#define PB_UNSEEN_H

#include "pump.h"

/* A check-point is at most so old. */
#define PB_CHECKPOINT_AGE_TICKS PB_TICKS_PER_HOUR

/* The estimate falls by the most that can have flowed, of the program in force or of `old` (NULL: no other ran). */
void pb_unseen_lower_estimate(pb_pump_t *pump, bool program_found, const pb_program_t *old);

/* Boluses end, and their records tell the most. A bridge goes on with the least that the line can still need. */
void pb_unseen_give_up(pb_durable_t *durable);
void pb_unseen_give_up_bridge(pb_durable_t *durable);

#endif
