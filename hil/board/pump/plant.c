/* Knows the body of the pump (SEMANTICS.md, section 12). */
#include "plant.h"

#include "arithmetic.h"
#include "line.h"

#define RESISTANCE_MAX_MOHM 100000000u
#define FLOW_MAX_PPM 2000000u
#define BATTERY_SEGMENTS (PB_BATTERY_TABLE_POINTS - 1u)

static void take_tone_plan(pb_pump_t *pump)
{
    pump->plant.tone_class = pump->controller.tone_class;
    pump->plant.tone_onset_tick = pump->controller.tone_onset_tick;
    pump->plant.tone_period_ticks = pump->controller.tone_period_ticks;
    pump->plant.tone_duration_ticks = pump->controller.tone_duration_ticks;
}

/* Whether the resistance rose. */
static bool pass_day(pb_plant_t *plant)
{
    bool rose = plant->resistance_growth_mohm_per_day > 0;
    if (rose) {
        uint64_t grown = (uint64_t)plant->resistance_mohm + plant->resistance_growth_mohm_per_day;
        plant->resistance_mohm = (uint32_t)pb_min(grown, RESISTANCE_MAX_MOHM);
    }
    if (plant->flow_drift_ppm_per_day > 0) {
        plant->flow_ppm = (uint32_t)pb_min((uint64_t)plant->flow_ppm + plant->flow_drift_ppm_per_day, FLOW_MAX_PPM);
    }
    return rose;
}

/* Whether the rotor turns in a step; an intermittent one keeps its own count of steps. */
static bool turns(pb_plant_t *plant, bool lagging)
{
    bool locked = plant->magnetic_field || lagging || plant->rotor_fault == PB_ROTOR_FAULT_STALLED;
    if (plant->rotor_fault == PB_ROTOR_FAULT_INTERMITTENT) {
        uint64_t cycle = (uint64_t)plant->rotor_run_count + plant->rotor_miss_count;
        locked = locked || plant->rotor_phase_count >= plant->rotor_run_count;
        plant->rotor_phase_count = (uint32_t)pb_mod((uint64_t)plant->rotor_phase_count + 1, cycle);
    }
    return !locked;
}

/* Quotient, with the remainder kept for the next time. */
static uint64_t carry(uint64_t sum, uint32_t by, uint32_t *remainder)
{
    *remainder = (uint32_t)(sum % by);
    return sum / by;
}

/* What a turn moves out of the reservoir, in pl. */
static uint64_t drawn_pl(pb_plant_t *plant)
{
    uint64_t effective_ppm = (uint64_t)plant->flow_ppm * pb_less(PB_PPM, plant->occlusion_ppm) / PB_PPM;
    uint64_t out = carry(PB_STEP_PL * effective_ppm + plant->flow_rem, PB_PPM, &plant->flow_rem);
    return pb_min(out, plant->reservoir_true_pl);
}

static void move_fluid(pb_pump_t *pump, bool bolus)
{
    pb_plant_t *plant = &pump->plant;
    uint64_t out = drawn_pl(plant);
    plant->reservoir_true_pl -= out;
    plant->pumped_pl += out;
    uint64_t leaked = carry(out * plant->leak_ppm + plant->leak_rem, PB_PPM, &plant->leak_rem);
    uint64_t tip = pb_less(out, leaked);
    plant->leaked_pl += leaked;
    plant->delivered_pl += tip;
    uint64_t drug = tip * plant->line_ng_per_ml[PB_LINE_PARCELS - 1] + plant->delivered_rem;
    plant->delivered_fg += carry(drug, 1000, &plant->delivered_rem);
    pb_line_advance(pump, out, bolus);
}

bool pb_plant_sounds(const pb_plant_t *plant, uint64_t tick)
{
    if (plant->tone_test_end_tick != 0 && tick <= plant->tone_test_end_tick) {
        return true;
    }
    return plant->tone_class != PB_TONE_CLASS_NONE && tick >= plant->tone_onset_tick &&
           pb_mod(tick - plant->tone_onset_tick, plant->tone_period_ticks) < plant->tone_duration_ticks;
}

static void draw_charge(pb_pump_t *pump, const pb_actuators_t *actuators, bool session)
{
    pb_plant_t *plant = &pump->plant;
    uint64_t cost = pump->config.idle_nc;
    if (actuators->step) {
        cost += pump->config.step_nc;
    }
    if (!plant->dead && pb_plant_sounds(plant, pump->now)) {
        cost += pump->config.tone_nc;
        plant->tone_tick_count++;
    }
    if (session) {
        cost += pump->config.session_nc;
    }
    plant->charge_nc = pb_less(plant->charge_nc, cost);
}

static uint64_t rest_mv(const pb_pump_t *pump)
{
    uint64_t capacity = pump->config.battery_capacity_nc, sixteenths = pump->plant.charge_nc * BATTERY_SEGMENTS;
    if (pump->plant.charge_nc >= capacity) {
        return pb_battery_rest_mv[BATTERY_SEGMENTS];
    }
    uint64_t p = pb_min(pb_div_floor(sixteenths, capacity), BATTERY_SEGMENTS - 1);
    uint64_t rise = (uint64_t)pb_battery_rest_mv[p + 1] - pb_battery_rest_mv[p];
    return pb_battery_rest_mv[p] + pb_div_floor(rise * (sixteenths - p * capacity), capacity);
}

static void measure(pb_pump_t *pump)
{
    uint64_t sag = (uint64_t)pump->config.load_ua * pump->plant.resistance_mohm / 1000000u;
    pump->plant.sample_mv = (uint16_t)pb_max(pb_less(rest_mv(pump), sag), 1);
}

static void brown_out(pb_pump_t *pump, const pb_actuators_t *actuators, bool rose)
{
    pb_plant_t *plant = &pump->plant;
    uint64_t bound = (uint64_t)plant->resistance_mohm * pump->config.brownout_nc_per_mohm;
    uint64_t reduced = (uint64_t)plant->resistance_mohm * pump->config.brownout_reduced_nc_per_mohm;
    if (plant->reset_pending != PB_RESET_CAUSE_NONE || !actuators->ran) {
        return;
    }
    bool at_step = actuators->step && actuators->above_minimum && plant->charge_nc < bound;
    bool at_rise = rose && plant->charge_nc < (actuators->above_minimum ? bound : reduced);
    if (at_step || at_rise) {
        plant->reset_pending = PB_RESET_CAUSE_LOW_BATTERY;
    }
}

/* Everything of the body but the tone plan, which it is told also where it stands outside. */
static void live(pb_pump_t *pump, const pb_actuators_t *actuators, bool session)
{
    pb_plant_t *plant = &pump->plant;
    bool rose = false, lagging = plant->field_lag_remaining_ticks > 0;
    if (actuators->day) {
        rose = pass_day(plant);
    }
    if (lagging && !plant->magnetic_field) {
        plant->field_lag_remaining_ticks--;
    }
    if (actuators->step && turns(plant, lagging)) {
        plant->rotor_count++;
        move_fluid(pump, actuators->bolus);
    }
    draw_charge(pump, actuators, session);
    if (actuators->sample) {
        measure(pump);
    }
    if (plant->charge_nc == 0) {
        plant->dead = 1;
    } else if (actuators->step || rose) {
        brown_out(pump, actuators, rose);
    }
}

static uint8_t load_of(const pb_actuators_t *actuators, bool session)
{
    return (uint8_t)((actuators->above_minimum ? PB_BIT(PB_LOAD_ABOVE_MINIMUM) : 0u) |
                     (actuators->bolus ? PB_BIT(PB_LOAD_BOLUS) : 0u) | (session ? PB_BIT(PB_LOAD_SESSION) : 0u) |
                     (actuators->ran ? PB_BIT(PB_LOAD_RAN) : 0u));
}

void pb_plant_advance(pb_pump_t *pump, const pb_actuators_t *actuators)
{
    bool session = actuators->ran && pump->controller.session_id != 0;
    pump->load = load_of(actuators, session);
    if (actuators->ran && !actuators->cut) {
        take_tone_plan(pump);
    }
    if (!pump->plant_outside) {
        live(pump, actuators, session);
    } else if (actuators->step && pump->rotor_vouched) {
        pump->plant.rotor_count++;
    }
    pump->plant.emi = 0;
}
