/* Knows how structs become canonical bytes and back, by the generated field tables; it must not know any layout by name. */
#ifndef PB_LAYOUT_H
#define PB_LAYOUT_H

#include <stdbool.h>

#include "../facts/pb_facts.h"

uint64_t pb_field_get(const pb_field_t *field, const void *from, uint16_t index);
void pb_field_set(const pb_field_t *field, void *to, uint16_t index, uint64_t value);

/* Every element at its declared default. */
void pb_layout_reset(const pb_layout_t *layout, void *to);

/* Fixed fields as `layout->wire_bytes` canonical bytes. */
void pb_layout_write(const pb_layout_t *layout, const void *from, uint8_t *out);
void pb_layout_read(const pb_layout_t *layout, void *to, const uint8_t *in);

/* Whether canonical bytes keep every field in its declared range. */
bool pb_layout_in_range(const pb_layout_t *layout, const uint8_t *in);

/* Goes on with a running CRC over the canonical bytes. */
uint32_t pb_layout_crc_more(uint32_t running, const pb_layout_t *layout, const void *from);

/* Canonical bytes from `offset` on, at most `count`, to `out`; how many. */
size_t pb_layout_slice(const pb_layout_t *layout, const void *from, size_t offset, uint8_t *out, size_t count);

/* NULL: a type that no message has. */
const pb_layout_t *pb_message_find(uint16_t number);

/* Whether so many bytes can hold the fixed fields as they are, or as they were at an earlier revision. */
bool pb_body_long_enough(const pb_layout_t *layout, size_t count);

/* 0, or PB_WIRE_FAULT_LENGTH, or PB_WIRE_FAULT_RANGE. `to` is the message's struct and starts as zeros. */
uint32_t pb_body_decode(const pb_layout_t *layout, const uint8_t *body, size_t count, void *to);

/* Bytes written. */
size_t pb_body_encode(const pb_layout_t *layout, const void *from, uint8_t *out);

#endif
