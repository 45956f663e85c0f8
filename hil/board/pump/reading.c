/* Knows how the pump tells about itself (SEMANTICS.md, section 7.3). */
#include "reading.h"

#include <string.h>

#include "arithmetic.h"
#include "battery.h"
#include "boluses.h"
#include "delivery.h"
#include "program.h"

static void read_delivery(const pb_pump_t *pump, pb_msg_status_t *status)
{
    const pb_demand_t demand = pb_demand(pump);
    status->bolus_kind = demand.kind;
    status->rate_nl_per_day = pb_u32(demand.basal_q);
    status->owed_nl = pb_u32(pb_owed_nl(pb_owed_q(&pump->durable)));
    status->reservoir_estimated_nl = pump->durable.reservoir_estimated_nl;
    status->step_count = pump->durable.step_count;
    status->stopped_ticks = pump->durable.stopped_ticks;
}

static void read_life(const pb_pump_t *pump, pb_msg_status_t *status)
{
    const pb_durable_t *durable = &pump->durable;
    status->clock_valid = durable->clock_valid;
    status->clock_day = durable->clock_day;
    status->clock_day_ticks = durable->clock_day_ticks;
    status->life_ticks = durable->life_ticks;
    status->eri_life_ticks = durable->eri_life_ticks;
    status->eos_life_ticks = durable->eos_life_ticks;
    status->replace_by_life_ticks = pb_replace_by_life_ticks(pump);
    status->refill_due_life_ticks = durable->refill_due_life_ticks;
    status->reset_cause = durable->reset_cause;
    status->boot_count = durable->boot_count;
}

void pb_read_status(const pb_pump_t *pump, pb_msg_status_t *status)
{
    const pb_durable_t *durable = &pump->durable;
    status->therapy_state = durable->therapy_state;
    status->mode = pump->cache.program.mode;
    status->held = durable->held;
    status->update_stage = pump->controller.update_stage;
    status->alarms_active = durable->alarms_active;
    status->alarms_silenced = durable->alarms_silenced;
    status->battery_mv = pump->controller.battery_mv;
    status->program_crc = pb_program_crc(pump->controller.program);
    status->log_next_seq = pump->controller.log_next_seq;
    read_delivery(pump, status);
    read_life(pump, status);
}

void pb_read_telemetry(const pb_pump_t *pump, pb_msg_telemetry_t *telemetry)
{
    const pb_durable_t *durable = &pump->durable;
    const pb_demand_t demand = pb_demand(pump);
    telemetry->therapy_state = durable->therapy_state;
    telemetry->bolus_kind = demand.kind;
    telemetry->held = durable->held;
    telemetry->tone_class = pump->controller.tone_class;
    telemetry->alarms_active = durable->alarms_active;
    telemetry->battery_mv = pump->controller.battery_mv;
    telemetry->rate_nl_per_day = pb_u32(demand.basal_q);
    telemetry->owed_nl = pb_u32(pb_owed_nl(pb_owed_q(durable)));
    telemetry->reservoir_estimated_nl = durable->reservoir_estimated_nl;
    telemetry->step_count = (uint32_t)(durable->step_count & UINT32_MAX);
    telemetry->life_ticks = (uint32_t)(durable->life_ticks & UINT32_MAX);
    telemetry->log_next_seq = pump->controller.log_next_seq;
}

/* The image a source names; NULL: nothing is staged. */
static const uint32_t *image_of(const pb_pump_t *pump, uint8_t source)
{
    if (source == PB_PROGRAM_SOURCE_IN_FORCE) {
        return pump->controller.program;
    }
    return pump->controller.staged_present ? pump->controller.staged : NULL;
}

static void copy_program(const pb_program_t *program, pb_msg_program_read_t *read)
{
    read->program_id = program->program_id;
    read->mode = program->mode;
    read->schedule_days = program->schedule_days;
    read->concentration_ug_per_ml = program->concentration_ug_per_ml;
    read->dose_ng_per_day = program->dose_ng_per_day;
    read->low_reservoir_nl = program->low_reservoir_nl;
    read->dose_limit_ng = program->dose_limit_ng;
    read->critical_interval_ticks = program->critical_interval_ticks;
    read->interval_unit = program->interval_unit;
    read->patient_count = program->patient_count;
    read->interval_count = program->interval_count;
    read->interval_dose_ng = program->interval_dose_ng;
    read->interval_duration_ticks = program->interval_duration_ticks;
    read->single_dose_ng = program->single_dose_ng;
    read->single_duration_ticks = program->single_duration_ticks;
    read->patient_dose_ng = program->patient_dose_ng;
    read->patient_duration_ticks = program->patient_duration_ticks;
    read->patient_lockout_ticks = program->patient_lockout_ticks;
    read->flex_0_count = program->flex_0_count;
    read->flex_1_count = program->flex_1_count;
    read->bridge = program->bridge;
}

void pb_read_program(const pb_pump_t *pump, uint8_t source, pb_msg_program_read_t *read)
{
    const uint32_t *image = image_of(pump, source);
    pb_program_t program;
    memset(read, 0, sizeof *read);
    read->source = source;
    if (image) {
        pb_program_read(image, &program);
        read->present = 1;
        read->program_crc = pb_program_crc(image);
        copy_program(&program, read);
    }
}

void pb_read_flex(const pb_pump_t *pump, uint8_t source, uint8_t schedule, pb_msg_flex_read_t *read)
{
    const uint32_t *image = image_of(pump, source);
    pb_program_t program;
    memset(read, 0, sizeof *read);
    read->source = source;
    read->schedule = schedule;
    if (image) {
        pb_program_read(image, &program);
        read->steps_count = pb_flex_count(&program, schedule);
        for (uint8_t i = 0; i < read->steps_count; i++) {
            read->steps[i].start_minute = program.flex_start_minute[schedule * PB_FLEX_STEPS + i];
            read->steps[i].dose_ng = program.flex_dose_ng[schedule * PB_FLEX_STEPS + i];
        }
    }
}

void pb_read_alarms(const pb_pump_t *pump, pb_msg_alarms_t *alarms)
{
    const uint64_t *tick = pump->durable.alarm_raise_tick;
    alarms->alarms_active = pump->durable.alarms_active;
    alarms->alarms_silenced = pump->durable.alarms_silenced;
    alarms->tone_class = pump->controller.tone_class;
    alarms->low_reservoir_tick = tick[PB_ALARM_LOW_RESERVOIR];
    alarms->elective_replacement_tick = tick[PB_ALARM_ELECTIVE_REPLACEMENT];
    alarms->memory_error_tick = tick[PB_ALARM_MEMORY_ERROR];
    alarms->empty_reservoir_tick = tick[PB_ALARM_EMPTY_RESERVOIR];
    alarms->end_of_service_tick = tick[PB_ALARM_END_OF_SERVICE];
    alarms->motor_stall_tick = tick[PB_ALARM_MOTOR_STALL];
    alarms->stopped_too_long_tick = tick[PB_ALARM_STOPPED_TOO_LONG];
    alarms->critical_memory_error_tick = tick[PB_ALARM_CRITICAL_MEMORY_ERROR];
    alarms->low_battery_reset_tick = tick[PB_ALARM_LOW_BATTERY_RESET];
}

void pb_read_record(const pb_pump_t *pump, pb_msg_record_t *record)
{
    const pb_durable_t *durable = &pump->durable;
    record->model = pump->identity.model;
    record->serial = pump->identity.serial;
    record->implant_day = pump->identity.implant_day;
    record->calendar_origin_day = pump->identity.calendar_origin_day;
    record->drug = durable->drug;
    record->concentration_ug_per_ml = pump->cache.program.concentration_ug_per_ml;
    record->catheter_length_mm = durable->catheter_length_mm;
    record->tubing_nl = durable->tubing_nl;
    record->fill_nl = durable->fill_nl;
    record->fill_life_ticks = durable->fill_life_ticks;
    record->residual_more_nl = durable->residual_more_nl;
    record->residual_less_nl = durable->residual_less_nl;
    record->last_session_life_ticks = durable->last_session_life_ticks;
    record->open_count = durable->open_count;
}

void pb_read_account(const pb_pump_t *pump, pb_msg_account_t *account)
{
    const pb_durable_t *durable = &pump->durable;
    account->commanded_q = durable->commanded_q;
    account->step_count = durable->step_count;
    account->acc_q = durable->acc_q;
    account->owed_q = pb_owed_q(durable);
    account->cancelled_q = durable->cancelled_q;
}
