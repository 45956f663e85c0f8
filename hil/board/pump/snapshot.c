/* Knows the five parts as canonical bytes (SEMANTICS.md, sections 2 and 13). */
#include "snapshot.h"

#include "../wire/bytes.h"
#include "../wire/crc32c.h"
#include "../wire/layout.h"
#include "cache.h"
#include "effects.h"
#include "program.h"
#include "program_rules.h"

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

/* The field of a layout that stands at an offset of its struct, as canonical bytes. */
static const uint8_t *bytes_at(const pb_layout_t *layout, size_t offset, const uint8_t *part)
{
    uint16_t f = 0;
    while (f + 1u < layout->field_count && layout->fields[f].offset != offset) {
        f++;
    }
    return part + layout->fields[f].wire;
}

static void read_image(const uint8_t *bytes, uint32_t image[PB_PROGRAM_BODY_WORDS])
{
    for (uint16_t i = 0; i < PB_PROGRAM_BODY_WORDS; i++) {
        image[i] = pb_le32(bytes + 4u * i);
    }
}

static bool all_zero(const uint32_t *image)
{
    uint32_t any = 0;
    for (uint16_t i = 0; i < PB_PROGRAM_BODY_WORDS; i++) {
        any |= image[i];
    }
    return any == 0;
}

/* What ranges alone do not say: images must be programs, an intermittent rotor must have a cycle. */
static bool sound(const uint8_t *snapshot)
{
    const uint8_t *controller = snapshot + PB_CONFIG_WIRE_BYTES;
    const uint8_t *plant = controller + PB_CONTROLLER_WIRE_BYTES + PB_DURABLE_WIRE_BYTES;
    uint32_t image[PB_PROGRAM_BODY_WORDS];
    read_image(bytes_at(&pb_layout_controller, offsetof(pb_controller_t, staged), controller), image);
    if (!pb_program_in_range(image)) {
        return false;
    }
    read_image(bytes_at(&pb_layout_controller, offsetof(pb_controller_t, program), controller), image);
    uint64_t cycle = (uint64_t)pb_le32(bytes_at(&pb_layout_plant, offsetof(pb_plant_t, rotor_run_count), plant)) +
                     pb_le32(bytes_at(&pb_layout_plant, offsetof(pb_plant_t, rotor_miss_count), plant));
    uint8_t rotor_fault = *bytes_at(&pb_layout_plant, offsetof(pb_plant_t, rotor_fault), plant);
    return (all_zero(image) || pb_program_sound(image)) && (rotor_fault != PB_ROTOR_FAULT_INTERMITTENT || cycle > 0);
}

bool pb_snapshot_restore(pb_pump_t *pump, const uint8_t *snapshot)
{
    void *parts[PB_SNAPSHOT_PART_COUNT] = {&pump->config, &pump->controller, &pump->durable, &pump->plant, &pump->memory};
    if (!in_range(snapshot) || !sound(snapshot)) {
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
