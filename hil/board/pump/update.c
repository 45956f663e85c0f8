/* Knows how a staged program reaches memory and takes effect, stage by stage (SEMANTICS.md, section 6). */
#include "update.h"

#include <string.h>

#include "arithmetic.h"
#include "boluses.h"
#include "cache.h"
#include "effects.h"
#include "program.h"
#include "refill.h"
#include "store.h"
#include "therapy.h"

static uint32_t store_seq(const pb_pump_t *pump)
{
    return pump->durable.program_seq + 1;
}

static void go_to(pb_pump_t *pump, uint8_t stage, uint16_t ticks)
{
    pump->controller.update_stage = stage;
    pump->controller.update_remaining_ticks = ticks;
}

void pb_update_start(pb_pump_t *pump)
{
    pb_controller_t *controller = &pump->controller;
    controller->update_slot_index = (uint8_t)(1 - controller->program_slot_index);
    go_to(pump, PB_UPDATE_STAGE_STOP, pump->config.update_stop_ticks);
    pb_emit(pump, PB_EVENT_UPDATE_STARTED, controller->staged[0], controller->update_slot_index);
}

static void write_words(pb_pump_t *pump, uint8_t first, uint8_t count)
{
    const pb_controller_t *controller = &pump->controller;
    uint16_t address = pb_slot_address(controller->update_slot_index);
    for (uint8_t i = first; i < first + count && i < PB_PROGRAM_SLOT_WORDS; i++) {
        pb_writes_add(pump, (uint16_t)(address + i), pb_slot_word(store_seq(pump), controller->staged, i));
    }
}

static bool read_back(const pb_pump_t *pump)
{
    const pb_controller_t *controller = &pump->controller;
    const uint32_t *words = &pump->memory.words[pb_slot_address(controller->update_slot_index)];
    for (uint8_t i = 0; i < PB_UPDATE_WRITE_WORDS; i++) {
        if (words[i] != pb_slot_word(store_seq(pump), controller->staged, i)) {
            return false;
        }
    }
    return true;
}

static void release_hold(pb_pump_t *pump)
{
    pump->durable.held = (uint8_t)(pump->durable.held & ~PB_BIT(PB_HELD_UPDATE));
}

static void fail(pb_pump_t *pump)
{
    go_to(pump, PB_UPDATE_STAGE_IDLE, 0);
    release_hold(pump);
    pb_emit(pump, PB_EVENT_UPDATE_FAILED, pump->controller.staged[0], pump->controller.update_slot_index);
}

static void take_staged(pb_pump_t *pump)
{
    pb_controller_t *controller = &pump->controller;
    memcpy(controller->program, controller->staged, sizeof controller->program);
    controller->program_slot_index = controller->update_slot_index;
    pump->durable.program_seq = store_seq(pump);
    controller->staged_present = 0;
    controller->staged_verified = 0;
    memset(controller->staged, 0, sizeof controller->staged);
    pb_cache_program(pump);
}

static void enter_therapy(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    bool stopped = pump->cache.program.mode == PB_MODE_STOPPED;
    uint8_t state = stopped ? (uint8_t)PB_THERAPY_STATE_STOPPED : (uint8_t)PB_THERAPY_STATE_THERAPY;
    durable->therapy_state = state;
    if (durable->reservoir_estimated_nl <= pump->config.reservoir_empty_nl) {
        durable->resume_state = state;
        durable->therapy_state = PB_THERAPY_STATE_EMPTY;
    }
}

static void set_schedule(pb_pump_t *pump)
{
    bool interval = pump->cache.program.mode == PB_MODE_INTERVAL_BOLUS;
    pump->controller.flex_shown_index = 255;
    pump->durable.interval_next_life_ticks =
        interval ? pump->durable.life_ticks + pb_interval_ticks(&pump->cache.program) : 0;
}

void pb_update_enter(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    durable->fault_flags =
        (uint8_t)(durable->fault_flags & ~(PB_BIT(PB_FLAG_LOW_BATTERY_RESET) | PB_BIT(PB_FLAG_CRITICAL_MEMORY)));
    release_hold(pump);
    enter_therapy(pump);
    set_schedule(pump);
}

/* Whether the program's own boluses start; in an empty reservoir they wait for the refill. */
static bool treats(pb_pump_t *pump)
{
    return *pb_state_behind_empty(&pump->durable) == PB_THERAPY_STATE_THERAPY;
}

static void start_single(pb_pump_t *pump)
{
    const pb_program_t *program = &pump->cache.program;
    if (treats(pump) && program->mode == PB_MODE_SINGLE_BOLUS) {
        uint64_t volume = pb_volume_nl(program, program->single_dose_ng);
        pb_bolus_start(pump, PB_FLUID_KIND_CLINICIAN, volume, pb_bolus_rate_q(volume, program->single_duration_ticks));
    }
}

static void start_bridge(pb_pump_t *pump, const pb_program_t *old)
{
    uint64_t rate = pb_bridge_nl_per_day(pump, old, &pump->cache.program);
    if (rate > 0 && treats(pump)) {
        pb_bolus_start(pump, PB_FLUID_KIND_BRIDGE, pb_line_nl(&pump->durable, &pump->config), rate);
    }
}

static void take_effect(pb_pump_t *pump)
{
    const pb_program_t old = pump->cache.program;
    pb_boluses_cancel(pump, PB_BOLUS_KINDS_ALL);
    take_staged(pump);
    pb_update_enter(pump);
    start_single(pump);
    start_bridge(pump, &old);
    pb_refill_due_anew(pump);
    pb_emit(pump, PB_EVENT_PROGRAM_COMMITTED, pump->cache.program.program_id, pump->durable.program_seq);
}

static void advance_write(pb_pump_t *pump, uint16_t remaining)
{
    uint8_t done = (uint8_t)pb_less(PB_UPDATE_WRITE_TICKS - 1, remaining);
    write_words(pump, (uint8_t)(done * PB_UPDATE_WORDS_PER_TICK), PB_UPDATE_WORDS_PER_TICK);
    if (remaining == 0) {
        go_to(pump, PB_UPDATE_STAGE_VERIFY, pump->config.update_verify_ticks);
    }
}

static void commit(pb_pump_t *pump)
{
    write_words(pump, PB_UPDATE_WRITE_WORDS, 1);
    take_effect(pump);
    go_to(pump, PB_UPDATE_STAGE_RESTART, pump->config.update_restart_ticks);
}

static void restart(pb_pump_t *pump)
{
    go_to(pump, PB_UPDATE_STAGE_IDLE, 0);
    pb_emit(pump, PB_EVENT_DELIVERY_RESTARTED, pump->durable.therapy_state, 0);
}

void pb_update_advance(pb_pump_t *pump)
{
    uint16_t remaining = (uint16_t)pb_less(pump->controller.update_remaining_ticks, 1);
    pump->controller.update_remaining_ticks = remaining;
    if (pump->controller.update_stage == PB_UPDATE_STAGE_WRITE) {
        advance_write(pump, remaining);
        return;
    }
    if (remaining > 0) {
        return;
    }
    switch (pump->controller.update_stage) {
    case PB_UPDATE_STAGE_STOP:
        go_to(pump, PB_UPDATE_STAGE_WRITE, PB_UPDATE_WRITE_TICKS);
        break;
    case PB_UPDATE_STAGE_VERIFY:
        if (read_back(pump)) {
            go_to(pump, PB_UPDATE_STAGE_COMMIT, 1);
        } else {
            fail(pump);
        }
        break;
    case PB_UPDATE_STAGE_COMMIT:
        commit(pump);
        break;
    case PB_UPDATE_STAGE_RESTART:
        restart(pump);
        break;
    default:
        break;
    }
}
