"""Draws faults for the bench to inject, lawful or not; knows their arguments and no pump."""

import random

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.state import CHECKPOINT_SLOT_ADDRESS, CHECKPOINT_SLOT_WORDS, LOG_ADDRESS, MEMORY_WORDS
from pumpbench.protocol.codes import Fault
from pumpbench.protocol.limits import PPM, PROGRAM_SLOT_WORDS, TICKS_PER_DAY
from pumpbench.protocol.messages import Inject
from tests.parity.draw_numbers import around, log_uniform, within

U32_MAX = 0xFFFF_FFFF
FLOW_PPM_MAX = 2_000_000
RESISTANCE_MOHM_MAX = 100_000_000
Arguments = tuple[int, int, int]


def draw_fault(rng: random.Random, config: Config, fault: int | None = None) -> Inject:
    """One in seven has an argument that is out of range, unused or unknown."""
    fault = rng.choice([number for number in range(1, 15) if number != Fault.POWER_CUT]) if fault is None else fault
    arguments = list(ARGUMENTS[fault](rng, config))
    if rng.random() < 0.14:
        at = rng.randrange(3)
        arguments[at] = around(rng, 0, min(arguments[at] * 2 + 2, U32_MAX), U32_MAX)
        if rng.random() < 0.1:
            fault = rng.choice((0, 15, 0xFFFF))
    return Inject(fault=fault, arg_0=arguments[0], arg_1=arguments[1], arg_2=arguments[2])


def _rotor(rng: random.Random, _: Config) -> Arguments:
    kind = rng.randrange(3)
    return (kind, log_uniform(rng, 1, 200), log_uniform(rng, 1, 200)) if kind == 2 else (kind, 0, 0)


def _field(rng: random.Random, _: Config) -> Arguments:
    return (1, within(rng, 0, TICKS_PER_DAY), 0) if rng.random() < 0.5 else (0, 0, 0)


def _ppm(rng: random.Random, _: Config) -> Arguments:
    return rng.choice((0, 0, PPM, rng.randint(0, PPM))), 0, 0


def _flow(rng: random.Random, _: Config) -> Arguments:
    drift = rng.choice((0, 0, log_uniform(rng, 1, PPM)))
    return rng.choice((PPM, within(rng, 1, FLOW_PPM_MAX), rng.randint(800_000, 1_300_000))), drift, 0


def _charge(rng: random.Random, _: Config) -> Arguments:
    return rng.choice((PPM, log_uniform(rng, 1, PPM), log_uniform(rng, 1, 100), 0)), 0, 0


def _resistance(rng: random.Random, _: Config) -> Arguments:
    growth = rng.choice((0, 0, log_uniform(rng, 1, RESISTANCE_MOHM_MAX)))
    return rng.choice((20_000, within(rng, 0, RESISTANCE_MOHM_MAX), log_uniform(rng, 1, RESISTANCE_MOHM_MAX))), growth, 0


def _flip(rng: random.Random, _: Config) -> Arguments:
    slots = [(0, 2 * PROGRAM_SLOT_WORDS), *((at, CHECKPOINT_SLOT_WORDS) for at in CHECKPOINT_SLOT_ADDRESS), (LOG_ADDRESS, 32 * 8)]
    start, words = rng.choice([*slots, (0, MEMORY_WORDS)])
    return start + rng.randrange(words), rng.choice((1 << rng.randrange(32), rng.randint(0, U32_MAX), U32_MAX)), 0


def _cut(rng: random.Random, _: Config) -> Arguments:
    return rng.choice((0, 1, rng.randint(0, 12), rng.randint(0, 130), 0xFFFE)), 0, 0


def _none(_: random.Random, __: Config) -> Arguments:
    return 0, 0, 0


def _refill(rng: random.Random, config: Config) -> Arguments:
    fill = rng.choice((within(rng, 0, config.reservoir_capacity_nl), config.reservoir_capacity_nl))
    return within(rng, 0, config.reservoir_capacity_nl), fill, rng.choice((0, 500, 2000, rng.randint(0, 4000)))


def _pocket(rng: random.Random, config: Config) -> Arguments:
    return within(rng, 0, config.reservoir_capacity_nl), within(rng, 0, config.reservoir_capacity_nl), 0


def _line(rng: random.Random, _: Config) -> Arguments:
    return rng.choice((0, 2000, rng.randint(0, 4000))), 0, 0


ARGUMENTS = {
    Fault.ROTOR: _rotor,
    Fault.FIELD: _field,
    Fault.OCCLUSION: _ppm,
    Fault.LEAK: _ppm,
    Fault.FLOW: _flow,
    Fault.BATTERY_CHARGE: _charge,
    Fault.BATTERY_RESISTANCE: _resistance,
    Fault.MEMORY_FLIP: _flip,
    Fault.POWER_CUT: _cut,
    Fault.RESET: _none,
    Fault.EMI: _none,
    Fault.REFILL: _refill,
    Fault.POCKET_FILL: _pocket,
    Fault.LINE_SET: _line,
}
