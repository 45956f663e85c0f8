/* Facts of wire and pump, generated from the Python declarations by `pumpbench spec`; not to be edited. */

#include "pb_facts.h"

static const pb_field_t fields_item_flex_step[2] = {
    {(uint16_t)offsetof(pb_item_flex_step_t, start_minute), 0u, 1u, 2u, 1u, 0u, 1439u, 0u},
    {(uint16_t)offsetof(pb_item_flex_step_t, dose_ng), 2u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_item_log_entry[7] = {
    {(uint16_t)offsetof(pb_item_log_entry_t, entry_seq), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_item_log_entry_t, life_ticks), 4u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_item_log_entry_t, code), 12u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_item_log_entry_t, clock_minute), 14u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_item_log_entry_t, boot_count), 18u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_item_log_entry_t, arg_0), 22u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_item_log_entry_t, arg_1), 26u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_open[3] = {
    {(uint16_t)offsetof(pb_msg_open_t, serial), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_open_t, role), 4u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_open_t, nonce), 5u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_subscribe[1] = {
    {(uint16_t)offsetof(pb_msg_subscribe_t, period_ticks), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_read_program[1] = {
    {(uint16_t)offsetof(pb_msg_read_program_t, source), 0u, 1u, 1u, 1u, 0u, 1u, 0u},
};

static const pb_field_t fields_msg_read_flex[2] = {
    {(uint16_t)offsetof(pb_msg_read_flex_t, source), 0u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_msg_read_flex_t, schedule), 1u, 1u, 1u, 1u, 0u, 1u, 0u},
};

static const pb_field_t fields_msg_read_log[1] = {
    {(uint16_t)offsetof(pb_msg_read_log_t, from_seq), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_stage_program[19] = {
    {(uint16_t)offsetof(pb_msg_stage_program_t, program_id), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, mode), 4u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, schedule_days), 5u, 1u, 1u, 1u, 0u, 127u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, concentration_ug_per_ml), 6u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, dose_ng_per_day), 8u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, low_reservoir_nl), 12u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, dose_limit_ng), 16u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, critical_interval_ticks), 20u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, interval_unit), 24u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, patient_count), 25u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, interval_count), 26u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, interval_dose_ng), 28u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, interval_duration_ticks), 32u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, single_dose_ng), 36u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, single_duration_ticks), 40u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, patient_dose_ng), 44u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, patient_duration_ticks), 48u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, patient_lockout_ticks), 52u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_stage_program_t, bridge), 56u, 1u, 1u, 1u, 0u, 1u, 0u},
};

static const pb_field_t fields_msg_stage_flex[1] = {
    {(uint16_t)offsetof(pb_msg_stage_flex_t, schedule), 0u, 1u, 1u, 1u, 0u, 1u, 0u},
};

static const pb_field_t fields_msg_verify_program[3] = {
    {(uint16_t)offsetof(pb_msg_verify_program_t, program_crc), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_verify_program_t, rate_check_nl_per_day), 4u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_verify_program_t, volume_check_nl), 8u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_commit_program[3] = {
    {(uint16_t)offsetof(pb_msg_commit_program_t, program_crc), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_commit_program_t, old_program_crc), 4u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_commit_program_t, second_confirmation_ng), 8u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_bolus[3] = {
    {(uint16_t)offsetof(pb_msg_bolus_t, dose_ng), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_bolus_t, volume_nl), 4u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_bolus_t, duration_ticks), 8u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_prime[2] = {
    {(uint16_t)offsetof(pb_msg_prime_t, scope), 0u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_prime_t, volume_nl), 1u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_refill[2] = {
    {(uint16_t)offsetof(pb_msg_refill_t, measured_nl), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_refill_t, fill_nl), 4u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_set_clock[2] = {
    {(uint16_t)offsetof(pb_msg_set_clock_t, clock_day), 0u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_set_clock_t, clock_day_ticks), 2u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_write_record[3] = {
    {(uint16_t)offsetof(pb_msg_write_record_t, drug), 0u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_write_record_t, catheter_length_mm), 2u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_write_record_t, tubing_nl), 4u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_arm[1] = {
    {(uint16_t)offsetof(pb_msg_arm_t, build_id), 0u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
};

static const pb_field_t fields_msg_configure[2] = {
    {(uint16_t)offsetof(pb_msg_configure_t, config_index), 0u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_configure_t, value), 2u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
};

static const pb_field_t fields_msg_reset_to_start[15] = {
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, model), 0u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, serial), 2u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, implant_day), 6u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, calendar_origin_day), 10u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, drug), 14u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, catheter_length_mm), 16u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, tubing_nl), 18u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, reservoir_true_nl), 22u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, reservoir_estimated_nl), 26u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, concentration_ug_per_ml), 30u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, line_ug_per_ml), 32u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, clock_day), 34u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, clock_day_ticks), 36u, 1u, 4u, 1u, 0u, 863999u, 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, life_ticks), 40u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_reset_to_start_t, charge_nc), 48u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
};

static const pb_field_t fields_msg_run_to[2] = {
    {(uint16_t)offsetof(pb_msg_run_to_t, target_tick), 0u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_run_to_t, stop_mask), 8u, 1u, 2u, 1u, 0u, 65535u, 0u},
};

static const pb_field_t fields_msg_inject[4] = {
    {(uint16_t)offsetof(pb_msg_inject_t, fault), 0u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_inject_t, arg_0), 2u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_inject_t, arg_1), 6u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_inject_t, arg_2), 10u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_read_snapshot[1] = {
    {(uint16_t)offsetof(pb_msg_read_snapshot_t, offset_bytes), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_write_snapshot[1] = {
    {(uint16_t)offsetof(pb_msg_write_snapshot_t, offset_bytes), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_restore[1] = {
    {(uint16_t)offsetof(pb_msg_restore_t, snapshot_crc), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_sense[5] = {
    {(uint16_t)offsetof(pb_msg_sense_t, rotor_count), 0u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_sense_t, sample_mv), 2u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_sense_t, emi), 4u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_msg_sense_t, reset), 5u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_sense_t, dead), 6u, 1u, 1u, 1u, 0u, 1u, 0u},
};

static const pb_field_t fields_msg_refused[4] = {
    {(uint16_t)offsetof(pb_msg_refused_t, refused_type), 0u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_refused_t, refusal), 2u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_refused_t, limit), 4u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_refused_t, value), 8u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_identified[11] = {
    {(uint16_t)offsetof(pb_msg_identified_t, model), 0u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_identified_t, serial), 2u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_identified_t, build_id), 6u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_identified_t, schema_id), 14u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_identified_t, features), 18u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_identified_t, level), 22u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_identified_t, nvm), 23u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_identified_t, crc_build), 24u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_identified_t, armed), 25u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_msg_identified_t, ticks_per_second), 26u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_identified_t, identity_crc), 30u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_done[1] = {
    {(uint16_t)offsetof(pb_msg_done_t, done_type), 0u, 1u, 2u, 1u, 0u, 65535u, 0u},
};

static const pb_field_t fields_msg_opened[2] = {
    {(uint16_t)offsetof(pb_msg_opened_t, session), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_opened_t, fluid_highest_id), 4u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_status[30] = {
    {(uint16_t)offsetof(pb_msg_status_t, therapy_state), 0u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, mode), 1u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, held), 2u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, update_stage), 3u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, bolus_kind), 4u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, clock_valid), 5u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, reset_cause), 6u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, boot_count), 7u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, rate_nl_per_day), 11u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, owed_nl), 15u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, reservoir_estimated_nl), 19u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, alarms_active), 23u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, alarms_silenced), 25u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, battery_mv), 27u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, clock_day), 29u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, clock_day_ticks), 31u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, life_ticks), 35u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_status_t, eri_life_ticks), 43u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_status_t, eos_life_ticks), 51u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_status_t, replace_by_life_ticks), 59u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_status_t, refill_due_life_ticks), 67u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_status_t, step_count), 75u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_status_t, stopped_ticks), 83u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, program_crc), 87u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, log_next_seq), 91u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, controller_crc), 95u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, plant_crc), 99u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, memory_crc), 103u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, bad_frame_count), 107u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_status_t, refused_frame_count), 111u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_telemetry[12] = {
    {(uint16_t)offsetof(pb_msg_telemetry_t, therapy_state), 0u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_telemetry_t, bolus_kind), 1u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_telemetry_t, held), 2u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_telemetry_t, tone_class), 3u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_telemetry_t, alarms_active), 4u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_telemetry_t, battery_mv), 6u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_telemetry_t, rate_nl_per_day), 8u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_telemetry_t, owed_nl), 12u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_telemetry_t, reservoir_estimated_nl), 16u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_telemetry_t, step_count), 20u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_telemetry_t, life_ticks), 24u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_telemetry_t, log_next_seq), 28u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_program_read[24] = {
    {(uint16_t)offsetof(pb_msg_program_read_t, source), 0u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, present), 1u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, program_crc), 2u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, program_id), 6u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, mode), 10u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, schedule_days), 11u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, concentration_ug_per_ml), 12u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, dose_ng_per_day), 14u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, low_reservoir_nl), 18u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, dose_limit_ng), 22u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, critical_interval_ticks), 26u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, interval_unit), 30u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, patient_count), 31u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, interval_count), 32u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, interval_dose_ng), 34u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, interval_duration_ticks), 38u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, single_dose_ng), 42u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, single_duration_ticks), 46u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, patient_dose_ng), 50u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, patient_duration_ticks), 54u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, patient_lockout_ticks), 58u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, flex_0_count), 62u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, flex_1_count), 63u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_program_read_t, bridge), 64u, 1u, 1u, 1u, 0u, 255u, 0u},
};

static const pb_field_t fields_msg_flex_read[2] = {
    {(uint16_t)offsetof(pb_msg_flex_read_t, source), 0u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_flex_read_t, schedule), 1u, 1u, 1u, 1u, 0u, 255u, 0u},
};

static const pb_field_t fields_msg_alarms[12] = {
    {(uint16_t)offsetof(pb_msg_alarms_t, alarms_active), 0u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_alarms_t, alarms_silenced), 2u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_alarms_t, tone_class), 4u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_alarms_t, low_reservoir_tick), 5u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_alarms_t, elective_replacement_tick), 13u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_alarms_t, memory_error_tick), 21u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_alarms_t, empty_reservoir_tick), 29u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_alarms_t, end_of_service_tick), 37u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_alarms_t, motor_stall_tick), 45u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_alarms_t, stopped_too_long_tick), 53u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_alarms_t, critical_memory_error_tick), 61u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_alarms_t, low_battery_reset_tick), 69u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
};

static const pb_field_t fields_msg_log_page[2] = {
    {(uint16_t)offsetof(pb_msg_log_page_t, oldest_seq), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_log_page_t, next_seq), 4u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_record[14] = {
    {(uint16_t)offsetof(pb_msg_record_t, model), 0u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_record_t, serial), 2u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_record_t, implant_day), 6u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_record_t, calendar_origin_day), 10u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_record_t, drug), 14u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_record_t, concentration_ug_per_ml), 16u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_record_t, catheter_length_mm), 18u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_record_t, tubing_nl), 20u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_record_t, fill_nl), 24u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_record_t, fill_life_ticks), 28u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_record_t, residual_more_nl), 36u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_record_t, residual_less_nl), 40u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_record_t, last_session_life_ticks), 44u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_record_t, open_count), 52u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_account[5] = {
    {(uint16_t)offsetof(pb_msg_account_t, commanded_q), 0u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_account_t, step_count), 8u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_account_t, acc_q), 16u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_account_t, owed_q), 24u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_account_t, cancelled_q), 32u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
};

static const pb_field_t fields_msg_staged[1] = {
    {(uint16_t)offsetof(pb_msg_staged_t, program_crc), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_verified[5] = {
    {(uint16_t)offsetof(pb_msg_verified_t, program_crc), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_verified_t, old_program_crc), 4u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_verified_t, daily_dose_ng), 8u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_verified_t, old_daily_dose_ng), 12u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_verified_t, second_confirmation), 16u, 1u, 1u, 1u, 0u, 1u, 0u},
};

static const pb_field_t fields_msg_started[4] = {
    {(uint16_t)offsetof(pb_msg_started_t, kind), 0u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_started_t, volume_nl), 1u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_started_t, rate_nl_per_day), 5u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_started_t, refill_due_life_ticks), 9u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
};

static const pb_field_t fields_msg_already_started[4] = {
    {(uint16_t)offsetof(pb_msg_already_started_t, kind), 0u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_already_started_t, outcome), 1u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_already_started_t, volume_nl), 2u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_already_started_t, delivered_nl), 6u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_refilled[5] = {
    {(uint16_t)offsetof(pb_msg_refilled_t, expected_nl), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_refilled_t, more_nl), 4u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_refilled_t, less_nl), 8u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_refilled_t, discrepancy), 12u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_msg_refilled_t, refill_due_life_ticks), 13u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
};

static const pb_field_t fields_msg_report[16] = {
    {(uint16_t)offsetof(pb_msg_report_t, reached_tick), 0u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_report_t, reason), 8u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_report_t, step_commanded), 9u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_msg_report_t, sample_commanded), 10u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_msg_report_t, tone_class), 11u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_report_t, effect_count), 12u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_report_t, effect_crc), 16u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_report_t, controller_crc), 20u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_report_t, plant_crc), 24u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_report_t, memory_crc), 28u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_report_t, load), 32u, 1u, 1u, 2u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_report_t, reset_pending), 33u, 1u, 1u, 2u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_msg_report_t, tone_onset_tick), 34u, 1u, 8u, 2u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_msg_report_t, tone_period_ticks), 42u, 1u, 4u, 2u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_report_t, tone_duration_ticks), 46u, 1u, 4u, 2u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_report_t, tone_test_end_tick), 50u, 1u, 8u, 2u, 0u, UINT64_C(18446744073709551615), 0u},
};

static const pb_field_t fields_msg_snapshot_page[2] = {
    {(uint16_t)offsetof(pb_msg_snapshot_page_t, offset_bytes), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_snapshot_page_t, snapshot_bytes), 4u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_link_counters[8] = {
    {(uint16_t)offsetof(pb_msg_link_counters_t, good_frame_count), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_link_counters_t, bad_frame_count), 4u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_link_counters_t, refused_frame_count), 8u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_link_counters_t, retried_frame_count), 12u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_link_counters_t, unknown_type_count), 16u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_link_counters_t, overrun_bytes), 20u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_link_counters_t, late_tick_count), 24u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_link_counters_t, dropped_telemetry_count), 28u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_msg_event_notice[3] = {
    {(uint16_t)offsetof(pb_msg_event_notice_t, code), 0u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_msg_event_notice_t, arg_0), 2u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_msg_event_notice_t, arg_1), 6u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_config[35] = {
    {(uint16_t)offsetof(pb_config_t, quirks), 0u, 1u, 2u, 1u, 0u, 15u, 0u},
    {(uint16_t)offsetof(pb_config_t, boot_ticks), 2u, 1u, 2u, 1u, 1u, 6000u, 20u},
    {(uint16_t)offsetof(pb_config_t, session_timeout_ticks), 4u, 1u, 4u, 1u, 10u, 36000u, 3000u},
    {(uint16_t)offsetof(pb_config_t, update_stop_ticks), 8u, 1u, 2u, 1u, 1u, 600u, 10u},
    {(uint16_t)offsetof(pb_config_t, update_verify_ticks), 10u, 1u, 2u, 1u, 1u, 600u, 5u},
    {(uint16_t)offsetof(pb_config_t, update_restart_ticks), 12u, 1u, 2u, 1u, 1u, 600u, 10u},
    {(uint16_t)offsetof(pb_config_t, stall_steps_count), 14u, 1u, 2u, 1u, 1u, 200u, 3u},
    {(uint16_t)offsetof(pb_config_t, reservoir_capacity_nl), 16u, 1u, 4u, 1u, 1000000u, 40000000u, 20000000u},
    {(uint16_t)offsetof(pb_config_t, reservoir_empty_nl), 20u, 1u, 4u, 1u, 0u, 4000000u, 500000u},
    {(uint16_t)offsetof(pb_config_t, rate_min_nl_per_day), 24u, 1u, 4u, 1u, 1u, 1000000u, 48000u},
    {(uint16_t)offsetof(pb_config_t, prime_rate_nl_per_day), 28u, 1u, 4u, 1u, 1000000u, 24000000u, 24000000u},
    {(uint16_t)offsetof(pb_config_t, catheter_nl_per_mm), 32u, 1u, 4u, 1u, 1u, 10000u, 220u},
    {(uint16_t)offsetof(pb_config_t, tone_non_critical_period_ticks), 36u, 1u, 4u, 1u, 100u, 864000u, 36000u},
    {(uint16_t)offsetof(pb_config_t, tone_non_critical_ticks), 40u, 1u, 2u, 1u, 1u, 100u, 10u},
    {(uint16_t)offsetof(pb_config_t, tone_critical_ticks), 42u, 1u, 2u, 1u, 1u, 100u, 30u},
    {(uint16_t)offsetof(pb_config_t, alarm_test_ticks), 44u, 1u, 2u, 1u, 1u, 600u, 40u},
    {(uint16_t)offsetof(pb_config_t, dose_factor_count), 46u, 1u, 2u, 1u, 1u, 1000u, 2u},
    {(uint16_t)offsetof(pb_config_t, dose_confirm_above_ng), 48u, 1u, 4u, 1u, 1u, 4294967295u, 1000000u},
    {(uint16_t)offsetof(pb_config_t, refill_tolerance_ppt), 52u, 1u, 2u, 1u, 0u, 1000u, 145u},
    {(uint16_t)offsetof(pb_config_t, refill_interval_max_ticks), 54u, 1u, 4u, 1u, 864000u, 864000000u, 155520000u},
    {(uint16_t)offsetof(pb_config_t, stopped_alarm_ticks), 58u, 1u, 4u, 1u, 600u, 86400000u, 1728000u},
    {(uint16_t)offsetof(pb_config_t, life_limit_ticks), 62u, 1u, 4u, 1u, 77760001u, 4294967295u, 2209032000u},
    {(uint16_t)offsetof(pb_config_t, eri_to_eos_ticks), 66u, 1u, 4u, 1u, 1u, 77760000u, 77760000u},
    {(uint16_t)offsetof(pb_config_t, eri_mv), 70u, 1u, 2u, 1u, 1u, 5000u, 2500u},
    {(uint16_t)offsetof(pb_config_t, eos_mv), 72u, 1u, 2u, 1u, 1u, 5000u, 2200u},
    {(uint16_t)offsetof(pb_config_t, battery_capacity_nc), 74u, 1u, 8u, 1u, 1000000u, UINT64_C(100000000000000), UINT64_C(9000000000000)},
    {(uint16_t)offsetof(pb_config_t, idle_nc), 82u, 1u, 4u, 1u, 0u, 1000000u, 2000u},
    {(uint16_t)offsetof(pb_config_t, step_nc), 86u, 1u, 4u, 1u, 0u, 100000000u, 600000u},
    {(uint16_t)offsetof(pb_config_t, tone_nc), 90u, 1u, 4u, 1u, 0u, 100000000u, 500000u},
    {(uint16_t)offsetof(pb_config_t, session_nc), 94u, 1u, 4u, 1u, 0u, 100000000u, 100000u},
    {(uint16_t)offsetof(pb_config_t, load_ua), 98u, 1u, 4u, 1u, 0u, 100000u, 200u},
    {(uint16_t)offsetof(pb_config_t, brownout_nc_per_mohm), 102u, 1u, 4u, 1u, 0u, 20000000u, 10000000u},
    {(uint16_t)offsetof(pb_config_t, brownout_reduced_nc_per_mohm), 106u, 1u, 4u, 1u, 0u, 20000000u, 2500000u},
    {(uint16_t)offsetof(pb_config_t, mix_basal_ppm), 110u, 1u, 4u, 1u, 0u, 1000000u, 20000u},
    {(uint16_t)offsetof(pb_config_t, mix_bolus_ppm), 114u, 1u, 4u, 1u, 0u, 1000000u, 200000u},
};

static const pb_field_t fields_controller[37] = {
    {(uint16_t)offsetof(pb_controller_t, boot_remaining_ticks), 0u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_controller_t, step_pending), 2u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_controller_t, sample_pending), 3u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_controller_t, sample_wanted), 4u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_controller_t, battery_mv), 5u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_controller_t, rotor_seen_count), 7u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_controller_t, stall_missed_count), 9u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_controller_t, stall_turning), 11u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_controller_t, stall_interrogations_count), 12u, 1u, 1u, 1u, 0u, 2u, 0u},
    {(uint16_t)offsetof(pb_controller_t, step_tick_sum), 13u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_controller_t, flex_shown_index), 21u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_controller_t, checkpoint_due), 22u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_controller_t, update_stage), 23u, 1u, 1u, 1u, 0u, 5u, 0u},
    {(uint16_t)offsetof(pb_controller_t, update_remaining_ticks), 24u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_controller_t, update_slot_index), 26u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_controller_t, staged_present), 27u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_controller_t, staged_verified), 28u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_controller_t, staged), 29u, 54u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_controller_t, program), 245u, 54u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_controller_t, program_slot_index), 461u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_controller_t, session_id), 462u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_controller_t, session_role), 466u, 1u, 1u, 1u, 0u, 2u, 0u},
    {(uint16_t)offsetof(pb_controller_t, session_idle_ticks), 467u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_controller_t, session_last_id), 471u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_controller_t, session_last_crc), 475u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_controller_t, open_request_id), 479u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_controller_t, open_crc), 483u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_controller_t, hour_quanta), 487u, 25u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_controller_t, hour_head_index), 587u, 1u, 1u, 1u, 0u, 24u, 0u},
    {(uint16_t)offsetof(pb_controller_t, patient_start_life_ticks), 588u, 8u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_controller_t, patient_head_index), 652u, 1u, 1u, 1u, 0u, 7u, 0u},
    {(uint16_t)offsetof(pb_controller_t, alarm_test_end_tick), 653u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_controller_t, tone_class), 661u, 1u, 1u, 1u, 0u, 2u, 0u},
    {(uint16_t)offsetof(pb_controller_t, tone_onset_tick), 662u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_controller_t, tone_period_ticks), 670u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_controller_t, tone_duration_ticks), 674u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_controller_t, log_next_seq), 676u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_durable[47] = {
    {(uint16_t)offsetof(pb_durable_t, checkpoint_seq), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, life_ticks), 4u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_durable_t, boot_count), 12u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, program_seq), 16u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, reset_cause), 20u, 1u, 1u, 1u, 0u, 4u, 0u},
    {(uint16_t)offsetof(pb_durable_t, clock_valid), 21u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_durable_t, clock_day), 22u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_durable_t, clock_day_ticks), 24u, 1u, 4u, 1u, 0u, 863999u, 0u},
    {(uint16_t)offsetof(pb_durable_t, therapy_state), 28u, 1u, 1u, 1u, 0u, 5u, 0u},
    {(uint16_t)offsetof(pb_durable_t, resume_state), 29u, 1u, 1u, 1u, 0u, 5u, 0u},
    {(uint16_t)offsetof(pb_durable_t, held), 30u, 1u, 1u, 1u, 0u, 3u, 0u},
    {(uint16_t)offsetof(pb_durable_t, fault_flags), 31u, 1u, 1u, 1u, 0u, 7u, 0u},
    {(uint16_t)offsetof(pb_durable_t, stalled), 32u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_durable_t, eri_reached), 33u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_durable_t, eri_life_ticks), 34u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_durable_t, eos_life_ticks), 42u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_durable_t, stopped_ticks), 50u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, open_count), 54u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, last_session_life_ticks), 58u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_durable_t, drug), 66u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_durable_t, catheter_length_mm), 68u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_durable_t, tubing_nl), 70u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, reservoir_estimated_nl), 74u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, fill_nl), 78u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, fill_life_ticks), 82u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_durable_t, refill_due_life_ticks), 90u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_durable_t, residual_more_nl), 98u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, residual_less_nl), 102u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, step_count), 106u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_durable_t, commanded_q), 114u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_durable_t, cancelled_q), 122u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_durable_t, acc_q), 130u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_durable_t, owed_q), 138u, 5u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_durable_t, bolus_q), 178u, 5u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, interval_next_life_ticks), 198u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_durable_t, fluid_highest_id), 206u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, fluid_head_index), 210u, 1u, 1u, 1u, 0u, 3u, 0u},
    {(uint16_t)offsetof(pb_durable_t, fluid_id), 211u, 4u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, fluid_crc), 227u, 4u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, fluid_kind), 243u, 4u, 1u, 1u, 0u, 5u, 0u},
    {(uint16_t)offsetof(pb_durable_t, fluid_outcome), 247u, 4u, 1u, 1u, 0u, 4u, 0u},
    {(uint16_t)offsetof(pb_durable_t, fluid_volume_nl), 251u, 4u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, fluid_delivered_nl), 267u, 4u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_durable_t, alarms_active), 283u, 1u, 2u, 1u, 0u, 511u, 0u},
    {(uint16_t)offsetof(pb_durable_t, alarms_silenced), 285u, 1u, 2u, 1u, 0u, 511u, 0u},
    {(uint16_t)offsetof(pb_durable_t, alarm_raise_tick), 287u, 9u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_durable_t, padding), 359u, 1u, 1u, 1u, 0u, 0u, 0u},
};

static const pb_field_t fields_plant[41] = {
    {(uint16_t)offsetof(pb_plant_t, tick), 0u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_plant_t, reset_pending), 8u, 1u, 1u, 1u, 0u, 4u, 0u},
    {(uint16_t)offsetof(pb_plant_t, reset_cause), 9u, 1u, 1u, 1u, 0u, 4u, 0u},
    {(uint16_t)offsetof(pb_plant_t, dead), 10u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_plant_t, rotor_count), 11u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_plant_t, rotor_fault), 13u, 1u, 1u, 1u, 0u, 2u, 0u},
    {(uint16_t)offsetof(pb_plant_t, rotor_run_count), 14u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_plant_t, rotor_miss_count), 18u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_plant_t, rotor_phase_count), 22u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_plant_t, magnetic_field), 26u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_plant_t, field_lag_ticks), 27u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_plant_t, field_lag_remaining_ticks), 31u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_plant_t, emi), 35u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_plant_t, reservoir_true_pl), 36u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_plant_t, reservoir_ng_per_ml), 44u, 1u, 4u, 1u, 0u, 4000000u, 0u},
    {(uint16_t)offsetof(pb_plant_t, depot_pl), 48u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_plant_t, flow_ppm), 56u, 1u, 4u, 1u, 0u, 2000000u, 1000000u},
    {(uint16_t)offsetof(pb_plant_t, flow_drift_ppm_per_day), 60u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_plant_t, flow_rem), 64u, 1u, 4u, 1u, 0u, 999999u, 0u},
    {(uint16_t)offsetof(pb_plant_t, occlusion_ppm), 68u, 1u, 4u, 1u, 0u, 1000000u, 0u},
    {(uint16_t)offsetof(pb_plant_t, leak_ppm), 72u, 1u, 4u, 1u, 0u, 1000000u, 0u},
    {(uint16_t)offsetof(pb_plant_t, leak_rem), 76u, 1u, 4u, 1u, 0u, 999999u, 0u},
    {(uint16_t)offsetof(pb_plant_t, pumped_pl), 80u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_plant_t, leaked_pl), 88u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_plant_t, delivered_pl), 96u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_plant_t, delivered_fg), 104u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_plant_t, delivered_rem), 112u, 1u, 4u, 1u, 0u, 999u, 0u},
    {(uint16_t)offsetof(pb_plant_t, parcel_pl), 116u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_plant_t, parcel_phase_pl), 124u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_plant_t, line_ng_per_ml), 132u, 32u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_plant_t, charge_nc), 260u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_plant_t, resistance_mohm), 268u, 1u, 4u, 1u, 0u, 4294967295u, 20000u},
    {(uint16_t)offsetof(pb_plant_t, resistance_growth_mohm_per_day), 272u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_plant_t, sample_mv), 276u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_plant_t, cut_words_count), 278u, 1u, 2u, 1u, 0u, 65535u, 65535u},
    {(uint16_t)offsetof(pb_plant_t, tone_class), 280u, 1u, 1u, 1u, 0u, 2u, 0u},
    {(uint16_t)offsetof(pb_plant_t, tone_onset_tick), 281u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_plant_t, tone_period_ticks), 289u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_plant_t, tone_duration_ticks), 293u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_plant_t, tone_test_end_tick), 295u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
    {(uint16_t)offsetof(pb_plant_t, tone_tick_count), 303u, 1u, 8u, 1u, 0u, UINT64_C(18446744073709551615), 0u},
};

static const pb_field_t fields_memory[1] = {
    {(uint16_t)offsetof(pb_memory_t, words), 0u, 556u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_identity[4] = {
    {(uint16_t)offsetof(pb_identity_t, model), 0u, 1u, 2u, 1u, 0u, 65535u, 1u},
    {(uint16_t)offsetof(pb_identity_t, serial), 2u, 1u, 4u, 1u, 0u, 4294967295u, 1u},
    {(uint16_t)offsetof(pb_identity_t, implant_day), 6u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_identity_t, calendar_origin_day), 10u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_field_t fields_program[24] = {
    {(uint16_t)offsetof(pb_program_t, program_id), 0u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_program_t, mode), 4u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_program_t, schedule_days), 5u, 1u, 1u, 1u, 0u, 127u, 0u},
    {(uint16_t)offsetof(pb_program_t, concentration_ug_per_ml), 6u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_program_t, dose_ng_per_day), 8u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_program_t, low_reservoir_nl), 12u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_program_t, dose_limit_ng), 16u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_program_t, critical_interval_ticks), 20u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_program_t, interval_unit), 24u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_program_t, patient_count), 25u, 1u, 1u, 1u, 0u, 255u, 0u},
    {(uint16_t)offsetof(pb_program_t, interval_count), 26u, 1u, 2u, 1u, 0u, 65535u, 0u},
    {(uint16_t)offsetof(pb_program_t, interval_dose_ng), 28u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_program_t, interval_duration_ticks), 32u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_program_t, single_dose_ng), 36u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_program_t, single_duration_ticks), 40u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_program_t, patient_dose_ng), 44u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_program_t, patient_duration_ticks), 48u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_program_t, patient_lockout_ticks), 52u, 1u, 4u, 1u, 0u, 4294967295u, 0u},
    {(uint16_t)offsetof(pb_program_t, flex_0_count), 56u, 1u, 1u, 1u, 0u, 13u, 0u},
    {(uint16_t)offsetof(pb_program_t, flex_1_count), 57u, 1u, 1u, 1u, 0u, 13u, 0u},
    {(uint16_t)offsetof(pb_program_t, bridge), 58u, 1u, 1u, 1u, 0u, 1u, 0u},
    {(uint16_t)offsetof(pb_program_t, reserved), 59u, 1u, 1u, 1u, 0u, 0u, 0u},
    {(uint16_t)offsetof(pb_program_t, flex_start_minute), 60u, 26u, 2u, 1u, 0u, 1439u, 0u},
    {(uint16_t)offsetof(pb_program_t, flex_dose_ng), 112u, 26u, 4u, 1u, 0u, 4294967295u, 0u},
};

static const pb_layout_t layout_item_flex_step = {0x0000u, PB_CHANNEL_BOTH, PB_KIND_ITEM, 0x0000u, 2u, fields_item_flex_step, 6u, (uint16_t)sizeof(pb_item_flex_step_t), NULL, 0u, 0u, 0u};

static const pb_layout_t layout_item_log_entry = {0x0000u, PB_CHANNEL_BOTH, PB_KIND_ITEM, 0x0000u, 7u, fields_item_log_entry, 30u, (uint16_t)sizeof(pb_item_log_entry_t), NULL, 0u, 0u, 0u};

const pb_layout_t pb_messages[PB_MESSAGE_COUNT] = {
    {0x0001u, PB_CHANNEL_BOTH, PB_KIND_REQUEST, 0x8001u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0101u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8101u, 3u, fields_msg_open, 9u, (uint16_t)sizeof(pb_msg_open_t), NULL, 0u, 0u, 0u},
    {0x0102u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8002u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0110u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8110u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0111u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8002u, 1u, fields_msg_subscribe, 4u, (uint16_t)sizeof(pb_msg_subscribe_t), NULL, 0u, 0u, 0u},
    {0x0112u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8112u, 1u, fields_msg_read_program, 1u, (uint16_t)sizeof(pb_msg_read_program_t), NULL, 0u, 0u, 0u},
    {0x0113u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8113u, 2u, fields_msg_read_flex, 2u, (uint16_t)sizeof(pb_msg_read_flex_t), NULL, 0u, 0u, 0u},
    {0x0114u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8114u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0115u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8115u, 1u, fields_msg_read_log, 4u, (uint16_t)sizeof(pb_msg_read_log_t), NULL, 0u, 0u, 0u},
    {0x0116u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8116u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0117u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8117u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0120u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8120u, 19u, fields_msg_stage_program, 57u, (uint16_t)sizeof(pb_msg_stage_program_t), NULL, 0u, 0u, 0u},
    {0x0121u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8120u, 1u, fields_msg_stage_flex, 1u, (uint16_t)sizeof(pb_msg_stage_flex_t), &layout_item_flex_step, 16u, (uint16_t)offsetof(pb_msg_stage_flex_t, steps_count), (uint16_t)offsetof(pb_msg_stage_flex_t, steps)},
    {0x0122u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8122u, 3u, fields_msg_verify_program, 12u, (uint16_t)sizeof(pb_msg_verify_program_t), NULL, 0u, 0u, 0u},
    {0x0123u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8002u, 3u, fields_msg_commit_program, 12u, (uint16_t)sizeof(pb_msg_commit_program_t), NULL, 0u, 0u, 0u},
    {0x0130u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8130u, 3u, fields_msg_bolus, 12u, (uint16_t)sizeof(pb_msg_bolus_t), NULL, 0u, 0u, 0u},
    {0x0131u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8130u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0132u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8130u, 2u, fields_msg_prime, 5u, (uint16_t)sizeof(pb_msg_prime_t), NULL, 0u, 0u, 0u},
    {0x0133u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8133u, 2u, fields_msg_refill, 8u, (uint16_t)sizeof(pb_msg_refill_t), NULL, 0u, 0u, 0u},
    {0x0134u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8002u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0135u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8002u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0140u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8002u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0141u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8002u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0142u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8002u, 2u, fields_msg_set_clock, 6u, (uint16_t)sizeof(pb_msg_set_clock_t), NULL, 0u, 0u, 0u},
    {0x0143u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8002u, 3u, fields_msg_write_record, 8u, (uint16_t)sizeof(pb_msg_write_record_t), NULL, 0u, 0u, 0u},
    {0x0144u, PB_CHANNEL_THERAPY, PB_KIND_REQUEST, 0x8002u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0201u, PB_CHANNEL_BENCH, PB_KIND_REQUEST, 0x8002u, 1u, fields_msg_arm, 8u, (uint16_t)sizeof(pb_msg_arm_t), NULL, 0u, 0u, 0u},
    {0x0202u, PB_CHANNEL_BENCH, PB_KIND_REQUEST, 0x8002u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0203u, PB_CHANNEL_BENCH, PB_KIND_REQUEST, 0x8002u, 2u, fields_msg_configure, 10u, (uint16_t)sizeof(pb_msg_configure_t), NULL, 0u, 0u, 0u},
    {0x0204u, PB_CHANNEL_BENCH, PB_KIND_REQUEST, 0x8205u, 15u, fields_msg_reset_to_start, 56u, (uint16_t)sizeof(pb_msg_reset_to_start_t), NULL, 0u, 0u, 0u},
    {0x0205u, PB_CHANNEL_BENCH, PB_KIND_REQUEST, 0x8205u, 2u, fields_msg_run_to, 10u, (uint16_t)sizeof(pb_msg_run_to_t), NULL, 0u, 0u, 0u},
    {0x0206u, PB_CHANNEL_BENCH, PB_KIND_REQUEST, 0x8002u, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x0207u, PB_CHANNEL_BENCH, PB_KIND_REQUEST, 0x8205u, 4u, fields_msg_inject, 14u, (uint16_t)sizeof(pb_msg_inject_t), NULL, 0u, 0u, 0u},
    {0x0208u, PB_CHANNEL_BENCH, PB_KIND_REQUEST, 0x8208u, 1u, fields_msg_read_snapshot, 4u, (uint16_t)sizeof(pb_msg_read_snapshot_t), NULL, 0u, 0u, 0u},
    {0x0209u, PB_CHANNEL_BENCH, PB_KIND_REQUEST, 0x8002u, 1u, fields_msg_write_snapshot, 4u, (uint16_t)sizeof(pb_msg_write_snapshot_t), NULL, 128u, (uint16_t)offsetof(pb_msg_write_snapshot_t, data_count), (uint16_t)offsetof(pb_msg_write_snapshot_t, data)},
    {0x020Au, PB_CHANNEL_BENCH, PB_KIND_REQUEST, 0x8205u, 1u, fields_msg_restore, 4u, (uint16_t)sizeof(pb_msg_restore_t), NULL, 0u, 0u, 0u},
    {0x020Bu, PB_CHANNEL_BENCH, PB_KIND_REQUEST, 0x820Bu, 0u, NULL, 0u, 0u, NULL, 0u, 0u, 0u},
    {0x020Cu, PB_CHANNEL_BENCH, PB_KIND_REQUEST, 0x8205u, 5u, fields_msg_sense, 7u, (uint16_t)sizeof(pb_msg_sense_t), NULL, 0u, 0u, 0u},
    {0x8000u, PB_CHANNEL_BOTH, PB_KIND_REPLY, 0x0000u, 4u, fields_msg_refused, 12u, (uint16_t)sizeof(pb_msg_refused_t), NULL, 0u, 0u, 0u},
    {0x8001u, PB_CHANNEL_BOTH, PB_KIND_REPLY, 0x0000u, 11u, fields_msg_identified, 34u, (uint16_t)sizeof(pb_msg_identified_t), NULL, 0u, 0u, 0u},
    {0x8002u, PB_CHANNEL_BOTH, PB_KIND_REPLY, 0x0000u, 1u, fields_msg_done, 2u, (uint16_t)sizeof(pb_msg_done_t), NULL, 0u, 0u, 0u},
    {0x8101u, PB_CHANNEL_THERAPY, PB_KIND_REPLY, 0x0000u, 2u, fields_msg_opened, 8u, (uint16_t)sizeof(pb_msg_opened_t), NULL, 0u, 0u, 0u},
    {0x8110u, PB_CHANNEL_THERAPY, PB_KIND_REPLY, 0x0000u, 30u, fields_msg_status, 115u, (uint16_t)sizeof(pb_msg_status_t), NULL, 0u, 0u, 0u},
    {0x8111u, PB_CHANNEL_THERAPY, PB_KIND_EVENT, 0x0000u, 12u, fields_msg_telemetry, 32u, (uint16_t)sizeof(pb_msg_telemetry_t), NULL, 0u, 0u, 0u},
    {0x8112u, PB_CHANNEL_THERAPY, PB_KIND_REPLY, 0x0000u, 24u, fields_msg_program_read, 65u, (uint16_t)sizeof(pb_msg_program_read_t), NULL, 0u, 0u, 0u},
    {0x8113u, PB_CHANNEL_THERAPY, PB_KIND_REPLY, 0x0000u, 2u, fields_msg_flex_read, 2u, (uint16_t)sizeof(pb_msg_flex_read_t), &layout_item_flex_step, 16u, (uint16_t)offsetof(pb_msg_flex_read_t, steps_count), (uint16_t)offsetof(pb_msg_flex_read_t, steps)},
    {0x8114u, PB_CHANNEL_THERAPY, PB_KIND_REPLY, 0x0000u, 12u, fields_msg_alarms, 77u, (uint16_t)sizeof(pb_msg_alarms_t), NULL, 0u, 0u, 0u},
    {0x8115u, PB_CHANNEL_THERAPY, PB_KIND_REPLY, 0x0000u, 2u, fields_msg_log_page, 8u, (uint16_t)sizeof(pb_msg_log_page_t), &layout_item_log_entry, 6u, (uint16_t)offsetof(pb_msg_log_page_t, entries_count), (uint16_t)offsetof(pb_msg_log_page_t, entries)},
    {0x8116u, PB_CHANNEL_THERAPY, PB_KIND_REPLY, 0x0000u, 14u, fields_msg_record, 56u, (uint16_t)sizeof(pb_msg_record_t), NULL, 0u, 0u, 0u},
    {0x8117u, PB_CHANNEL_THERAPY, PB_KIND_REPLY, 0x0000u, 5u, fields_msg_account, 40u, (uint16_t)sizeof(pb_msg_account_t), NULL, 0u, 0u, 0u},
    {0x8120u, PB_CHANNEL_THERAPY, PB_KIND_REPLY, 0x0000u, 1u, fields_msg_staged, 4u, (uint16_t)sizeof(pb_msg_staged_t), NULL, 0u, 0u, 0u},
    {0x8122u, PB_CHANNEL_THERAPY, PB_KIND_REPLY, 0x0000u, 5u, fields_msg_verified, 17u, (uint16_t)sizeof(pb_msg_verified_t), NULL, 0u, 0u, 0u},
    {0x8130u, PB_CHANNEL_THERAPY, PB_KIND_REPLY, 0x0000u, 4u, fields_msg_started, 17u, (uint16_t)sizeof(pb_msg_started_t), NULL, 0u, 0u, 0u},
    {0x8131u, PB_CHANNEL_THERAPY, PB_KIND_REPLY, 0x0000u, 4u, fields_msg_already_started, 10u, (uint16_t)sizeof(pb_msg_already_started_t), NULL, 0u, 0u, 0u},
    {0x8133u, PB_CHANNEL_THERAPY, PB_KIND_REPLY, 0x0000u, 5u, fields_msg_refilled, 21u, (uint16_t)sizeof(pb_msg_refilled_t), NULL, 0u, 0u, 0u},
    {0x8205u, PB_CHANNEL_BENCH, PB_KIND_REPLY, 0x0000u, 16u, fields_msg_report, 58u, (uint16_t)sizeof(pb_msg_report_t), NULL, 0u, 0u, 0u},
    {0x8208u, PB_CHANNEL_BENCH, PB_KIND_REPLY, 0x0000u, 2u, fields_msg_snapshot_page, 8u, (uint16_t)sizeof(pb_msg_snapshot_page_t), NULL, 128u, (uint16_t)offsetof(pb_msg_snapshot_page_t, data_count), (uint16_t)offsetof(pb_msg_snapshot_page_t, data)},
    {0x820Bu, PB_CHANNEL_BENCH, PB_KIND_REPLY, 0x0000u, 8u, fields_msg_link_counters, 32u, (uint16_t)sizeof(pb_msg_link_counters_t), NULL, 0u, 0u, 0u},
    {0x8220u, PB_CHANNEL_BOTH, PB_KIND_EVENT, 0x0000u, 3u, fields_msg_event_notice, 10u, (uint16_t)sizeof(pb_msg_event_notice_t), NULL, 0u, 0u, 0u},
};

const pb_layout_t pb_layout_config = {0x0000u, PB_CHANNEL_BENCH, PB_KIND_STATE, 0x0000u, 35u, fields_config, 118u, (uint16_t)sizeof(pb_config_t), NULL, 0u, 0u, 0u};

const pb_layout_t pb_layout_controller = {0x0000u, PB_CHANNEL_BENCH, PB_KIND_STATE, 0x0000u, 37u, fields_controller, 680u, (uint16_t)sizeof(pb_controller_t), NULL, 0u, 0u, 0u};

const pb_layout_t pb_layout_durable = {0x0000u, PB_CHANNEL_BENCH, PB_KIND_STATE, 0x0000u, 47u, fields_durable, 360u, (uint16_t)sizeof(pb_durable_t), NULL, 0u, 0u, 0u};

const pb_layout_t pb_layout_plant = {0x0000u, PB_CHANNEL_BENCH, PB_KIND_STATE, 0x0000u, 41u, fields_plant, 311u, (uint16_t)sizeof(pb_plant_t), NULL, 0u, 0u, 0u};

const pb_layout_t pb_layout_memory = {0x0000u, PB_CHANNEL_BENCH, PB_KIND_STATE, 0x0000u, 1u, fields_memory, 2224u, (uint16_t)sizeof(pb_memory_t), NULL, 0u, 0u, 0u};

const pb_layout_t pb_layout_identity = {0x0000u, PB_CHANNEL_BENCH, PB_KIND_STATE, 0x0000u, 4u, fields_identity, 14u, (uint16_t)sizeof(pb_identity_t), NULL, 0u, 0u, 0u};

const pb_layout_t pb_layout_program = {0x0000u, PB_CHANNEL_BENCH, PB_KIND_STATE, 0x0000u, 24u, fields_program, 216u, (uint16_t)sizeof(pb_program_t), NULL, 0u, 0u, 0u};

const pb_layout_t *const pb_snapshot_parts[PB_SNAPSHOT_PART_COUNT] = {
    &pb_layout_config,
    &pb_layout_controller,
    &pb_layout_durable,
    &pb_layout_plant,
    &pb_layout_memory,
};

const pb_event_fact_t pb_event_facts[PB_EVENT_FACT_COUNT] = {
    {0u, 0u},
    {0u, 0u},
    {1u, 1u},
    {0u, 0u},
    {0u, 0u},
    {0u, 0u},
    {0u, 0u},
    {1u, 1u},
    {1u, 1u},
    {1u, 1u},
    {1u, 0u},
    {0u, 0u},
    {1u, 1u},
    {1u, 1u},
    {0u, 0u},
    {1u, 1u},
    {1u, 1u},
    {1u, 1u},
    {1u, 0u},
    {1u, 0u},
    {1u, 1u},
    {1u, 1u},
    {1u, 1u},
    {1u, 1u},
    {1u, 1u},
    {1u, 1u},
    {1u, 1u},
    {0u, 0u},
    {1u, 1u},
    {1u, 1u},
    {1u, 1u},
    {1u, 1u},
    {1u, 1u},
    {1u, 0u},
    {0u, 0u},
    {1u, 1u},
    {1u, 1u},
    {1u, 1u},
    {1u, 0u},
    {1u, 1u},
    {1u, 1u},
    {1u, 0u},
};

const uint16_t pb_battery_rest_mv[PB_BATTERY_TABLE_POINTS] = {
    1900u,
    2350u,
    2520u,
    2600u,
    2650u,
    2690u,
    2720u,
    2745u,
    2770u,
    2790u,
    2810u,
    2830u,
    2850u,
    2875u,
    2910u,
    2960u,
    3050u,
};
