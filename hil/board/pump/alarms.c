/* Knows which alarms stand and which tone they ask for (SEMANTICS.md, phase 11 and section 11). */
#include "alarms.h"

#include "arithmetic.h"
#include "effects.h"

const pb_alarm_row_t pb_alarm_rows[PB_ALARM_COUNT] = {
    [PB_ALARM_LOW_RESERVOIR] = {"LOW_RESERVOIR", false, "C01, F03, P02"},
    [PB_ALARM_ELECTIVE_REPLACEMENT] = {"ELECTIVE_REPLACEMENT", false, "C01, M01"},
    [PB_ALARM_MEMORY_ERROR] = {"MEMORY_ERROR", false, "C01"},
    [PB_ALARM_EMPTY_RESERVOIR] = {"EMPTY_RESERVOIR", true, "C01, M01"},
    [PB_ALARM_END_OF_SERVICE] = {"END_OF_SERVICE", true, "C01, M02"},
    [PB_ALARM_MOTOR_STALL] = {"MOTOR_STALL", true, "C01, M06"},
    [PB_ALARM_STOPPED_TOO_LONG] = {"STOPPED_TOO_LONG", true, "C01"},
    [PB_ALARM_CRITICAL_MEMORY_ERROR] = {"CRITICAL_MEMORY_ERROR", true, "C01; that the state is safe: unsourced"},
    [PB_ALARM_LOW_BATTERY_RESET] = {"LOW_BATTERY_RESET", true, "F14, F17, F19"},
};

static uint32_t when(bool condition, uint32_t alarm)
{
    return (uint32_t)condition << alarm;
}

uint32_t pb_alarm_conditions(const pb_pump_t *pump)
{
    const pb_durable_t *durable = &pump->durable;
    uint32_t estimate = durable->reservoir_estimated_nl, flags = durable->fault_flags;
    bool empty = durable->therapy_state == PB_THERAPY_STATE_EMPTY || estimate <= pump->config.reservoir_empty_nl;
    return when(estimate <= pump->cache.program.low_reservoir_nl, PB_ALARM_LOW_RESERVOIR) |
           when(durable->eri_reached, PB_ALARM_ELECTIVE_REPLACEMENT) |
           when(pb_bit(flags, PB_FLAG_MEMORY_ERROR), PB_ALARM_MEMORY_ERROR) |
           when(empty, PB_ALARM_EMPTY_RESERVOIR) |
           when(durable->therapy_state == PB_THERAPY_STATE_ENDED, PB_ALARM_END_OF_SERVICE) |
           when(durable->stalled, PB_ALARM_MOTOR_STALL) |
           when(durable->stopped_ticks > pump->config.stopped_alarm_ticks, PB_ALARM_STOPPED_TOO_LONG) |
           when(pb_bit(flags, PB_FLAG_CRITICAL_MEMORY), PB_ALARM_CRITICAL_MEMORY_ERROR) |
           when(pb_bit(flags, PB_FLAG_LOW_BATTERY_RESET), PB_ALARM_LOW_BATTERY_RESET);
}

static void raise(pb_pump_t *pump, uint8_t alarm)
{
    pump->durable.alarms_active = (uint16_t)(pump->durable.alarms_active | PB_BIT(alarm));
    pump->durable.alarm_raise_tick[alarm] = pump->now;
    pb_emit(pump, PB_EVENT_ALARM_RAISED, alarm, 0);
}

static void clear(pb_pump_t *pump, uint8_t alarm)
{
    pb_durable_t *durable = &pump->durable;
    durable->alarms_active = (uint16_t)(durable->alarms_active & ~PB_BIT(alarm));
    durable->alarms_silenced = (uint16_t)(durable->alarms_silenced & ~PB_BIT(alarm));
    durable->alarm_raise_tick[alarm] = 0;
    pb_emit(pump, PB_EVENT_ALARM_CLEARED, alarm, 0);
}

void pb_alarms_follow(pb_pump_t *pump, uint32_t conditions)
{
    for (uint8_t alarm = 0; alarm < PB_ALARM_COUNT; alarm++) {
        bool active = pb_bit(pump->durable.alarms_active, alarm), holds = pb_bit(conditions, alarm);
        if (holds && !active) {
            raise(pump, alarm);
        } else if (active && !holds) {
            clear(pump, alarm);
        }
    }
}

typedef struct {
    uint8_t tone_class;
    uint64_t onset_tick;
    uint32_t period_ticks;
    uint16_t duration_ticks;
} plan_t;

/* Raise tick of the oldest unsilenced alarm of a class; false where there is none. */
static bool oldest(const pb_durable_t *durable, bool critical, uint64_t *tick)
{
    bool found = false;
    for (uint8_t alarm = 0; alarm < PB_ALARM_COUNT; alarm++) {
        bool counts = pb_bit(durable->alarms_active, alarm) && !pb_bit(durable->alarms_silenced, alarm) &&
                      pb_alarm_rows[alarm].critical == critical;
        if (counts && (!found || durable->alarm_raise_tick[alarm] < *tick)) {
            *tick = durable->alarm_raise_tick[alarm];
            found = true;
        }
    }
    return found;
}

static plan_t plan_of(const pb_pump_t *pump)
{
    plan_t plan = {PB_TONE_CLASS_NONE, 0, 0, 0};
    if (oldest(&pump->durable, true, &plan.onset_tick)) {
        plan.tone_class = PB_TONE_CLASS_CRITICAL;
        /* An image of zeros, which SAFE_STATE may hold, must not divide. */
        plan.period_ticks = (uint32_t)pb_max(pump->cache.program.critical_interval_ticks, PB_TONE_INTERVAL_MIN_TICKS);
        plan.duration_ticks = pump->config.tone_critical_ticks;
    } else if (oldest(&pump->durable, false, &plan.onset_tick)) {
        plan.tone_class = PB_TONE_CLASS_NON_CRITICAL;
        plan.period_ticks = pump->config.tone_non_critical_period_ticks;
        plan.duration_ticks = pump->config.tone_non_critical_ticks;
    }
    return plan;
}

void pb_tone_follow(pb_pump_t *pump)
{
    pb_controller_t *controller = &pump->controller;
    plan_t plan = plan_of(pump);
    bool same = plan.tone_class == controller->tone_class && plan.onset_tick == controller->tone_onset_tick &&
                plan.period_ticks == controller->tone_period_ticks && plan.duration_ticks == controller->tone_duration_ticks;
    if (!same) {
        controller->tone_class = plan.tone_class;
        controller->tone_onset_tick = plan.onset_tick;
        controller->tone_period_ticks = plan.period_ticks;
        controller->tone_duration_ticks = plan.duration_ticks;
        pb_emit(pump, PB_EVENT_TONE_PLAN, plan.tone_class, plan.period_ticks);
    }
}

void pb_alarms_silence(pb_pump_t *pump)
{
    pump->durable.alarms_silenced = pump->durable.alarms_active;
    pb_emit(pump, PB_EVENT_ALARMS_SILENCED, pump->durable.alarms_active, 0);
}

void pb_alarm_test(pb_pump_t *pump)
{
    uint64_t end_tick = pump->now + pump->config.alarm_test_ticks;
    pump->controller.alarm_test_end_tick = end_tick;
    pump->plant.tone_test_end_tick = end_tick;
    pb_emit(pump, PB_EVENT_ALARM_TEST, 0, 0);
}
