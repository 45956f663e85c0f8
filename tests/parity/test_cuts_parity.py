"""Power fails after every word of every tick of an update and of every request that writes: old program or new, never none."""

import struct
from collections.abc import Iterator
from typing import Any

import pytest

from pumpbench.firmware_emu.events import EVENTS
from pumpbench.firmware_emu.state import CHECKPOINT_SLOT_WORDS, MEMORY_WORDS
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Event, Fault, Mode, TherapyState, UpdateStage
from pumpbench.protocol.limits import LOG_ENTRY_WORDS, PROGRAM_SLOT_WORDS, UPDATE_WORDS_PER_TICK
from pumpbench.protocol.messages import (
    FlexStep,
    Inject,
    PatientBolus,
    Refill,
    ResetToStart,
    Resume,
    SetClock,
    SilenceAlarms,
    StageFlex,
    StageProgram,
    Stop,
    WriteRecord,
)
from tests.parity.acts import Act, ArmIt, Ask, Bench, Commit, GiveBolus, OpenIt, PrimeLine, Run, Verify, restore
from tests.parity.desk import Desk, twin
from tests.parity.sides import Firmware, library
from tests.parity.walks import play

LOGGED = {fact.code for fact in EVENTS if fact.logged}
START = ResetToStart(
    model=1, serial=7, implant_day=0, calendar_origin_day=0, drug=1, catheter_length_mm=500, tubing_nl=200_000,
    reservoir_true_nl=15_000_000, reservoir_estimated_nl=15_000_000, concentration_ug_per_ml=2_000, line_ug_per_ml=2_000,
    clock_day=5, clock_day_ticks=400_000, life_ticks=0, charge_nc=0,
)  # fmt: skip
UPDATE_TICKS = 34


def staged(mode: int, number: int, **more: int) -> StageProgram:
    values = {
        "schedule_days": 0, "dose_ng_per_day": 0, "interval_unit": 0, "patient_count": 0, "interval_count": 0,
        "interval_dose_ng": 0, "interval_duration_ticks": 0, "single_dose_ng": 0, "single_duration_ticks": 0,
        "patient_dose_ng": 0,
        "patient_duration_ticks": 0, "patient_lockout_ticks": 0, "bridge": 0,
    } | more  # fmt: skip
    return StageProgram(
        program_id=number, mode=mode, concentration_ug_per_ml=2_000, low_reservoir_nl=2_000_000, dose_limit_ng=48_000_000,
        critical_interval_ticks=6_000, **values,
    )  # fmt: skip


PATIENT = {"patient_count": 4, "patient_dose_ng": 20_000, "patient_duration_ticks": 600, "patient_lockout_ticks": 6_000}
FLEX: tuple[Act, ...] = (
    Ask(staged(Mode.FLEX, 2, dose_ng_per_day=900_000, **PATIENT)),
    Ask(StageFlex(schedule=0, steps=(FlexStep(start_minute=0, dose_ng=300_000), FlexStep(start_minute=600, dose_ng=600_000)))),
)
BEGUN: tuple[Act, ...] = (
    ArmIt(), Bench(START), OpenIt(nonce=9), Ask(staged(Mode.SIMPLE_CONTINUOUS, 1, dose_ng_per_day=400_000, **PATIENT)), Verify(),
    Commit(), Run(UPDATE_TICKS + 5000), OpenIt(nonce=10),
)  # fmt: skip
REQUESTS: dict[str, tuple[Act, ...]] = {
    "bolus": (GiveBolus(50_000, 3000),),
    "patient bolus": (Ask(PatientBolus()),),
    "prime": (PrimeLine(3),),
    "refill": (Ask(Refill(measured_nl=14_000_000, fill_nl=18_000_000)),),
    "refused bolus": (GiveBolus(50_000, 3000, 1),),
    "stop": (Ask(Stop()),),
    "resume": (Ask(Stop()), Ask(Resume())),
    "stop with a bolus owed": (GiveBolus(50_000, 3000), Run(10), Ask(Stop())),
    "clock": (Ask(SetClock(clock_day=6, clock_day_ticks=5)),),
    "record": (Ask(WriteRecord(drug=2, catheter_length_mm=400, tubing_nl=100_000)),),
    "silence": (Ask(SilenceAlarms()),),
    "alarm test": (Ask(messages.TestAlarm()),),
    "commit": (*FLEX, Verify(), Commit()),
    "staging": FLEX,
}


def begun(*acts: Act) -> Desk:
    """Both sides in therapy, after `acts`."""
    one = library()
    desk = twin(Firmware(one), one.build_id)
    play([*BEGUN, *acts], desk)
    return desk


def check_cuts(before: bytes, desk: Desk, act: Act, programs: set[bytes]) -> int:
    """Every cut of `act` from the state `before`, on both sides, each followed by the boot; how many words it writes."""
    written = words_written(before, desk, act)
    whole, same = Cut(before, act, written + 1).memory, Cut(before, act, 0).memory
    changed: set[int] = set()
    for words in range(written + 1):
        cut = Cut(before, act, words)
        where = f"{act} cut after {words} of {written} words"
        assert cut.program in programs, f"{where}: program {cut.program.hex()}"
        assert cut.state != TherapyState.SAFE_STATE, where
        assert all(word in pair for word, *pair in zip(cut.memory, same, whole, strict=True)), where
        before_this, changed = changed, {i for i, word in enumerate(cut.memory) if word != same[i]}
        assert changed >= before_this, where
        assert len(changed - before_this) <= 1, where
    assert cut.memory == whole
    return written


class Cut:
    """One cut: the words of memory just after it, program and therapy state after the boot that follows."""

    def __init__(self, before: bytes, act: Act, words: int) -> None:
        one = library()
        desk = twin(Firmware(one), one.build_id)
        ArmIt().play(desk)
        restore(desk, before)
        pump = desk.pump
        play([Bench(Inject(fault=Fault.POWER_CUT, arg_0=words, arg_1=0, arg_2=0)), act], desk)
        self.memory = struct.unpack(f"<{MEMORY_WORDS}I", pump.memory.words)
        play([Run(pump.config.boot_ticks + 1), Run(1)], desk)
        assert pump.durable.boot_count > 1
        assert pump.controller.boot_remaining_ticks == 0
        self.program = bytes(pump.controller.program)
        self.state = pump.durable.therapy_state


def words_written(before: bytes, desk: Desk, act: Act) -> int:
    """By the rules of sections 4 and 8, from the effects of the act, uncut."""
    restore(desk, before)
    desk.settle()
    pump = desk.pump
    stage, remaining, sequence = pump.controller.update_stage, pump.controller.update_remaining_ticks, pump.durable.checkpoint_seq
    heard = listened(pump, lambda: act.play(desk))
    desk.reference.take_effects()
    if desk.other:
        desk.other.take_effects()
    words = LOG_ENTRY_WORDS * sum(code in LOGGED for code in heard) + heard.count(Event.UPDATE_INTERRUPTED)
    if isinstance(act, Run):
        words += {UpdateStage.WRITE: UPDATE_WORDS_PER_TICK, UpdateStage.COMMIT: int(remaining == 1)}.get(stage, 0)
    return words + (CHECKPOINT_SLOT_WORDS if pump.durable.checkpoint_seq != sequence else 0)


def listened(pump: Any, run: Any) -> list[int]:
    """Codes of the effects while `run` runs."""
    heard: list[int] = []
    before, pump.on_effect = pump.on_effect, lambda tick, code, arg_0, arg_1: heard.append(code)
    run()
    pump.on_effect = before
    return heard


@pytest.mark.parametrize("name", REQUESTS)
def test_request_cut_at_every_word_leaves_the_old_state_or_the_new(name: str) -> None:
    *acts, last = REQUESTS[name]
    desk = begun(*acts)
    written = check_cuts(desk.reference.snapshot(), desk, last, programs_of(desk))
    assert (written == 0) == (name == "staging")


def programs_of(desk: Desk) -> set[bytes]:
    """The program in force and the staged one."""
    controller = desk.pump.controller
    return {bytes(controller.program), bytes(controller.staged)}


def ticks_of_update(desk: Desk) -> Iterator[bytes]:
    """The state before each tick of an update."""
    for _ in range(UPDATE_TICKS):
        yield desk.reference.snapshot()
        play([Run(1)], desk)


def test_update_cut_at_every_word_of_every_tick_leaves_the_old_program_or_the_new() -> None:
    desk, other = begun(*FLEX, Verify(), Commit()), begun()
    both = programs_of(desk)
    words = [check_cuts(before, other, Run(1), both) for before in ticks_of_update(desk)]
    assert desk.pump.controller.update_stage == UpdateStage.IDLE
    # The slot, the entry that says so, and the check-point of the tick in which the program takes effect.
    assert sum(words) == PROGRAM_SLOT_WORDS + LOG_ENTRY_WORDS + CHECKPOINT_SLOT_WORDS, f"words by tick: {words}"


def test_boot_cut_at_every_word_boots_again() -> None:
    desk = begun(*FLEX, Verify(), Commit(), Run(14))
    both = programs_of(desk)
    play([Bench(Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0)), Run(desk.pump.config.boot_ticks)], desk)
    written = check_cuts(desk.reference.snapshot(), desk, Run(1), both)
    assert written >= 2 * LOG_ENTRY_WORDS + CHECKPOINT_SLOT_WORDS


def test_hourly_checkpoint_cut_at_every_word_leaves_one_that_holds() -> None:
    desk = begun()
    play([Run(36_000 - desk.pump.plant.tick % 36_000 - 1)], desk)
    written = check_cuts(desk.reference.snapshot(), desk, Run(1), programs_of(desk))
    assert written == CHECKPOINT_SLOT_WORDS


def test_events_that_are_logged_are_those_of_the_table() -> None:
    assert Event.BOOT_COMPLETED in LOGGED
    assert Event.TONE_PLAN not in LOGGED
