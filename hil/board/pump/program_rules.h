/* Knows whether a program may be verified; it must not know how it is staged or takes effect. */
#ifndef PB_PROGRAM_RULES_H
#define PB_PROGRAM_RULES_H

#include "pump.h"

/* Whether an image can be a program at all: what a slot or a restore must hold (SEMANTICS.md, section 8). */
bool pb_program_sound(const uint32_t *image);

/* The first broken rule of SEMANTICS.md section 3 refuses. The checks are the programmer's own sums. */
bool pb_program_allowed(const pb_pump_t *pump, const pb_program_t *next, uint32_t rate_check_nl_per_day,
                        uint32_t volume_check_nl, pb_refusal_t *why);

#endif
