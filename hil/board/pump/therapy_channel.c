/* Knows what a therapy frame must get past before it is a request (SEMANTICS.md, sections 7.1 and 7.2). */
#include <string.h>

#include "../wire/bytes.h"
#include "../wire/crc32c.h"
#include "device.h"
#include "session.h"

#define FLUID_ID_AHEAD_MAX 65536u

static void refuse(pb_device_t *device, const pb_frame_t *frame, uint32_t refusal, uint64_t limit, uint64_t value)
{
    pb_device_refuse(device, &frame->header, refusal, limit, value);
}

static void send_again(pb_device_t *device, const pb_stored_reply_t *reply)
{
    device->counters.retried_frame_count++;
    memcpy(device->tx + device->tx_count, reply->bytes, reply->count);
    device->tx_count = (uint16_t)(device->tx_count + reply->count);
}

/* Power failed while the request's words were written: only a bench needs to be told. */
static void answer_cut(pb_device_t *device, const pb_frame_t *frame)
{
    if (device->armed) {
        const pb_msg_refused_t refused = {.refused_type = frame->header.type, .refusal = PB_REFUSAL_POWER_CUT};
        pb_device_send(device, &frame->header, PB_MSG_REFUSED, &refused, &device->session_reply);
    }
}

static void answer_open(pb_device_t *device, const pb_frame_t *frame)
{
    const pb_msg_opened_t opened = {.session = device->pump.controller.session_id,
                                    .fluid_highest_id = device->pump.durable.fluid_highest_id};
    pb_device_send(device, &frame->header, PB_MSG_OPENED, &opened, NULL);
}

static void open(pb_device_t *device, const pb_frame_t *frame, const pb_msg_open_t *asked)
{
    pb_refusal_t why;
    pb_request_begin(&device->pump);
    switch (pb_session_open(&device->pump, frame, asked, &why)) {
    case PB_OPEN_REFUSED:
        refuse(device, frame, why.refusal, why.limit, why.value);
        break;
    case PB_OPEN_AGAIN:
        device->counters.retried_frame_count++;
        answer_open(device, frame);
        break;
    default:
        device->session_reply.count = 0;
        pb_device_unsubscribe(device);
        if (pb_request_flush(&device->pump)) {
            answer_cut(device, frame);
        } else {
            answer_open(device, frame);
        }
        break;
    }
}

static pb_fluid_key_t key_of(const pb_frame_t *frame)
{
    uint8_t type[2];
    pb_put_le16(type, frame->header.type);
    uint32_t running = pb_crc32c_more(PB_CRC32C_BEGIN, type, sizeof type);
    running = pb_crc32c_more(running, frame->body, frame->body_bytes);
    return (pb_fluid_key_t){frame->header.request_id, pb_crc32c_end(running)};
}

static void answer_already(pb_device_t *device, const pb_frame_t *frame, int index)
{
    const pb_durable_t *durable = &device->pump.durable;
    const pb_msg_already_started_t already = {
        .kind = durable->fluid_kind[index],
        .outcome = durable->fluid_outcome[index],
        .volume_nl = durable->fluid_volume_nl[index],
        .delivered_nl = pb_fluid_delivered_nl(durable, index),
    };
    pb_device_send(device, &frame->header, PB_MSG_ALREADY_STARTED, &already, NULL);
}

/* Step 6: an id that came before is answered here; false: the id is new. */
static bool seen_before(pb_device_t *device, const pb_frame_t *frame)
{
    const pb_controller_t *controller = &device->pump.controller;
    uint32_t id = frame->header.request_id;
    bool same = id == controller->session_last_id && frame->crc == controller->session_last_crc;
    if (same && device->session_reply.count > 0) {
        send_again(device, &device->session_reply);
        return true;
    }
    if (id > controller->session_last_id) {
        return false;
    }
    int index = pb_fluid_find(&device->pump.durable, key_of(frame));
    if (index >= 0) {
        answer_already(device, frame, index);
    } else {
        refuse(device, frame, PB_REFUSAL_STALE_ID, controller->session_last_id, id);
    }
    return true;
}

/* Subscriptions belong to the device: they are no state of the pump. */
static void subscribe(pb_device_t *device, const pb_msg_subscribe_t *asked)
{
    device->subscribed_period_ticks = asked->period_ticks;
    device->telemetry_left_ticks = asked->period_ticks;
}

static void carry_out(pb_device_t *device, const pb_frame_t *frame, const pb_request_t *asked)
{
    pb_controller_t *controller = &device->pump.controller;
    pb_call_t call = {.type = frame->header.type, .asked = asked, .key = key_of(frame),
                      .bad_frame_count = device->counters.bad_frame_count,
                      .refused_frame_count = device->counters.refused_frame_count};
    controller->session_last_id = frame->header.request_id;
    controller->session_last_crc = frame->crc;
    controller->session_idle_ticks = 0;
    device->session_reply.count = 0;
    pb_request_handle(&device->pump, &call);
    if (call.cut) {
        answer_cut(device, frame);
        return;
    }
    if (controller->session_id == 0) {
        pb_device_unsubscribe(device);
    }
    pb_device_notices(device);
    pb_device_send(device, &frame->header, call.answer_type, &call.answer, &device->session_reply);
    if (call.type == PB_MSG_SUBSCRIBE && call.answer_type == PB_MSG_DONE) {
        subscribe(device, &asked->subscribe);
    }
}

/* Step 9: ids that move fluid rise for life, so one near the top would lock out every later session. */
static bool leaps_ahead(const pb_device_t *device, const pb_frame_t *frame)
{
    switch (frame->header.type) {
    case PB_MSG_PATIENT_BOLUS:
    case PB_MSG_BOLUS:
    case PB_MSG_PRIME:
    case PB_MSG_REFILL:
        return frame->header.request_id > (uint64_t)device->pump.durable.fluid_highest_id + FLUID_ID_AHEAD_MAX;
    default:
        return false;
    }
}

static void session_frame(pb_device_t *device, const pb_frame_t *frame, uint32_t fault, const pb_request_t *asked)
{
    const pb_controller_t *controller = &device->pump.controller;
    uint16_t type = frame->header.type;
    if (controller->session_id == 0 || frame->header.session != controller->session_id) {
        refuse(device, frame, PB_REFUSAL_SESSION_UNKNOWN, 0, 0);
        return;
    }
    if (seen_before(device, frame)) {
        return;
    }
    if (!pb_request_known(type)) {
        device->counters.unknown_type_count++;
        refuse(device, frame, PB_REFUSAL_UNKNOWN_TYPE, 0, type);
    } else if (fault != 0) {
        refuse(device, frame, PB_REFUSAL_MALFORMED, 0, 0);
    } else if (controller->session_role == PB_ROLE_PATIENT && !pb_request_for_patient(type)) {
        refuse(device, frame, PB_REFUSAL_ROLE_FORBIDDEN, 0, type);
    } else if (leaps_ahead(device, frame)) {
        refuse(device, frame, PB_REFUSAL_STALE_ID, controller->session_last_id, frame->header.request_id);
    } else {
        carry_out(device, frame, asked);
    }
}

void pb_therapy_frame(pb_device_t *device, const pb_frame_t *frame, uint32_t fault, const pb_request_t *asked)
{
    const pb_pump_t *pump = &device->pump;
    if (pump->plant.dead || pump->plant.reset_pending != PB_RESET_CAUSE_NONE || pump->controller.boot_remaining_ticks > 0) {
        refuse(device, frame, PB_REFUSAL_BOOTING, 0, pump->controller.boot_remaining_ticks);
    } else if (frame->header.type != PB_MSG_OPEN) {
        session_frame(device, frame, fault, asked);
    } else if (fault != 0) {
        refuse(device, frame, PB_REFUSAL_MALFORMED, 0, 0);
    } else {
        open(device, frame, &asked->open);
    }
}
