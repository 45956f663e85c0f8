/* Knows a pump at the end of a link: its queues, its frames, its telemetry. */
#include "device.h"

#include <string.h>

#include "arithmetic.h"
#include "reading.h"
#include "start.h"
#include "tick.h"

void pb_device_begin(pb_device_t *device)
{
    memset(device, 0, sizeof *device);
    pb_power_on(&device->pump);
}

static size_t room(const pb_device_t *device)
{
    return PB_TX_BYTES - device->tx_count;
}

/* Replies carry the session of their request; `request` NULL: a frame nobody asked for. */
void pb_device_send(pb_device_t *device, const pb_header_t *request, uint16_t type, const void *body,
                    pb_stored_reply_t *keep)
{
    const pb_header_t header = {
        .flags = request ? request->flags & PB_FLAG_BENCH : 0u,
        .type = type,
        .seq = device->seq++,
        .request_id = request ? request->request_id : 0,
        .session = request ? request->session : device->pump.controller.session_id,
        .boot_seq = device->pump.durable.boot_count,
        .tick = device->pump.plant.tick,
    };
    uint8_t *at = device->tx + device->tx_count;
    if (room(device) < PB_FRAME_WIRE_BYTES_MAX) {
        return; /* callers leave room: see PB_REQUEST_TX_BYTES and PB_TICK_TX_BYTES */
    }
    size_t count = pb_frame_build(&header, pb_message_find(type), body, at);
    device->tx_count = (uint16_t)(device->tx_count + count);
    if (keep) {
        keep->count = (uint16_t)count;
        memcpy(keep->bytes, at, count);
    }
}

void pb_device_refuse(pb_device_t *device, const pb_header_t *request, uint32_t refusal, uint64_t limit, uint64_t value)
{
    const pb_msg_refused_t refused = {.refused_type = request->type, .refusal = (uint16_t)refusal,
                                      .limit = pb_u32(limit), .value = pb_u32(value)};
    device->counters.refused_frame_count++;
    pb_device_send(device, request, PB_MSG_REFUSED, &refused, NULL);
}

void pb_device_unsubscribe(pb_device_t *device)
{
    device->subscribed_period_ticks = 0;
    device->telemetry_left_ticks = 0;
}

void pb_device_notices(pb_device_t *device)
{
    const pb_write_list_t *writes = &device->pump.writes;
    for (uint8_t i = 0; device->subscribed_period_ticks > 0 && i < writes->log_count; i++) {
        const pb_msg_event_notice_t notice = {
            .code = writes->log[i].code, .arg_0 = writes->log[i].arg_0, .arg_1 = writes->log[i].arg_1};
        pb_device_send(device, NULL, PB_MSG_EVENT_NOTICE, &notice, NULL);
    }
}

void pb_device_after_tick(pb_device_t *device)
{
    pb_msg_telemetry_t telemetry;
    if (device->subscribed_period_ticks == 0) {
        return;
    }
    if (device->pump.controller.session_id == 0) {
        pb_device_unsubscribe(device);
        return;
    }
    pb_device_notices(device);
    device->telemetry_left_ticks--;
    if (device->telemetry_left_ticks == 0) {
        device->telemetry_left_ticks = device->subscribed_period_ticks;
        pb_read_telemetry(&device->pump, &telemetry);
        pb_device_send(device, NULL, PB_MSG_TELEMETRY, &telemetry, NULL);
    }
}

static void good_frame(pb_device_t *device, const pb_frame_t *frame)
{
    pb_request_t asked;
    const pb_layout_t *layout = pb_message_find(frame->header.type);
    bool bench = (frame->header.flags & PB_FLAG_BENCH) != 0, request = layout && layout->kind == PB_KIND_REQUEST;
    uint32_t fault = request ? pb_body_decode(layout, frame->body, frame->body_bytes, &asked) : 0;
    device->counters.good_frame_count++;
    if (request && layout->channel != PB_CHANNEL_BOTH && (layout->channel == PB_CHANNEL_BENCH) != bench) {
        pb_device_refuse(device, &frame->header, PB_REFUSAL_UNKNOWN_TYPE, 0, frame->header.type);
    } else if (frame->header.type == PB_MSG_IDENTIFY) {
        pb_identify(device, &frame->header);
    } else if (bench) {
        pb_bench_frame(device, frame, fault, &asked);
    } else {
        pb_therapy_frame(device, frame, fault, &asked);
    }
}

/* In place: the run is not needed any more. */
static uint32_t parse(pb_receiver_t *receiver, pb_frame_t *frame)
{
    return receiver->oversize ? PB_WIRE_FAULT_OVERSIZE
                              : pb_frame_parse(receiver->run, receiver->count, false, receiver->run, frame);
}

static void end_of_run(pb_device_t *device)
{
    pb_receiver_t *receiver = &device->receiver;
    pb_frame_t frame;
    if (parse(receiver, &frame) != 0) {
        device->counters.bad_frame_count++;
    } else {
        good_frame(device, &frame);
    }
    pb_receiver_clear(receiver);
}

/* While a credit runs, requests wait in the queue; only an abort is noticed, and is answered in its turn. */
static void watch(pb_device_t *device, uint8_t byte)
{
    pb_frame_t frame;
    if (!pb_receiver_put(&device->watcher, byte)) {
        return;
    }
    bool good = parse(&device->watcher, &frame) == 0;
    if (good && frame.header.type == PB_MSG_ABORT && (frame.header.flags & PB_FLAG_BENCH) != 0) {
        device->credit.aborted = true;
    }
    pb_receiver_clear(&device->watcher);
}

/* A credit has just begun: its abort may already wait behind it. */
static void watch_queue(pb_device_t *device)
{
    pb_receiver_clear(&device->watcher);
    for (uint16_t i = 0; i < device->rx_count; i++) {
        watch(device, device->rx[i]);
    }
}

size_t pb_device_push(pb_device_t *device, const uint8_t *in, size_t count)
{
    size_t taken = (size_t)pb_min(count, PB_RX_BYTES - (size_t)device->rx_count);
    for (size_t i = 0; i < taken; i++) {
        device->rx[device->rx_count++] = in[i];
        if (device->credit.active) {
            watch(device, in[i]);
        }
    }
    return taken;
}

static void answer_queue(pb_device_t *device)
{
    uint16_t at = 0;
    while (at < device->rx_count && !device->credit.active && room(device) >= PB_REQUEST_TX_BYTES) {
        if (pb_receiver_put(&device->receiver, device->rx[at++])) {
            end_of_run(device);
        }
    }
    device->rx_count = (uint16_t)(device->rx_count - at);
    memmove(device->rx, device->rx + at, device->rx_count);
    if (at > 0 && device->credit.active) {
        watch_queue(device);
    }
}

size_t pb_device_drain(pb_device_t *device, uint8_t *out, size_t capacity)
{
    size_t count = (size_t)pb_min(device->tx_count, capacity);
    memcpy(out, device->tx, count);
    device->tx_count = (uint16_t)(device->tx_count - count);
    memmove(device->tx, device->tx + count, device->tx_count);
    return count;
}

size_t pb_device_work(pb_device_t *device, uint64_t ticks, uint8_t *out, size_t capacity)
{
    size_t sent = pb_device_drain(device, out, capacity);
    answer_queue(device);
    if (device->credit.active) {
        pb_credit_run(device, ticks);
        /* What waited behind the credit makes room before its report leaves: whoever reads that may ask at once. */
        answer_queue(device);
    }
    return sent + pb_device_drain(device, out + sent, capacity - sent);
}

bool pb_device_busy(const pb_device_t *device)
{
    return device->credit.active || device->rx_count > 0 || device->tx_count > 0;
}

/* A whole telemetry frame in the queue begins so: none of its first bytes can be zero and so none is stuffed. */
static bool telemetry_at(const uint8_t *at)
{
    return at[0] == 0 && at[1] != 0 && at[2] == PB_PROTOCOL_VERSION && at[3] == PB_FLAG_FROM_DEVICE &&
           at[4] == (PB_MSG_TELEMETRY & 0xFFu) && at[5] == PB_MSG_TELEMETRY >> 8;
}

static bool drop_oldest_telemetry(pb_device_t *device)
{
    for (uint16_t at = 0; at + 6 < device->tx_count; at++) {
        if (telemetry_at(device->tx + at)) {
            uint16_t end = (uint16_t)(at + 1);
            while (device->tx[end] != 0) {
                end++;
            }
            end++;
            memmove(device->tx + at, device->tx + end, (size_t)(device->tx_count - end));
            device->tx_count = (uint16_t)(device->tx_count - (end - at));
            device->counters.dropped_telemetry_count++;
            return true;
        }
    }
    return false;
}

static bool make_room(pb_device_t *device)
{
    while (device->subscribed_period_ticks > 0 && room(device) < PB_TICK_TX_BYTES) {
        if (!drop_oldest_telemetry(device)) {
            return false;
        }
    }
    return true;
}

size_t pb_device_pass(pb_device_t *device, uint64_t ticks, uint8_t *out, size_t capacity)
{
    size_t sent = pb_device_drain(device, out, capacity);
    device->late_ticks += device->armed ? 0 : ticks;
    while (!device->armed && device->late_ticks > 0 && make_room(device)) {
        device->late_ticks--;
        pb_tick(&device->pump);
        pb_device_after_tick(device);
        sent += pb_device_drain(device, out + sent, capacity - sent);
    }
    return sent;
}
