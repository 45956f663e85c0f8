/* Knows what the bench may do to the body of the pump; it must not know why it does. */
#ifndef PB_FAULTS_H
#define PB_FAULTS_H

#include "pump.h"

bool pb_inject(pb_pump_t *pump, const pb_msg_inject_t *fault, pb_refusal_t *why);

#endif
