/* Knows how a whole recording's frames of one type become packed records in one pass; it must not know the pump. */
#include <string.h>

#include "../../wire/bytes.h"
#include "../../wire/crc32c.h"
#include "../../wire/frame.h"
#include "bulk.h"

/* The quick path copies in chunks, so it keeps this far from both ends. */
#define SLACK_BYTES (PB_ENCODED_BYTES_MAX + 40u)
static uint64_t width_max(const pb_field_t *field)
{
    return UINT64_MAX >> (64 - 8 * field->size);
}

static bool is_narrow(const pb_field_t *field)
{
    return field->lo > 0 || field->hi < width_max(field);
}

/* With more of them than there is room for, every field is looked at. */
static void find_narrow(pb_bulk_pass_t *bulk)
{
    for (uint16_t f = 0; f < bulk->layout->field_count; f++) {
        if (is_narrow(&bulk->layout->fields[f])) {
            bulk->narrow[bulk->narrow_count++ % PB_NARROW_MAX] = &bulk->layout->fields[f];
        }
    }
}

static bool in_range(const pb_bulk_pass_t *bulk, const uint8_t *body)
{
    if (bulk->narrow_count > PB_NARROW_MAX) {
        return pb_layout_in_range(bulk->layout, body);
    }
    for (size_t i = 0; i < bulk->narrow_count; i++) {
        uint8_t padded[8] = {0};
        memcpy(padded, body + bulk->narrow[i]->wire, bulk->narrow[i]->size);
        uint64_t value = pb_le64(padded);
        if (value < bulk->narrow[i]->lo || value > bulk->narrow[i]->hi) {
            return false;
        }
    }
    return true;
}

/*
 * Undoes COBS of a run without 0xFF blocks, which no frame is long enough for: all bytes move one place down, and where a
 * code stood comes a zero. Whether it is well formed. Copies in whole chunks, past the end of both.
 */
static inline bool unstuff(const uint8_t *run, size_t count, uint8_t *out)
{
    for (size_t i = 0; i < count; i += 32) {
        memcpy(out + i, run + 1 + i, 32);
    }
    size_t at = run[0];
    while (at < count) {
        out[at - 1] = 0;
        at += run[at];
    }
    return at == count;
}

/* Whether a good, whole frame of the type went straight to its record; if not, it has to be looked at with care. */
static inline bool take_quickly(const pb_bulk_pass_t *bulk, const uint8_t *run, size_t count)
{
    uint8_t *record = bulk->records + bulk->met->frames * bulk->record_bytes;
    if (count > PB_ENCODED_BYTES_MAX || count < bulk->record_bytes + PB_CRC_BYTES + 1 ||
        bulk->in_end - run < (ptrdiff_t)SLACK_BYTES || bulk->records_end - record < (ptrdiff_t)SLACK_BYTES ||
        !unstuff(run, count, record)) {
        return false;
    }
    const uint8_t flags = bulk->from_device ? PB_FLAG_FROM_DEVICE : 0;
    bool good = record[0] == PB_PROTOCOL_VERSION && ((record[1] ^ flags) & ~PB_FLAG_BENCH) == 0 &&
                pb_le16(record + 2) == bulk->layout->number && pb_crc32c(record, count - 1) == PB_RESIDUE &&
                in_range(bulk, record + bulk->header_bytes);
    bulk->met->frames += good;
    return good;
}

/* Header and fixed body, zero-filled where the message grew since; in `data` they follow each other already. */
static uint32_t put_record(const pb_bulk_pass_t *bulk, const uint8_t *data, const pb_frame_t *frame)
{
    uint8_t *record = bulk->records + bulk->met->frames * bulk->record_bytes;
    size_t fixed = bulk->layout->wire_bytes, given = frame->body_bytes < fixed ? frame->body_bytes : fixed;
    if (!pb_body_long_enough(bulk->layout, frame->body_bytes)) {
        return PB_WIRE_FAULT_LENGTH;
    }
    memcpy(record, data, bulk->header_bytes + given);
    memset(record + bulk->header_bytes + given, 0, fixed - given);
    return pb_layout_in_range(bulk->layout, record + bulk->header_bytes) ? 0 : PB_WIRE_FAULT_RANGE;
}

/* Any run: a record, a frame of another type, or its fault. */
void pb_bulk_take(const pb_bulk_pass_t *bulk, const uint8_t *run, size_t count)
{
    uint8_t data[PB_ENCODED_BYTES_MAX];
    pb_frame_t frame;
    uint32_t fault = pb_frame_parse(run, count, bulk->from_device, data, &frame);
    if (fault == 0 && frame.header.type != bulk->layout->number) {
        bulk->met->others++;
        return;
    }
    if (fault == 0) {
        fault = put_record(bulk, data, &frame);
    }
    if (fault == 0) {
        bulk->met->frames++;
    } else {
        bulk->met->bad[fault]++;
    }
}

const uint8_t *pb_bulk_take_next(const pb_bulk_pass_t *bulk, const uint8_t *run, const uint8_t *end)
{
    const uint8_t *zero = memchr(run, 0, (size_t)(end - run));
    if (zero == NULL) {
        return NULL;
    }
    if (zero > run && !take_quickly(bulk, run, (size_t)(zero - run))) {
        pb_bulk_take(bulk, run, (size_t)(zero - run));
    }
    /* Senders write a zero byte on both sides of a frame. */
    return zero + 1 < end && zero[1] == 0 ? zero + 2 : zero + 1;
}

bool pb_bulk_begin(pb_bulk_pass_t *bulk, uint32_t type, uint32_t from_device, uint8_t *records, size_t capacity,
                   pb_bulk_t *met)
{
    *bulk = (pb_bulk_pass_t){.layout = type <= UINT16_MAX ? pb_message_find((uint16_t)type) : NULL,
                             .from_device = from_device != 0,
                             .header_bytes = from_device ? PB_DEVICE_BYTES : PB_HOST_BYTES,
                             .records = records,
                             .met = met};
    *met = (pb_bulk_t){0};
    if (bulk->layout == NULL) {
        return false;
    }
    bulk->record_bytes = bulk->header_bytes + bulk->layout->wire_bytes;
    bulk->records_end = records + capacity * bulk->record_bytes;
    find_narrow(bulk);
    return true;
}

size_t pb_bulk_decode(const uint8_t *in, size_t n, uint32_t type, uint32_t from_device, uint8_t *records, size_t capacity,
                      pb_bulk_t *met)
{
    pb_bulk_pass_t bulk;
    if (!pb_bulk_begin(&bulk, type, from_device, records, capacity, met)) {
        return 0;
    }
    bulk.in_end = in + n;
    const uint8_t *run = in;
    while (run && run < bulk.in_end && met->frames < capacity) {
        run = pb_bulk_take_next(&bulk, run, bulk.in_end);
        met->consumed = run ? (uint64_t)(run - in) : met->consumed;
    }
    return bulk.record_bytes;
}
