-- Dissector of pumpbench captures for Wireshark, generated from the declarations by `pumpbench spec`; not to be edited.

local facts = {}
facts.VERSION = 1
facts.FLAG_BENCH = 1
facts.FLAG_FROM_DEVICE = 2
facts.HOST_BYTES = 14
facts.DEVICE_BYTES = 26
facts.CRC_BYTES = 4
facts.ENCODED_BYTES_MAX = 254
facts.KEPT_BYTES_MAX = 256
facts.GOOD = 3080238136
facts.REFUSED = 32768
facts.ALARM_RAISED = 30
facts.ALARM_CLEARED = 31
facts.OVERSIZE = 1
facts.COBS = 2
facts.SHORT = 3
facts.CRC = 4
facts.VERSION_FAULT = 5
facts.LENGTH = 6
facts.RANGE = 7
facts.header = {
  {name = "version", at = 0, size = 1},
  {name = "flags", at = 1, size = 1},
  {name = "type", at = 2, size = 2, codes = "Message"},
  {name = "seq", at = 4, size = 2},
  {name = "request_id", at = 6, size = 4},
  {name = "session", at = 10, size = 4},
  {name = "boot_seq", at = 14, size = 4, device = true},
  {name = "tick", at = 18, size = 8, device = true},
}
facts.alarms = {
  {name = "low_reservoir", number = 0, critical = false},
  {name = "elective_replacement", number = 1, critical = false},
  {name = "memory_error", number = 2, critical = false},
  {name = "empty_reservoir", number = 3, critical = true},
  {name = "end_of_service", number = 4, critical = true},
  {name = "motor_stall", number = 5, critical = true},
  {name = "stopped_too_long", number = 6, critical = true},
  {name = "critical_memory_error", number = 7, critical = true},
  {name = "low_battery_reset", number = 8, critical = true},
}
facts.codes = {
  Role = {[0] = "none", [1] = "clinician", [2] = "patient"},
  ProgramSource = {[0] = "in_force", [1] = "staged"},
  Mode = {[0] = "stopped", [1] = "simple_continuous", [2] = "flex", [3] = "interval_bolus", [4] = "single_bolus", [5] = "minimum_rate"},
  IntervalUnit = {[0] = "none", [1] = "minutes", [2] = "hours"},
  PrimeScope = {[0] = "none", [1] = "tubing", [2] = "catheter", [3] = "tubing_and_catheter"},
  Drug = {[0] = "unknown", [1] = "baclofen", [2] = "saline"},
  Model = {[0] = "unknown", [1] = "pump_20_ml", [2] = "pump_40_ml"},
  Fault = {[0] = "none", [1] = "rotor", [2] = "field", [3] = "occlusion", [4] = "leak", [5] = "flow", [6] = "battery_charge", [7] = "battery_resistance", [8] = "memory_flip", [9] = "power_cut", [10] = "reset", [11] = "emi", [12] = "refill", [13] = "pocket_fill", [14] = "line_set"},
  ResetCause = {[0] = "none", [1] = "start", [2] = "low_battery", [3] = "power_cut", [4] = "watchdog"},
  Refusal = {[0] = "none", [1] = "unknown_type", [2] = "malformed", [3] = "booting", [4] = "session_unknown", [5] = "serial_mismatch", [6] = "busy", [7] = "stale_id", [8] = "role_forbidden", [9] = "invalid_state", [10] = "update_in_progress", [11] = "not_staged", [12] = "not_verified", [13] = "program_changed", [14] = "needs_second_confirmation", [15] = "dose_limit", [16] = "mode_unknown", [17] = "concentration_range", [18] = "rate_too_high", [19] = "rate_too_low", [20] = "rate_mismatch", [21] = "volume_mismatch", [22] = "flex_count", [23] = "flex_order", [24] = "flex_sum", [25] = "interval_unit", [26] = "interval_range", [27] = "duration_range", [28] = "lockout_range", [29] = "limit_range", [30] = "threshold_range", [31] = "tone_interval_range", [32] = "field_unused", [33] = "not_enabled", [34] = "bolus_in_progress", [35] = "lockout", [36] = "daily_maximum", [37] = "reservoir_too_low", [38] = "volume_range", [39] = "clock_range", [40] = "record_range", [41] = "not_armed", [42] = "build_mismatch", [43] = "config_unknown", [44] = "config_range", [45] = "tick_passed", [46] = "fault_unknown", [47] = "fault_range", [48] = "page_range", [49] = "snapshot_invalid", [50] = "not_supported", [51] = "request_outstanding", [52] = "patient_count_range", [53] = "power_cut"},
  Level = {[0] = "l0", [1] = "l1", [2] = "l2", [3] = "l3"},
  Nvm = {[0] = "ram", [1] = "flash"},
  CrcBuild = {[0] = "unknown", [1] = "python", [2] = "extension", [3] = "firmware"},
  TherapyState = {[0] = "stopped", [1] = "therapy", [2] = "minimum_rate", [3] = "empty", [4] = "safe_state", [5] = "ended"},
  UpdateStage = {[0] = "idle", [1] = "stop", [2] = "write", [3] = "verify", [4] = "commit", [5] = "restart"},
  FluidKind = {[0] = "prime", [1] = "bridge", [2] = "patient", [3] = "clinician", [4] = "interval", [5] = "refill", [255] = "none"},
  ToneClass = {[0] = "none", [1] = "non_critical", [2] = "critical"},
  FluidOutcome = {[0] = "none", [1] = "running", [2] = "completed", [3] = "cancelled", [4] = "interrupted"},
  StopReason = {[0] = "target", [1] = "effect", [2] = "actuator", [3] = "alarm", [4] = "reset", [5] = "abort"},
  Event = {[0] = "none", [1] = "reset", [2] = "boot_completed", [3] = "session_opened", [4] = "session_closed", [5] = "session_timeout", [6] = "program_staged", [7] = "update_started", [8] = "program_committed", [9] = "update_failed", [10] = "update_interrupted", [11] = "delivery_restarted", [12] = "stopped", [13] = "resumed", [14] = "flex_step", [15] = "bolus_started", [16] = "bolus_ended", [17] = "bolus_cancelled", [18] = "bolus_refused", [19] = "interval_dropped", [20] = "refilled", [21] = "refill_discrepancy", [22] = "empty_entered", [23] = "empty_left", [24] = "safe_state_entered", [25] = "ended", [26] = "eri_reached", [27] = "battery_sampled", [28] = "stall_detected", [29] = "stall_recovered", [30] = "alarm_raised", [31] = "alarm_cleared", [32] = "alarms_silenced", [33] = "alarm_test", [34] = "tone_plan", [35] = "clock_set", [36] = "record_written", [37] = "memory_fault", [38] = "masked_fault", [39] = "telemetry_held", [40] = "hold_released", [41] = "commit_refused"},
  WireFault = {[1] = "oversize", [2] = "cobs", [3] = "short", [4] = "crc", [5] = "version", [6] = "length", [7] = "range"},
  Message = {[1] = "Identify", [257] = "Open", [258] = "Close", [272] = "ReadStatus", [273] = "Subscribe", [274] = "ReadProgram", [275] = "ReadFlex", [276] = "ReadAlarms", [277] = "ReadLog", [278] = "ReadRecord", [279] = "ReadAccount", [288] = "StageProgram", [289] = "StageFlex", [290] = "VerifyProgram", [291] = "CommitProgram", [304] = "Bolus", [305] = "PatientBolus", [306] = "Prime", [307] = "Refill", [308] = "Stop", [309] = "Resume", [320] = "SilenceAlarms", [321] = "TestAlarm", [322] = "SetClock", [323] = "WriteRecord", [324] = "MeasureBattery", [513] = "Arm", [514] = "Disarm", [515] = "Configure", [516] = "ResetToStart", [517] = "RunTo", [518] = "Abort", [519] = "Inject", [520] = "ReadSnapshot", [521] = "WriteSnapshot", [522] = "Restore", [523] = "ReadLink", [524] = "Sense", [32768] = "Refused", [32769] = "Identified", [32770] = "Done", [33025] = "Opened", [33040] = "Status", [33041] = "Telemetry", [33042] = "ProgramRead", [33043] = "FlexRead", [33044] = "Alarms", [33045] = "LogPage", [33046] = "Record", [33047] = "Account", [33056] = "Staged", [33058] = "Verified", [33072] = "Started", [33073] = "AlreadyStarted", [33075] = "Refilled", [33285] = "Report", [33288] = "SnapshotPage", [33291] = "LinkCounters", [33312] = "EventNotice"},
}
facts.flags = {
  StopMask = {
  {name = "effect", bit = 1},
  {name = "actuator", bit = 2},
  {name = "alarm", bit = 4},
  {name = "reset", bit = 8},
  {name = "follow", bit = 16},
},
  Feature = {
  {name = "bench", bit = 1},
  {name = "free_run", bit = 2},
  {name = "authentication", bit = 4},
},
  Held = {
  {name = "update", bit = 1},
  {name = "telemetry", bit = 2},
},
  Alarm = {
  {name = "low_reservoir", bit = 1},
  {name = "elective_replacement", bit = 2},
  {name = "memory_error", bit = 4},
  {name = "empty_reservoir", bit = 8},
  {name = "end_of_service", bit = 16},
  {name = "motor_stall", bit = 32},
  {name = "stopped_too_long", bit = 64},
  {name = "critical_memory_error", bit = 128},
  {name = "low_battery_reset", bit = 256},
},
  Load = {
  {name = "above_minimum", bit = 1},
  {name = "bolus", bit = 2},
  {name = "session", bit = 4},
  {name = "ran", bit = 8},
},
}
local items = {
  FlexStep = {name = "FlexStep", abbr = "flex_step", size = 6, historic = {}, fields = {
    {name = "start_minute", at = 0, size = 2, lo = 0, hi = 1439, unit = "min"},
    {name = "dose_ng", at = 2, size = 4, unit = "ng", doc = "over the step's own length"},}},
  LogEntry = {name = "LogEntry", abbr = "log_entry", size = 30, historic = {}, fields = {
    {name = "entry_seq", at = 0, size = 4, unit = "seq"},
    {name = "life_ticks", at = 4, size = 8, unit = "ticks"},
    {name = "code", at = 12, size = 2, codes = "Event"},
    {name = "clock_minute", at = 14, size = 4, unit = "min", doc = "bit 31: the clock was valid; else minutes since clock day 0"},
    {name = "boot_count", at = 18, size = 4, unit = "count"},
    {name = "arg_0", at = 22, size = 4},
    {name = "arg_1", at = 26, size = 4},}},
  bytes = {name = "bytes", size = 1, historic = {}, fields = {}},
}
facts.messages = {
  [0x0001] = {name = "Identify", abbr = "identify", size = 0, historic = {}, fields = {}},
  [0x0101] = {name = "Open", abbr = "open", size = 9, historic = {}, fields = {
    {name = "serial", at = 0, size = 4},
    {name = "role", at = 4, size = 1, codes = "Role"},
    {name = "nonce", at = 5, size = 4},}},
  [0x0102] = {name = "Close", abbr = "close", size = 0, historic = {}, fields = {}},
  [0x0110] = {name = "ReadStatus", abbr = "read_status", size = 0, historic = {}, fields = {}},
  [0x0111] = {name = "Subscribe", abbr = "subscribe", size = 4, historic = {}, fields = {
    {name = "period_ticks", at = 0, size = 4, unit = "ticks"},}},
  [0x0112] = {name = "ReadProgram", abbr = "read_program", size = 1, historic = {}, fields = {
    {name = "source", at = 0, size = 1, lo = 0, hi = 1, codes = "ProgramSource"},}},
  [0x0113] = {name = "ReadFlex", abbr = "read_flex", size = 2, historic = {}, fields = {
    {name = "source", at = 0, size = 1, lo = 0, hi = 1, codes = "ProgramSource"},
    {name = "schedule", at = 1, size = 1, lo = 0, hi = 1},}},
  [0x0114] = {name = "ReadAlarms", abbr = "read_alarms", size = 0, historic = {}, fields = {}},
  [0x0115] = {name = "ReadLog", abbr = "read_log", size = 4, historic = {}, fields = {
    {name = "from_seq", at = 0, size = 4, unit = "seq"},}},
  [0x0116] = {name = "ReadRecord", abbr = "read_record", size = 0, historic = {}, fields = {}},
  [0x0117] = {name = "ReadAccount", abbr = "read_account", size = 0, historic = {}, fields = {}},
  [0x0120] = {name = "StageProgram", abbr = "stage_program", size = 57, historic = {}, fields = {
    {name = "program_id", at = 0, size = 4, unit = "id"},
    {name = "mode", at = 4, size = 1, codes = "Mode"},
    {name = "schedule_days", at = 5, size = 1, lo = 0, hi = 127, unit = "days"},
    {name = "concentration_ug_per_ml", at = 6, size = 2, unit = "ug/ml"},
    {name = "dose_ng_per_day", at = 8, size = 4, unit = "ng/day"},
    {name = "low_reservoir_nl", at = 12, size = 4, unit = "nl"},
    {name = "dose_limit_ng", at = 16, size = 4, unit = "ng"},
    {name = "critical_interval_ticks", at = 20, size = 4, unit = "ticks"},
    {name = "interval_unit", at = 24, size = 1, codes = "IntervalUnit"},
    {name = "patient_count", at = 25, size = 1, unit = "count"},
    {name = "interval_count", at = 26, size = 2, unit = "count"},
    {name = "interval_dose_ng", at = 28, size = 4, unit = "ng"},
    {name = "interval_duration_ticks", at = 32, size = 4, unit = "ticks"},
    {name = "single_dose_ng", at = 36, size = 4, unit = "ng"},
    {name = "single_duration_ticks", at = 40, size = 4, unit = "ticks"},
    {name = "patient_dose_ng", at = 44, size = 4, unit = "ng"},
    {name = "patient_duration_ticks", at = 48, size = 4, unit = "ticks"},
    {name = "patient_lockout_ticks", at = 52, size = 4, unit = "ticks"},
    {name = "bridge", at = 56, size = 1, lo = 0, hi = 1},}},
  [0x0121] = {name = "StageFlex", abbr = "stage_flex", size = 1, historic = {}, fields = {
    {name = "schedule", at = 0, size = 1, lo = 0, hi = 1},}, tail = {name = "steps", max = 16, of_bytes = false, item = items.FlexStep}},
  [0x0122] = {name = "VerifyProgram", abbr = "verify_program", size = 12, historic = {}, fields = {
    {name = "program_crc", at = 0, size = 4, unit = "crc"},
    {name = "rate_check_nl_per_day", at = 4, size = 4, unit = "nl/day", doc = "sum of the rates the programmer derived"},
    {name = "volume_check_nl", at = 8, size = 4, unit = "nl", doc = "sum of the bolus volumes the programmer derived"},}},
  [0x0123] = {name = "CommitProgram", abbr = "commit_program", size = 12, historic = {}, fields = {
    {name = "program_crc", at = 0, size = 4, unit = "crc", doc = "of the staged program"},
    {name = "old_program_crc", at = 4, size = 4, unit = "crc", doc = "of the program the programmer reviewed"},
    {name = "second_confirmation_ng", at = 8, size = 4, unit = "ng", doc = "the new daily dose, or 0"},}},
  [0x0130] = {name = "Bolus", abbr = "bolus", size = 12, historic = {}, fields = {
    {name = "dose_ng", at = 0, size = 4, unit = "ng"},
    {name = "volume_nl", at = 4, size = 4, unit = "nl", doc = "as the programmer derived it"},
    {name = "duration_ticks", at = 8, size = 4, unit = "ticks"},}},
  [0x0131] = {name = "PatientBolus", abbr = "patient_bolus", size = 0, historic = {}, fields = {}},
  [0x0132] = {name = "Prime", abbr = "prime", size = 5, historic = {}, fields = {
    {name = "scope", at = 0, size = 1, codes = "PrimeScope"},
    {name = "volume_nl", at = 1, size = 4, unit = "nl", doc = "as the programmer derived it"},}},
  [0x0133] = {name = "Refill", abbr = "refill", size = 8, historic = {}, fields = {
    {name = "measured_nl", at = 0, size = 4, unit = "nl", doc = "volume withdrawn"},
    {name = "fill_nl", at = 4, size = 4, unit = "nl", doc = "volume filled in"},}},
  [0x0134] = {name = "Stop", abbr = "stop", size = 0, historic = {}, fields = {}},
  [0x0135] = {name = "Resume", abbr = "resume", size = 0, historic = {}, fields = {}},
  [0x0140] = {name = "SilenceAlarms", abbr = "silence_alarms", size = 0, historic = {}, fields = {}},
  [0x0141] = {name = "TestAlarm", abbr = "test_alarm", size = 0, historic = {}, fields = {}},
  [0x0142] = {name = "SetClock", abbr = "set_clock", size = 6, historic = {}, fields = {
    {name = "clock_day", at = 0, size = 2, unit = "day"},
    {name = "clock_day_ticks", at = 2, size = 4, unit = "ticks"},}},
  [0x0143] = {name = "WriteRecord", abbr = "write_record", size = 8, historic = {}, fields = {
    {name = "drug", at = 0, size = 2, codes = "Drug"},
    {name = "catheter_length_mm", at = 2, size = 2, unit = "mm"},
    {name = "tubing_nl", at = 4, size = 4, unit = "nl"},}},
  [0x0144] = {name = "MeasureBattery", abbr = "measure_battery", size = 0, historic = {}, fields = {}},
  [0x0201] = {name = "Arm", abbr = "arm", size = 8, historic = {}, fields = {
    {name = "build_id", at = 0, size = 8, unit = "id"},}},
  [0x0202] = {name = "Disarm", abbr = "disarm", size = 0, historic = {}, fields = {}},
  [0x0203] = {name = "Configure", abbr = "configure", size = 10, historic = {}, fields = {
    {name = "config_index", at = 0, size = 2, unit = "index"},
    {name = "value", at = 2, size = 8},}},
  [0x0204] = {name = "ResetToStart", abbr = "reset_to_start", size = 56, historic = {}, fields = {
    {name = "model", at = 0, size = 2, codes = "Model"},
    {name = "serial", at = 2, size = 4},
    {name = "implant_day", at = 6, size = 4, unit = "day"},
    {name = "calendar_origin_day", at = 10, size = 4, unit = "day"},
    {name = "drug", at = 14, size = 2, codes = "Drug"},
    {name = "catheter_length_mm", at = 16, size = 2, unit = "mm"},
    {name = "tubing_nl", at = 18, size = 4, unit = "nl"},
    {name = "reservoir_true_nl", at = 22, size = 4, unit = "nl"},
    {name = "reservoir_estimated_nl", at = 26, size = 4, unit = "nl"},
    {name = "concentration_ug_per_ml", at = 30, size = 2, unit = "ug/ml", doc = "in the reservoir"},
    {name = "line_ug_per_ml", at = 32, size = 2, unit = "ug/ml", doc = "in the line"},
    {name = "clock_day", at = 34, size = 2, unit = "day"},
    {name = "clock_day_ticks", at = 36, size = 4, lo = 0, hi = 863999, unit = "ticks"},
    {name = "life_ticks", at = 40, size = 8, unit = "ticks"},
    {name = "charge_nc", at = 48, size = 8, unit = "nC", doc = "0: a full battery"},}},
  [0x0205] = {name = "RunTo", abbr = "run_to", size = 10, historic = {}, fields = {
    {name = "target_tick", at = 0, size = 8, unit = "tick"},
    {name = "stop_mask", at = 8, size = 2, flags = "StopMask"},}},
  [0x0206] = {name = "Abort", abbr = "abort", size = 0, historic = {}, fields = {}},
  [0x0207] = {name = "Inject", abbr = "inject", size = 14, historic = {}, fields = {
    {name = "fault", at = 0, size = 2, codes = "Fault"},
    {name = "arg_0", at = 2, size = 4},
    {name = "arg_1", at = 6, size = 4},
    {name = "arg_2", at = 10, size = 4},}},
  [0x0208] = {name = "ReadSnapshot", abbr = "read_snapshot", size = 4, historic = {}, fields = {
    {name = "offset_bytes", at = 0, size = 4, unit = "bytes"},}},
  [0x0209] = {name = "WriteSnapshot", abbr = "write_snapshot", size = 4, historic = {}, fields = {
    {name = "offset_bytes", at = 0, size = 4, unit = "bytes"},}, tail = {name = "data", max = 128, of_bytes = true, item = items.bytes}},
  [0x020A] = {name = "Restore", abbr = "restore", size = 4, historic = {}, fields = {
    {name = "snapshot_crc", at = 0, size = 4, unit = "crc"},}},
  [0x020B] = {name = "ReadLink", abbr = "read_link", size = 0, historic = {}, fields = {}},
  [0x020C] = {name = "Sense", abbr = "sense", size = 7, historic = {}, fields = {
    {name = "rotor_count", at = 0, size = 2, unit = "count"},
    {name = "sample_mv", at = 2, size = 2, unit = "mV"},
    {name = "emi", at = 4, size = 1, lo = 0, hi = 1},
    {name = "reset", at = 5, size = 1, codes = "ResetCause", doc = "0 or LOW_BATTERY; what is pending already stands"},
    {name = "dead", at = 6, size = 1, lo = 0, hi = 1},}},
  [0x8000] = {name = "Refused", abbr = "refused", size = 12, historic = {}, fields = {
    {name = "refused_type", at = 0, size = 2, codes = "Message"},
    {name = "refusal", at = 2, size = 2, codes = "Refusal"},
    {name = "limit", at = 4, size = 4, doc = "the bound that was broken, in the unit of the field"},
    {name = "value", at = 8, size = 4, doc = "what was asked or what stands, in the same unit"},}},
  [0x8001] = {name = "Identified", abbr = "identified", size = 34, historic = {}, fields = {
    {name = "model", at = 0, size = 2, codes = "Model"},
    {name = "serial", at = 2, size = 4},
    {name = "build_id", at = 6, size = 8, unit = "id", doc = "hash of the firmware's sources"},
    {name = "schema_id", at = 14, size = 4, unit = "id", doc = "hash over the state layout; digests compare only where it is equal"},
    {name = "features", at = 18, size = 4, flags = "Feature"},
    {name = "level", at = 22, size = 1, codes = "Level"},
    {name = "nvm", at = 23, size = 1, codes = "Nvm"},
    {name = "crc_build", at = 24, size = 1, codes = "CrcBuild"},
    {name = "armed", at = 25, size = 1, lo = 0, hi = 1},
    {name = "ticks_per_second", at = 26, size = 4, unit = "ticks/s", doc = "most the device computes, not the pump's own pace"},
    {name = "identity_crc", at = 30, size = 4, unit = "crc", doc = "CRC over the identity part"},}},
  [0x8002] = {name = "Done", abbr = "done", size = 2, historic = {}, fields = {
    {name = "done_type", at = 0, size = 2, codes = "Message"},}},
  [0x8101] = {name = "Opened", abbr = "opened", size = 8, historic = {}, fields = {
    {name = "session", at = 0, size = 4},
    {name = "fluid_highest_id", at = 4, size = 4, unit = "id", doc = "request ids of this session must be higher"},}},
  [0x8110] = {name = "Status", abbr = "status", size = 115, historic = {}, fields = {
    {name = "therapy_state", at = 0, size = 1, codes = "TherapyState"},
    {name = "mode", at = 1, size = 1, codes = "Mode"},
    {name = "held", at = 2, size = 1, flags = "Held"},
    {name = "update_stage", at = 3, size = 1, codes = "UpdateStage"},
    {name = "bolus_kind", at = 4, size = 1, codes = "FluidKind", doc = "bolus that flows now, 255: none"},
    {name = "clock_valid", at = 5, size = 1, lo = 0, hi = 1},
    {name = "reset_cause", at = 6, size = 1, codes = "ResetCause"},
    {name = "boot_count", at = 7, size = 4, unit = "count"},
    {name = "rate_nl_per_day", at = 11, size = 4, unit = "nl/day", doc = "basal rate in force"},
    {name = "owed_nl", at = 15, size = 4, unit = "nl", doc = "owed by all boluses, rounded up"},
    {name = "reservoir_estimated_nl", at = 19, size = 4, unit = "nl"},
    {name = "alarms_active", at = 23, size = 2, flags = "Alarm", alarms = true},
    {name = "alarms_silenced", at = 25, size = 2, flags = "Alarm"},
    {name = "battery_mv", at = 27, size = 2, unit = "mV"},
    {name = "clock_day", at = 29, size = 2, unit = "day"},
    {name = "clock_day_ticks", at = 31, size = 4, unit = "ticks"},
    {name = "life_ticks", at = 35, size = 8, unit = "ticks"},
    {name = "eri_life_ticks", at = 43, size = 8, unit = "ticks"},
    {name = "eos_life_ticks", at = 51, size = 8, unit = "ticks"},
    {name = "replace_by_life_ticks", at = 59, size = 8, unit = "ticks"},
    {name = "refill_due_life_ticks", at = 67, size = 8, unit = "ticks"},
    {name = "step_count", at = 75, size = 8, unit = "count"},
    {name = "stopped_ticks", at = 83, size = 4, unit = "ticks"},
    {name = "program_crc", at = 87, size = 4, unit = "crc", doc = "CRC of the program in force; a commit names it"},
    {name = "log_next_seq", at = 91, size = 4, unit = "seq"},
    {name = "controller_crc", at = 95, size = 4, unit = "crc"},
    {name = "plant_crc", at = 99, size = 4, unit = "crc"},
    {name = "memory_crc", at = 103, size = 4, unit = "crc"},
    {name = "bad_frame_count", at = 107, size = 4, unit = "count"},
    {name = "refused_frame_count", at = 111, size = 4, unit = "count"},}},
  [0x8111] = {name = "Telemetry", abbr = "telemetry", size = 32, historic = {}, fields = {
    {name = "therapy_state", at = 0, size = 1, codes = "TherapyState"},
    {name = "bolus_kind", at = 1, size = 1, codes = "FluidKind"},
    {name = "held", at = 2, size = 1, flags = "Held"},
    {name = "tone_class", at = 3, size = 1, codes = "ToneClass"},
    {name = "alarms_active", at = 4, size = 2, flags = "Alarm", alarms = true},
    {name = "battery_mv", at = 6, size = 2, unit = "mV"},
    {name = "rate_nl_per_day", at = 8, size = 4, unit = "nl/day"},
    {name = "owed_nl", at = 12, size = 4, unit = "nl"},
    {name = "reservoir_estimated_nl", at = 16, size = 4, unit = "nl"},
    {name = "step_count", at = 20, size = 4, unit = "count", doc = "low 32 bits"},
    {name = "life_ticks", at = 24, size = 4, unit = "ticks", doc = "low 32 bits"},
    {name = "log_next_seq", at = 28, size = 4, unit = "seq"},}},
  [0x8112] = {name = "ProgramRead", abbr = "program_read", size = 65, historic = {}, fields = {
    {name = "source", at = 0, size = 1, codes = "ProgramSource"},
    {name = "present", at = 1, size = 1, lo = 0, hi = 1},
    {name = "program_crc", at = 2, size = 4, unit = "crc"},
    {name = "program_id", at = 6, size = 4, unit = "id"},
    {name = "mode", at = 10, size = 1, codes = "Mode"},
    {name = "schedule_days", at = 11, size = 1, unit = "days"},
    {name = "concentration_ug_per_ml", at = 12, size = 2, unit = "ug/ml"},
    {name = "dose_ng_per_day", at = 14, size = 4, unit = "ng/day"},
    {name = "low_reservoir_nl", at = 18, size = 4, unit = "nl"},
    {name = "dose_limit_ng", at = 22, size = 4, unit = "ng"},
    {name = "critical_interval_ticks", at = 26, size = 4, unit = "ticks"},
    {name = "interval_unit", at = 30, size = 1, codes = "IntervalUnit"},
    {name = "patient_count", at = 31, size = 1, unit = "count"},
    {name = "interval_count", at = 32, size = 2, unit = "count"},
    {name = "interval_dose_ng", at = 34, size = 4, unit = "ng"},
    {name = "interval_duration_ticks", at = 38, size = 4, unit = "ticks"},
    {name = "single_dose_ng", at = 42, size = 4, unit = "ng"},
    {name = "single_duration_ticks", at = 46, size = 4, unit = "ticks"},
    {name = "patient_dose_ng", at = 50, size = 4, unit = "ng"},
    {name = "patient_duration_ticks", at = 54, size = 4, unit = "ticks"},
    {name = "patient_lockout_ticks", at = 58, size = 4, unit = "ticks"},
    {name = "flex_0_count", at = 62, size = 1, unit = "count"},
    {name = "flex_1_count", at = 63, size = 1, unit = "count"},
    {name = "bridge", at = 64, size = 1},}},
  [0x8113] = {name = "FlexRead", abbr = "flex_read", size = 2, historic = {}, fields = {
    {name = "source", at = 0, size = 1, codes = "ProgramSource"},
    {name = "schedule", at = 1, size = 1},}, tail = {name = "steps", max = 16, of_bytes = false, item = items.FlexStep}},
  [0x8114] = {name = "Alarms", abbr = "alarms", size = 77, historic = {}, fields = {
    {name = "alarms_active", at = 0, size = 2, flags = "Alarm", alarms = true},
    {name = "alarms_silenced", at = 2, size = 2, flags = "Alarm"},
    {name = "tone_class", at = 4, size = 1, codes = "ToneClass"},
    {name = "low_reservoir_tick", at = 5, size = 8, unit = "tick"},
    {name = "elective_replacement_tick", at = 13, size = 8, unit = "tick"},
    {name = "memory_error_tick", at = 21, size = 8, unit = "tick"},
    {name = "empty_reservoir_tick", at = 29, size = 8, unit = "tick"},
    {name = "end_of_service_tick", at = 37, size = 8, unit = "tick"},
    {name = "motor_stall_tick", at = 45, size = 8, unit = "tick"},
    {name = "stopped_too_long_tick", at = 53, size = 8, unit = "tick"},
    {name = "critical_memory_error_tick", at = 61, size = 8, unit = "tick"},
    {name = "low_battery_reset_tick", at = 69, size = 8, unit = "tick"},}},
  [0x8115] = {name = "LogPage", abbr = "log_page", size = 8, historic = {}, fields = {
    {name = "oldest_seq", at = 0, size = 4, unit = "seq", doc = "lowest sequence the ring can still hold"},
    {name = "next_seq", at = 4, size = 4, unit = "seq", doc = "sequence the next entry will get"},}, tail = {name = "entries", max = 6, of_bytes = false, item = items.LogEntry}},
  [0x8116] = {name = "Record", abbr = "record", size = 56, historic = {}, fields = {
    {name = "model", at = 0, size = 2, codes = "Model"},
    {name = "serial", at = 2, size = 4},
    {name = "implant_day", at = 6, size = 4, unit = "day", doc = "days since 2000-01-01"},
    {name = "calendar_origin_day", at = 10, size = 4, unit = "day", doc = "date of clock day 0, days since 2000-01-01"},
    {name = "drug", at = 14, size = 2, codes = "Drug"},
    {name = "concentration_ug_per_ml", at = 16, size = 2, unit = "ug/ml"},
    {name = "catheter_length_mm", at = 18, size = 2, unit = "mm"},
    {name = "tubing_nl", at = 20, size = 4, unit = "nl"},
    {name = "fill_nl", at = 24, size = 4, unit = "nl"},
    {name = "fill_life_ticks", at = 28, size = 8, unit = "ticks"},
    {name = "residual_more_nl", at = 36, size = 4, unit = "nl"},
    {name = "residual_less_nl", at = 40, size = 4, unit = "nl"},
    {name = "last_session_life_ticks", at = 44, size = 8, unit = "ticks"},
    {name = "open_count", at = 52, size = 4, unit = "count"},}},
  [0x8117] = {name = "Account", abbr = "account", size = 40, historic = {}, fields = {
    {name = "commanded_q", at = 0, size = 8, unit = "q"},
    {name = "step_count", at = 8, size = 8, unit = "count"},
    {name = "acc_q", at = 16, size = 8, unit = "q"},
    {name = "owed_q", at = 24, size = 8, unit = "q", doc = "sum over all boluses"},
    {name = "cancelled_q", at = 32, size = 8, unit = "q"},}},
  [0x8120] = {name = "Staged", abbr = "staged", size = 4, historic = {}, fields = {
    {name = "program_crc", at = 0, size = 4, unit = "crc"},}},
  [0x8122] = {name = "Verified", abbr = "verified", size = 17, historic = {}, fields = {
    {name = "program_crc", at = 0, size = 4, unit = "crc"},
    {name = "old_program_crc", at = 4, size = 4, unit = "crc"},
    {name = "daily_dose_ng", at = 8, size = 4, unit = "ng"},
    {name = "old_daily_dose_ng", at = 12, size = 4, unit = "ng"},
    {name = "second_confirmation", at = 16, size = 1, lo = 0, hi = 1, doc = "1: the commit must repeat the new daily dose"},}},
  [0x8130] = {name = "Started", abbr = "started", size = 17, historic = {}, fields = {
    {name = "kind", at = 0, size = 1, codes = "FluidKind"},
    {name = "volume_nl", at = 1, size = 4, unit = "nl"},
    {name = "rate_nl_per_day", at = 5, size = 4, unit = "nl/day", doc = "rate of the bolus alone"},
    {name = "refill_due_life_ticks", at = 9, size = 8, unit = "ticks"},}},
  [0x8131] = {name = "AlreadyStarted", abbr = "already_started", size = 10, historic = {}, fields = {
    {name = "kind", at = 0, size = 1, codes = "FluidKind"},
    {name = "outcome", at = 1, size = 1, codes = "FluidOutcome"},
    {name = "volume_nl", at = 2, size = 4, unit = "nl"},
    {name = "delivered_nl", at = 6, size = 4, unit = "nl"},}},
  [0x8133] = {name = "Refilled", abbr = "refilled", size = 21, historic = {}, fields = {
    {name = "expected_nl", at = 0, size = 4, unit = "nl", doc = "estimate before"},
    {name = "more_nl", at = 4, size = 4, unit = "nl", doc = "measured above the estimate"},
    {name = "less_nl", at = 8, size = 4, unit = "nl", doc = "measured below the estimate"},
    {name = "discrepancy", at = 12, size = 1, lo = 0, hi = 1},
    {name = "refill_due_life_ticks", at = 13, size = 8, unit = "ticks"},}},
  [0x8205] = {name = "Report", abbr = "report", size = 58, historic = {[32] = true}, fields = {
    {name = "reached_tick", at = 0, size = 8, unit = "tick"},
    {name = "reason", at = 8, size = 1, codes = "StopReason"},
    {name = "step_commanded", at = 9, size = 1, lo = 0, hi = 1, doc = "actuators of the tick reached"},
    {name = "sample_commanded", at = 10, size = 1, lo = 0, hi = 1},
    {name = "tone_class", at = 11, size = 1, codes = "ToneClass"},
    {name = "effect_count", at = 12, size = 4, unit = "count", doc = "since arm or restore"},
    {name = "effect_crc", at = 16, size = 4, unit = "crc"},
    {name = "controller_crc", at = 20, size = 4, unit = "crc"},
    {name = "plant_crc", at = 24, size = 4, unit = "crc", doc = "0 while the plant is outside"},
    {name = "memory_crc", at = 28, size = 4, unit = "crc"},
    {name = "load", at = 32, size = 1, flags = "Load", doc = "what the tick reached asks of a plant beside its actuators"},
    {name = "reset_pending", at = 33, size = 1, codes = "ResetCause"},
    {name = "tone_onset_tick", at = 34, size = 8, unit = "tick", doc = "the tone plan that the plant sounds"},
    {name = "tone_period_ticks", at = 42, size = 4, unit = "ticks"},
    {name = "tone_duration_ticks", at = 46, size = 4, unit = "ticks"},
    {name = "tone_test_end_tick", at = 50, size = 8, unit = "tick"},}},
  [0x8208] = {name = "SnapshotPage", abbr = "snapshot_page", size = 8, historic = {}, fields = {
    {name = "offset_bytes", at = 0, size = 4, unit = "bytes"},
    {name = "snapshot_bytes", at = 4, size = 4, unit = "bytes", doc = "size of the whole"},}, tail = {name = "data", max = 128, of_bytes = true, item = items.bytes}},
  [0x820B] = {name = "LinkCounters", abbr = "link_counters", size = 32, historic = {}, fields = {
    {name = "good_frame_count", at = 0, size = 4, unit = "count"},
    {name = "bad_frame_count", at = 4, size = 4, unit = "count"},
    {name = "refused_frame_count", at = 8, size = 4, unit = "count"},
    {name = "retried_frame_count", at = 12, size = 4, unit = "count"},
    {name = "unknown_type_count", at = 16, size = 4, unit = "count"},
    {name = "overrun_bytes", at = 20, size = 4, unit = "bytes"},
    {name = "late_tick_count", at = 24, size = 4, unit = "count"},
    {name = "dropped_telemetry_count", at = 28, size = 4, unit = "count"},}},
  [0x8220] = {name = "EventNotice", abbr = "event_notice", size = 10, historic = {}, fields = {
    {name = "code", at = 0, size = 2, codes = "Event"},
    {name = "arg_0", at = 2, size = 4},
    {name = "arg_1", at = 6, size = 4},}},
}

local wire = (function()
-- Knows how bytes become frames and what their bodies hold, by the tables before it; it must not know Wireshark.
-- Runs in Lua 5.2 and 5.4: bit operators are spelled in neither, and no number here is wider than 32 bits.

local wire = {}

local bxor = bit32 and bit32.bxor or load("return function(a, b) return a ~ b end")()
local band = bit32 and bit32.band or load("return function(a, b) return a & b end")()
local rshift = bit32 and bit32.rshift or load("return function(a, n) return a >> n end")()
wire.band, wire.rshift = band, rshift

local crc_of_byte = {}
for byte = 0, 255 do
  local crc = byte
  for _ = 1, 8 do
    crc = band(crc, 1) == 1 and bxor(rshift(crc, 1), 0x82F63B78) or rshift(crc, 1)
  end
  crc_of_byte[byte] = crc
end

-- CRC-32C before its last inversion.
local function residue(bytes)
  local crc = 0xFFFFFFFF
  for at = 1, #bytes do
    crc = bxor(rshift(crc, 8), crc_of_byte[bxor(band(crc, 0xFF), bytes:byte(at))])
  end
  return crc
end

-- The little-endian number of up to four bytes after the first `at`; 0 for a field that the sender did not know yet.
local function number(bytes, at, size, stop)
  local value = 0
  if stop and at + size > stop then return 0 end
  for index = size, 1, -1 do value = value * 256 + bytes:byte(at + index) end
  return value
end
wire.number = number

-- What COBS made of the bytes between two zero bytes; nil where it never made them.
local function uncobs(bytes)
  local parts, at, size = {}, 1, #bytes
  while at <= size do
    local code = bytes:byte(at)
    local stop = at + code - 1
    if code == 0 or stop > size then return nil end
    parts[#parts + 1] = bytes:sub(at + 1, stop)
    at = stop + 1
    if code < 255 and at <= size then parts[#parts + 1] = "\0" end
  end
  return table.concat(parts)
end

-- Adds bytes to a stream `{pending, dropped}`; gives the runs that they complete, each `{bytes, size}`, and the stream's rest.
function wire.split(stream, bytes)
  local runs, at, pending, dropped = {}, 1, stream[1], stream[2]
  while true do
    local zero = bytes:find("\0", at, true)
    local run = pending .. bytes:sub(at, zero and zero - 1)
    pending, at = run:sub(1, facts.KEPT_BYTES_MAX), (zero or 0) + 1
    dropped = dropped + #run - #pending
    if not zero then return runs, {pending, dropped} end
    if #pending > 0 then runs[#runs + 1] = {pending, #pending + dropped} end
    pending, dropped = "", 0
  end
end

local function in_range(fields, bytes, at, stop)
  for _, field in ipairs(fields) do
    if field.hi then
      local value = number(bytes, at + field.at, field.size, stop)
      if field.signed and value >= 2 ^ (8 * field.size - 1) then value = value - 2 ^ (8 * field.size) end
      if value < field.lo or value > field.hi then return false end
    end
  end
  return true
end

local function fits(layout, size)
  return size >= layout.size or layout.historic[size] == true
end

-- The fault of a body, or nil and, where it ends in a tail, where the items stand: `{at, count, size}`.
local function body(layout, bytes, at, stop)
  local tail = layout.tail
  if not tail then
    if not fits(layout, stop - at) then return facts.LENGTH end
    return not in_range(layout.fields, bytes, at, stop) and facts.RANGE or nil
  end
  local items = {at = at + layout.size + 3}
  if stop < items.at then return facts.LENGTH end
  items.count, items.size = number(bytes, items.at - 3, 2), number(bytes, items.at - 1, 1)
  if items.at + items.count * items.size > stop or not fits(tail.item, items.size) then return facts.LENGTH end
  if items.count > tail.max or not in_range(layout.fields, bytes, at, stop) then return facts.RANGE end
  for index = 0, items.count - 1 do
    local first = items.at + index * items.size
    if not in_range(tail.item.fields, bytes, first, first + items.size) then return facts.RANGE end
  end
  return nil, items
end

local function header(plain, from_device)
  local found = {}
  for _, field in ipairs(facts.header) do
    if field.size <= 4 and (from_device or not field.device) then found[field.name] = number(plain, field.at, field.size) end
  end
  return found
end

-- Without a direction each frame says itself who sent it.
local function says_device(bytes)
  local plain = uncobs(bytes:sub(1, facts.ENCODED_BYTES_MAX))
  return plain ~= nil and #plain >= 2 and band(plain:byte(2), facts.FLAG_FROM_DEVICE) ~= 0
end

-- What a run of bytes is: `fault` has the first fault that applies; `header` is there where the CRC vouches for it.
function wire.read(run, from_device)
  local raw, size = run[1], run[2]
  local frame = {raw = raw, size = size}
  if from_device == nil then from_device = says_device(raw) end
  local function bad(fault) frame.fault = fault; return frame end
  if size > facts.ENCODED_BYTES_MAX then return bad(facts.OVERSIZE) end
  local plain = uncobs(raw)
  if not plain then return bad(facts.COBS) end
  frame.plain, frame.at, frame.stop = plain, from_device and facts.DEVICE_BYTES or facts.HOST_BYTES, #plain - facts.CRC_BYTES
  if frame.stop < frame.at then return bad(facts.SHORT) end
  if residue(plain) ~= facts.GOOD then return bad(facts.CRC) end
  local head = header(plain, from_device)
  frame.header, frame.as_device = head, from_device
  local own_flags = from_device and facts.FLAG_FROM_DEVICE or 0
  if head.version ~= facts.VERSION or band(head.flags, 0xFF - facts.FLAG_BENCH) ~= own_flags then return bad(facts.VERSION_FAULT) end
  frame.layout = facts.messages[head.type]
  if frame.layout then frame.fault, frame.items = body(frame.layout, plain, frame.at, frame.stop) end
  return frame
end

return wire
end)()

-- Knows how Wireshark shows frames and meta records; what the bytes mean stands before it.

if not Proto then return wire end  -- loaded by a plain Lua, for its own sake

local line = Proto("pumpbench", "pumpbench frame")
local meta = Proto("pumpbench_meta", "pumpbench meta record")
local shown, experts = {}, {}
local interface_name, direction = Field.new("frame.interface_name"), Field.new("frame.packet_flags_direction")
local INBOUND, OUTBOUND = 1, 2

local function declare(field)
  shown[#shown + 1] = field
  return field
end

local function expert(name, text, group, severity)
  local made = ProtoExpert.new("pumpbench." .. name, text, group, severity)
  experts[#experts + 1] = made
  return made
end

local UNSIGNED = {ProtoField.uint8, ProtoField.uint16, [4] = ProtoField.uint32, [8] = ProtoField.uint64}
local SIGNED = {ProtoField.int8, ProtoField.int16, [4] = ProtoField.int32, [8] = ProtoField.int64}

-- One field of a message, and a bit of its own for each name of a set.
local function declare_field(prefix, field)
  local abbr, make = prefix .. "." .. field.name, (field.signed and SIGNED or UNSIGNED)[field.size]
  local codes = facts.codes[field.codes]
  local doc = field.doc
  if codes then
    field.proto = make(abbr, field.name, base.DEC, codes, nil, doc)
  elseif field.unit then
    field.proto = make(abbr, field.name, base.UNIT_STRING, {" " .. field.unit}, nil, doc)
  else
    field.proto = make(abbr, field.name, field.flags and base.HEX or base.DEC, nil, nil, doc)
  end
  declare(field.proto)
  field.bits = {}
  for index, flag in ipairs(field.flags and facts.flags[field.flags] or {}) do
    local shape = ProtoField.bool(abbr .. "." .. flag.name, flag.name, 8 * field.size, nil, flag.bit)
    field.bits[index] = {name = flag.name, bit = flag.bit, proto = declare(shape)}
  end
end

local function declare_layout(abbr, layout)
  for _, field in ipairs(layout.fields) do declare_field(abbr, field) end
  local tail = layout.tail
  if not tail then return end
  tail.proto = declare(ProtoField.bytes(abbr .. "." .. tail.name, tail.name, base.NONE, tail.doc))
  tail.count = declare(ProtoField.uint16(abbr .. "." .. tail.name .. "_count", tail.name .. " count"))
  -- Items of one layout may end several messages: each has fields of its own.
  tail.fields = {}
  for index, field in ipairs(tail.item.fields) do
    local own = {}
    for key, value in pairs(field) do own[key] = value end
    declare_field(abbr .. "." .. tail.name, own)
    tail.fields[index] = own
  end
end

for _, layout in pairs(facts.messages) do declare_layout("pumpbench." .. layout.abbr, layout) end
for _, field in ipairs(facts.header) do declare_field("pumpbench", field) end
local ok = declare(ProtoField.bool("pumpbench.ok", "ok", base.NONE, nil, nil, "a good frame"))
local message = declare(ProtoField.string("pumpbench.message", "message"))
local fault = declare(ProtoField.string("pumpbench.fault", "fault", base.ASCII, "the first that applies"))
local size_bytes = declare(ProtoField.uint32("pumpbench.size_bytes", "size", base.UNIT_STRING, {" bytes"}, nil, "between two zero bytes"))
local raw = declare(ProtoField.bytes("pumpbench.raw", "raw", base.NONE, "as it passed; of a longer run the first 256 bytes"))
local unknown_body = declare(ProtoField.bytes("pumpbench.body", "body", base.NONE, "of a type that is not known"))

local fault_expert, alarm_expert = {}, {}
for number, name in pairs(facts.codes.WireFault) do
  fault_expert[number] = expert("bad_frame." .. name, "bad frame: " .. name, PI_MALFORMED, PI_ERROR)
end
for _, alarm in ipairs(facts.alarms) do
  local severity = alarm.critical and PI_WARN or PI_NOTE
  alarm_expert[alarm.number] = expert("alarm." .. alarm.name, "alarm: " .. alarm.name, PI_RESPONSE_CODE, severity)
end
local refused = expert("refused_request", "refused", PI_RESPONSE_CODE, PI_NOTE)
local cleared = expert("alarm_cleared", "alarm cleared", PI_RESPONSE_CODE, PI_CHAT)

line.fields, line.experts = shown, experts

local function alarms_in(item, value)
  for _, alarm in ipairs(facts.alarms) do
    if wire.band(value, 2 ^ alarm.number) ~= 0 then item:add_proto_expert_info(alarm_expert[alarm.number]) end
  end
end

-- A field of the decoded bytes, or 0 where the sender did not know the field yet.
local function add_field(tree, field, tvb, at, stop)
  local first = at + field.at
  if first + field.size > stop then
    local zero = field.size < 8 and 0 or field.signed and Int64(0) or UInt64(0)
    return tree:add(field.proto, tvb(stop, 0), zero):set_generated(), 0
  end
  local range = tvb(first, field.size)
  local item = tree:add_le(field.proto, range)
  if field.size == 8 or field.signed then return item, 0 end
  local value, names = range:le_uint(), {}
  for _, flag in ipairs(field.bits) do
    if wire.band(value, flag.bit) ~= 0 then names[#names + 1] = flag.name end
    item:add_le(flag.proto, range)
  end
  if field.flags then item:append_text(" (" .. (names[1] and table.concat(names, "+") or "none") .. ")") end
  if field.alarms then alarms_in(item, value) end
  return item, value
end

-- What an event or a log entry says of an alarm; `values` by field name.
local function tell_alarm(item, values)
  if values.code == facts.ALARM_RAISED and alarm_expert[values.arg_0] then
    item:add_proto_expert_info(alarm_expert[values.arg_0])
  elseif values.code == facts.ALARM_CLEARED then
    item:add_proto_expert_info(cleared)
  end
end

local function add_fields(tree, fields, tvb, at, stop)
  local values = {}
  for _, field in ipairs(fields) do
    local _, value = add_field(tree, field, tvb, at, stop)
    values[field.name] = value
  end
  tell_alarm(tree, values)
end

local function add_bytes(tree, tail, tvb, items)
  local bytes = {}
  for index = 0, items.count - 1 do bytes[#bytes + 1] = string.char(tvb(items.at + index * items.size, 1):uint()) end
  if items.count > 0 then tree:add(tail.proto, ByteArray.new(table.concat(bytes), true):tvb(tail.name)()) end
end

local function add_tail(tree, tail, tvb, items)
  tree:add_le(tail.count, tvb(items.at - 3, 2))
  if tail.of_bytes then return add_bytes(tree, tail, tvb, items) end
  for index = 0, items.count - 1 do
    local first = items.at + index * items.size
    local item = tree:add(tail.proto, tvb(first, items.size)):set_text(tail.item.name .. " " .. index)
    add_fields(item, tail.fields, tvb, first, first + items.size)
  end
end

local function add_header(tree, frame, tvb)
  local flags_say_device = wire.band(frame.header.flags, facts.FLAG_FROM_DEVICE) ~= 0
  for _, field in ipairs(facts.header) do
    if not field.device or flags_say_device then
      add_field(tree, field, tvb, 0, (field.device and not frame.as_device) and 0 or frame.stop)
    end
  end
end

local function name_of(frame)
  if not frame.header then return nil end
  local layout = facts.messages[frame.header.type]
  return layout and layout.name or string.format("0x%04x", frame.header.type)
end

-- The subtree of one frame; gives what the packet list says of it.
local function add_frame(tree, frame)
  local tvb = ByteArray.new(frame.header and frame.plain or frame.raw, true):tvb("frame")
  local top = tree:add(line, tvb())
  local name, fault_name = name_of(frame), frame.fault and facts.codes.WireFault[frame.fault]
  top:add(ok, frame.fault == nil):set_generated()
  if name then
    top:add(message, name):set_generated()
    add_header(top, frame, tvb)
  end
  if fault_name then
    top:add(fault, fault_name):set_generated():add_proto_expert_info(fault_expert[frame.fault])
    top:add(size_bytes, frame.size):set_generated()
    top:add(raw, ByteArray.new(frame.raw, true):tvb("as it passed")())
    top:append_text(": bad, " .. fault_name)
    return "BAD " .. fault_name .. (name and " " .. name or "")
  end
  top:append_text(": " .. name)
  if not frame.layout then
    if frame.stop > frame.at then top:add(unknown_body, tvb(frame.at, frame.stop - frame.at)) end
    return name
  end
  add_fields(top, frame.layout.fields, tvb, frame.at, frame.items and frame.items.at - 3 or frame.stop)
  if frame.items then add_tail(top, frame.layout.tail, tvb, frame.items) end
  if frame.header.type == facts.REFUSED then top:add_proto_expert_info(refused) end
  return name
end

-- Streams by interface and direction; what stood open before a packet, for those that Wireshark shows again.
local streams, before = {}, {}

function line.init()
  streams, before = {}, {}
end

local function runs_of(pinfo, key, bytes)
  if not pinfo.visited then before[pinfo.number] = streams[key] end
  local runs, rest = wire.split(before[pinfo.number] or {"", 0}, bytes)
  if not pinfo.visited then streams[key] = (rest[1] ~= "") and rest or nil end
  return runs, rest
end

function line.dissector(tvb, pinfo, tree)
  local way, name = direction(), interface_name()
  way = way and way.value % 3 or 0  -- 3 says as little as 0
  local from_device = nil
  if way == INBOUND then from_device = true elseif way == OUTBOUND then from_device = false end
  local bytes = tvb:len() > 0 and tvb():bytes():raw() or ""
  local runs, rest = runs_of(pinfo, (name and name.value or "") .. " " .. way, bytes)
  local told = {}
  for _, run in ipairs(runs) do told[#told + 1] = add_frame(tree, wire.read(run, from_device)) end
  if #rest[1] > 0 then told[#told + 1] = "(" .. #rest[1] + rest[2] .. " bytes of the next frame)" end
  pinfo.cols.protocol = "pumpbench"
  pinfo.cols.info = (from_device and "<- " or from_device == false and "-> " or "? ") .. table.concat(told, ", ")
end

local record = ProtoField.string("pumpbench_meta.record", "record", base.ASCII, "the kind of this record")
meta.fields = {record}

-- The text under `record` of a canonical JSON object, whatever objects stand before it; nil where there is none.
local function kind_of(text)
  local depth, at = 0, 1
  while at <= #text do
    local mark = text:sub(at, at)
    if mark == '"' then
      local stop = at + 1
      while stop <= #text and text:sub(stop, stop) ~= '"' do stop = stop + (text:sub(stop, stop) == "\\" and 2 or 1) end
      if depth == 1 and text:sub(at + 1, stop - 1) == "record" then
        local kind = text:match('^:"([^"\\]*)"', stop + 1)
        if kind then return kind end
      end
      at = stop
    elseif mark == "{" or mark == "[" then
      depth = depth + 1
    elseif mark == "}" or mark == "]" then
      depth = depth - 1
    end
    at = at + 1
  end
end

function meta.dissector(tvb, pinfo, tree)
  local kind = tvb:len() > 0 and kind_of(tvb():bytes():raw()) or nil
  local top = tree:add(meta, tvb())
  if kind then top:add(record, kind):set_generated() end
  if tvb:len() > 0 then Dissector.get("json"):call(tvb, pinfo, tree) end
  pinfo.cols.protocol = "pumpbench"
  pinfo.cols.info = "meta: " .. (kind or "no record of ours")
end

local links = wtap_encaps or wtap
DissectorTable.get("wtap_encap"):add(links.USER0, line)
DissectorTable.get("wtap_encap"):add(links.USER1, meta)

return wire
