/* Knows how bodies of messages are read and written by their tables, tails included; it must not know any message by name. */
#include <string.h>

#include "bytes.h"
#include "layout.h"

#define TAIL_PREFIX_BYTES 3u

const pb_layout_t *pb_message_find(uint16_t number)
{
    size_t low = 0, high = PB_MESSAGE_COUNT;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (pb_messages[middle].number == number) {
            return &pb_messages[middle];
        }
        if (pb_messages[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* Whether the layout once ended here: where a field of a later revision now begins. */
static bool historic(const pb_layout_t *layout, size_t count)
{
    uint8_t since = 1;
    for (uint16_t f = 0; f < layout->field_count; f++) {
        if (layout->fields[f].since > since && layout->fields[f].wire == count) {
            return true;
        }
        since = layout->fields[f].since;
    }
    return false;
}

bool pb_body_long_enough(const pb_layout_t *layout, size_t count)
{
    return count >= layout->wire_bytes || historic(layout, count);
}

/* `in` may be shorter than the layout; what is missing stays zero. Law: `to` is written only where all is in range. */
static bool read_fixed(const pb_layout_t *layout, const uint8_t *in, size_t count, void *to)
{
    uint8_t whole[PB_FRAME_DECODED_BYTES_MAX] = {0};
    memcpy(whole, in, count < layout->wire_bytes ? count : layout->wire_bytes);
    if (!pb_layout_in_range(layout, whole)) {
        return false;
    }
    pb_layout_read(layout, to, whole);
    return true;
}

static bool read_items(const pb_layout_t *layout, const uint8_t *in, uint16_t count, uint8_t item_bytes, void *to)
{
    uint8_t *items = (uint8_t *)to + layout->tail_offset;
    memcpy((uint8_t *)to + layout->tail_count_offset, &count, sizeof count);
    for (uint16_t i = 0; i < count; i++, in += item_bytes) {
        if (layout->item == NULL) {
            items[i] = in[0];
        } else if (!read_fixed(layout->item, in, item_bytes, items + (size_t)i * layout->item->struct_bytes)) {
            return false;
        }
    }
    return true;
}

static uint32_t decode_tail(const pb_layout_t *layout, const uint8_t *body, size_t count, void *to)
{
    size_t start = (size_t)layout->wire_bytes + TAIL_PREFIX_BYTES;
    if (count < start) {
        return PB_WIRE_FAULT_LENGTH;
    }
    uint16_t item_count = pb_le16(body + layout->wire_bytes);
    uint8_t item_bytes = body[start - 1];
    bool fits = layout->item ? pb_body_long_enough(layout->item, item_bytes) : item_bytes >= 1;
    if ((size_t)item_count * item_bytes > count - start || !fits) {
        return PB_WIRE_FAULT_LENGTH;
    }
    if (item_count > layout->tail_max || !read_fixed(layout, body, layout->wire_bytes, to)) {
        return PB_WIRE_FAULT_RANGE;
    }
    return read_items(layout, body + start, item_count, item_bytes, to) ? 0 : PB_WIRE_FAULT_RANGE;
}

uint32_t pb_body_decode(const pb_layout_t *layout, const uint8_t *body, size_t count, void *to)
{
    memset(to, 0, layout->struct_bytes);
    if (layout->tail_max > 0) {
        return decode_tail(layout, body, count, to);
    }
    if (!pb_body_long_enough(layout, count)) {
        return PB_WIRE_FAULT_LENGTH;
    }
    return read_fixed(layout, body, count, to) ? 0 : PB_WIRE_FAULT_RANGE;
}

size_t pb_body_encode(const pb_layout_t *layout, const void *from, uint8_t *out)
{
    pb_layout_write(layout, from, out);
    if (layout->tail_max == 0) {
        return layout->wire_bytes;
    }
    uint8_t item_bytes = layout->item ? (uint8_t)layout->item->wire_bytes : 1u;
    size_t item_stride = layout->item ? layout->item->struct_bytes : 1u;
    const uint8_t *items = (const uint8_t *)from + layout->tail_offset;
    uint16_t count;
    memcpy(&count, (const uint8_t *)from + layout->tail_count_offset, sizeof count);
    uint8_t *at = out + layout->wire_bytes;
    pb_put_le16(at, count);
    at[2] = item_bytes;
    at += TAIL_PREFIX_BYTES;
    for (uint16_t i = 0; i < count; i++, at += item_bytes) {
        if (layout->item) {
            pb_layout_write(layout->item, items + (size_t)i * item_stride, at);
        } else {
            *at = items[i];
        }
    }
    return (size_t)(at - out);
}
