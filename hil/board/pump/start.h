/* Knows the state a pump starts in; it must not know when it starts. */
#ifndef PB_START_H
#define PB_START_H

#include "pump.h"

/* The whole pump but its configuration, as the message says; refused RECORD_RANGE, and then nothing changes. */
bool pb_start(pb_pump_t *pump, const pb_msg_reset_to_start_t *given, pb_refusal_t *why);

/* The declared configuration and a plain start: what a device is that nobody has armed yet. */
void pb_power_on(pb_pump_t *pump);

#endif
