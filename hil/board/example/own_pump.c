/*
 * Knows a pump that is not ours, as small as one can be: a step every ten seconds until the reservoir is empty, then an alarm.
 * It stands in for pump/tick.c and pump/start.c; PLUG_IN.md says what each function owes.
 */
#include "pump/effects.h"
#include "pump/refusal.h"
#include "pump/start.h"
#include "pump/store.h"
#include "pump/tick.h"
#include "wire/layout.h"

#define STEP_EVERY_TICKS 100u

/* What this firmware keeps to itself; here it is little. */
static uint32_t left_nl;

static void empty(pb_pump_t *pump)
{
    pump->durable.therapy_state = PB_THERAPY_STATE_EMPTY;
    pump->durable.alarms_active = PB_BIT(PB_ALARM_EMPTY_RESERVOIR);
    pb_emit(pump, PB_EVENT_EMPTY_ENTERED, left_nl, 0);
    pb_emit(pump, PB_EVENT_ALARM_RAISED, PB_ALARM_EMPTY_RESERVOIR, 0);
}

void pb_tick(pb_pump_t *pump)
{
    pump->now = pump->plant.tick + 1;
    pump->marks = 0;
    pb_writes_begin(pump);
    pump->durable.life_ticks++;
    if (pump->now % STEP_EVERY_TICKS == 0 && left_nl >= PB_STEP_NL) {
        left_nl -= PB_STEP_NL;
        pump->durable.reservoir_estimated_nl = left_nl;
        pump->durable.step_count++;
        pump->marks |= PB_MARK_STEP;
    }
    if (left_nl < PB_STEP_NL && pump->durable.therapy_state == PB_THERAPY_STATE_THERAPY) {
        empty(pump);
    }
    (void)pb_writes_flush(pump);
    pump->plant.tick = pump->now;
}

bool pb_start(pb_pump_t *pump, const pb_msg_reset_to_start_t *given, pb_refusal_t *why)
{
    if (!pb_within(why, PB_REFUSAL_RECORD_RANGE, given->reservoir_true_nl, 0, pump->config.reservoir_capacity_nl)) {
        return false;
    }
    pb_layout_reset(&pb_layout_controller, &pump->controller);
    pb_layout_reset(&pb_layout_durable, &pump->durable);
    pb_layout_reset(&pb_layout_plant, &pump->plant);
    pb_store_erase(pump);
    pump->identity.serial = given->serial;
    pump->durable.boot_count = 1;
    pump->durable.therapy_state = PB_THERAPY_STATE_THERAPY;
    left_nl = pump->durable.reservoir_estimated_nl = given->reservoir_true_nl;
    pump->now = 0;
    pump->marks = 0;
    pb_effects_restart(pump);
    return true;
}

void pb_power_on(pb_pump_t *pump)
{
    const pb_msg_reset_to_start_t plain = {.serial = 1, .reservoir_true_nl = 20000000};
    pb_refusal_t why;
    pb_layout_reset(&pb_layout_config, &pump->config);
    pb_layout_reset(&pb_layout_identity, &pump->identity);
    (void)pb_start(pump, &plain, &why);
}
