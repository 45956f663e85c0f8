"""Draws what a bench does: time in every length, faults, resets, settings, snapshots; asks nothing of therapy."""

from pumpbench.firmware_emu.state import CHECKPOINT_SLOT_ADDRESS, CHECKPOINT_SLOT_WORDS, LOG_ADDRESS, STATE_PARTS
from pumpbench.protocol.codes import Fault
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import PROGRAM_SLOT_WORDS, SNAPSHOT_PAGE_BYTES, TICKS_PER_DAY, TICKS_PER_HOUR
from pumpbench.protocol.messages import (
    Abort,
    Inject,
    MeasureBattery,
    ReadAlarms,
    ReadLink,
    ReadSnapshot,
    ReadStatus,
    RunTo,
    Sense,
    Stop,
    Subscribe,
    WriteSnapshot,
)
from tests.parity.acts import Act, Ask, Bench, BenchAgain, Craft, Free, Run, Swap
from tests.parity.draw_faults import draw_fault
from tests.parity.draw_numbers import log_uniform
from tests.parity.draw_setup import draw_setting, draw_start
from tests.parity.draws import U32_MAX, Draws

SNAPSHOT_BYTES = sum(layout_of(part).size for part in STATE_PARTS)
# Times and counts that a real run cannot bring near their width's end; sums of them would pass 64 bits there.
# The plant's copy of the tone plan and the numbers of a failing rotor are facts together: alone they come about by no rule.
UNTOUCHED = {"boot_count", "checkpoint_seq", "open_count", "tick", "parcel_pl", "commanded_q", "cancelled_q", "acc_q",
             "step_count", "rotor_fault", "tone_onset_tick", "tone_period_ticks", "tone_duration_ticks"}  # fmt: skip


def run_short(draws: Draws) -> list[Act]:
    ticks = draws.rng.choice((1, 1, 2, draws.rng.randint(1, 30), log_uniform(draws.rng, 1, 6000)))
    return [Run(draws.at_most(ticks), stop_mask(draws))]


def stop_mask(draws: Draws) -> int:
    return draws.rng.choice((0, 0, 0, 0, 1, 2, 4, 8, draws.rng.randint(0, 0xFFFF)))


def run_long(draws: Draws) -> list[Act]:
    ticks = log_uniform(draws.rng, 6000, 3 * TICKS_PER_DAY)
    return [Run(draws.at_most(ticks), draws.rng.choice((0, 0, 0, 0, 1, 4, 8)))]


def run_to_boundary(draws: Draws) -> list[Act]:
    """To an hour, a day, or a clock's midnight, or a tick beside it."""
    rng, tick, clock = draws.rng, draws.pump.plant.tick, draws.pump.durable.clock_day_ticks
    left = rng.choice((TICKS_PER_HOUR - tick % TICKS_PER_HOUR, TICKS_PER_DAY - tick % TICKS_PER_DAY, TICKS_PER_DAY - clock))
    return [Run(draws.at_most(max(left + rng.choice((-1, 0, 0, 1)), 1)))]


def run_back(draws: Draws) -> list[Act]:
    return [Bench(RunTo(target_tick=max(draws.pump.plant.tick - draws.rng.randint(0, 3), 0), stop_mask=0)), Run(0)]


def fault(draws: Draws) -> list[Act]:
    return [Bench(draw_fault(draws.rng, draws.pump.config))]


def stall(draws: Draws) -> list[Act]:
    """The rotor fails or a field locks it, for so long that it may be seen; then it is free again and a programmer looks."""
    rng, config = draws.rng, draws.pump.config
    lag = rng.choice((0, log_uniform(rng, 1, 20_000)))
    begin, end = rng.choice(((Fault.ROTOR, 1, 0), (Fault.FIELD, 1, lag))), rng.choice((log_uniform(rng, 100, 100_000), 20_000))
    acts: list[Act] = [_inject(*begin), Run(end), _inject(begin[0], 0, 0), Run(log_uniform(rng, 100, 30_000))]
    if draws.odds(0.3):
        acts[0] = Bench(draw_fault(rng, config, Fault.ROTOR))
    return [*acts, *draws.in_session(Ask(ReadStatus())), Run(log_uniform(rng, 1, 10_000)), *draws.ask(ReadStatus())]


def hold(draws: Draws) -> list[Act]:
    """An electromagnetic pulse, better with an alarm on, and the interrogation that ends what it does."""
    stopped = [*draws.ask(MeasureBattery()), Run(2)] if draws.odds(0.3) else []
    return [*stopped, _inject(Fault.EMI, 0, 0), Run(log_uniform(draws.rng, 1, 5000)), *draws.ask(ReadStatus()), Run(1)]


def _inject(fault: int, arg_0: int, arg_1: int) -> Act:
    return Bench(Inject(fault=fault, arg_0=arg_0, arg_1=arg_1, arg_2=0))


def reset(draws: Draws) -> list[Act]:
    acts: list[Act] = [Bench(draw_fault(draws.rng, draws.pump.config, Fault.RESET))]
    boot = draws.pump.config.boot_ticks
    if draws.odds(0.3):
        acts.insert(0, Bench(draw_fault(draws.rng, draws.pump.config, Fault.MEMORY_FLIP)))
    return [*acts, Run(draws.rng.choice((boot + 1, boot + 2, draws.rng.randint(1, boot + 5))))]


def flip(draws: Draws) -> list[Act]:
    acts: list[Act] = [Bench(draw_fault(draws.rng, draws.pump.config, Fault.MEMORY_FLIP)) for _ in range(draws.rng.randint(1, 3))]
    return acts + (run_to_boundary(draws) if draws.odds(0.5) else [])


def self_test(draws: Draws) -> list[Act]:
    """Words flip in the tick before the daily self-test, where no check-point mends them; the alarm list is read after it."""
    rng, pump = draws.rng, draws.pump
    newest = CHECKPOINT_SLOT_ADDRESS[pump.durable.checkpoint_seq % 2]
    active = PROGRAM_SLOT_WORDS * pump.controller.program_slot_index
    places = [(PROGRAM_SLOT_WORDS - active, PROGRAM_SLOT_WORDS), (newest, CHECKPOINT_SLOT_WORDS), (LOG_ADDRESS, 256)]
    places += [(active, PROGRAM_SLOT_WORDS)] if draws.odds(0.3) else []
    chosen = rng.sample(places, rng.randint(1, len(places)))
    flips = [_inject(Fault.MEMORY_FLIP, start + rng.randrange(words), 1 << rng.randrange(32)) for start, words in chosen]
    left = TICKS_PER_DAY - pump.plant.tick % TICKS_PER_DAY - 1
    return [Run(draws.at_most(left)), *flips, Run(rng.randint(1, 3)), *draws.in_session(Ask(ReadAlarms()), Ask(ReadStatus()))]


def sense(draws: Draws) -> list[Act]:
    """Levels of a plant outside, likely ones and others; then time, sometimes with the rotor vouched for."""
    rng, plant = draws.rng, draws.pump.plant
    turned = rng.choice((0, 1, 1, 1, rng.randrange(0x10000)))
    felt = Sense(
        rotor_count=plant.rotor_count + turned & 0xFFFF,
        sample_mv=rng.choice((0, 0, 2_100, 2_900, rng.randrange(0x10000))),
        emi=rng.choice((0, 0, 0, 1)),
        reset=rng.choice((0, 0, 0, 0, 0, 2, rng.randrange(256))),
        dead=int(draws.odds(0.02)),
    )
    mask = rng.choice((4, 13, 20, 20, 29, rng.randint(0, 31)))
    return [Bench(felt), *[Run(draws.at_most(log_uniform(rng, 1, 20_000)), mask) for _ in range(rng.randrange(3))]]


def setting(draws: Draws) -> list[Act]:
    return [Bench(draw_setting(draws.rng))]


def start(draws: Draws) -> list[Act]:
    return [Bench(draw_start(draws.rng, draws.pump.config, 0.3))]


def swap(draws: Draws) -> list[Act]:
    return [Swap(draws.rng.choice(("other", "reference")), int(draws.odds(0.1)))]


def page(draws: Draws) -> list[Act]:
    rng = draws.rng
    offset = rng.choice((0, 128 * rng.randint(0, SNAPSHOT_BYTES // 128), rng.randint(0, 2 * SNAPSHOT_BYTES), U32_MAX))
    if draws.odds(0.6):
        return [Bench(ReadSnapshot(offset_bytes=offset))]
    size = rng.choice((SNAPSHOT_PAGE_BYTES, SNAPSHOT_BYTES % SNAPSHOT_PAGE_BYTES, rng.randint(0, SNAPSHOT_PAGE_BYTES)))
    return [Bench(WriteSnapshot(offset_bytes=offset, data=rng.randbytes(size)))]


def craft(draws: Draws) -> list[Act]:
    """One scalar of config, durable or plant anywhere around its range, where every sum still fits."""
    rng = draws.rng
    part_at = rng.choice((0, 2, 3))
    start = sum(layout_of(part).size for part in STATE_PARTS[:part_at])
    fields = [f for f in layout_of(STATE_PARTS[part_at]).fields if f.shape == "scalar" and f.name not in UNTOUCHED]
    declared = rng.choice(fields)
    widest = declared.width_range[1]
    known = declared.codes or declared.flags
    if known:
        members = [value for _, value in known.members]
        value = rng.choice(members) if declared.codes else sum(1 << bit for bit in members if rng.random() < 0.5)
        return [Craft(start + declared.offset, value.to_bytes(declared.width_bytes, "little"))]
    value = rng.choice((declared.lo, declared.hi, min(declared.hi + 1, widest), max(declared.lo - 1, 0), widest))
    # The page promises nothing for a counter at the top of its width: the next count would leave it.
    if declared.width_bytes >= 4 and declared.hi == widest:
        value = log_uniform(rng, 1, 2 ** (5 * declared.width_bytes))
    return [Craft(start + declared.offset, value.to_bytes(declared.width_bytes, "little"))]


def free(draws: Draws) -> list[Act]:
    rng = draws.rng
    choices: list[Act] = [
        Bench(Abort()),
        Bench(ReadLink()),
        Bench(ReadLink(), 0),
        Bench(RunTo(target_tick=1, stop_mask=0)),
        Bench(draw_setting(rng)),
        BenchAgain(),
        Ask(ReadStatus()),
        Ask(Stop()),
    ]
    return [Free(log_uniform(rng, 1, 20_000), tuple(rng.sample(choices, rng.choice((0, 0, 2, 3)))))]


def telemetry(draws: Draws) -> list[Act]:
    """A subscription and the runs in which it speaks."""
    rng = draws.rng
    period = log_uniform(rng, 1, 2000)
    runs: list[Act] = [Run(log_uniform(rng, 1, period * 20), stop_mask(draws)) for _ in range(rng.randint(1, 3))]
    return [*draws.ask(Subscribe(period_ticks=period)), *runs]
