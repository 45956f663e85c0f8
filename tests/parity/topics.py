"""Mixes kinds of act into topics, each a weight of makers; an act that joins two kinds is drawn here."""

from pumpbench.protocol.codes import Fault
from pumpbench.protocol.limits import PROGRAM_SLOT_WORDS
from pumpbench.protocol.messages import Close, Inject
from tests.parity.acts import Act, AgainHere, Ask, Bench, OpenIt, Run
from tests.parity.draw_bench import (
    craft,
    fault,
    flip,
    free,
    hold,
    page,
    reset,
    run_back,
    run_long,
    run_short,
    run_to_boundary,
    self_test,
    sense,
    setting,
    stall,
    start,
    swap,
    telemetry,
)
from tests.parity.draw_faults import draw_fault
from tests.parity.draw_hostile import again, bench_odds, noise, shaped, stale
from tests.parity.draw_numbers import log_uniform
from tests.parity.draw_therapy import (
    anything,
    bolus,
    close,
    good_program,
    open_again,
    patient_bolus,
    prime,
    program,
    read,
    refill,
    resume,
    small_request,
    stage_piece,
    stop,
)
from tests.parity.draws import Draws, Maker


def cut(draws: Draws) -> list[Act]:
    """A cut that strikes in the next tick or in the next request, and the boot after it."""
    boot = draws.pump.config.boot_ticks
    cut = Bench(draw_fault(draws.rng, draws.pump.config, Fault.POWER_CUT))
    struck = draws.in_session(*act_of(draws, CUT_TARGETS)) if draws.odds(0.5) else [Run(1)]
    lead: list[Act] = []
    if draws.odds(0.4):
        lead = program(draws)[:-1]
        lead.append(Run(draws.rng.randint(1, 60)))
    return [*lead, *struck[:-1], cut, struck[-1], Run(boot + draws.rng.randint(0, 3))]


def again_after_reset(draws: Draws) -> list[Act]:
    """A request that moves fluid, a reset, the same request in a new session."""
    boot = draws.pump.config.boot_ticks
    fluid = act_of(draws, {bolus: 3, patient_bolus: 1, prime: 1, refill: 1})
    reset: list[Act] = [Bench(Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0)), Run(boot + 1)]
    renew: list[Act] = reset if draws.odds(0.6) else [Ask(Close())]
    return [*fluid, Run(log_uniform(draws.rng, 1, 10_000)), *renew, OpenIt(), AgainHere(0, True)]


def spoilt_update(draws: Draws) -> list[Act]:
    """A word of the slot that an update writes flips before it is read back, or before the commit word."""
    rng, config = draws.rng, draws.pump.config
    address = PROGRAM_SLOT_WORDS * (1 - draws.pump.controller.program_slot_index) + rng.randrange(PROGRAM_SLOT_WORDS)
    flipped = Inject(fault=Fault.MEMORY_FLIP, arg_0=address, arg_1=1 << rng.randrange(32), arg_2=0)
    written = config.update_stop_ticks + rng.randint(5, 8)
    return [*good_program(draws)[:-1], Run(written), Bench(flipped), Run(rng.randint(1, 40))]


ANYTHING: dict[Maker, int] = {
    read: 10, open_again: 3, close: 2, program: 14, stage_piece: 4, bolus: 8, patient_bolus: 6, prime: 3, refill: 5,
    small_request: 8, stop: 3, resume: 4, anything: 4, run_short: 14, run_long: 8, run_to_boundary: 6, run_back: 1,
    fault: 6, reset: 3, flip: 2, cut: 4, again: 4, again_after_reset: 2, stale: 3, shaped: 4, noise: 2, setting: 2,
    start: 1, swap: 1, page: 1, free: 1, bench_odds: 4, telemetry: 2, stall: 2, hold: 2, spoilt_update: 1,
}  # fmt: skip
CUT_TARGETS: dict[Maker, int] = {
    bolus: 4, patient_bolus: 3, refill: 3, stop: 2, resume: 2, small_request: 3, program: 2, prime: 2, read: 1, open_again: 1,
}  # fmt: skip
THERAPY: dict[Maker, int] = {
    program: 12, run_long: 12, run_short: 6, run_to_boundary: 8, bolus: 8, patient_bolus: 8, prime: 3, refill: 4, stop: 3,
    resume: 4, read: 4, small_request: 4,
}  # fmt: skip
TOPICS: dict[str, dict[Maker, int]] = {
    "anything": ANYTHING,
    "therapy": THERAPY,
    "updates": {program: 10, stage_piece: 10, run_short: 10, cut: 4, reset: 2, read: 4, small_request: 2, stop: 2, resume: 2,
                bolus: 3},
    "faults": {**THERAPY, fault: 30, small_request: 6, stall: 15, hold: 12},
    "cuts": {cut: 14, program: 6, bolus: 4, reset: 6, run_short: 6, run_to_boundary: 3, again_after_reset: 5, resume: 3},
    "memory": {self_test: 6, spoilt_update: 4, flip: 12, reset: 8, cut: 4, program: 8, run_to_boundary: 8, bolus: 2, read: 4,
               small_request: 2},
    "sessions": {open_again: 8, close: 5, again: 8, stale: 8, shaped: 10, noise: 5, bench_odds: 10, run_short: 8, reset: 1,
                 again_after_reset: 5, telemetry: 4, read: 4, bolus: 5, anything: 8},
    "telemetry": {telemetry: 12, program: 6, bolus: 5, run_short: 6, fault: 4, reset: 2, cut: 2, stop: 2, resume: 2, again: 2,
                  read: 2, small_request: 3},
    "bench": {setting: 12, start: 4, swap: 4, page: 8, free: 4, bench_odds: 12, fault: 8, program: 4, run_short: 6, run_back: 3,
              run_long: 2, shaped: 4, small_request: 2, bolus: 2},
    "outside": {**THERAPY, sense: 60, fault: 8, reset: 3, cut: 4, flip: 1, small_request: 6, telemetry: 2, start: 1, swap: 1,
                   free: 1},
    "crafted": {craft: 10, run_short: 6, run_to_boundary: 3, program: 4, bolus: 3, read: 3, reset: 3, fault: 3, run_long: 1},
}  # fmt: skip


def act_of(draws: Draws, weights: dict[Maker, int]) -> list[Act]:
    maker = draws.rng.choices(list(weights), list(weights.values()))[0]
    return maker(draws) or [Run(1)]


def next_acts(draws: Draws, topic: str) -> list[Act]:
    """One or more acts that follow each other; what they meet in between is theirs to bear."""
    return act_of(draws, TOPICS[topic])


def first_acts(draws: Draws) -> list[Act]:
    """A program, in four walks of five."""
    return good_program(draws) if draws.odds(0.8) else []
