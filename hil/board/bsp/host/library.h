/* Knows the pump as a library for a program on this machine; the caller gives all memory, 8-byte aligned. */
#ifndef PB_LIBRARY_H
#define PB_LIBRARY_H

#include "../../pump/pump.h"

#define PB_API __attribute__((visibility("default")))

/* Bytes a device takes; `dev` below is so many. */
PB_API size_t pb_device_bytes(void);
/* Of these the pump's state: its five parts and what is kept decoded beside them. */
PB_API size_t pb_state_bytes(void);
PB_API void pb_device_init(void *dev);

/*
 * Bytes from the link in, bytes for the link out; credits run to their end. Give `cap` 256 bytes for each frame in `in`
 * and 3.5 KiB more. When `out` is full, what is left waits for the next call, which may bring no bytes; bytes of
 * `in` for which there is no room either are dropped and counted as overrun.
 */
PB_API size_t pb_device_receive(void *dev, const uint8_t *in, size_t n, uint8_t *out, size_t cap);

/* Unarmed: so many ticks pass. */
PB_API size_t pb_device_advance(void *dev, uint64_t ticks, uint8_t *out, size_t cap);

/* Ticks whatever the arming, without a frame. */
PB_API void pb_device_tick(void *dev, uint64_t n);

/* The snapshot's bytes, or 0 where `cap` is too small. */
PB_API size_t pb_snapshot(void *dev, uint8_t *out, size_t cap);

/* 0: restored; else nothing changed. 1: not PB_SNAPSHOT_BYTES long; 2: no pump can be so. */
PB_API int pb_restore(void *dev, const uint8_t *in, size_t n);

/* Controller, plant, memory. */
PB_API void pb_digests(void *dev, uint32_t out[3]);

PB_API uint64_t pb_build_id(void);

/* Alarm table and transitions as JSON; its length, or 0 where `cap` is too small. */
PB_API size_t pb_tables_json(char *out, size_t cap);

/* Effects from here on also go to `ring` (NULL: no more), oldest overwritten. */
PB_API void pb_effect_trace(void *dev, pb_effect_t *ring, size_t cap);
/* How many effects went there since. */
PB_API uint64_t pb_effect_traced(void *dev);

/* What pb_bulk_decode met; `bad` by PB_WIRE_FAULT_*. */
typedef struct {
    uint64_t frames;   /* of the type asked for, one record each */
    uint64_t others;   /* good frames of another type */
    uint64_t bad[8];
    uint64_t consumed; /* bytes of `in` that need not be given again */
} pb_bulk_t;

/*
 * One pass over a stream of frames: those of message `type` become packed little-endian records in `records`: the
 * header as on the wire (26 bytes from a device, 14 from a host), then the fixed body. Stops when `capacity` records
 * are full or no zero byte is left; `consumed` says where to go on. Returns the bytes of one record, 0 for a type
 * that no message has.
 */
PB_API size_t pb_bulk_decode(const uint8_t *in, size_t n, uint32_t type, uint32_t from_device, uint8_t *records,
                             size_t capacity, pb_bulk_t *met);

#endif
