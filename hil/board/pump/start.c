/* Knows the state a pump starts in (SEMANTICS.md, section 13, reset_to_start). */
#include "start.h"

#include "../wire/layout.h"
#include "arithmetic.h"
#include "boot.h"
#include "cache.h"
#include "effects.h"
#include "line.h"
#include "program.h"
#include "refill.h"
#include "refusal.h"
#include "store.h"

#define LOW_RESERVOIR_NL 2000000u /* P02 */
#define CRITICAL_INTERVAL_TICKS 6000u
#define NG_PER_UG 1000u

static uint64_t given_line_nl(const pb_pump_t *pump, const pb_msg_reset_to_start_t *given)
{
    return given->tubing_nl + (uint64_t)given->catheter_length_mm * pump->config.catheter_nl_per_mm;
}

static bool at_most(pb_refusal_t *why, uint64_t value, uint64_t most)
{
    return value <= most || pb_refuse(why, PB_REFUSAL_RECORD_RANGE, most, value);
}

static bool allowed(const pb_pump_t *pump, const pb_msg_reset_to_start_t *given, pb_refusal_t *why)
{
    const pb_config_t *config = &pump->config;
    uint64_t line_nl = given_line_nl(pump, given);
    if (!at_most(why, given->reservoir_true_nl, config->reservoir_capacity_nl) ||
        !at_most(why, given->reservoir_estimated_nl, config->reservoir_capacity_nl) ||
        !at_most(why, given->concentration_ug_per_ml, PB_CONCENTRATION_MAX_UG_PER_ML) ||
        !at_most(why, given->line_ug_per_ml, PB_CONCENTRATION_MAX_UG_PER_ML) ||
        !at_most(why, given->catheter_length_mm, PB_CATHETER_MAX_MM) ||
        !at_most(why, given->tubing_nl, PB_TUBING_MAX_NL)) {
        return false;
    }
    if (line_nl < PB_LINE_MIN_NL) {
        return pb_refuse(why, PB_REFUSAL_RECORD_RANGE, PB_LINE_MIN_NL, line_nl);
    }
    return at_most(why, given->charge_nc, config->battery_capacity_nc) &&
           (given->life_ticks < config->life_limit_ticks ||
            pb_refuse(why, PB_REFUSAL_RECORD_RANGE, config->life_limit_ticks, given->life_ticks));
}

static void set_identity(pb_identity_t *identity, const pb_msg_reset_to_start_t *given)
{
    identity->model = given->model;
    identity->serial = given->serial;
    identity->implant_day = given->implant_day;
    identity->calendar_origin_day = given->calendar_origin_day;
}

static void set_durable(pb_pump_t *pump, const pb_msg_reset_to_start_t *given)
{
    pb_durable_t *durable = &pump->durable;
    pb_layout_reset(&pb_layout_durable, durable);
    durable->boot_count = 1;
    durable->reset_cause = PB_RESET_CAUSE_START;
    durable->clock_valid = 1;
    durable->clock_day = given->clock_day;
    durable->clock_day_ticks = given->clock_day_ticks;
    durable->life_ticks = given->life_ticks;
    pb_life_limits(pump);
    durable->drug = given->drug;
    durable->catheter_length_mm = given->catheter_length_mm;
    durable->tubing_nl = given->tubing_nl;
    durable->reservoir_estimated_nl = given->reservoir_estimated_nl;
    durable->fill_nl = given->reservoir_estimated_nl;
    durable->fill_life_ticks = given->life_ticks;
}

static void set_program(pb_pump_t *pump, uint16_t concentration_ug_per_ml)
{
    pb_controller_t *controller = &pump->controller;
    uint64_t low_nl = pb_min(LOW_RESERVOIR_NL, pump->config.reservoir_capacity_nl);
    const pb_program_t program = {
        .mode = PB_MODE_STOPPED,
        .concentration_ug_per_ml = (uint16_t)pb_max(concentration_ug_per_ml, PB_CONCENTRATION_MIN_UG_PER_ML),
        .low_reservoir_nl = (uint32_t)pb_max(low_nl, pump->config.reservoir_empty_nl),
        .dose_limit_ng = PB_DOSE_LIMIT_MAX_NG,
        .critical_interval_ticks = CRITICAL_INTERVAL_TICKS,
    };
    pb_layout_reset(&pb_layout_controller, controller);
    pb_program_write(&program, controller->program);
    controller->flex_shown_index = 255;
    pump->durable.program_seq = 1;
}

static void set_plant(pb_pump_t *pump, const pb_msg_reset_to_start_t *given)
{
    pb_plant_t *plant = &pump->plant;
    pb_layout_reset(&pb_layout_plant, plant);
    plant->reset_cause = PB_RESET_CAUSE_START;
    plant->reservoir_true_pl = (uint64_t)given->reservoir_true_nl * PB_PL_PER_NL;
    plant->reservoir_ng_per_ml = given->concentration_ug_per_ml * NG_PER_UG;
    pb_line_fill(plant, given->line_ug_per_ml * NG_PER_UG);
    plant->charge_nc = given->charge_nc == 0 ? pump->config.battery_capacity_nc : given->charge_nc;
    plant->parcel_pl = given_line_nl(pump, given) / PB_STEP_NL / PB_LINE_PARCELS * PB_STEP_PL;
}

static void set_memory(pb_pump_t *pump)
{
    pb_store_erase(pump);
    for (uint8_t i = 0; i < PB_PROGRAM_SLOT_WORDS; i++) {
        pump->memory.words[pb_slot_address(0) + i] = pb_slot_word(1, pump->controller.program, i);
    }
    pb_writes_begin(pump);
    pump->controller.checkpoint_due = 1;
    (void)pb_writes_flush(pump);
}

bool pb_start(pb_pump_t *pump, const pb_msg_reset_to_start_t *given, pb_refusal_t *why)
{
    if (!allowed(pump, given, why)) {
        return false;
    }
    set_identity(&pump->identity, given);
    set_durable(pump, given);
    set_program(pump, given->concentration_ug_per_ml);
    set_plant(pump, given);
    pb_cache_refresh(pump);
    pb_refill_due_anew(pump);
    set_memory(pump);
    pump->now = 0;
    pump->marks = 0;
    pump->load = 0;
    pb_effects_restart(pump);
    return true;
}

void pb_power_on(pb_pump_t *pump)
{
    static const pb_msg_reset_to_start_t plain = {
        .model = PB_MODEL_PUMP_20_ML, .serial = 1, .drug = PB_DRUG_BACLOFEN, .catheter_length_mm = 500, .tubing_nl = 200000,
        .reservoir_true_nl = 18000000, .reservoir_estimated_nl = 18000000, .concentration_ug_per_ml = 2000,
        .line_ug_per_ml = 2000,
    };
    pb_refusal_t why;
    pb_layout_reset(&pb_layout_config, &pump->config);
    pb_layout_reset(&pb_layout_identity, &pump->identity);
    (void)pb_start(pump, &plain, &why);
}
