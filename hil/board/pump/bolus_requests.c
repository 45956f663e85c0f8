/* Knows who may have which bolus when (SEMANTICS.md, section 7.5). */
#include "bolus_requests.h"

#include "delivery.h"
#include "effects.h"
#include "program.h"
#include "refusal.h"
#include "therapy.h"
#include "window.h"

#define VOLUME_MAX_NL 40000000u

static bool possible_now(const pb_pump_t *pump, pb_refusal_t *why)
{
    const pb_durable_t *durable = &pump->durable;
    bool open = pb_therapy_answer(PB_COMMAND_BOLUS, durable->therapy_state) == PB_ANSWER_GO;
    if (pump->controller.update_stage != PB_UPDATE_STAGE_IDLE || durable->held != 0) {
        return pb_refuse(why, PB_REFUSAL_UPDATE_IN_PROGRESS, durable->held, pump->controller.update_stage);
    }
    return (open && pump->cache.program.mode != PB_MODE_STOPPED && !durable->stalled) ||
           pb_refuse(why, PB_REFUSAL_INVALID_STATE, 0, durable->therapy_state);
}

/* None of the kinds in the set is owed; else the first is named. */
static bool none_owed(const pb_durable_t *durable, uint32_t kinds, pb_refusal_t *why)
{
    for (uint8_t kind = 0; kind < PB_BOLUS_KINDS; kind++) {
        if (pb_bit(kinds, kind) && durable->owed_q[kind] > 0) {
            return pb_refuse(why, PB_REFUSAL_BOLUS_IN_PROGRESS, 0, kind);
        }
    }
    return true;
}

static bool volume_possible(uint64_t volume_nl, pb_refusal_t *why)
{
    return volume_nl <= VOLUME_MAX_NL || pb_refuse(why, PB_REFUSAL_VOLUME_RANGE, VOLUME_MAX_NL, volume_nl);
}

static bool some_volume(uint64_t volume_nl, pb_refusal_t *why)
{
    return volume_nl > 0 || pb_refuse(why, PB_REFUSAL_VOLUME_RANGE, 1, 0);
}

static bool same_volume(uint64_t volume_nl, uint32_t asked_nl, pb_refusal_t *why)
{
    return volume_nl == asked_nl || pb_refuse(why, PB_REFUSAL_VOLUME_MISMATCH, volume_nl, asked_nl);
}

static bool reservoir_holds(const pb_pump_t *pump, uint64_t volume_nl, pb_refusal_t *why)
{
    uint64_t estimate = pump->durable.reservoir_estimated_nl;
    uint64_t owed_nl = pb_owed_nl(pb_owed_q(&pump->durable));
    return volume_nl + owed_nl + pump->config.reservoir_empty_nl <= estimate ||
           pb_refuse(why, PB_REFUSAL_RESERVOIR_TOO_LOW, estimate, volume_nl);
}

static bool lockout_over(const pb_pump_t *pump, pb_refusal_t *why)
{
    const pb_controller_t *controller = &pump->controller;
    uint8_t newest = (uint8_t)((controller->patient_head_index + PB_PATIENT_BOLUSES - 1) % PB_PATIENT_BOLUSES);
    uint64_t start = controller->patient_start_life_ticks[newest], lockout = pump->cache.program.patient_lockout_ticks;
    uint64_t since = pb_less(pump->durable.life_ticks + 1, start);
    return start == 0 || since >= lockout || pb_refuse(why, PB_REFUSAL_LOCKOUT, lockout, since);
}

static bool day_has_room(const pb_pump_t *pump, pb_refusal_t *why)
{
    uint32_t given = 0, most = pump->cache.program.patient_count;
    for (uint8_t i = 0; i < PB_PATIENT_BOLUSES; i++) {
        uint64_t start = pump->controller.patient_start_life_ticks[i];
        given += start != 0 && pb_less(pump->durable.life_ticks + 1, start) < PB_TICKS_PER_DAY;
    }
    return given < most || pb_refuse(why, PB_REFUSAL_DAILY_MAXIMUM, most, given);
}

static bool patient_allowed(const pb_pump_t *pump, pb_refusal_t *why)
{
    const pb_program_t *program = &pump->cache.program;
    uint32_t ahead = PB_BIT(PB_FLUID_KIND_PRIME) | PB_BIT(PB_FLUID_KIND_BRIDGE) | PB_BIT(PB_FLUID_KIND_PATIENT);
    if (!possible_now(pump, why)) {
        return false;
    }
    if (program->patient_dose_ng == 0) {
        return pb_refuse(why, PB_REFUSAL_NOT_ENABLED, 0, 0);
    }
    uint64_t volume = pb_volume_nl(program, program->patient_dose_ng);
    return none_owed(&pump->durable, ahead, why) && lockout_over(pump, why) && day_has_room(pump, why) &&
           volume_possible(volume, why) && some_volume(volume, why) && reservoir_holds(pump, volume, why) &&
           pb_window_admits_bolus(pump, volume, why);
}

static bool clinician_allowed(const pb_pump_t *pump, const pb_msg_bolus_t *asked, pb_refusal_t *why)
{
    uint32_t ahead = PB_BIT(PB_FLUID_KIND_PRIME) | PB_BIT(PB_FLUID_KIND_BRIDGE) | PB_BIT(PB_FLUID_KIND_CLINICIAN);
    uint64_t volume = pb_volume_nl(&pump->cache.program, asked->dose_ng);
    if (!possible_now(pump, why) || !none_owed(&pump->durable, ahead, why) || !some_volume(asked->dose_ng, why) ||
        !volume_possible(volume, why) || !same_volume(volume, asked->volume_nl, why) || !some_volume(volume, why) ||
        !pb_within(why, PB_REFUSAL_DURATION_RANGE, asked->duration_ticks, PB_DURATION_MIN_TICKS, PB_DURATION_MAX_TICKS)) {
        return false;
    }
    uint64_t rate_q = pb_bolus_rate_q(volume, asked->duration_ticks);
    if (rate_q > PB_RATE_MAX_NL_PER_DAY) {
        return pb_refuse(why, PB_REFUSAL_RATE_TOO_HIGH, PB_RATE_MAX_NL_PER_DAY, rate_q);
    }
    return reservoir_holds(pump, volume, why) && pb_window_admits_bolus(pump, volume, why);
}

static uint64_t prime_volume_nl(const pb_pump_t *pump, uint8_t scope)
{
    uint64_t tubing_nl = pump->durable.tubing_nl, line_nl = pb_line_nl(&pump->durable, &pump->config);
    switch (scope) {
    case PB_PRIME_SCOPE_TUBING:
        return tubing_nl;
    case PB_PRIME_SCOPE_CATHETER:
        return line_nl - tubing_nl;
    default:
        return line_nl;
    }
}

static bool prime_allowed(const pb_pump_t *pump, const pb_msg_prime_t *asked, pb_refusal_t *why)
{
    uint64_t volume = prime_volume_nl(pump, asked->scope);
    if (!possible_now(pump, why) || !none_owed(&pump->durable, PB_BIT(PB_BOLUS_KINDS) - 1, why)) {
        return false;
    }
    if (asked->scope < PB_PRIME_SCOPE_TUBING || asked->scope > PB_PRIME_SCOPE_TUBING_AND_CATHETER) {
        return pb_refuse(why, PB_REFUSAL_VOLUME_RANGE, PB_PRIME_SCOPE_TUBING_AND_CATHETER, asked->scope);
    }
    return volume_possible(volume, why) && same_volume(volume, asked->volume_nl, why) && some_volume(volume, why) &&
           reservoir_holds(pump, volume, why);
}

static bool refuse_and_log(pb_pump_t *pump, pb_fluid_key_t key, const pb_refusal_t *why)
{
    pb_emit(pump, PB_EVENT_BOLUS_REFUSED, why->refusal, key.id);
    return false;
}

static bool start(pb_pump_t *pump, pb_fluid_key_t key, uint8_t kind, uint64_t volume_nl, uint64_t rate_q,
                  pb_msg_started_t *reply)
{
    pb_fluid_record(pump, key, kind, (uint32_t)volume_nl);
    pb_bolus_start(pump, kind, volume_nl, rate_q);
    reply->kind = kind;
    reply->volume_nl = (uint32_t)volume_nl;
    reply->rate_nl_per_day = pump->durable.bolus_q[kind];
    reply->refill_due_life_ticks = pump->durable.refill_due_life_ticks;
    return true;
}

bool pb_patient_bolus(pb_pump_t *pump, pb_fluid_key_t key, pb_msg_started_t *reply, pb_refusal_t *why)
{
    pb_controller_t *controller = &pump->controller;
    const pb_program_t *program = &pump->cache.program;
    if (!patient_allowed(pump, why)) {
        return refuse_and_log(pump, key, why);
    }
    uint64_t volume = pb_volume_nl(program, program->patient_dose_ng);
    controller->patient_start_life_ticks[controller->patient_head_index] = pump->durable.life_ticks + 1;
    controller->patient_head_index = (uint8_t)((controller->patient_head_index + 1u) % PB_PATIENT_BOLUSES);
    return start(pump, key, PB_FLUID_KIND_PATIENT, volume, pb_bolus_rate_q(volume, program->patient_duration_ticks), reply);
}

bool pb_clinician_bolus(pb_pump_t *pump, const pb_msg_bolus_t *asked, pb_fluid_key_t key, pb_msg_started_t *reply,
                        pb_refusal_t *why)
{
    if (!clinician_allowed(pump, asked, why)) {
        return refuse_and_log(pump, key, why);
    }
    uint64_t rate_q = pb_bolus_rate_q(asked->volume_nl, asked->duration_ticks);
    return start(pump, key, PB_FLUID_KIND_CLINICIAN, asked->volume_nl, rate_q, reply);
}

bool pb_prime(pb_pump_t *pump, const pb_msg_prime_t *asked, pb_fluid_key_t key, pb_msg_started_t *reply, pb_refusal_t *why)
{
    if (!prime_allowed(pump, asked, why)) {
        return refuse_and_log(pump, key, why);
    }
    return start(pump, key, PB_FLUID_KIND_PRIME, asked->volume_nl, pump->config.prime_rate_nl_per_day, reply);
}
