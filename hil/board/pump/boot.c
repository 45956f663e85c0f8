/* Knows what a reset takes and what a boot brings back (SEMANTICS.md, phase 2 and section 9). */
#include "boot.h"

#include <string.h>

#include "../wire/layout.h"
#include "arithmetic.h"
#include "boluses.h"
#include "cache.h"
#include "delivery.h"
#include "effects.h"
#include "log.h"
#include "program.h"
#include "refill.h"
#include "store.h"
#include "therapy.h"

/* A check-point is at most so old. */
#define CHECKPOINT_AGE_TICKS PB_TICKS_PER_HOUR

void pb_reset_take(pb_pump_t *pump)
{
    pb_plant_t *plant = &pump->plant;
    plant->reset_cause = plant->reset_pending;
    plant->reset_pending = PB_RESET_CAUSE_NONE;
    pb_layout_reset(&pb_layout_controller, &pump->controller);
    pump->controller.boot_remaining_ticks = pump->config.boot_ticks;
    plant->tone_class = PB_TONE_CLASS_NONE;
    plant->tone_onset_tick = 0;
    plant->tone_period_ticks = 0;
    plant->tone_duration_ticks = 0;
    plant->tone_test_end_tick = 0;
    pb_cache_program(pump);
    pb_emit(pump, PB_EVENT_RESET, plant->reset_cause, 0);
}

void pb_life_limits(pb_pump_t *pump)
{
    pump->durable.eri_life_ticks = pb_less(pump->config.life_limit_ticks, pump->config.eri_to_eos_ticks);
    pump->durable.eos_life_ticks = pump->config.life_limit_ticks;
}

static bool load_durable(pb_pump_t *pump)
{
    if (pb_checkpoint_load(pump)) {
        return true;
    }
    pb_layout_reset(&pb_layout_durable, &pump->durable);
    pump->durable.boot_count = 1;
    pump->durable.reset_cause = PB_RESET_CAUSE_START;
    pump->durable.therapy_state = PB_THERAPY_STATE_SAFE_STATE;
    pump->durable.fault_flags = PB_BIT(PB_FLAG_CRITICAL_MEMORY);
    pb_life_limits(pump);
    return false;
}

/* A slot older than the program the check-point knew holds another therapy, and is not taken in its place. */
static bool slot_counts(const pb_pump_t *pump, uint8_t slot)
{
    return pb_slot_valid(pump, slot) && pb_slot_seq(pump, slot) >= pump->durable.program_seq;
}

static bool load_program(pb_pump_t *pump)
{
    pb_controller_t *controller = &pump->controller;
    bool counts[PB_PROGRAM_SLOTS] = {slot_counts(pump, 0), slot_counts(pump, 1)};
    if (!counts[0] && !counts[1]) {
        return false;
    }
    bool second = counts[1] && (!counts[0] || pb_slot_seq(pump, 1) > pb_slot_seq(pump, 0));
    controller->program_slot_index = second ? 1 : 0;
    pump->durable.program_seq = pb_slot_seq(pump, controller->program_slot_index);
    memcpy(controller->program, pb_slot_body(pump, controller->program_slot_index), sizeof controller->program);
    return true;
}

/* The most that can have flowed since the check-point. */
static uint64_t most_q(const pb_pump_t *pump, bool program_found)
{
    const pb_program_t *program = &pump->cache.program;
    uint64_t sum;
    if (pump->durable.therapy_state == PB_THERAPY_STATE_MINIMUM_RATE) {
        return (uint64_t)pump->config.rate_min_nl_per_day * CHECKPOINT_AGE_TICKS;
    }
    if (pump->durable.therapy_state != PB_THERAPY_STATE_THERAPY || !program_found) {
        return 0;
    }
    sum = pb_basal_max_nl_per_day(program, &pump->config) * CHECKPOINT_AGE_TICKS + pb_owed_q(&pump->durable);
    if (program->mode == PB_MODE_INTERVAL_BOLUS) {
        uint64_t boluses = pb_div_floor(CHECKPOINT_AGE_TICKS, pb_interval_ticks(program)) + 1;
        sum += boluses * pb_volume_nl(program, program->interval_dose_ng) * PB_Q_PER_NL;
    }
    return sum;
}

static void lower_estimate(pb_pump_t *pump, bool program_found)
{
    uint64_t most = most_q(pump, program_found);
    if (most > 0) {
        uint64_t flowed_nl = most / PB_Q_PER_NL + PB_STEP_NL;
        pump->durable.reservoir_estimated_nl = (uint32_t)pb_less(pump->durable.reservoir_estimated_nl, flowed_nl);
    }
}

/* Gives up at most `most_q` of what a kind owes. */
static void give_up(pb_durable_t *durable, uint8_t kind, uint64_t most_q)
{
    uint64_t given_up_q = pb_min(durable->owed_q[kind], most_q);
    durable->cancelled_q += given_up_q;
    durable->owed_q[kind] -= given_up_q;
    if (durable->owed_q[kind] == 0) {
        durable->bolus_q[kind] = 0;
    }
}

/* The record of an interrupted bolus tells the most that can have flowed since the check-point. */
static void interrupt_bolus(pb_durable_t *durable, uint8_t kind)
{
    int index = pb_fluid_running(durable, kind);
    uint64_t unseen_nl = pb_owed_nl((uint64_t)durable->bolus_q[kind] * CHECKPOINT_AGE_TICKS);
    if (index >= 0) {
        pb_fluid_end(durable, kind, PB_FLUID_OUTCOME_INTERRUPTED);
        durable->fluid_delivered_nl[index] =
            (uint32_t)pb_min(durable->fluid_volume_nl[index], durable->fluid_delivered_nl[index] + unseen_nl);
    }
}

static void give_up_owed(pb_durable_t *durable)
{
    for (uint8_t kind = 0; kind < PB_BOLUS_KINDS; kind++) {
        if (durable->owed_q[kind] > 0 && kind != PB_FLUID_KIND_BRIDGE) {
            interrupt_bolus(durable, kind);
            give_up(durable, kind, UINT64_MAX);
        }
    }
    durable->cancelled_q += durable->acc_q;
    durable->acc_q = 0;
}

/* A bridge goes on, since the line still holds the old drug; only where therapy does not, it is given up whole. */
static void shorten_bridge(pb_durable_t *durable)
{
    uint8_t state = *pb_state_behind_empty(durable);
    uint64_t hour_q = (uint64_t)durable->bolus_q[PB_FLUID_KIND_BRIDGE] * CHECKPOINT_AGE_TICKS;
    if (durable->owed_q[PB_FLUID_KIND_BRIDGE] > 0) {
        give_up(durable, PB_FLUID_KIND_BRIDGE, state == PB_THERAPY_STATE_THERAPY ? hour_q : UINT64_MAX);
    }
}

/* A stop goes on over the reset, by as much as the check-point can be old. */
static void lengthen_stop(pb_durable_t *durable, bool was_held)
{
    if (was_held || *pb_state_behind_empty(durable) == PB_THERAPY_STATE_STOPPED) {
        durable->stopped_ticks = pb_u32((uint64_t)durable->stopped_ticks + CHECKPOINT_AGE_TICKS);
    }
}

/* What RAM lost is taken as the worst: lockout from now, 24 h count full, dose window as full as lets it be programmed. */
static void assume_full(pb_pump_t *pump)
{
    pb_controller_t *controller = &pump->controller;
    uint64_t bucket = (uint64_t)pump->cache.program.dose_limit_ng * PB_QUANTA_PER_NG / (PB_HOUR_BUCKETS + 1u);
    for (uint8_t i = 0; i < PB_PATIENT_BOLUSES; i++) {
        controller->patient_start_life_ticks[i] = pump->durable.life_ticks + 1;
    }
    for (uint8_t i = 0; i < PB_HOUR_BUCKETS; i++) {
        controller->hour_quanta[i] = (uint32_t)bucket;
    }
}

/* The interval bolus keeps its due time where the check-point's still lies ahead, and by no more than an interval. */
static void restore_interval(pb_durable_t *durable, const pb_program_t *program)
{
    uint64_t life = durable->life_ticks, latest = life + pb_interval_ticks(program);
    if (program->mode != PB_MODE_INTERVAL_BOLUS) {
        durable->interval_next_life_ticks = 0;
    } else if (durable->interval_next_life_ticks <= life || durable->interval_next_life_ticks > latest) {
        durable->interval_next_life_ticks = latest;
    }
}

static void restore_working(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    assume_full(pump);
    durable->alarms_silenced = 0;
    durable->held = 0;
    pump->controller.rotor_seen_count = pump->plant.rotor_count;
    pump->controller.flex_shown_index = 255;
    restore_interval(durable, &pump->cache.program);
    pump->controller.log_next_seq = pb_log_next_seq(pump);
    pump->controller.sample_wanted = 1;
}

static void choose_state(pb_pump_t *pump, bool program_found)
{
    pb_durable_t *durable = &pump->durable;
    uint8_t mode = pump->cache.program.mode, *state = pb_state_behind_empty(durable);
    bool therapy = *state == PB_THERAPY_STATE_THERAPY;
    if (durable->reset_cause == PB_RESET_CAUSE_LOW_BATTERY) {
        durable->fault_flags = (uint8_t)(durable->fault_flags | PB_BIT(PB_FLAG_LOW_BATTERY_RESET));
        *state = therapy ? PB_THERAPY_STATE_MINIMUM_RATE : *state;
    } else if (therapy && (mode == PB_MODE_SINGLE_BOLUS || mode == PB_MODE_STOPPED)) {
        *state = PB_THERAPY_STATE_STOPPED;
    }
    if (!program_found) {
        durable->fault_flags = (uint8_t)(durable->fault_flags | PB_BIT(PB_FLAG_CRITICAL_MEMORY));
        if (durable->therapy_state != PB_THERAPY_STATE_ENDED) {
            durable->therapy_state = PB_THERAPY_STATE_SAFE_STATE;
        }
    }
}

/* The slot that was not taken is neither erased nor valid: the newest check-point may be lost. */
static void report_checkpoint(pb_pump_t *pump, bool durable_found)
{
    if (!durable_found) {
        pb_emit(pump, PB_EVENT_MEMORY_FAULT, 1, 1);
    } else if (pb_checkpoint_torn(pump)) {
        pump->durable.fault_flags = (uint8_t)(pump->durable.fault_flags | PB_BIT(PB_FLAG_MEMORY_ERROR));
        pb_emit(pump, PB_EVENT_MEMORY_FAULT, 0, 2);
    }
}

static void report(pb_pump_t *pump, bool durable_found, bool program_found)
{
    uint8_t other = (uint8_t)(1 - pump->controller.program_slot_index);
    pb_emit(pump, PB_EVENT_BOOT_COMPLETED, pump->durable.reset_cause, pump->durable.boot_count);
    report_checkpoint(pump, durable_found);
    if (!program_found) {
        pb_emit(pump, PB_EVENT_MEMORY_FAULT, 1, 0);
    } else if (!pb_slot_erased(pump, other) && !pb_slot_valid(pump, other)) {
        pb_emit(pump, PB_EVENT_UPDATE_INTERRUPTED, other, 0);
        pb_writes_add(pump, pb_slot_address(other), PB_ERASED);
    }
}

void pb_boot_complete(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    bool durable_found = load_durable(pump);
    durable->boot_count++;
    durable->reset_cause = pump->plant.reset_cause;
    durable->life_ticks += CHECKPOINT_AGE_TICKS;
    durable->clock_valid = 0;
    bool program_found = load_program(pump);
    /* The rate in force follows the clock, which came back with the check-point. */
    pb_cache_program(pump);
    bool was_held = durable->held != 0;
    lower_estimate(pump, program_found);
    give_up_owed(durable);
    restore_working(pump);
    choose_state(pump, program_found);
    shorten_bridge(durable);
    lengthen_stop(durable, was_held);
    pb_refill_due_anew(pump);
    report(pump, durable_found, program_found);
}
