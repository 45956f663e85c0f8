/* Knows what a reset takes and what a boot brings back (SEMANTICS.md, phase 2 and section 9). */
#include "boot.h"

#include <string.h>

#include "../wire/layout.h"
#include "arithmetic.h"
#include "boluses.h"
#include "cache.h"
#include "effects.h"
#include "log.h"
#include "program.h"
#include "refill.h"
#include "store.h"
#include "therapy.h"
#include "unseen.h"
#include "update.h"

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

/* The program before a commit cut short, which the check-point knew; false: it is not there any more. */
static bool old_program(const pb_pump_t *pump, uint32_t old_seq, pb_program_t *old)
{
    uint8_t other = (uint8_t)(1 - pump->controller.program_slot_index);
    if (!pb_slot_valid(pump, other) || pb_slot_seq(pump, other) != old_seq) {
        return false;
    }
    pb_program_read(pb_slot_body(pump, other), old);
    return true;
}

/* Rate of the bridge from the program before, 0 where none runs: none is given unasked, at a low battery's minimum rate or
 * beside a single bolus. */
static uint64_t bridge_rate(const pb_pump_t *pump, uint32_t old_seq)
{
    pb_program_t old;
    if (pump->cache.program.mode == PB_MODE_SINGLE_BOLUS || pump->durable.reset_cause == PB_RESET_CAUSE_LOW_BATTERY ||
        !old_program(pump, old_seq, &old)) {
        return 0;
    }
    return pb_bridge_nl_per_day(pump, &old, &pump->cache.program);
}

/* Power failed between the last word of a commit and its check-point: the program takes effect now. Volume of the bridge. */
static uint64_t finish_commit(pb_pump_t *pump, uint32_t old_seq)
{
    uint64_t volume_nl = pb_line_nl(&pump->durable, &pump->config), rate = bridge_rate(pump, old_seq);
    pb_unseen_give_up_bridge(&pump->durable);
    pb_update_enter(pump);
    if (rate == 0 || *pb_state_behind_empty(&pump->durable) != PB_THERAPY_STATE_THERAPY) {
        return 0;
    }
    pb_bolus_owe(&pump->durable, PB_FLUID_KIND_BRIDGE, volume_nl, rate);
    return volume_nl;
}

/* A stop goes on over the reset, by as much as the check-point can be old. */
static void lengthen_stop(pb_durable_t *durable, bool was_held)
{
    if (was_held || *pb_state_behind_empty(durable) == PB_THERAPY_STATE_STOPPED) {
        durable->stopped_ticks = pb_u32((uint64_t)durable->stopped_ticks + PB_CHECKPOINT_AGE_TICKS);
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

/* What the check-point left of an interval is kept, so that resets bring no bolus forward. */
static void restore_interval(pb_durable_t *durable, const pb_program_t *program, uint64_t left_ticks)
{
    uint64_t every = pb_interval_ticks(program);
    bool kept = left_ticks >= 1 && left_ticks <= every;
    bool interval = program->mode == PB_MODE_INTERVAL_BOLUS;
    durable->interval_next_life_ticks = interval ? durable->life_ticks + (kept ? left_ticks : every) : 0;
}

static void restore_working(pb_pump_t *pump, uint64_t interval_left_ticks)
{
    pb_durable_t *durable = &pump->durable;
    assume_full(pump);
    durable->alarms_silenced = 0;
    durable->held = 0;
    pump->controller.rotor_seen_count = pump->plant.rotor_count;
    pump->controller.flex_shown_index = 255;
    restore_interval(durable, &pump->cache.program, interval_left_ticks);
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

/* A bridge waits while the pump is stopped, but does not outlive the therapy it belongs to. After a low battery nothing resumes
 * before a commit, which a bridge still owed would bar. */
static void settle_bridge(pb_durable_t *durable)
{
    uint8_t state = *pb_state_behind_empty(durable);
    bool low_battery = durable->reset_cause == PB_RESET_CAUSE_LOW_BATTERY;
    if (low_battery || (state != PB_THERAPY_STATE_THERAPY && state != PB_THERAPY_STATE_STOPPED)) {
        pb_unseen_give_up_bridge(durable);
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

static void report_program(pb_pump_t *pump, bool program_found)
{
    uint8_t other = (uint8_t)(1 - pump->controller.program_slot_index);
    if (!program_found) {
        pb_emit(pump, PB_EVENT_MEMORY_FAULT, 1, 0);
    } else if (!pb_slot_erased(pump, other) && !pb_slot_valid(pump, other)) {
        pb_emit(pump, PB_EVENT_UPDATE_INTERRUPTED, other, 0);
        pb_writes_add(pump, pb_slot_address(other), PB_ERASED);
    }
}

/* What the check-point and the slots gave. */
typedef struct {
    bool durable_found;
    bool program_found;
    bool was_held;
    bool cut_short; /* the slot taken is newer than the program the check-point knew */
    uint32_t old_seq;
    uint64_t interval_left_ticks;
} found_t;

static found_t load(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    found_t found = {.durable_found = load_durable(pump)};
    found.was_held = durable->held != 0;
    found.old_seq = durable->program_seq;
    found.interval_left_ticks = pb_less(durable->interval_next_life_ticks, durable->life_ticks);
    durable->boot_count++;
    durable->reset_cause = pump->plant.reset_cause;
    durable->life_ticks += PB_CHECKPOINT_AGE_TICKS;
    durable->clock_valid = 0;
    found.program_found = load_program(pump);
    found.cut_short = found.durable_found && durable->program_seq > found.old_seq;
    /* The rate in force follows the clock, which came back with the check-point. */
    pb_cache_program(pump);
    return found;
}

/* What flowed before a commit cut short was the old program's. */
static void lower_estimate(pb_pump_t *pump, const found_t *found)
{
    pb_program_t old;
    bool known = found->cut_short && old_program(pump, found->old_seq, &old);
    pb_unseen_lower_estimate(pump, found->program_found, known ? &old : NULL);
}

static void report(pb_pump_t *pump, const found_t *found, uint64_t bridge_nl)
{
    pb_emit(pump, PB_EVENT_BOOT_COMPLETED, pump->durable.reset_cause, pump->durable.boot_count);
    if (bridge_nl > 0) {
        pb_emit(pump, PB_EVENT_BOLUS_STARTED, PB_FLUID_KIND_BRIDGE, pb_u32(bridge_nl));
    }
    if (found->cut_short) {
        pb_emit(pump, PB_EVENT_PROGRAM_COMMITTED, pump->cache.program.program_id, pump->durable.program_seq);
    }
    report_checkpoint(pump, found->durable_found);
    report_program(pump, found->program_found);
}

void pb_boot_complete(pb_pump_t *pump)
{
    const found_t found = load(pump);
    lower_estimate(pump, &found);
    pb_unseen_give_up(&pump->durable);
    uint64_t bridge_nl = found.cut_short ? finish_commit(pump, found.old_seq) : 0;
    restore_working(pump, found.cut_short ? 0 : found.interval_left_ticks);
    choose_state(pump, found.program_found);
    settle_bridge(&pump->durable);
    lengthen_stop(&pump->durable, found.was_held);
    pb_refill_due_anew(pump);
    report(pump, &found, bridge_nl);
}
