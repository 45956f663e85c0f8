/* Knows little-endian bytes; it must not know what they stand for. */
#ifndef PB_BYTES_H
#define PB_BYTES_H

#include <stdint.h>

static inline uint16_t pb_le16(const uint8_t *at)
{
    return (uint16_t)((uint32_t)at[0] | (uint32_t)at[1] << 8);
}

static inline uint32_t pb_le32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static inline uint64_t pb_le64(const uint8_t *at)
{
    return (uint64_t)pb_le32(at) | (uint64_t)pb_le32(at + 4) << 32;
}

static inline void pb_put_le16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value & 0xFFu);
    at[1] = (uint8_t)(value >> 8);
}

static inline void pb_put_le32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value & 0xFFu);
    at[1] = (uint8_t)(value >> 8 & 0xFFu);
    at[2] = (uint8_t)(value >> 16 & 0xFFu);
    at[3] = (uint8_t)(value >> 24);
}

static inline void pb_put_le64(uint8_t *at, uint64_t value)
{
    pb_put_le32(at, (uint32_t)(value & 0xFFFFFFFFu));
    pb_put_le32(at + 4, (uint32_t)(value >> 32));
}

#endif
