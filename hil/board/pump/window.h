/* Knows whether a dose keeps any 24 hours under the limit, or adds nothing; it must not know who asks. */
#ifndef PB_WINDOW_H
#define PB_WINDOW_H

#include "program.h"
#include "pump.h"

/* A bolus of the program in force; refused DOSE_LIMIT. */
bool pb_window_admits_bolus(const pb_pump_t *pump, uint64_t volume_nl, pb_refusal_t *why);

/* The program in force once the clock is set; refused DOSE_LIMIT, unless it gives no more than goes on anyway. */
bool pb_window_admits_clock(const pb_pump_t *pump, pb_clock_t clock, pb_refusal_t *why);

/* A program about to be committed; the same. */
bool pb_window_admits_program(const pb_pump_t *pump, const pb_program_t *next, pb_refusal_t *why);

#endif
