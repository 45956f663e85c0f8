/* Knows what the motor is asked for in a tick: arbitration, accumulation, estimate; it must not know the true flow. */
#ifndef PB_DELIVERY_H
#define PB_DELIVERY_H

#include "pump.h"

/* What phase 8 decides: basal, and `bolus_q` more of kind `kind` (PB_FLUID_KIND_NONE: no bolus). */
typedef struct {
    uint64_t basal_q;
    uint64_t bolus_q;
    uint8_t kind;
} pb_demand_t;

/* All that boluses still owe. */
uint64_t pb_owed_q(const pb_durable_t *durable);

bool pb_delivering(const pb_pump_t *pump);
pb_demand_t pb_demand(const pb_pump_t *pump);

/* The kind's account reached 0 in this tick. */
void pb_bolus_ended(pb_pump_t *pump, uint8_t kind);

/* A step was commanded: the estimate and the hour's dose follow. */
void pb_step_estimated(pb_pump_t *pump);

void pb_empty_enter(pb_pump_t *pump);

#endif
