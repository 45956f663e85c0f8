/* Knows the body of the pump: rotor, volume, charge, voltage; it must not know therapy. */
#ifndef PB_PLANT_H
#define PB_PLANT_H

#include "pump.h"

/* What the controller left for this tick's phase 14. */
typedef struct {
    bool ran;
    bool cut;
    bool step;
    bool sample;
    bool bolus;
    bool above_minimum;
    bool day;
} pb_actuators_t;

/* Phase 14; of a plant outside only what the controller feels and asks for. */
void pb_plant_advance(pb_pump_t *pump, const pb_actuators_t *actuators);

/* Whether a tone is heard in that tick; without current there is none, but that is not asked here. */
bool pb_plant_sounds(const pb_plant_t *plant, uint64_t tick);

#endif
