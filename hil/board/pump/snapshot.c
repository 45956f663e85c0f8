/* Knows the five parts as canonical bytes (SEMANTICS.md, sections 2 and 13). */
#include "snapshot.h"

#include "../wire/bytes.h"
#include "../wire/crc32c.h"
#include "../wire/layout.h"
#include "cache.h"
#include "effects.h"
#include "program.h"
#include "program_rules.h"
#include "update.h"

/* Where part `index` of pb_snapshot_parts stands. */
static const void *part_of(const pb_pump_t *pump, uint8_t index)
{
    const void *parts[PB_SNAPSHOT_PART_COUNT] = {&pump->config, &pump->controller, &pump->durable, &pump->plant,
                                                 &pump->memory};
    return parts[index];
}

static uint32_t crc_of(const pb_layout_t *layout, const void *part)
{
    return pb_crc32c_end(pb_layout_crc_more(PB_CRC32C_BEGIN, layout, part));
}

/* From the last word to the first: what memory keeps ends with a CRC of its own, and a CRC that runs the same way over
 * such words is the same whatever they say. */
static uint32_t memory_crc(const pb_memory_t *memory)
{
    uint32_t running = PB_CRC32C_BEGIN;
    for (size_t left = PB_MEMORY_WORDS; left > 0; left--) {
        running = pb_crc32c_more_words(running, &memory->words[left - 1], 1);
    }
    return pb_crc32c_end(running);
}

pb_digests_t pb_digests_told(const pb_pump_t *pump)
{
    uint32_t running = pb_layout_crc_more(PB_CRC32C_BEGIN, &pb_layout_config, &pump->config);
    running = pb_layout_crc_more(running, &pb_layout_controller, &pump->controller);
    running = pb_layout_crc_more(running, &pb_layout_durable, &pump->durable);
    return (pb_digests_t){
        .controller_crc = pb_crc32c_end(running),
        .plant_crc = pump->plant_outside ? 0 : crc_of(&pb_layout_plant, &pump->plant),
        .memory_crc = memory_crc(&pump->memory),
    };
}

pb_digests_t pb_digests_of(const pb_pump_t *pump)
{
    pb_digests_t digests = pb_digests_told(pump);
    digests.plant_crc = crc_of(&pb_layout_plant, &pump->plant);
    return digests;
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

/* The field of a layout that stands at an offset of its struct. */
static const pb_field_t *field_at(const pb_layout_t *layout, size_t offset)
{
    uint16_t f = 0;
    while (f + 1u < layout->field_count && layout->fields[f].offset != offset) {
        f++;
    }
    return &layout->fields[f];
}

/* One number out of a part's canonical bytes. */
static uint64_t number_at(const pb_layout_t *layout, size_t offset, uint16_t index, const uint8_t *part)
{
    const pb_field_t *field = field_at(layout, offset);
    const uint8_t *bytes = part + field->wire + (size_t)index * field->size;
    uint64_t value = 0;
    for (uint8_t i = field->size; i > 0; i--) {
        value = value << 8 | bytes[i - 1];
    }
    return value;
}

#define CONTROLLER(name) number_at(&pb_layout_controller, offsetof(pb_controller_t, name), 0, parts->controller)
#define DURABLE(name, index) number_at(&pb_layout_durable, offsetof(pb_durable_t, name), (index), parts->durable)
#define PLANT(name) number_at(&pb_layout_plant, offsetof(pb_plant_t, name), 0, parts->plant)

typedef struct {
    const uint8_t *controller;
    const uint8_t *durable;
    const uint8_t *plant;
} parts_t;

static void read_image(const parts_t *parts, size_t offset, uint32_t image[PB_PROGRAM_BODY_WORDS])
{
    const uint8_t *bytes = parts->controller + field_at(&pb_layout_controller, offset)->wire;
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

static bool programs_sound(const parts_t *parts)
{
    uint32_t image[PB_PROGRAM_BODY_WORDS];
    read_image(parts, offsetof(pb_controller_t, staged), image);
    uint64_t stage = CONTROLLER(update_stage);
    /* From RESTART on the new program is in force and `staged` is zeros. */
    bool writes = stage != PB_UPDATE_STAGE_IDLE && stage != PB_UPDATE_STAGE_RESTART;
    bool needed = CONTROLLER(staged_verified) != 0 || writes;
    if (!pb_program_in_range(image) || (needed && !pb_program_sound(image))) {
        return false;
    }
    read_image(parts, offsetof(pb_controller_t, program), image);
    return all_zero(image) || pb_program_sound(image);
}

static bool update_sound(const parts_t *parts)
{
    uint64_t remaining = CONTROLLER(update_remaining_ticks);
    switch (CONTROLLER(update_stage)) {
    case PB_UPDATE_STAGE_IDLE:
        return true;
    case PB_UPDATE_STAGE_WRITE:
        return remaining >= 1 && remaining <= PB_UPDATE_WRITE_TICKS;
    case PB_UPDATE_STAGE_COMMIT:
        return remaining == 1;
    default:
        return remaining >= 1;
    }
}

static bool records_sound(const parts_t *parts)
{
    for (uint8_t i = 0; i < PB_FLUID_RECORDS; i++) {
        uint64_t kind = DURABLE(fluid_kind, i);
        if (DURABLE(fluid_outcome, i) != PB_FLUID_OUTCOME_RUNNING) {
            continue;
        }
        if (kind > PB_FLUID_KIND_INTERVAL || DURABLE(owed_q, (uint16_t)kind) > DURABLE(fluid_volume_nl, i) * PB_Q_PER_NL) {
            return false;
        }
    }
    return true;
}

static bool plant_sound(const parts_t *parts)
{
    bool turns = PLANT(rotor_fault) != PB_ROTOR_FAULT_INTERMITTENT || PLANT(rotor_run_count) + PLANT(rotor_miss_count) > 0;
    bool planned = CONTROLLER(tone_class) == PB_TONE_CLASS_NONE || CONTROLLER(tone_period_ticks) > 0;
    bool sounds = PLANT(tone_class) == PB_TONE_CLASS_NONE || PLANT(tone_period_ticks) > 0;
    return turns && planned && sounds;
}

/* What ranges alone do not say: nothing divides by zero, passes a table or owes more than it is. */
static bool sound(const uint8_t *snapshot)
{
    const uint8_t *controller = snapshot + PB_CONFIG_WIRE_BYTES, *durable = controller + PB_CONTROLLER_WIRE_BYTES;
    const parts_t parts = {.controller = controller, .durable = durable, .plant = durable + PB_DURABLE_WIRE_BYTES};
    return programs_sound(&parts) && update_sound(&parts) && records_sound(&parts) && plant_sound(&parts);
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
    pump->load = 0;
    pump->plant_outside = false;
    pb_cache_refresh(pump);
    pb_effects_restart(pump);
    return true;
}
