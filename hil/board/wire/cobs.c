/* Knows consistent overhead byte stuffing, one pass each way. */
#include "cobs.h"

size_t pb_cobs_encode(const uint8_t *in, size_t count, uint8_t *out)
{
    size_t code_at = 0, at = 1;
    uint8_t code = 1;
    for (size_t i = 0; i < count; i++) {
        if (in[i] != 0) {
            out[at++] = in[i];
            code++;
        }
        /* A full run is closed only when more follows: what is at most 254 long costs one byte. */
        if (in[i] == 0 || (code == 0xFF && i + 1 < count)) {
            out[code_at] = code;
            code_at = at++;
            code = 1;
        }
    }
    out[code_at] = code;
    return at;
}

int pb_cobs_decode(const uint8_t *in, size_t count, uint8_t *out, size_t *out_count)
{
    size_t at = 0, made = 0;
    while (at < count) {
        uint8_t code = in[at++];
        if (code == 0 || (size_t)(code - 1) > count - at) {
            return 0;
        }
        for (uint8_t left = code; left > 1; left--) {
            if (in[at] == 0) {
                return 0;
            }
            out[made++] = in[at++];
        }
        if (code != 0xFF && at < count) {
            out[made++] = 0;
        }
    }
    *out_count = made;
    return 1;
}
