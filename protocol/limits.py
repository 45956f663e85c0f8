"""Sizes and numbers of the wire and of the device that both languages share; nothing here can be configured."""

from __future__ import annotations

from typing import Final

# Frames
FRAME_WIRE_BYTES_MAX: Final = 256
FRAME_DECODED_BYTES_MAX: Final = 253
PROTOCOL_VERSION: Final = 1

# Time; a tick is the pump's own 100 ms
TICK_MS: Final = 100
TICKS_PER_SECOND: Final = 10
TICKS_PER_MINUTE: Final = 600
TICKS_PER_HOUR: Final = 36_000
TICKS_PER_DAY: Final = 864_000
TICKS_PER_WEEK: Final = 6_048_000
MINUTES_PER_DAY: Final = 1_440

# Volume: 1 q = 1 nl / 864 000, so a rate in nl/day is q per tick
Q_PER_NL: Final = 864_000
STEP_NL: Final = 250  # unsourced: no page gives the volume of a motor step
STEP_Q: Final = 216_000_000
STEP_PL: Final = 250_000
PL_PER_NL: Final = 1_000
PPM: Final = 1_000_000

# Dose: one step of a drug of c ug/mL carries c quanta of 250 pg
QUANTA_PER_NG: Final = 4

# Programs
RATE_MAX_NL_PER_DAY: Final = 24_000_000  # unsourced upper end of the programmable range
CONCENTRATION_MIN_UG_PER_ML: Final = 1
CONCENTRATION_MAX_UG_PER_ML: Final = 4_000
FLEX_STEPS: Final = 13  # [M05]
FLEX_SCHEDULES: Final = 2
FLEX_STEPS_ON_WIRE: Final = 16
DOSE_LIMIT_MAX_NG: Final = 48_000_000
DURATION_MIN_TICKS: Final = 10
DURATION_MAX_TICKS: Final = 864_000
INTERVAL_MIN_TICKS: Final = 9_000
INTERVAL_MAX_TICKS: Final = 6_048_000
LOCKOUT_MIN_TICKS: Final = 600
LOCKOUT_MAX_TICKS: Final = 864_000
PATIENT_BOLUSES: Final = 8
TONE_INTERVAL_MIN_TICKS: Final = 300
TONE_INTERVAL_MAX_TICKS: Final = 72_000
CATHETER_MAX_MM: Final = 1_500
TUBING_MAX_NL: Final = 1_000_000
LINE_MIN_NL: Final = 16_000  # 32 parcels of at least two steps

# Memory words
ERASED: Final = 0xFFFF_FFFF
COMMIT_MAGIC: Final = 0x434F_4D54
PROGRAM_BODY_WORDS: Final = 54
PROGRAM_SLOT_WORDS: Final = 57
PROGRAM_SLOTS: Final = 2
UPDATE_WORDS_PER_TICK: Final = 8
LOG_CAPACITY: Final = 32
LOG_ENTRY_WORDS: Final = 8
LOG_PAGE_ENTRIES: Final = 6
HOUR_BUCKETS: Final = 25
FLUID_RECORDS: Final = 4
ALARM_COUNT: Final = 9
LINE_PARCELS: Final = 32
BATTERY_TABLE_POINTS: Final = 17
SNAPSHOT_PAGE_BYTES: Final = 128
NO_CUT_WORDS: Final = 0xFFFF
