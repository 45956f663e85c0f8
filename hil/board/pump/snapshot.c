/* Knows the five parts as canonical bytes (SEMANTICS.md, sections 2 and 13). */
#include "snapshot.h"

#include "../wire/crc32c.h"
#include "../wire/layout.h"
#include "cache.h"
#include "effects.h"

/* Where part `index` of pb_snapshot_parts stands. */
static const void *part_of(const pb_pump_t *pump, uint8_t index)
{
    const void *parts[PB_SNAPSHOT_PART_COUNT] = {&pump->config, &pump->controller, &pump->durable, &pump->plant,
                                                 &pump->memory};
    return parts[index];
}

pb_digests_t pb_digests_of(const pb_pump_t *pump)
{
    uint32_t running = pb_layout_crc_more(PB_CRC32C_BEGIN, &pb_layout_config, &pump->config);
    running = pb_layout_crc_more(running, &pb_layout_controller, &pump->controller);
    running = pb_layout_crc_more(running, &pb_layout_durable, &pump->durable);
    return (pb_digests_t){
        .controller_crc = pb_crc32c_end(running),
        .plant_crc = pb_crc32c_end(pb_layout_crc_more(PB_CRC32C_BEGIN, &pb_layout_plant, &pump->plant)),
        .memory_crc = pb_crc32c_end(pb_layout_crc_more(PB_CRC32C_BEGIN, &pb_layout_memory, &pump->memory)),
    };
}

size_t pb_snapshot_slice(const pb_pump_t *pump, size_t offset, uint8_t *out, size_t count)
{
    size_t made = 0, start = 0;
    for (uint8_t i = 0; i < PB_SNAPSHOT_PART_COUNT && made < count; i++) {
        const pb_layout_t *layout = pb_snapshot_parts[i];
        if (offset + made < start + layout->wire_bytes) {
            made += pb_layout_slice(layout, part_of(pump, i), offset + made - start, out + made, count - made);
        }
        start += layout->wire_bytes;
    }
    return made;
}

static bool in_range(const uint8_t *snapshot)
{
    for (uint8_t i = 0; i < PB_SNAPSHOT_PART_COUNT; i++) {
        if (!pb_layout_in_range(pb_snapshot_parts[i], snapshot)) {
            return false;
        }
        snapshot += pb_snapshot_parts[i]->wire_bytes;
    }
    return true;
}

bool pb_snapshot_restore(pb_pump_t *pump, const uint8_t *snapshot)
{
    void *parts[PB_SNAPSHOT_PART_COUNT] = {&pump->config, &pump->controller, &pump->durable, &pump->plant, &pump->memory};
    if (!in_range(snapshot)) {
        return false;
    }
    for (uint8_t i = 0; i < PB_SNAPSHOT_PART_COUNT; i++) {
        pb_layout_read(pb_snapshot_parts[i], parts[i], snapshot);
        snapshot += pb_snapshot_parts[i]->wire_bytes;
    }
    pump->now = pump->plant.tick;
    pump->marks = 0;
    pb_cache_refresh(pump);
    pb_effects_restart(pump);
    return true;
}
