/* Knows the five parts as canonical bytes: digests, pages, restore; it must not know how they travel. */
#ifndef PB_SNAPSHOT_H
#define PB_SNAPSHOT_H

#include "pump.h"

typedef struct {
    uint32_t controller_crc;
    uint32_t plant_crc;
    uint32_t memory_crc;
} pb_digests_t;

/* Of the state as it stands here, and as a reply tells them: 0 for a plant that is outside. */
pb_digests_t pb_digests_of(const pb_pump_t *pump);
pb_digests_t pb_digests_told(const pb_pump_t *pump);

/* Canonical bytes from `offset` on; how many. */
size_t pb_snapshot_slice(const pb_pump_t *pump, size_t offset, uint8_t *out, size_t count);

/* Makes `snapshot` (PB_SNAPSHOT_BYTES) the state; false, and nothing changes, where no pump can be so. */
bool pb_snapshot_restore(pb_pump_t *pump, const uint8_t *snapshot);

#endif
