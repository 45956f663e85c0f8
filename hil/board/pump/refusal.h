/* Knows how a refusal is filled in; it must not know any rule. */
#ifndef PB_REFUSAL_H
#define PB_REFUSAL_H

#include "arithmetic.h"
#include "pump.h"

/* Always false, so that a rule can end in it. */
static inline bool pb_refuse(pb_refusal_t *why, uint32_t refusal, uint64_t limit, uint64_t value)
{
    *why = (pb_refusal_t){.refusal = (uint16_t)refusal, .limit = pb_u32(limit), .value = pb_u32(value)};
    return false;
}

/* lo <= value <= hi, or refused with the bound that was broken. */
static inline bool pb_within(pb_refusal_t *why, uint32_t refusal, uint64_t value, uint64_t lo, uint64_t hi)
{
    if (value < lo || value > hi) {
        return pb_refuse(why, refusal, value < lo ? lo : hi, value);
    }
    return true;
}

#endif
