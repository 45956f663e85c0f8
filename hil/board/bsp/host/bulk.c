/* Knows how a whole recording's frames of one type become packed records in one pass; it must not know the pump. */
#include <string.h>

#include "../../wire/bytes.h"
#include "../../wire/cobs.h"
#include "../../wire/crc32c.h"
#include "../../wire/layout.h"
#include "library.h"

typedef struct {
    const pb_layout_t *layout;
    uint16_t type;
    size_t header_bytes;
    uint8_t direction; /* PB_FLAG_FROM_DEVICE or 0 */
    size_t record_bytes;
} bulk_t;

/* 0 for a good frame in `data`, else its first fault. */
static uint32_t judge(const bulk_t *bulk, const uint8_t *data, size_t size)
{
    if (size < bulk->header_bytes + PB_CRC_BYTES) {
        return PB_WIRE_FAULT_SHORT;
    }
    if (pb_crc32c(data, size) != PB_RESIDUE) {
        return PB_WIRE_FAULT_CRC;
    }
    if (data[0] != PB_PROTOCOL_VERSION || ((data[1] ^ bulk->direction) & ~PB_FLAG_BENCH) != 0) {
        return PB_WIRE_FAULT_VERSION;
    }
    return 0;
}

/* The fixed body, zero-filled where the message grew since. */
static uint32_t put_record(const bulk_t *bulk, const uint8_t *data, size_t size, uint8_t *record)
{
    size_t body_bytes = size - bulk->header_bytes - PB_CRC_BYTES;
    if (!pb_body_long_enough(bulk->layout, body_bytes)) {
        return PB_WIRE_FAULT_LENGTH;
    }
    memcpy(record, data, bulk->header_bytes);
    memset(record + bulk->header_bytes, 0, bulk->layout->wire_bytes);
    memcpy(record + bulk->header_bytes, data + bulk->header_bytes,
           body_bytes < bulk->layout->wire_bytes ? body_bytes : bulk->layout->wire_bytes);
    return pb_layout_in_range(bulk->layout, record + bulk->header_bytes) ? 0 : PB_WIRE_FAULT_RANGE;
}

static void take(const bulk_t *bulk, const uint8_t *run, size_t count, uint8_t *records, pb_bulk_t *met)
{
    uint8_t data[PB_ENCODED_BYTES_MAX];
    size_t size;
    uint32_t fault = count > PB_ENCODED_BYTES_MAX ? PB_WIRE_FAULT_OVERSIZE : 0;
    if (fault == 0 && !pb_cobs_decode(run, count, data, &size)) {
        fault = PB_WIRE_FAULT_COBS;
    }
    if (fault == 0) {
        fault = judge(bulk, data, size);
    }
    if (fault == 0 && pb_le16(data + 2) != bulk->type) {
        met->others++;
        return;
    }
    if (fault == 0) {
        fault = put_record(bulk, data, size, records + met->frames * bulk->record_bytes);
    }
    if (fault == 0) {
        met->frames++;
    } else {
        met->bad[fault]++;
    }
}

size_t pb_bulk_decode(const uint8_t *in, size_t n, uint32_t type, uint32_t from_device, uint8_t *records, size_t capacity,
                      pb_bulk_t *met)
{
    bulk_t bulk = {.layout = type <= UINT16_MAX ? pb_message_find((uint16_t)type) : NULL, .type = (uint16_t)type,
                   .header_bytes = from_device ? PB_DEVICE_BYTES : PB_HOST_BYTES,
                   .direction = from_device ? PB_FLAG_FROM_DEVICE : 0};
    *met = (pb_bulk_t){0};
    if (bulk.layout == NULL) {
        return 0;
    }
    bulk.record_bytes = bulk.header_bytes + bulk.layout->wire_bytes;
    while (met->consumed < n && met->frames < capacity) {
        const uint8_t *run = in + met->consumed, *end = memchr(run, 0, n - met->consumed);
        if (end == NULL) {
            break;
        }
        if (end > run) {
            take(&bulk, run, (size_t)(end - run), records, met);
        }
        met->consumed = (uint64_t)(end - in) + 1;
    }
    return bulk.record_bytes;
}
