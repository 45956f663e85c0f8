/* Knows consistent overhead byte stuffing; it must not know what is stuffed. */
#ifndef PB_COBS_H
#define PB_COBS_H

#include <stddef.h>
#include <stdint.h>

/* Bytes written to `out`, at most count + count / 254 + 1, none of them zero. `out` must not overlap `in`. */
size_t pb_cobs_encode(const uint8_t *in, size_t count, uint8_t *out);

/* Whether `in`, which holds no zero byte, decodes. `out` may be `in`; it gets at most count - 1 bytes. */
int pb_cobs_decode(const uint8_t *in, size_t count, uint8_t *out, size_t *out_count);

#endif
