/* Knows what the bench may do to the body of the pump (SEMANTICS.md, section 13, inject). */
#include "faults.h"

#include "arithmetic.h"
#include "line.h"
#include "refusal.h"

#define COUNT_MAX 1000000u
#define FLOW_MAX_PPM 2000000u
#define MOHM_MAX 100000000u
#define NG_PER_UG 1000u

/* Inclusive bounds of the three arguments; 0..0 is an argument without use. */
typedef struct {
    uint32_t lo[3];
    uint32_t hi[3];
} ranges_t;

static ranges_t rotor_ranges(uint32_t rotor_fault)
{
    if (rotor_fault == PB_ROTOR_FAULT_INTERMITTENT) {
        return (ranges_t){{0, 1, 1}, {PB_ROTOR_FAULT_INTERMITTENT, COUNT_MAX, COUNT_MAX}};
    }
    return (ranges_t){.hi = {PB_ROTOR_FAULT_INTERMITTENT}};
}

static ranges_t ranges_of(const pb_pump_t *pump, const pb_msg_inject_t *fault)
{
    uint32_t capacity = pump->config.reservoir_capacity_nl;
    switch (fault->fault) {
    case PB_FAULT_ROTOR:
        return rotor_ranges(fault->arg_0);
    case PB_FAULT_FIELD:
        return (ranges_t){.hi = {1, fault->arg_0 == 1 ? PB_TICKS_PER_DAY : 0}};
    case PB_FAULT_OCCLUSION:
    case PB_FAULT_LEAK:
    case PB_FAULT_BATTERY_CHARGE:
        return (ranges_t){.hi = {PB_PPM}};
    case PB_FAULT_FLOW:
        return (ranges_t){{1, 0, 0}, {FLOW_MAX_PPM, PB_PPM, 0}};
    case PB_FAULT_BATTERY_RESISTANCE:
        return (ranges_t){.hi = {MOHM_MAX, MOHM_MAX}};
    case PB_FAULT_MEMORY_FLIP:
        return (ranges_t){.hi = {PB_MEMORY_WORDS - 1, UINT32_MAX}};
    case PB_FAULT_POWER_CUT:
        return (ranges_t){.hi = {PB_NO_CUT_WORDS - 1}};
    case PB_FAULT_REFILL:
        return (ranges_t){.hi = {capacity, capacity, PB_CONCENTRATION_MAX_UG_PER_ML}};
    case PB_FAULT_POCKET_FILL:
        return (ranges_t){.hi = {capacity, capacity}};
    case PB_FAULT_LINE_SET:
        return (ranges_t){.hi = {PB_CONCENTRATION_MAX_UG_PER_ML}};
    default:
        return (ranges_t){.hi = {0}};
    }
}

static bool in_range(const pb_pump_t *pump, const pb_msg_inject_t *fault, pb_refusal_t *why)
{
    const uint32_t args[3] = {fault->arg_0, fault->arg_1, fault->arg_2};
    const ranges_t ranges = ranges_of(pump, fault);
    /* The page gives this one bound as a size, not as the largest address. */
    if (fault->fault == PB_FAULT_MEMORY_FLIP && fault->arg_0 >= PB_MEMORY_WORDS) {
        return pb_refuse(why, PB_REFUSAL_FAULT_RANGE, PB_MEMORY_WORDS, fault->arg_0);
    }
    for (uint8_t i = 0; i < 3; i++) {
        if (!pb_within(why, PB_REFUSAL_FAULT_RANGE, args[i], ranges.lo[i], ranges.hi[i])) {
            return false;
        }
    }
    return true;
}

static void set_rotor(pb_plant_t *plant, const pb_msg_inject_t *fault)
{
    plant->rotor_fault = (uint8_t)fault->arg_0;
    plant->rotor_run_count = fault->arg_1;
    plant->rotor_miss_count = fault->arg_2;
    plant->rotor_phase_count = 0;
}

static void set_field(pb_plant_t *plant, const pb_msg_inject_t *fault)
{
    if (fault->arg_0 == 1) {
        plant->magnetic_field = 1;
        plant->field_lag_ticks = fault->arg_1;
        plant->field_lag_remaining_ticks = 0;
    } else if (plant->magnetic_field == 1) {
        plant->magnetic_field = 0;
        plant->field_lag_remaining_ticks = plant->field_lag_ticks;
    }
}

/* floor(capacity * ppm / 10^6) in two parts: the product itself can pass 64 bits. */
static void set_charge(pb_pump_t *pump, uint32_t ppm)
{
    uint64_t capacity = pump->config.battery_capacity_nc;
    pump->plant.charge_nc = capacity / PB_PPM * ppm + capacity % PB_PPM * ppm / PB_PPM;
}

static void reset_by_watchdog(pb_pump_t *pump)
{
    pb_plant_t *plant = &pump->plant;
    bool running = !plant->dead && pump->controller.boot_remaining_ticks == 0;
    if (plant->reset_pending == PB_RESET_CAUSE_NONE && running) {
        plant->reset_pending = PB_RESET_CAUSE_WATCHDOG;
    }
}

static uint64_t left_after(const pb_plant_t *plant, uint32_t withdraw_nl)
{
    return pb_less(plant->reservoir_true_pl, (uint64_t)withdraw_nl * PB_PL_PER_NL);
}

static bool refill(pb_pump_t *pump, const pb_msg_inject_t *fault, pb_refusal_t *why)
{
    pb_plant_t *plant = &pump->plant;
    uint64_t capacity_pl = (uint64_t)pump->config.reservoir_capacity_nl * PB_PL_PER_NL;
    uint64_t left = left_after(plant, fault->arg_0), fill = (uint64_t)fault->arg_1 * PB_PL_PER_NL, total = left + fill;
    uint64_t fill_ng_per_ml = (uint64_t)fault->arg_2 * NG_PER_UG;
    if (total > capacity_pl) {
        return pb_refuse(why, PB_REFUSAL_FAULT_RANGE, pump->config.reservoir_capacity_nl, total / PB_PL_PER_NL);
    }
    uint64_t drug = left * plant->reservoir_ng_per_ml + fill * fill_ng_per_ml;
    plant->reservoir_ng_per_ml = (uint32_t)(total == 0 ? fill_ng_per_ml : pb_div_round_half_up(drug, total));
    plant->reservoir_true_pl = total;
    return true;
}

static bool act(pb_pump_t *pump, const pb_msg_inject_t *fault, pb_refusal_t *why)
{
    pb_plant_t *plant = &pump->plant;
    switch (fault->fault) {
    case PB_FAULT_ROTOR:
        set_rotor(plant, fault);
        break;
    case PB_FAULT_FIELD:
        set_field(plant, fault);
        break;
    case PB_FAULT_OCCLUSION:
        plant->occlusion_ppm = fault->arg_0;
        break;
    case PB_FAULT_LEAK:
        plant->leak_ppm = fault->arg_0;
        break;
    case PB_FAULT_FLOW:
        plant->flow_ppm = fault->arg_0;
        plant->flow_drift_ppm_per_day = fault->arg_1;
        break;
    case PB_FAULT_BATTERY_CHARGE:
        set_charge(pump, fault->arg_0);
        break;
    case PB_FAULT_BATTERY_RESISTANCE:
        plant->resistance_mohm = fault->arg_0;
        plant->resistance_growth_mohm_per_day = fault->arg_1;
        break;
    case PB_FAULT_MEMORY_FLIP:
        pump->memory.words[fault->arg_0] ^= fault->arg_1;
        break;
    case PB_FAULT_POWER_CUT:
        plant->cut_words_count = (uint16_t)fault->arg_0;
        break;
    case PB_FAULT_RESET:
        reset_by_watchdog(pump);
        break;
    case PB_FAULT_EMI:
        plant->emi = 1;
        break;
    case PB_FAULT_REFILL:
        return refill(pump, fault, why);
    case PB_FAULT_POCKET_FILL:
        plant->reservoir_true_pl = left_after(plant, fault->arg_0);
        plant->depot_pl += (uint64_t)fault->arg_1 * PB_PL_PER_NL;
        break;
    default:
        pb_line_fill(plant, fault->arg_0 * NG_PER_UG);
        break;
    }
    return true;
}

/* Of a plant outside only its memory, its supply and its watchdog are here. */
static bool known(const pb_pump_t *pump, uint32_t fault)
{
    bool inside = fault == PB_FAULT_MEMORY_FLIP || fault == PB_FAULT_POWER_CUT || fault == PB_FAULT_RESET;
    return fault != PB_FAULT_NONE && fault <= PB_FAULT_LINE_SET && (inside || !pump->plant_outside);
}

bool pb_inject(pb_pump_t *pump, const pb_msg_inject_t *fault, pb_refusal_t *why)
{
    if (!known(pump, fault->fault)) {
        return pb_refuse(why, PB_REFUSAL_FAULT_UNKNOWN, PB_FAULT_LINE_SET, fault->fault);
    }
    return in_range(pump, fault, why) && act(pump, fault, why);
}
