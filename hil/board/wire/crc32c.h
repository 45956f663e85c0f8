/* Knows CRC-32C (Castagnoli, reflected); it must not know what the bytes mean. */
#ifndef PB_CRC32C_H
#define PB_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* A running CRC starts here and is inverted once at its end: `pb_crc32c_end(pb_crc32c_more(PB_CRC32C_BEGIN, ...))`. */
#define PB_CRC32C_BEGIN UINT32_C(0xFFFFFFFF)

uint32_t pb_crc32c_more(uint32_t running, const uint8_t *bytes, size_t count);

/* The little-endian bytes of words. */
uint32_t pb_crc32c_more_words(uint32_t running, const uint32_t *words, size_t count);

static inline uint32_t pb_crc32c_end(uint32_t running)
{
    return running ^ UINT32_C(0xFFFFFFFF);
}

uint32_t pb_crc32c(const uint8_t *bytes, size_t count);
uint32_t pb_crc32c_words(const uint32_t *words, size_t count);

#endif
