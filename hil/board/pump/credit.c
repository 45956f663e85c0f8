/* Knows time granted by the bench: how it runs, what ends it and what is told of it (SEMANTICS.md, section 13, run_to). */
#include "arithmetic.h"
#include "device.h"
#include "snapshot.h"
#include "tick.h"

void pb_report(pb_device_t *device, const pb_header_t *request, uint8_t reason)
{
    const pb_pump_t *pump = &device->pump;
    const pb_digests_t digests = pb_digests_told(pump);
    uint32_t session = pump->controller.session_id != 0 ? PB_BIT(PB_LOAD_SESSION) : 0u;
    const pb_msg_report_t body = {
        .reached_tick = pump->plant.tick,
        .reason = reason,
        .step_commanded = (pump->marks & PB_MARK_STEP) != 0,
        .sample_commanded = (pump->marks & PB_MARK_SAMPLE) != 0,
        .tone_class = pump->controller.tone_class,
        .effect_count = pump->effect_count,
        .effect_crc = pump->effect_crc,
        .controller_crc = digests.controller_crc,
        .plant_crc = digests.plant_crc,
        .memory_crc = digests.memory_crc,
        .load = (uint8_t)((pump->load & ~PB_BIT(PB_LOAD_SESSION)) | session),
        .reset_pending = pump->plant.reset_pending,
        .tone_onset_tick = pump->plant.tone_onset_tick,
        .tone_period_ticks = pump->plant.tone_period_ticks,
        .tone_duration_ticks = pump->plant.tone_duration_ticks,
        .tone_test_end_tick = pump->plant.tone_test_end_tick,
    };
    pb_device_send(device, request, PB_MSG_REPORT, &body, &device->bench_reply);
}

/* Marks of actuators that end a credit: a step that the bench vouches for needs nobody's answer. */
static uint32_t actuator_marks(bool rotor_vouched)
{
    return PB_MARK_SAMPLE | PB_MARK_TONE | (rotor_vouched ? 0u : PB_MARK_STEP);
}

/* Marks of a tick that end a credit under a mask of the wire. */
static uint32_t stop_marks(uint16_t mask, bool rotor_vouched)
{
    return (pb_bit(mask, PB_STOP_MASK_RESET) ? PB_MARK_RESET : 0u) | (pb_bit(mask, PB_STOP_MASK_ALARM) ? PB_MARK_ALARM : 0u) |
           (pb_bit(mask, PB_STOP_MASK_ACTUATOR) ? actuator_marks(rotor_vouched) : 0u) |
           (pb_bit(mask, PB_STOP_MASK_EFFECT) ? PB_MARK_EFFECT : 0u);
}

/* Of several reasons in one tick the first of this order is told. */
static uint8_t reason_of(const pb_credit_t *credit, uint32_t marks)
{
    if (pb_bit(credit->stop_mask, PB_STOP_MASK_RESET) && (marks & PB_MARK_RESET) != 0) {
        return PB_STOP_REASON_RESET;
    }
    if (pb_bit(credit->stop_mask, PB_STOP_MASK_ALARM) && (marks & PB_MARK_ALARM) != 0) {
        return PB_STOP_REASON_ALARM;
    }
    if (pb_bit(credit->stop_mask, PB_STOP_MASK_ACTUATOR) && (marks & actuator_marks(credit->rotor_vouched)) != 0) {
        return PB_STOP_REASON_ACTUATOR;
    }
    return PB_STOP_REASON_EFFECT;
}

static void end_credit(pb_device_t *device, uint8_t reason)
{
    device->credit.active = false;
    device->credit.aborted = false;
    pb_report(device, &device->credit.header, reason);
}

static bool can_send(const pb_device_t *device)
{
    size_t needed = device->subscribed_period_ticks > 0 ? PB_TICK_TX_BYTES : PB_FRAME_WIRE_BYTES_MAX;
    return PB_TX_BYTES - (size_t)device->tx_count >= needed;
}

void pb_credit_run(pb_device_t *device, uint64_t ticks)
{
    pb_pump_t *pump = &device->pump;
    pb_credit_t *credit = &device->credit;
    bool stopped = false;
    pump->rotor_vouched = credit->rotor_vouched;
    while (!stopped && !credit->aborted && ticks > 0 && pump->plant.tick < credit->target_tick && can_send(device)) {
        ticks--;
        pb_tick(pump);
        pb_device_after_tick(device);
        stopped = (pump->marks & credit->stop_marks) != 0;
    }
    pump->rotor_vouched = false;
    if (stopped) {
        end_credit(device, reason_of(credit, pump->marks));
    } else if (pump->plant.tick >= credit->target_tick) {
        end_credit(device, PB_STOP_REASON_TARGET);
    } else if (credit->aborted) {
        end_credit(device, PB_STOP_REASON_ABORT);
    }
}

void pb_credit_begin(pb_device_t *device, const pb_header_t *request, const pb_msg_run_to_t *asked)
{
    bool vouched = device->pump.plant_outside && pb_bit(asked->stop_mask, PB_STOP_MASK_FOLLOW);
    device->bench_reply.count = 0;
    device->credit = (pb_credit_t){.active = true, .target_tick = asked->target_tick, .stop_mask = asked->stop_mask,
                                   .stop_marks = stop_marks(asked->stop_mask, vouched), .rotor_vouched = vouched,
                                   .header = *request};
}
