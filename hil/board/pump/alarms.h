/* Knows which alarms stand and which tone they ask for; it must not know whether a tone sounds. */
#ifndef PB_ALARMS_H
#define PB_ALARMS_H

#include "pump.h"

typedef struct {
    const char *name;
    bool critical;
    const char *source;
} pb_alarm_row_t;

extern const pb_alarm_row_t pb_alarm_rows[PB_ALARM_COUNT];

/* Bits of the alarms whose condition holds now. */
uint32_t pb_alarm_conditions(const pb_pump_t *pump);

/* The list follows the conditions, one alarm after the other. */
void pb_alarms_follow(pb_pump_t *pump, uint32_t conditions);

/* The plan follows the list. */
void pb_tone_follow(pb_pump_t *pump);

void pb_alarms_silence(pb_pump_t *pump);
void pb_alarm_test(pb_pump_t *pump);

#endif
