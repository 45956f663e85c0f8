/* Knows the order of a tick (SEMANTICS.md, section 4). The common tick is kept short: rare work stands behind one test. */
#include "tick.h"

#include "alarms.h"
#include "arithmetic.h"
#include "battery.h"
#include "boot.h"
#include "boluses.h"
#include "cache.h"
#include "delivery.h"
#include "effects.h"
#include "motor.h"
#include "plant.h"
#include "program.h"
#include "selftest.h"
#include "session.h"
#include "store.h"
#include "therapy.h"
#include "update.h"

typedef struct {
    uint16_t rotor_count;
    uint16_t sample_mv;
    bool emi;
    bool hour;
} sensed_t;

/* Phase 2: whether the controller runs in this tick. */
static bool running(pb_pump_t *pump)
{
    pb_controller_t *controller = &pump->controller;
    if (pump->plant.dead) {
        return false;
    }
    if (pump->plant.reset_pending != PB_RESET_CAUSE_NONE) {
        pump->marks |= PB_MARK_RESET;
        pb_reset_take(pump);
        return false;
    }
    if (controller->boot_remaining_ticks > 0) {
        controller->boot_remaining_ticks--;
        if (controller->boot_remaining_ticks > 0) {
            return false;
        }
        pump->marks |= PB_MARK_RESET;
        pb_boot_complete(pump);
    }
    pump->durable.life_ticks++;
    return true;
}

/* Phases 3 and 4. */
static inline void feel(pb_pump_t *pump, const sensed_t *sensed)
{
    if (pump->controller.step_pending || pump->durable.stalled) {
        pb_motor_feedback(pump, sensed->rotor_count);
    }
    if (sensed->emi) {
        pb_telemetry_hold(pump);
    }
    if (pump->controller.sample_pending) {
        pb_battery_sampled(pump, sensed->sample_mv);
    }
}

static inline void count_stopped(pb_durable_t *durable)
{
    uint8_t state = durable->therapy_state;
    bool treats = state == PB_THERAPY_STATE_THERAPY || state == PB_THERAPY_STATE_MINIMUM_RATE;
    if (state == PB_THERAPY_STATE_STOPPED || (treats && durable->held != 0)) {
        durable->stopped_ticks += durable->stopped_ticks < UINT32_MAX;
    } else {
        durable->stopped_ticks = 0;
    }
}

/* Phase 5. */
static inline void pass_life(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    pb_controller_t *controller = &pump->controller;
    if (!durable->eri_reached && durable->life_ticks >= durable->eri_life_ticks) {
        pb_eri_reach(pump);
    }
    if (durable->life_ticks >= durable->eos_life_ticks && durable->therapy_state != PB_THERAPY_STATE_ENDED) {
        pb_therapy_end(pump);
    }
    count_stopped(durable);
    if (controller->session_id != 0 && ++controller->session_idle_ticks >= pump->config.session_timeout_ticks) {
        pb_session_expire(pump);
    }
}

static void pass_hour(pb_controller_t *controller)
{
    controller->hour_head_index = (uint8_t)((controller->hour_head_index + 1u) % PB_HOUR_BUCKETS);
    controller->hour_quanta[controller->hour_head_index] = 0;
    controller->checkpoint_due = 1;
}

/* Phase 6. */
static inline void pass_clock(pb_pump_t *pump, bool hour, bool day)
{
    pb_durable_t *durable = &pump->durable;
    durable->clock_day_ticks++;
    if (durable->clock_day_ticks >= pump->cache.basal_until_day_ticks) {
        if (durable->clock_day_ticks >= PB_TICKS_PER_DAY) {
            durable->clock_day_ticks = 0;
            durable->clock_day++;
        }
        pb_cache_basal(pump);
    }
    if (hour) {
        pass_hour(&pump->controller);
    }
    if (day) {
        pb_selftest(pump);
        pump->controller.sample_wanted = 1;
    }
}

static void interval_falls_due(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    const pb_program_t *program = &pump->cache.program;
    if (durable->owed_q[PB_FLUID_KIND_INTERVAL] > 0) {
        pb_emit(pump, PB_EVENT_INTERVAL_DROPPED, 0, 0);
    } else {
        uint64_t volume = pb_volume_nl(program, program->interval_dose_ng);
        pb_bolus_start(pump, PB_FLUID_KIND_INTERVAL, volume, pb_bolus_rate_q(volume, program->interval_duration_ticks));
    }
    /* However late, as after a hold: one start or one drop. */
    uint64_t every = pb_interval_ticks(program);
    durable->interval_next_life_ticks +=
        every * (1 + pb_div_floor(durable->life_ticks - durable->interval_next_life_ticks, every));
}

/* Phase 7. */
static inline void follow_schedule(pb_pump_t *pump)
{
    const pb_durable_t *durable = &pump->durable;
    pb_controller_t *controller = &pump->controller;
    if (controller->update_stage != PB_UPDATE_STAGE_IDLE) {
        pb_update_advance(pump);
    }
    if (durable->therapy_state != PB_THERAPY_STATE_THERAPY || durable->held != 0 ||
        controller->update_stage != PB_UPDATE_STAGE_IDLE) {
        return;
    }
    if (pump->cache.flex) {
        if (controller->flex_shown_index != pump->cache.flex_index) {
            controller->flex_shown_index = pump->cache.flex_index;
            pb_emit(pump, PB_EVENT_FLEX_STEP, pump->cache.flex_index, pump->cache.basal_nl_per_day);
        }
    } else if (pump->cache.program.mode == PB_MODE_INTERVAL_BOLUS &&
               durable->life_ticks >= durable->interval_next_life_ticks) {
        interval_falls_due(pump);
    }
}

/* Phase 9. */
static inline bool accumulate(pb_pump_t *pump, const pb_demand_t *demand)
{
    pb_durable_t *durable = &pump->durable;
    durable->commanded_q += demand->basal_q;
    durable->acc_q += demand->basal_q + demand->bolus_q;
    bool step = durable->acc_q >= PB_STEP_Q;
    if (step) {
        durable->acc_q -= PB_STEP_Q;
        durable->step_count++;
        pump->controller.step_pending = 1;
        pump->controller.step_tick_sum += pump->now;
    }
    if (demand->kind != PB_FLUID_KIND_NONE) {
        durable->owed_q[demand->kind] -= demand->bolus_q;
        if (durable->owed_q[demand->kind] == 0) {
            pb_bolus_ended(pump, demand->kind);
        }
    }
    return step;
}

/* Phase 10. */
static inline void estimate(pb_pump_t *pump, bool step)
{
    uint8_t state = pump->durable.therapy_state;
    if (step) {
        pb_step_estimated(pump);
    }
    if (pump->durable.reservoir_estimated_nl <= pump->config.reservoir_empty_nl &&
        (state == PB_THERAPY_STATE_THERAPY || state == PB_THERAPY_STATE_MINIMUM_RATE)) {
        pb_empty_enter(pump);
    }
}

/* Phase 11. */
static inline void follow_alarms(pb_pump_t *pump)
{
    uint32_t conditions = pb_alarm_conditions(pump);
    if (conditions != pump->durable.alarms_active || pump->cache.tone_stale) {
        pump->cache.tone_stale = false;
        pb_alarms_follow(pump, conditions);
        pb_tone_follow(pump);
    }
    uint64_t test_end = pump->controller.alarm_test_end_tick;
    if (test_end != 0 && pump->now > test_end) {
        pump->controller.alarm_test_end_tick = 0;
    }
}

/* Phases 3 to 13. */
static void control(pb_pump_t *pump, const sensed_t *sensed, pb_actuators_t *actuators)
{
    pb_controller_t *controller = &pump->controller;
    feel(pump, sensed);
    pass_life(pump);
    pass_clock(pump, sensed->hour, actuators->day);
    follow_schedule(pump);
    pb_demand_t demand = pb_demand(pump);
    actuators->bolus = demand.bolus_q > 0;
    actuators->above_minimum = demand.basal_q + demand.bolus_q > pump->config.rate_min_nl_per_day;
    actuators->step = accumulate(pump, &demand);
    estimate(pump, actuators->step);
    follow_alarms(pump);
    if (controller->sample_wanted) {
        controller->sample_wanted = 0;
        controller->sample_pending = 1;
        actuators->sample = true;
    }
    if (controller->checkpoint_due || pump->writes.log_count > 0 || pump->writes.word_count > 0 ||
        pump->plant.cut_words_count != PB_NO_CUT_WORDS) {
        actuators->cut = pb_writes_flush(pump);
    }
}

/* A cut drops what the tick commanded. */
static void drop_actuators(pb_actuators_t *actuators)
{
    actuators->step = false;
    actuators->sample = false;
}

static inline bool count_down(uint32_t *left_ticks, uint32_t period_ticks)
{
    *left_ticks -= 1;
    if (*left_ticks > 0) {
        return false;
    }
    *left_ticks = period_ticks;
    return true;
}

void pb_tick(pb_pump_t *pump)
{
    pb_plant_t *plant = &pump->plant;
    pump->now = plant->tick + 1;
    pump->marks = 0;
    pb_writes_begin(pump);
    sensed_t sensed = {plant->rotor_count, plant->sample_mv, plant->emi != 0,
                       count_down(&pump->cache.hour_left_ticks, PB_TICKS_PER_HOUR)};
    pb_actuators_t actuators = {.day = count_down(&pump->cache.day_left_ticks, PB_TICKS_PER_DAY)};
    plant->sample_mv = 0;
    actuators.ran = running(pump);
    if (actuators.ran) {
        control(pump, &sensed, &actuators);
    }
    if (actuators.cut) {
        drop_actuators(&actuators);
    }
    pb_plant_advance(pump, &actuators);
    pump->marks |= (actuators.step ? PB_MARK_STEP : 0u) | (actuators.sample ? PB_MARK_SAMPLE : 0u);
    plant->tick = pump->now;
}
