/* Knows what the rotor's count says about the last step; it must not know why a rotor stands. */
#ifndef PB_MOTOR_H
#define PB_MOTOR_H

#include "pump.h"

void pb_motor_feedback(pb_pump_t *pump, uint16_t rotor_count);

/* Quirk TELEMETRY_HOLD: interference with an alarming pump holds delivery. */
void pb_telemetry_hold(pb_pump_t *pump);

#endif
