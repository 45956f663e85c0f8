"""Draws how a walk begins: configuration and start state, usual, small, or anywhere in range; knows no act's outcome."""

import random

from pumpbench.firmware_emu.config import Config
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import CATHETER_MAX_MM, TUBING_MAX_NL
from pumpbench.protocol.messages import Configure, ResetToStart
from tests.parity.draw_numbers import around, log_uniform, within

CONFIG = layout_of(Config).fields
INDEX = {declared.name: at for at, declared in enumerate(CONFIG)}
# Values that bring within minutes or days what the defaults bring within years.
QUICK = {
    "boot_ticks": (1, 60),
    "session_timeout_ticks": (10, 36_000),
    "update_stop_ticks": (1, 20),
    "update_verify_ticks": (1, 20),
    "update_restart_ticks": (1, 20),
    "stall_steps_count": (1, 5),
    "reservoir_empty_nl": (0, 4_000_000),
    "tone_non_critical_period_ticks": (100, 40_000),
    "alarm_test_ticks": (1, 600),
    "dose_factor_count": (1, 5),
    "dose_confirm_above_ng": (1, 2_000_000),
    "refill_interval_max_ticks": (864_000, 10_000_000),
    "stopped_alarm_ticks": (600, 1_000_000),
    "life_limit_ticks": (77_760_001, 80_000_000),
    "eri_to_eos_ticks": (1, 1_000_000),
    "battery_capacity_nc": (10_000_000_000, 1_000_000_000_000),
    "mix_basal_ppm": (0, 1_000_000),
    "mix_bolus_ppm": (0, 1_000_000),
}


def draw_quirks(rng: random.Random) -> int:
    return rng.choice((0, 0, 0, 15, rng.randint(0, 15), 1 << rng.randrange(16)))


def draw_config(rng: random.Random, wild: float) -> list[Configure]:
    """Some settings; with probability `wild` each, anywhere in their range, otherwise such as make time short."""
    chosen = rng.sample(sorted(QUICK), rng.choice((0, 0, 3, 8)))
    settings = [Configure(config_index=INDEX[name], value=log_uniform(rng, *QUICK[name])) for name in chosen]
    settings.append(Configure(config_index=INDEX["quirks"], value=draw_quirks(rng)))
    if rng.random() < wild:
        settings += [_anywhere(rng) for _ in range(rng.randint(1, 12))]
    return settings


def draw_setting(rng: random.Random) -> Configure:
    """One setting, lawful or not."""
    at = rng.choice((rng.randrange(len(CONFIG)), rng.randrange(len(CONFIG)), len(CONFIG), 0xFFFF))
    if at >= len(CONFIG):
        return Configure(config_index=at, value=rng.randint(0, 5))
    lo, hi = CONFIG[at].lo, CONFIG[at].hi
    return Configure(config_index=at, value=around(rng, lo, hi, 2**64 - 1))


def _anywhere(rng: random.Random) -> Configure:
    at = rng.randrange(len(CONFIG))
    return Configure(config_index=at, value=within(rng, CONFIG[at].lo, CONFIG[at].hi))


def draw_start(rng: random.Random, config: Config, wild: float) -> ResetToStart:
    """A start state; with probability `wild` one in which something may be out of range."""
    values = _usual(rng, config)
    if rng.random() < wild:
        name = rng.choice(sorted(values))
        declared = layout_of(ResetToStart).field(name)
        values[name] = around(rng, declared.lo, declared.hi, declared.hi)
    return ResetToStart(**values)


def _usual(rng: random.Random, config: Config) -> dict[str, int]:
    capacity, concentration = config.reservoir_capacity_nl, rng.choice((2000, 500, rng.randint(0, 4000)))
    true = rng.choice((capacity, capacity * 9 // 10, rng.randint(0, capacity), min(config.reservoir_empty_nl + 50_000, capacity)))
    catheter, tubing = _line(rng, config)
    return {
        "model": rng.randint(0, 2),
        "serial": rng.randint(0, 0xFFFF_FFFF),
        "implant_day": rng.randint(0, 0xFFFF_FFFF),
        "calendar_origin_day": rng.randint(0, 0xFFFF_FFFF),
        "drug": rng.randint(0, 2),
        "catheter_length_mm": catheter,
        "tubing_nl": tubing,
        "reservoir_true_nl": true,
        "reservoir_estimated_nl": rng.choice((true, true, rng.randint(0, capacity))),
        "concentration_ug_per_ml": concentration,
        "line_ug_per_ml": rng.choice((concentration, 0, rng.randint(0, 4000))),
        "clock_day": rng.choice((0, 4, 6, 65_535, rng.randint(0, 65_535))),
        "clock_day_ticks": rng.choice((0, 863_999, 430_000, rng.randint(0, 863_999))),
        "life_ticks": _life(rng, config),
        "charge_nc": rng.choice((0, 0, 0, rng.randint(1, config.battery_capacity_nc))),
    }


def _line(rng: random.Random, config: Config) -> tuple[int, int]:
    """(mm, nl) of a line that is not too short, most times."""
    while True:
        catheter, tubing = within(rng, 0, CATHETER_MAX_MM), within(rng, 0, TUBING_MAX_NL)
        if tubing + catheter * config.catheter_nl_per_mm >= 16_000 or rng.random() < 0.05:
            return catheter, tubing


def _life(rng: random.Random, config: Config) -> int:
    """Young, or near the end of service or the date of replacement."""
    limit = config.life_limit_ticks
    eri = max(limit - config.eri_to_eos_ticks, 0)
    near = log_uniform(rng, 1, 2_000_000)
    return rng.choice((0, 0, 0, 0, 0, rng.randint(0, limit - 1), max(limit - near, 0), max(eri - near, 0)))
