/* Knows what the rotor's count says about the last step (SEMANTICS.md, phase 3). */
#include "motor.h"

#include "effects.h"

static void missed(pb_pump_t *pump, uint16_t rotor_count)
{
    pb_controller_t *controller = &pump->controller;
    if (controller->stall_missed_count < pump->config.stall_steps_count) {
        controller->stall_missed_count++;
    }
    controller->stall_turning = 0;
    if (controller->stall_missed_count >= pump->config.stall_steps_count && !pump->durable.stalled) {
        pump->durable.stalled = 1;
        pb_emit(pump, PB_EVENT_STALL_DETECTED, rotor_count, 0);
    }
}

static void turned(pb_pump_t *pump)
{
    pb_controller_t *controller = &pump->controller;
    controller->stall_missed_count = 0;
    if (pump->durable.stalled && !controller->stall_turning) {
        controller->stall_turning = 1;
        if (pb_bit(pump->config.quirks, PB_QUIRK_LATE_RECOVERY)) {
            controller->stall_interrogations_count = 2;
        }
    }
}

void pb_motor_feedback(pb_pump_t *pump, uint16_t rotor_count)
{
    pb_controller_t *controller = &pump->controller;
    if (controller->step_pending) {
        controller->step_pending = 0;
        if (rotor_count == controller->rotor_seen_count) {
            missed(pump, rotor_count);
        } else {
            turned(pump);
        }
        controller->rotor_seen_count = rotor_count;
    }
    if (pump->durable.stalled && controller->stall_turning && controller->stall_interrogations_count == 0) {
        pump->durable.stalled = 0;
        controller->stall_turning = 0;
        pb_emit(pump, PB_EVENT_STALL_RECOVERED, rotor_count, 0);
    }
}

void pb_telemetry_hold(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    bool unsilenced = (durable->alarms_active & ~(uint32_t)durable->alarms_silenced) != 0;
    if (pb_bit(pump->config.quirks, PB_QUIRK_TELEMETRY_HOLD) && unsilenced && !pb_bit(durable->held, PB_HELD_TELEMETRY)) {
        durable->held = (uint8_t)(durable->held | PB_BIT(PB_HELD_TELEMETRY));
        pb_emit(pump, PB_EVENT_TELEMETRY_HELD, durable->held, 0);
    }
}
