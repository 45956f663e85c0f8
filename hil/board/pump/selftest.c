/* Knows the daily look at memory (SEMANTICS.md, section 10). */
#include "selftest.h"

#include <string.h>

#include "effects.h"
#include "log.h"
#include "store.h"
#include "therapy.h"

static bool active_slot_holds(const pb_pump_t *pump)
{
    const pb_controller_t *controller = &pump->controller;
    const uint32_t *body = pb_slot_body(pump, controller->program_slot_index);
    return pb_slot_valid(pump, controller->program_slot_index) &&
           memcmp(body, controller->program, sizeof controller->program) == 0;
}

static void test_program(pb_pump_t *pump)
{
    uint8_t state = pump->durable.therapy_state;
    bool at_rest = state == PB_THERAPY_STATE_SAFE_STATE || state == PB_THERAPY_STATE_ENDED;
    if (!at_rest && !active_slot_holds(pump)) {
        pb_emit(pump, PB_EVENT_MEMORY_FAULT, 1, 0);
        pb_therapy_make_safe(pump);
    }
}

/* Place 1: the other program slot; 2: the newest check-point; 3: both. */
static uint32_t fault_place(const pb_pump_t *pump)
{
    uint8_t other = (uint8_t)(1 - pump->controller.program_slot_index);
    uint8_t slot = (uint8_t)(pump->durable.checkpoint_seq % PB_CHECKPOINT_SLOTS);
    bool idle = pump->controller.update_stage == PB_UPDATE_STAGE_IDLE;
    bool half_written = idle && !pb_slot_erased(pump, other) && !pb_slot_valid(pump, other);
    bool kept = pb_checkpoint_valid(pump, slot) && pb_checkpoint_seq(pump, slot) == pump->durable.checkpoint_seq;
    return (half_written ? 1u : 0u) + (kept ? 0u : 2u);
}

static void test_rest(pb_pump_t *pump)
{
    pb_durable_t *durable = &pump->durable;
    uint32_t place = fault_place(pump);
    if (place == 0) {
        durable->fault_flags = (uint8_t)(durable->fault_flags & ~PB_BIT(PB_FLAG_MEMORY_ERROR));
    } else if (!pb_bit(durable->fault_flags, PB_FLAG_MEMORY_ERROR)) {
        durable->fault_flags = (uint8_t)(durable->fault_flags | PB_BIT(PB_FLAG_MEMORY_ERROR));
        pb_emit(pump, PB_EVENT_MEMORY_FAULT, 0, place);
    }
}

void pb_selftest(pb_pump_t *pump)
{
    test_program(pump);
    test_rest(pump);
    uint32_t broken = pb_log_broken(pump);
    if (broken > 0) {
        pb_emit(pump, PB_EVENT_MASKED_FAULT, broken, 0);
    }
}
