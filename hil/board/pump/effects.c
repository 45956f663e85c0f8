/* Knows how an effect is counted, chained, logged and made durable (SEMANTICS.md, section 2). */
#include "effects.h"

#include "../wire/bytes.h"
#include "../wire/crc32c.h"
#include "arithmetic.h"
#include "log.h"

static uint32_t chained(const pb_pump_t *pump, uint16_t code, uint32_t arg_0, uint32_t arg_1)
{
    uint8_t bytes[22];
    pb_put_le32(bytes, pump->effect_crc);
    pb_put_le64(bytes + 4, pump->now);
    pb_put_le16(bytes + 12, code);
    pb_put_le32(bytes + 14, arg_0);
    pb_put_le32(bytes + 18, arg_1);
    return pb_crc32c(bytes, sizeof bytes);
}

static uint32_t marks_of(uint16_t code)
{
    switch (code) {
    case PB_EVENT_ALARM_RAISED:
    case PB_EVENT_ALARM_CLEARED:
        return PB_MARK_EFFECT | PB_MARK_ALARM;
    case PB_EVENT_TONE_PLAN:
        return PB_MARK_EFFECT | PB_MARK_TONE;
    default:
        return PB_MARK_EFFECT;
    }
}

void pb_emit(pb_pump_t *pump, uint16_t code, uint32_t arg_0, uint32_t arg_1)
{
    pump->effect_count++;
    pump->effect_crc = chained(pump, code, arg_0, arg_1);
    pump->marks |= marks_of(code);
    if (pump->trace && pump->trace_capacity > 0) {
        pump->trace[pump->trace_count % pump->trace_capacity] =
            (pb_effect_t){.tick = pump->now, .arg_0 = arg_0, .arg_1 = arg_1, .code = code};
        pump->trace_count++;
    }
    if (pb_event_facts[code].logged) {
        pb_log_append(pump, code, arg_0, arg_1);
    }
    if (pb_event_facts[code].checkpoint) {
        pump->controller.checkpoint_due = 1;
    }
}

void pb_effects_restart(pb_pump_t *pump)
{
    pump->effect_count = 0;
    pump->effect_crc = 0;
}
