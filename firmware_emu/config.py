"""Every number of the modelled pump that a scenario may set, with its unit, range, default and source; no behaviour.

Sources are ids of `SOURCES.md`; `unsourced` marks our own choice.
"""

from __future__ import annotations

from pumpbench.protocol.codes import Quirk
from pumpbench.protocol.layout import U16, U32, U64, State, field, state


@state("config")
class Config(State):
    """Configuration: constants that a bench may set before the start; kept over every modelled reset."""

    quirks: U16 = field(default=0, flags=Quirk, hi=15, doc="documented misbehaviour that is switched on")
    boot_ticks: U16 = field(default=20, lo=1, hi=6_000, doc="ticks a boot takes; unsourced")
    session_timeout_ticks: U32 = field(default=3_000, lo=10, hi=36_000, doc="silence that ends a session; unsourced")
    update_stop_ticks: U16 = field(default=10, lo=1, hi=600, doc="update stage stop; that it stops: F08; length unsourced")
    update_verify_ticks: U16 = field(default=5, lo=1, hi=600, doc="update stage verify; unsourced")
    update_restart_ticks: U16 = field(default=10, lo=1, hi=600, doc="update stage restart; unsourced")
    stall_steps_count: U16 = field(default=3, lo=1, hi=200, doc="steps without a count that make a stall; unsourced")
    reservoir_capacity_nl: U32 = field(default=20_000_000, lo=1_000_000, hi=40_000_000, doc="F01, F12")
    reservoir_empty_nl: U32 = field(default=500_000, lo=0, hi=4_000_000, doc="estimate at which delivery ends; G01 R6.8.0(10)")
    rate_min_nl_per_day: U32 = field(default=48_000, lo=1, hi=1_000_000, doc="minimum rate; P03 (derived)")
    prime_rate_nl_per_day: U32 = field(default=24_000_000, lo=1_000_000, hi=24_000_000, doc="rate of a prime; unsourced")
    catheter_nl_per_mm: U32 = field(default=220, lo=1, hi=10_000, doc="0.0022 mL/cm; unsourced")
    tone_non_critical_period_ticks: U32 = field(default=36_000, lo=100, hi=864_000, doc="once an hour; M01, M03")
    tone_non_critical_ticks: U16 = field(default=10, lo=1, hi=100, doc="about 1 s; M01, M03")
    tone_critical_ticks: U16 = field(default=30, lo=1, hi=100, doc="about 3 s; M03")
    alarm_test_ticks: U16 = field(default=40, lo=1, hi=600, doc="both tones once; M03; length unsourced")
    dose_factor_count: U16 = field(
        default=2, lo=1, hi=1_000, doc="daily dose may change by this factor with one confirmation; unsourced"
    )
    dose_confirm_above_ng: U32 = field(default=1_000_000, lo=1, doc="daily dose above which a second confirmation is due; D02")
    refill_tolerance_ppt: U16 = field(default=145, lo=0, hi=1_000, doc="parts per thousand of the volume used; F02, F20")
    refill_interval_max_ticks: U32 = field(default=155_520_000, lo=864_000, hi=864_000_000, doc="180 days; P03")
    stopped_alarm_ticks: U32 = field(default=1_728_000, lo=600, hi=86_400_000, doc="48 h; C01")
    life_limit_ticks: U32 = field(default=2_209_032_000, lo=77_760_001, doc="84 months of 30.4375 days; M02")
    eri_to_eos_ticks: U32 = field(default=77_760_000, lo=1, hi=77_760_000, doc="90 days; M02")
    eri_mv: U16 = field(default=2_500, lo=1, hi=5_000, doc="sampled voltage at which ERI is reached; unsourced")
    eos_mv: U16 = field(default=2_200, lo=1, hi=5_000, doc="sampled voltage at which service ends; unsourced")
    battery_capacity_nc: U64 = field(default=9_000_000_000_000, lo=1_000_000, hi=100_000_000_000_000, doc="2.5 Ah; unsourced")
    idle_nc: U32 = field(default=2_000, lo=0, hi=1_000_000, doc="charge of a tick; unsourced")
    step_nc: U32 = field(default=600_000, lo=0, hi=100_000_000, doc="charge of a motor step; unsourced")
    tone_nc: U32 = field(default=500_000, lo=0, hi=100_000_000, doc="charge of a tick with tone; unsourced")
    session_nc: U32 = field(default=100_000, lo=0, hi=100_000_000, doc="charge of a tick with an open session; unsourced")
    load_ua: U32 = field(default=200, lo=0, hi=100_000, doc="load of a battery sample; unsourced")
    brownout_nc_per_mohm: U32 = field(
        default=10_000_000, lo=0, hi=20_000_000, doc="charge bound per resistance, motor at work; unsourced"
    )
    brownout_reduced_nc_per_mohm: U32 = field(
        default=2_500_000, lo=0, hi=20_000_000, doc="the same for the reduced load; unsourced"
    )
    mix_basal_ppm: U32 = field(default=20_000, lo=0, hi=1_000_000, doc="exchange between parcels at a shift; unsourced")
    mix_bolus_ppm: U32 = field(
        default=200_000, lo=0, hi=1_000_000, doc="the same while a bolus runs; M08, F10 (that it mixes); value unsourced"
    )
