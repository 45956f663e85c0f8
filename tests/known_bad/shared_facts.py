"""Knows which shared facts are spoiled on both sides at once, what each models, and which case must notice it where."""

from typing import Final, NamedTuple

from tests.timelines.planting import Plant

CONFIG: Final = "firmware_emu/config.py"
LIMITS: Final = "protocol/limits.py"
EVENTS: Final = "firmware_emu/events.py"
BATTERY: Final = "firmware_emu/battery_table.py"
FOLDED: Final = "\n        "


class WrongFact(NamedTuple):
    """Two implementations that read it agree with each other; only figures worked out apart from it can tell."""

    models: str
    source: str
    plant: Plant
    case: str
    tick: int
    field: str


def _default(name: str, right: str, wrong: str, kind: str = "U32", behind: str = "") -> Plant:
    """`behind`: what stands between the bracket and the default, where the line is folded."""
    declared = f"{name}: {kind} = field({behind}default="
    return Plant(CONFIG, f"{declared}{right},", f"{declared}{wrong},")


WRONG_FACTS: Final = (
    WrongFact(
        "a pump left stopped alarms after 4.8 h instead of 48", "C01",
        _default("stopped_alarm_ticks", "1_728_000", "172_800"),
        "stopped_48_hours", 173801, "ticks of alarm_raised['stopped_too_long']",
    ),
    WrongFact(
        "the tolerance of a refill is 15.4 % instead of 14.5 %", "F02",
        _default("refill_tolerance_ppt", "145", "154", "U16"),
        "refill_tolerance", 72037, "Refill: discrepancy",
    ),
    WrongFact(
        "the hourly tone sounds every six minutes", "M01",
        _default("tone_non_critical_period_ticks", "36_000", "3_600"),
        "tone_hourly", 36000, "plant.tone_tick_count",
    ),
    WrongFact(
        "delivery ends at an estimate of 0.05 mL instead of 0.5", "G01",
        _default("reservoir_empty_nl", "500_000", "50_000"),
        "empty_reservoir", 752, "durable.therapy_state",
    ),
    WrongFact(
        "months of 30 days: the 84 months end too early", "M02",
        _default("life_limit_ticks", "2_209_032_000", "2_177_280_000"),
        "bench_bounds", 0, "durable.eri_life_ticks",
    ),
    WrongFact(
        "a daily extra entered as hourly, 24 times the dose, needs no second confirmation", "C07",
        _default("dose_factor_count", "2", "25", "U16", FOLDED),
        "second_confirmation", 1000, "VerifyProgram: second_confirmation",
    ),
    WrongFact(
        "the volume of a catheter is a tenth", "X02",
        _default("catheter_nl_per_mm", "220", "22"),
        "prime", 100, "Prime: limit",
    ),
    WrongFact(
        "the brown-out bound of a failing battery is a tenth", "F04",
        _default("brownout_nc_per_mohm", "10_000_000", "1_000_000", behind=FOLDED),
        "battery_defaults", 752, "plant.reset_pending",
    ),
    WrongFact(
        "a refill is due after a year instead of 180 days", "P03",
        _default("refill_interval_max_ticks", "155_520_000", "315_360_000"),
        "refill_due_40_ml", 23, "durable.refill_due_life_ticks",
    ),
    WrongFact(
        "a flex step begins at a tenth of its minutes", "M05",
        Plant(LIMITS, "TICKS_PER_MINUTE: Final = 600", "TICKS_PER_MINUTE: Final = 60"),
        "clock_set", 5001, "ticks of flex_step[1, 800000]",
    ),
    WrongFact(
        "the window of the dose limit is an hour short", "G01",
        Plant(LIMITS, "HOUR_BUCKETS: Final = 25", "HOUR_BUCKETS: Final = 24"),
        "dose_window", 40, "Bolus",
    ),
    WrongFact(
        "a dose counts for less than it is", "G01",
        Plant(LIMITS, "QUANTA_PER_NG: Final = 4", "QUANTA_PER_NG: Final = 5"),
        "dose_window", 40, "Bolus",
    ),
    WrongFact(
        "a bolus starts before it is remembered", "S03",
        Plant(EVENTS, "EventFact(Event.BOLUS_STARTED, True, True,", "EventFact(Event.BOLUS_STARTED, True, False,"),
        "bolus_cut_after", 1000, "memory.words[206]",
    ),
    WrongFact(
        "two digits of a point of the battery's table are swapped", "F04",
        Plant(BATTERY, "2_520", "2_250"),
        "battery_points", 32, "controller.battery_mv",
    ),
)  # fmt: skip
