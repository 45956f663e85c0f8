/* Knows how the pump tells about itself; it must not change it. */
#ifndef PB_READING_H
#define PB_READING_H

#include "pump.h"

/* All but the three digests and the counters of the link. */
void pb_read_status(const pb_pump_t *pump, pb_msg_status_t *status);

void pb_read_telemetry(const pb_pump_t *pump, pb_msg_telemetry_t *telemetry);
void pb_read_program(const pb_pump_t *pump, uint8_t source, pb_msg_program_read_t *read);
void pb_read_flex(const pb_pump_t *pump, uint8_t source, uint8_t schedule, pb_msg_flex_read_t *read);
void pb_read_alarms(const pb_pump_t *pump, pb_msg_alarms_t *alarms);
void pb_read_record(const pb_pump_t *pump, pb_msg_record_t *record);
void pb_read_account(const pb_pump_t *pump, pb_msg_account_t *account);

#endif
