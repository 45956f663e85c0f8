/* Knows one run of bytes between zero bytes as a packed record or a count, for those who find the runs. */
#ifndef PB_BULK_H
#define PB_BULK_H

#include <stdbool.h>

#include "../../wire/layout.h"
#include "library.h"

#define PB_NARROW_MAX 16u

/* One pass: what is asked, where it goes, what was met. */
typedef struct {
    const pb_layout_t *layout;
    bool from_device;
    size_t header_bytes;
    size_t record_bytes;
    size_t narrow_count;
    const pb_field_t *narrow[PB_NARROW_MAX]; /* fields whose range is narrower than their width */
    const uint8_t *in_end;                   /* of the memory that may be read, which runs may end well before */
    uint8_t *records;
    const uint8_t *records_end;
    pb_bulk_t *met;
} pb_bulk_pass_t;

/* False for a type that no message has; then there is no pass. */
bool pb_bulk_begin(pb_bulk_pass_t *pass, uint32_t type, uint32_t from_device, uint8_t *records, size_t capacity,
                   pb_bulk_t *met);

/* Any run, with care: a record, a frame of another type, or its fault. */
void pb_bulk_take(const pb_bulk_pass_t *pass, const uint8_t *run, size_t count);

/* The run that begins here and ends before `end`; where the next one begins, or NULL where no zero byte ends this one. */
const uint8_t *pb_bulk_take_next(const pb_bulk_pass_t *pass, const uint8_t *run, const uint8_t *end);

#endif
