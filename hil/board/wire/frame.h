/* Knows the frame: zero byte, COBS of (header, body, CRC), zero byte; it must not know what a message asks. */
#ifndef PB_FRAME_H
#define PB_FRAME_H

#include <stdbool.h>

#include "layout.h"

typedef struct {
    uint8_t flags;
    uint16_t type;
    uint16_t seq;
    uint32_t request_id;
    uint32_t session;
    uint32_t boot_seq; /* frames of the device only, like tick */
    uint64_t tick;
} pb_header_t;

/* A frame whose CRC and header are good. `body` points into the bytes it was decoded to. */
typedef struct {
    pb_header_t header;
    uint32_t crc;
    const uint8_t *body;
    size_t body_bytes;
} pb_frame_t;

/*
 * Decodes what stood between two zero bytes to `data`, which may be `run` or has PB_ENCODED_BYTES_MAX bytes: 0, or the
 * PB_WIRE_FAULT_* of the frame, up to VERSION. `from_device`: which side sends.
 */
uint32_t pb_frame_parse(const uint8_t *run, size_t count, bool from_device, uint8_t *data, pb_frame_t *frame);

/* A frame of the device with both zero bytes, at most PB_FRAME_WIRE_BYTES_MAX; how many bytes. `body` NULL: empty. */
size_t pb_frame_build(const pb_header_t *header, const pb_layout_t *layout, const void *body, uint8_t *out);

/* Bytes between zero bytes, gathered one at a time; of a run too long to be a frame only so many are kept. */
typedef struct {
    uint16_t count;
    bool oversize;
    uint8_t run[PB_ENCODED_BYTES_MAX];
} pb_receiver_t;

/* Whether this byte ends a run that is not empty; its bytes then stand in `run` until the next byte is put. */
bool pb_receiver_put(pb_receiver_t *receiver, uint8_t byte);

/* Before the next run. */
static inline void pb_receiver_clear(pb_receiver_t *receiver)
{
    receiver->count = 0;
    receiver->oversize = false;
}

#endif
