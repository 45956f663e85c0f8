/* Knows the states of therapy and who may leave them how (SEMANTICS.md, section 5). */
#include "therapy.h"

#include "boluses.h"
#include "effects.h"
#include "program.h"
#include "refill.h"
#include "refusal.h"

/* Columns: STOPPED, THERAPY, MINIMUM_RATE, EMPTY, SAFE_STATE, ENDED. */
static const uint8_t answers[PB_COMMAND_COUNT][PB_THERAPY_STATE_COUNT] = {
    [PB_COMMAND_STOP] = {PB_ANSWER_DONE, PB_ANSWER_GO, PB_ANSWER_GO, PB_ANSWER_GO, PB_ANSWER_REFUSED, PB_ANSWER_REFUSED},
    [PB_COMMAND_RESUME] = {PB_ANSWER_GO, PB_ANSWER_DONE, PB_ANSWER_REFUSED, PB_ANSWER_REFUSED, PB_ANSWER_REFUSED,
                           PB_ANSWER_REFUSED},
    [PB_COMMAND_BOLUS] = {PB_ANSWER_REFUSED, PB_ANSWER_GO, PB_ANSWER_REFUSED, PB_ANSWER_REFUSED, PB_ANSWER_REFUSED,
                          PB_ANSWER_REFUSED},
    [PB_COMMAND_COMMIT] = {PB_ANSWER_GO, PB_ANSWER_GO, PB_ANSWER_GO, PB_ANSWER_GO, PB_ANSWER_GO, PB_ANSWER_REFUSED},
};

uint8_t pb_therapy_answer(uint8_t command, uint8_t state)
{
    return state < PB_THERAPY_STATE_COUNT ? answers[command][state] : PB_ANSWER_REFUSED;
}

/* An update in progress refuses first, then the table; DONE and GO go on. */
static bool commanded(const pb_pump_t *pump, uint8_t command, pb_refusal_t *why)
{
    uint8_t state = pump->durable.therapy_state;
    if (pump->controller.update_stage != PB_UPDATE_STAGE_IDLE) {
        return pb_refuse(why, PB_REFUSAL_UPDATE_IN_PROGRESS, 0, pump->controller.update_stage);
    }
    return pb_therapy_answer(command, state) != PB_ANSWER_REFUSED || pb_refuse(why, PB_REFUSAL_INVALID_STATE, 0, state);
}

bool pb_therapy_stop(pb_pump_t *pump, pb_refusal_t *why)
{
    pb_durable_t *durable = &pump->durable;
    uint8_t before = durable->therapy_state;
    if (!commanded(pump, PB_COMMAND_STOP, why)) {
        return false;
    }
    uint8_t *state = before == PB_THERAPY_STATE_EMPTY ? &durable->resume_state : &durable->therapy_state;
    if (*state != PB_THERAPY_STATE_STOPPED) {
        *state = PB_THERAPY_STATE_STOPPED;
        pb_refill_due_anew(pump);
        pb_emit(pump, PB_EVENT_STOPPED, before, 0);
    }
    return true;
}

static bool can_resume(const pb_pump_t *pump)
{
    uint8_t mode = pump->cache.program.mode;
    bool something_to_give = mode == PB_MODE_SINGLE_BOLUS ? pump->durable.owed_q[PB_FLUID_KIND_CLINICIAN] > 0
                                                          : mode != PB_MODE_STOPPED;
    return something_to_give && !pb_bit(pump->durable.fault_flags, PB_FLAG_LOW_BATTERY_RESET) &&
           !pb_bit(pump->durable.fault_flags, PB_FLAG_CRITICAL_MEMORY);
}

uint8_t *pb_state_behind_empty(pb_durable_t *durable)
{
    return durable->therapy_state == PB_THERAPY_STATE_EMPTY ? &durable->resume_state : &durable->therapy_state;
}

bool pb_therapy_resume(pb_pump_t *pump, pb_refusal_t *why)
{
    pb_durable_t *durable = &pump->durable;
    if (!commanded(pump, PB_COMMAND_RESUME, why)) {
        return false;
    }
    if (pb_therapy_answer(PB_COMMAND_RESUME, durable->therapy_state) == PB_ANSWER_DONE) {
        return true;
    }
    if (!can_resume(pump)) {
        return pb_refuse(why, PB_REFUSAL_INVALID_STATE, 0, durable->therapy_state);
    }
    durable->therapy_state = PB_THERAPY_STATE_THERAPY;
    if (pump->cache.program.mode == PB_MODE_INTERVAL_BOLUS) {
        durable->interval_next_life_ticks = durable->life_ticks + pb_interval_ticks(&pump->cache.program);
    }
    pump->controller.flex_shown_index = 255;
    pb_refill_due_anew(pump);
    pb_emit(pump, PB_EVENT_RESUMED, 0, 0);
    return true;
}

/* What both sensed transitions share: nothing is owed any more and no update goes on. */
static void enter(pb_pump_t *pump, uint8_t state, uint16_t event)
{
    uint8_t before = pump->durable.therapy_state;
    pb_boluses_cancel(pump, PB_BOLUS_KINDS_ALL);
    pump->controller.update_stage = PB_UPDATE_STAGE_IDLE;
    pump->controller.update_remaining_ticks = 0;
    pb_emit(pump, event, before, 0);
    pump->durable.therapy_state = state;
}

void pb_therapy_end(pb_pump_t *pump)
{
    enter(pump, PB_THERAPY_STATE_ENDED, PB_EVENT_ENDED);
}

void pb_therapy_make_safe(pb_pump_t *pump)
{
    pump->durable.fault_flags = (uint8_t)(pump->durable.fault_flags | PB_BIT(PB_FLAG_CRITICAL_MEMORY));
    if (pump->durable.therapy_state != PB_THERAPY_STATE_ENDED) {
        enter(pump, PB_THERAPY_STATE_SAFE_STATE, PB_EVENT_SAFE_STATE_ENTERED);
    }
}
