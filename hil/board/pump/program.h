/* Knows the values that derive from a program (SEMANTICS.md, section 3); it must not know whether the program is allowed. */
#ifndef PB_PROGRAM_H
#define PB_PROGRAM_H

#include "pump.h"

typedef struct {
    uint16_t day;
    uint32_t day_ticks;
} pb_clock_t;

/* Image of 54 words to fields and back. */
void pb_program_read(const uint32_t *image, pb_program_t *program);
void pb_program_write(const pb_program_t *program, uint32_t *image);
uint32_t pb_program_crc(const uint32_t *image);

/* Whether every field of an image lies in its declared range. */
bool pb_program_in_range(const uint32_t *image);

uint64_t pb_interval_ticks(const pb_program_t *program);
uint64_t pb_volume_nl(const pb_program_t *program, uint32_t dose_ng);
uint64_t pb_rate_nl_per_day(const pb_program_t *program, uint32_t dose_ng_per_day);
uint64_t pb_bolus_rate_q(uint64_t volume_nl, uint64_t duration_ticks);

uint8_t pb_flex_count(const pb_program_t *program, uint8_t schedule);
uint64_t pb_flex_rate_nl_per_day(const pb_program_t *program, uint8_t index);
uint8_t pb_flex_index(const pb_program_t *program, pb_clock_t clock);
uint64_t pb_flex_sum_ng(const pb_program_t *program, uint8_t schedule);

/* Tick of the day before which the rate at `clock` holds. */
uint32_t pb_basal_until_day_ticks(const pb_program_t *program, pb_clock_t clock);
uint64_t pb_basal_nl_per_day(const pb_program_t *program, const pb_config_t *config, pb_clock_t clock);
uint64_t pb_basal_max_nl_per_day(const pb_program_t *program, const pb_config_t *config);

uint64_t pb_daily_dose_ng(const pb_program_t *program, const pb_config_t *config);

/* Sum of the basal rates of the n ticks from `clock` on. */
uint64_t pb_flow_q(const pb_program_t *program, const pb_config_t *config, pb_clock_t clock, uint64_t n);

uint64_t pb_line_nl(const pb_durable_t *durable, const pb_config_t *config);

/* Whether a commit of `next` over `old` asks for a bridge, and at what rate; it runs only at a rate the motor has. */
bool pb_bridge_asked(const pb_pump_t *pump, const pb_program_t *old, const pb_program_t *next, uint64_t *nl_per_day);

/* Rate of the bridge that runs, 0 where none does. */
uint64_t pb_bridge_nl_per_day(const pb_pump_t *pump, const pb_program_t *old, const pb_program_t *next);

#endif
