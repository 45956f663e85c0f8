/* Knows how the payloads of one lane of a recording become packed records, block by block; it must not know the pump. */
#include "capture.h"

#include <string.h>

#include "../../wire/bytes.h"
#include "../../wire/frame.h"
#include "bulk.h"

#define PACKET_BLOCK 6u
#define PACKET_HEAD_BYTES 28u
#define PACKET_TAIL_BYTES 16u   /* flags with their head, end of options, length */
#define FLAGS_HEAD 0x00040002u  /* code and size of the flags option */
#define DIRECTION_MAX 2u

typedef struct {
    size_t length;
    uint32_t interface;
    uint32_t direction;
    uint64_t t_ns;
    const uint8_t *payload;
    size_t size;
} packet_t;

/* Whether a packet of ours stands here, whole. */
static inline bool read_packet(const uint8_t *in, size_t n, uint32_t interface_count, packet_t *packet)
{
    if (n < PACKET_HEAD_BYTES || pb_le32(in) != PACKET_BLOCK) {
        return false;
    }
    uint32_t length = pb_le32(in + 4), size = pb_le32(in + 20);
    uint64_t padded = ((uint64_t)size + 3u) & ~UINT64_C(3);
    if (length > n || length != PACKET_HEAD_BYTES + padded + PACKET_TAIL_BYTES) {
        return false;
    }
    const uint8_t *tail = in + length - PACKET_TAIL_BYTES;
    *packet = (packet_t){length, pb_le32(in + 8), pb_le32(tail + 4),
                         (uint64_t)pb_le32(in + 12) << 32 | pb_le32(in + 16), in + PACKET_HEAD_BYTES, size};
    return packet->interface < interface_count && pb_le32(tail) == FLAGS_HEAD && packet->direction <= DIRECTION_MAX &&
           pb_le32(tail + 8) == 0 && pb_le32(tail + 12) == length;
}

/* Of a frame that waits for its end only so much is kept as shows that it is too long. */
static void keep(pb_lane_t *lane, const uint8_t *from, const uint8_t *to)
{
    size_t count = (size_t)(to - from), room = sizeof lane->pending - lane->pending_bytes;
    count = count < room ? count : room;
    memcpy(lane->pending + lane->pending_bytes, from, count);
    lane->pending_bytes += (uint32_t)count;
}

/* What the frame that an earlier payload began goes on with; where the next run begins, NULL where it still does not end. */
static const uint8_t *finish(const pb_bulk_pass_t *pass, pb_lane_t *lane, const uint8_t *payload, const uint8_t *end)
{
    const uint8_t *zero = memchr(payload, 0, (size_t)(end - payload));
    keep(lane, payload, zero ? zero : end);
    if (zero == NULL) {
        return NULL;
    }
    pb_bulk_take(pass, lane->pending, lane->pending_bytes);
    lane->pending_bytes = 0;
    return zero + 1;
}

static inline void take_payload(const pb_bulk_pass_t *pass, pb_lane_t *lane, const uint8_t *payload, size_t size)
{
    const uint8_t *run = payload, *end = payload + size;
    if (lane->pending_bytes > 0 && size > 0) {
        run = finish(pass, lane, payload, end);
    }
    while (run && run < end) {
        const uint8_t *next = pb_bulk_take_next(pass, run, end);
        if (next == NULL) {
            keep(lane, run, end);
        }
        run = next;
    }
}

static inline void stamp(const pb_bulk_pass_t *pass, uint64_t from, uint64_t at_ns, uint64_t *t_ns)
{
    for (uint64_t i = from; i < pass->met->frames; i++) {
        t_ns[i] = at_ns;
    }
}

size_t pb_capture_decode(const uint8_t *in, size_t n, pb_lane_t *lane, uint8_t *records, uint64_t *t_ns, size_t capacity,
                         pb_bulk_t *met)
{
    pb_bulk_pass_t pass;
    if (!pb_bulk_begin(&pass, lane->type, lane->from_device, records, capacity, met)) {
        return 0;
    }
    pass.in_end = in + n;
    packet_t packet;
    size_t frame_bytes_min = pass.header_bytes + PB_CRC_BYTES + 1;
    while (read_packet(in + met->consumed, n - met->consumed, lane->interface_count, &packet)) {
        if (packet.interface == lane->interface && packet.direction == lane->direction) {
            if (packet.size / frame_bytes_min + 1 > capacity - met->frames) {
                break;
            }
            uint64_t before = met->frames;
            take_payload(&pass, lane, packet.payload, packet.size);
            stamp(&pass, before, packet.t_ns, t_ns);
        }
        met->consumed += packet.length;
    }
    return pass.record_bytes;
}

size_t pb_capture_payload(const uint8_t *payload, size_t n, pb_lane_t *lane, uint64_t at_ns, uint8_t *records,
                          uint64_t *t_ns, size_t capacity, pb_bulk_t *met)
{
    pb_bulk_pass_t pass;
    if (!pb_bulk_begin(&pass, lane->type, lane->from_device, records, capacity, met)) {
        return 0;
    }
    pass.in_end = payload + n;
    take_payload(&pass, lane, payload, n);
    stamp(&pass, 0, at_ns, t_ns);
    return pass.record_bytes;
}
