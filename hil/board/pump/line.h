/* Knows the drug on its way from pump to tip; it must not know why it moves. */
#ifndef PB_LINE_H
#define PB_LINE_H

#include "pump.h"

/* `out_pl` entered the line at the pump; mixing is stronger while a bolus runs. */
void pb_line_advance(pb_pump_t *pump, uint64_t out_pl, bool bolus);

/* The whole line at one concentration. */
void pb_line_fill(pb_plant_t *plant, uint32_t ng_per_ml);

#endif
