/* Knows what a bench may do: take time into its hands, set faults, read and replace the state (SEMANTICS.md, section 13). */
#include <string.h>

#include "../wire/crc32c.h"
#include "arithmetic.h"
#include "cache.h"
#include "device.h"
#include "effects.h"
#include "faults.h"
#include "refusal.h"
#include "snapshot.h"
#include "start.h"

static void reply(pb_device_t *device, const pb_frame_t *frame, uint16_t type, const void *body)
{
    pb_device_send(device, &frame->header, type, body, &device->bench_reply);
}

static void done(pb_device_t *device, const pb_frame_t *frame)
{
    const pb_msg_done_t body = {.done_type = frame->header.type};
    reply(device, frame, PB_MSG_DONE, &body);
}

/* An accepted request that is refused for what it asks: its reply is kept like any other. */
static void refuse(pb_device_t *device, const pb_frame_t *frame, const pb_refusal_t *why)
{
    const pb_msg_refused_t body = {.refused_type = frame->header.type, .refusal = why->refusal, .limit = why->limit,
                                   .value = why->value};
    reply(device, frame, PB_MSG_REFUSED, &body);
}

static void arm(pb_device_t *device, const pb_frame_t *frame, const pb_msg_arm_t *asked)
{
    pb_refusal_t why;
    if (asked->build_id != pb_build_id_value) {
        pb_refuse(&why, PB_REFUSAL_BUILD_MISMATCH, 0, 0);
        refuse(device, frame, &why);
        return;
    }
    if (!device->armed) {
        device->armed = true;
        device->late_ticks = 0;
        pb_layout_reset(&pb_layout_config, &device->pump.config);
        pb_cache_refresh(&device->pump);
        pb_effects_restart(&device->pump);
    }
    done(device, frame);
}

static void configure(pb_device_t *device, const pb_frame_t *frame, const pb_msg_configure_t *asked)
{
    pb_refusal_t why;
    if (asked->config_index >= pb_layout_config.field_count) {
        pb_refuse(&why, PB_REFUSAL_CONFIG_UNKNOWN, pb_layout_config.field_count, asked->config_index);
        refuse(device, frame, &why);
        return;
    }
    const pb_field_t *field = &pb_layout_config.fields[asked->config_index];
    if (!pb_within(&why, PB_REFUSAL_CONFIG_RANGE, asked->value, field->lo, field->hi)) {
        refuse(device, frame, &why);
        return;
    }
    pb_field_set(field, &device->pump.config, 0, asked->value);
    pb_cache_refresh(&device->pump);
    done(device, frame);
}

/* The pump is another one now: nothing of a session outside its state goes on. */
static void forget_session(pb_device_t *device)
{
    device->session_reply.count = 0;
    pb_device_unsubscribe(device);
}

static void start(pb_device_t *device, const pb_frame_t *frame, const pb_msg_reset_to_start_t *asked)
{
    pb_refusal_t why;
    if (!pb_start(&device->pump, asked, &why)) {
        refuse(device, frame, &why);
        return;
    }
    device->pump.plant_outside = false;
    forget_session(device);
    pb_report(device, &frame->header, PB_STOP_REASON_TARGET);
}

static void run_to(pb_device_t *device, const pb_frame_t *frame, const pb_msg_run_to_t *asked)
{
    pb_refusal_t why;
    if (asked->target_tick < device->pump.plant.tick) {
        pb_refuse(&why, PB_REFUSAL_TICK_PASSED, device->pump.plant.tick, asked->target_tick);
        refuse(device, frame, &why);
        return;
    }
    pb_credit_begin(device, &frame->header, asked);
}

static void inject(pb_device_t *device, const pb_frame_t *frame, const pb_msg_inject_t *asked)
{
    pb_refusal_t why;
    if (!pb_inject(&device->pump, asked, &why)) {
        refuse(device, frame, &why);
        return;
    }
    pb_cache_refresh(&device->pump);
    pb_report(device, &frame->header, PB_STOP_REASON_TARGET);
}

/* From here on the plant is the bench's: what it makes the controller feel. */
static void sense(pb_device_t *device, const pb_frame_t *frame, const pb_msg_sense_t *felt)
{
    pb_plant_t *plant = &device->pump.plant;
    device->pump.plant_outside = true;
    plant->rotor_count = felt->rotor_count;
    plant->sample_mv = felt->sample_mv;
    plant->emi = felt->emi;
    plant->dead = felt->dead;
    if (plant->reset_pending == PB_RESET_CAUSE_NONE) {
        plant->reset_pending = felt->reset;
    }
    pb_report(device, &frame->header, PB_STOP_REASON_TARGET);
}

static bool page_fits(uint32_t offset, pb_refusal_t *why)
{
    return (offset % PB_SNAPSHOT_PAGE_BYTES == 0 && offset < PB_SNAPSHOT_BYTES) ||
           pb_refuse(why, PB_REFUSAL_PAGE_RANGE, PB_SNAPSHOT_BYTES, offset);
}

static uint16_t page_bytes(uint32_t offset)
{
    return (uint16_t)pb_min(PB_SNAPSHOT_PAGE_BYTES, PB_SNAPSHOT_BYTES - offset);
}

static void read_snapshot(pb_device_t *device, const pb_frame_t *frame, const pb_msg_read_snapshot_t *asked)
{
    pb_msg_snapshot_page_t page = {.offset_bytes = asked->offset_bytes, .snapshot_bytes = PB_SNAPSHOT_BYTES};
    pb_refusal_t why;
    if (!page_fits(asked->offset_bytes, &why)) {
        refuse(device, frame, &why);
        return;
    }
    page.data_count = page_bytes(asked->offset_bytes);
    (void)pb_snapshot_slice(&device->pump, asked->offset_bytes, page.data, page.data_count);
    reply(device, frame, PB_MSG_SNAPSHOT_PAGE, &page);
}

static void write_snapshot(pb_device_t *device, const pb_frame_t *frame, const pb_msg_write_snapshot_t *asked)
{
    pb_refusal_t why;
    bool fits = page_fits(asked->offset_bytes, &why) &&
                (asked->data_count == page_bytes(asked->offset_bytes) ||
                 pb_refuse(&why, PB_REFUSAL_PAGE_RANGE, PB_SNAPSHOT_BYTES, asked->offset_bytes));
    if (!fits) {
        refuse(device, frame, &why);
        return;
    }
    memcpy(device->snapshot + asked->offset_bytes, asked->data, asked->data_count);
    done(device, frame);
}

static void restore(pb_device_t *device, const pb_frame_t *frame, const pb_msg_restore_t *asked)
{
    uint32_t crc = pb_crc32c(device->snapshot, PB_SNAPSHOT_BYTES);
    pb_refusal_t why;
    if (crc != asked->snapshot_crc) {
        pb_refuse(&why, PB_REFUSAL_SNAPSHOT_INVALID, crc, asked->snapshot_crc);
        refuse(device, frame, &why);
    } else if (!pb_snapshot_restore(&device->pump, device->snapshot)) {
        pb_refuse(&why, PB_REFUSAL_SNAPSHOT_INVALID, 0, 0);
        refuse(device, frame, &why);
    } else {
        forget_session(device);
        pb_report(device, &frame->header, PB_STOP_REASON_TARGET);
    }
}

static void disarm(pb_device_t *device, const pb_frame_t *frame)
{
    device->armed = false;
    device->pump.plant_outside = false;
    done(device, frame);
}

static void carry_out(pb_device_t *device, const pb_frame_t *frame, const pb_request_t *asked)
{
    switch (frame->header.type) {
    case PB_MSG_ARM:
        arm(device, frame, &asked->arm);
        break;
    case PB_MSG_DISARM:
        disarm(device, frame);
        break;
    case PB_MSG_CONFIGURE:
        configure(device, frame, &asked->configure);
        break;
    case PB_MSG_RESET_TO_START:
        start(device, frame, &asked->reset_to_start);
        break;
    case PB_MSG_RUN_TO:
        run_to(device, frame, &asked->run_to);
        break;
    case PB_MSG_INJECT:
        inject(device, frame, &asked->inject);
        break;
    case PB_MSG_READ_SNAPSHOT:
        read_snapshot(device, frame, &asked->read_snapshot);
        break;
    case PB_MSG_WRITE_SNAPSHOT:
        write_snapshot(device, frame, &asked->write_snapshot);
        break;
    case PB_MSG_RESTORE:
        restore(device, frame, &asked->restore);
        break;
    case PB_MSG_SENSE:
        sense(device, frame, &asked->sense);
        break;
    case PB_MSG_READ_LINK:
        reply(device, frame, PB_MSG_LINK_COUNTERS, &device->counters);
        break;
    default: /* an abort whose credit has ended */
        done(device, frame);
        break;
    }
}

static bool known(uint16_t type)
{
    const pb_layout_t *layout = pb_message_find(type);
    return layout && layout->kind == PB_KIND_REQUEST && layout->channel == PB_CHANNEL_BENCH;
}

/* An id that came before is answered here; false: it is new, or this frame does not count ids. */
static bool seen_before(pb_device_t *device, const pb_frame_t *frame)
{
    uint32_t id = frame->header.request_id;
    if (device->bench_reply.count > 0 && id == device->bench_last_id && frame->crc == device->bench_last_crc) {
        device->counters.retried_frame_count++;
        memcpy(device->tx + device->tx_count, device->bench_reply.bytes, device->bench_reply.count);
        device->tx_count = (uint16_t)(device->tx_count + device->bench_reply.count);
        return true;
    }
    if (device->armed && frame->header.type != PB_MSG_ARM && id <= device->bench_last_id) {
        pb_device_refuse(device, &frame->header, PB_REFUSAL_STALE_ID, device->bench_last_id, id);
        return true;
    }
    return false;
}

/* What ranges alone do not say: of all resets a supply that fails is the only one that a plant makes. */
static bool well_formed(uint16_t type, uint32_t fault, const pb_request_t *asked)
{
    return fault == 0 && (type != PB_MSG_SENSE || asked->sense.reset == PB_RESET_CAUSE_NONE ||
                          asked->sense.reset == PB_RESET_CAUSE_LOW_BATTERY);
}

void pb_bench_frame(pb_device_t *device, const pb_frame_t *frame, uint32_t fault, const pb_request_t *asked)
{
    uint16_t type = frame->header.type;
    bool unarmed_link = type == PB_MSG_READ_LINK && !device->armed;
    if (!unarmed_link && seen_before(device, frame)) {
        return;
    }
    if (!device->armed && type != PB_MSG_ARM && type != PB_MSG_READ_LINK) {
        pb_device_refuse(device, &frame->header, PB_REFUSAL_NOT_ARMED, 0, type);
    } else if (!known(type)) {
        device->counters.unknown_type_count++;
        pb_device_refuse(device, &frame->header, PB_REFUSAL_UNKNOWN_TYPE, 0, type);
    } else if (!well_formed(type, fault, asked)) {
        pb_device_refuse(device, &frame->header, PB_REFUSAL_MALFORMED, 0, 0);
    } else if (unarmed_link) {
        pb_device_send(device, &frame->header, PB_MSG_LINK_COUNTERS, &device->counters, NULL);
    } else {
        device->bench_last_id = frame->header.request_id;
        device->bench_last_crc = frame->crc;
        carry_out(device, frame, asked);
    }
}
