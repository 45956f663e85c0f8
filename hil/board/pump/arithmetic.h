/* Knows whole-number arithmetic of SEMANTICS.md section 1; it must not know any quantity. */
#ifndef PB_ARITHMETIC_H
#define PB_ARITHMETIC_H

#include <stdint.h>

/* The page divides by positive numbers only; a hostile restore can still bring a 0, and a pump must not trap. */
static inline uint64_t pb_div_floor(uint64_t a, uint64_t b)
{
    return b == 0 ? 0 : a / b;
}

static inline uint64_t pb_div_round_half_up(uint64_t a, uint64_t b)
{
    return pb_div_floor(2 * a + b, 2 * b);
}

/* mod(a, 0) is a, as the page's formula gives. */
static inline uint64_t pb_mod(uint64_t a, uint64_t b)
{
    return b == 0 ? a : a % b;
}

static inline uint64_t pb_min(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline uint64_t pb_max(uint64_t a, uint64_t b)
{
    return a < b ? b : a;
}

/* What is left of a when b is taken away, 0 where b is more. */
static inline uint64_t pb_less(uint64_t a, uint64_t b)
{
    return a < b ? 0 : a - b;
}

/* u32(x) of the page: a wider quantity in a field of 32 bits. */
static inline uint32_t pb_u32(uint64_t x)
{
    return (uint32_t)pb_min(x, UINT32_MAX);
}

#endif
