/* Knows how structs become canonical bytes and back; see layout.h. */
#include "layout.h"

#include <string.h>

#include "bytes.h"
#include "crc32c.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define IN_MEMORY_AS_ON_WIRE 1
#else
#define IN_MEMORY_AS_ON_WIRE 0
#endif

static const uint8_t *element(const pb_field_t *field, const void *from, uint16_t index)
{
    return (const uint8_t *)from + field->offset + (size_t)index * field->size;
}

uint64_t pb_field_get(const pb_field_t *field, const void *from, uint16_t index)
{
    const uint8_t *at = element(field, from, index);
    uint16_t half;
    uint32_t word;
    uint64_t wide;
    switch (field->size) {
    case 1:
        return *at;
    case 2:
        memcpy(&half, at, sizeof half);
        return half;
    case 4:
        memcpy(&word, at, sizeof word);
        return word;
    default:
        memcpy(&wide, at, sizeof wide);
        return wide;
    }
}

void pb_field_set(const pb_field_t *field, void *to, uint16_t index, uint64_t value)
{
    uint8_t *at = (uint8_t *)to + field->offset + (size_t)index * field->size;
    uint16_t half = (uint16_t)(value & 0xFFFFu);
    uint32_t word = (uint32_t)(value & 0xFFFFFFFFu);
    switch (field->size) {
    case 1:
        *at = (uint8_t)(value & 0xFFu);
        break;
    case 2:
        memcpy(at, &half, sizeof half);
        break;
    case 4:
        memcpy(at, &word, sizeof word);
        break;
    default:
        memcpy(at, &value, sizeof value);
        break;
    }
}

static uint64_t load(const uint8_t *at, uint8_t size)
{
    switch (size) {
    case 1:
        return *at;
    case 2:
        return pb_le16(at);
    case 4:
        return pb_le32(at);
    default:
        return pb_le64(at);
    }
}

static void store(uint8_t *at, uint8_t size, uint64_t value)
{
    for (uint8_t i = 0; i < size; i++, value >>= 8) {
        at[i] = (uint8_t)(value & 0xFFu);
    }
}

void pb_layout_reset(const pb_layout_t *layout, void *to)
{
    for (uint16_t f = 0; f < layout->field_count; f++) {
        const pb_field_t *field = &layout->fields[f];
        for (uint16_t i = 0; i < field->count; i++) {
            pb_field_set(field, to, i, field->initial);
        }
    }
}

void pb_layout_write(const pb_layout_t *layout, const void *from, uint8_t *out)
{
    for (uint16_t f = 0; f < layout->field_count; f++) {
        const pb_field_t *field = &layout->fields[f];
        for (uint16_t i = 0; i < field->count; i++) {
            store(out + field->wire + (size_t)i * field->size, field->size, pb_field_get(field, from, i));
        }
    }
}

void pb_layout_read(const pb_layout_t *layout, void *to, const uint8_t *in)
{
    for (uint16_t f = 0; f < layout->field_count; f++) {
        const pb_field_t *field = &layout->fields[f];
        for (uint16_t i = 0; i < field->count; i++) {
            pb_field_set(field, to, i, load(in + field->wire + (size_t)i * field->size, field->size));
        }
    }
}

bool pb_layout_in_range(const pb_layout_t *layout, const uint8_t *in)
{
    for (uint16_t f = 0; f < layout->field_count; f++) {
        const pb_field_t *field = &layout->fields[f];
        for (uint16_t i = 0; i < field->count; i++) {
            uint64_t value = load(in + field->wire + (size_t)i * field->size, field->size);
            if (value < field->lo || value > field->hi) {
                return false;
            }
        }
    }
    return true;
}

uint32_t pb_layout_crc_more(uint32_t running, const pb_layout_t *layout, const void *from)
{
    for (uint16_t f = 0; f < layout->field_count; f++) {
        const pb_field_t *field = &layout->fields[f];
        if (IN_MEMORY_AS_ON_WIRE) {
            running = pb_crc32c_more(running, element(field, from, 0), (size_t)field->count * field->size);
            continue;
        }
        for (uint16_t i = 0; i < field->count; i++) {
            uint8_t bytes[8];
            store(bytes, field->size, pb_field_get(field, from, i));
            running = pb_crc32c_more(running, bytes, field->size);
        }
    }
    return running;
}

size_t pb_layout_slice(const pb_layout_t *layout, const void *from, size_t offset, uint8_t *out, size_t count)
{
    size_t made = 0;
    for (uint16_t f = 0; f < layout->field_count && made < count; f++) {
        const pb_field_t *field = &layout->fields[f];
        size_t end = (size_t)field->wire + (size_t)field->count * field->size;
        while (made < count && offset + made < end) {
            size_t within = offset + made - field->wire;
            uint64_t value = pb_field_get(field, from, (uint16_t)(within / field->size));
            out[made++] = (uint8_t)(value >> 8 * (within % field->size) & 0xFFu);
        }
    }
    return made;
}
