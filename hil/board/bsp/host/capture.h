/* Knows a recording's blocks as far as one lane's payloads go; what else a recording says is for others. */
#ifndef PB_CAPTURE_H
#define PB_CAPTURE_H

#include "library.h"

/* One direction of one line and what is asked of it. The caller sets the first five and zeroes the rest before the first call. */
typedef struct {
    uint32_t interface;
    uint32_t direction; /* as in a packet's flags: 1 from the device, 2 from the host */
    uint32_t type;
    uint32_t from_device;
    uint32_t interface_count;    /* declared so far: a packet of any other stops the walk */
    uint32_t pending_bytes;      /* of a frame that has begun and not ended */
    uint8_t pending[256];
} pb_lane_t;

/*
 * Goes through packets that stand next and whole, spelled as a recording of ours spells them (little-endian, flags the
 * only option), and treats the lane's payloads as pb_bulk_decode would treat them joined. `t_ns` gets for each record
 * the time of the packet that ended its frame. Stops before any other block and before a packet that might hold more
 * frames than there is room for; `met->consumed` says where. Returns the bytes of one record, 0 for a type that no
 * message has.
 */
PB_API size_t pb_capture_decode(const uint8_t *in, size_t n, pb_lane_t *lane, uint8_t *records, uint64_t *t_ns,
                                size_t capacity, pb_bulk_t *met);

/* One payload of the lane, however its block is spelled; `capacity` must be a record for each of its bytes. */
PB_API size_t pb_capture_payload(const uint8_t *payload, size_t n, pb_lane_t *lane, uint64_t at_ns, uint8_t *records,
                                 uint64_t *t_ns, size_t capacity, pb_bulk_t *met);

#endif
