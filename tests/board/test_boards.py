"""The firmware on emulated boards: the same pump as the reference, its time, its line, its pins, and what a reset leaves."""

from functools import cache

import pytest

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.bench import Bench as Control
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.targets.qemu import QemuTarget
from pumpbench.protocol.codes import Feature, Level, Mode, Nvm, ResetCause, Role, StopMask, TherapyState, UpdateStage
from pumpbench.protocol.limits import TICKS_PER_DAY
from pumpbench.protocol.messages import Disarm, Done, Identify, Open, Opened, ReadLink, ReadStatus, Report, RunTo, Sense
from pumpbench.protocol.messages import TestAlarm as SoundTones
from tests.board.bench import START, Bench, treating
from tests.board.emulated import BOARDS, EXCHANGE_S, Line, bench_of, board, booted_again
from tests.board.images import symbols, worst_stack
from tests.support import wait_until

FLASH_BOARD = "microbit"
RAM_BOARD = "mps2-an385"
WITH_WATCHDOG = [name for name, model in BOARDS.items() if not model.no_watchdog]
UNARMED_SERIAL = 1
FLASH_SEAL_ADDRESS = 0x0003_C000  # the second area of bsp/nrf51's program store, the first to be sealed
LEDS_ADDRESS = 0x4002_8000
LED_MOTOR, LED_TONE = 1, 2
BRANCH_TO_ITSELF = bytes.fromhex("fee7")

every_board = pytest.mark.parametrize("name", list(BOARDS))


def treated_unarmed(target: QemuTarget) -> Bench:
    """A session with a board that runs by its own timer, and the simple program in force there."""
    bench = bench_of(target)
    open_unarmed(bench)
    assert isinstance(bench.commit(), Done)
    wait_until(lambda: in_force(bench), "the program to be in force")
    return bench


def open_unarmed(bench: Bench) -> None:
    opened = bench.ask(Open(serial=UNARMED_SERIAL, role=Role.CLINICIAN, nonce=5))
    assert isinstance(opened, Opened), opened
    bench.session = opened.session


def in_force(bench: Bench) -> bool:
    status = bench.ask(ReadStatus())
    return bool(status.mode == Mode.SIMPLE_CONTINUOUS and status.update_stage == UpdateStage.IDLE)


@cache
def reference_after_a_day() -> Report:
    report = treating(Device(build_id=1)).run_to(TICKS_PER_DAY)
    assert isinstance(report, Report)
    return report


def stack_of(name: str) -> tuple[int, int]:
    """Lowest and highest address of the stack of the board's image."""
    return place_of(name, "ld_stack_end"), place_of(name, "ld_stack_top")


def place_of(name: str, symbol: str) -> int:
    """Where the image of the board has a function or a mark of its linker script."""
    return next(int(line.split()[0], 16) for line in symbols(BOARDS[name].family) if line.endswith(f" {symbol}"))


@every_board
def test_board_says_what_it_is(name: str) -> None:
    with board(name) as target:
        said = bench_of(target).ask(Identify())
    assert said.level == Level.L3
    assert said.features == Feature.bit_of(Feature.BENCH) | Feature.bit_of(Feature.FREE_RUN)
    assert said.nvm == (Nvm.FLASH if name == FLASH_BOARD else Nvm.RAM)
    assert said.build_id > 0
    assert said.ticks_per_second > 0


@every_board
def test_board_is_the_reference_pump_after_a_day_of_therapy(name: str) -> None:
    reference = reference_after_a_day()
    with board(name) as target:
        bench = treating(Line(target))
        assert bench.run_to(TICKS_PER_DAY) == reference
        assert not bench.bad
    assert reference.reached_tick == TICKS_PER_DAY


@every_board
def test_board_takes_back_a_state_page_by_page(name: str) -> None:
    with board(name) as target:
        bench = Control(Conversation(target.link))
        bench.arm()
        bench.reset_to_start(START)
        bench.run_to(100)
        kept = bench.read_snapshot()
        later = bench.run_to(5_000)
        assert bench.restore(kept).reached_tick == 100
        assert bench.run_to(5_000) == later
    assert later.reached_tick == 5_000


@every_board
def test_unarmed_board_ticks_by_its_own_timer(name: str) -> None:
    with board(name) as target:
        bench = bench_of(target)
        wait_until(lambda: bool(bench.send(b"")) and bench.tick > 3, "time to pass")
        bench.arm()
        assert bench.run_to(0).reached_tick == 0
        assert bench.send(b"")[-1].header.tick == 0


@every_board
def test_board_answers_after_noise_and_counts_it(name: str) -> None:
    with board(name) as target:
        bench = bench_of(target)
        bench.send(bytes(range(1, 200)) + b"\0")
        counted = bench.ask(ReadLink())
    assert (counted.bad_frame_count, counted.overrun_bytes) == (1, 0)


@pytest.mark.parametrize("name", [FLASH_BOARD, RAM_BOARD])
def test_bytes_that_find_no_room_are_lost_and_counted(name: str) -> None:
    with board(name) as target:
        bench = treating(Line(target))
        before = bench.ask(ReadLink()).overrun_bytes
        # While the credit runs nothing is taken from the queue.
        target.link.write(bench.frame(RunTo(target_tick=3 * TICKS_PER_DAY, stop_mask=0)) + bytes(16_384))
        # Its first bytes say that there is room again: whoever sees them may ask at once.
        assert target.link.read(EXCHANGE_S)
        after = bench.ask(ReadLink()).overrun_bytes
    assert before == 0
    assert 0 < after < 16_384


@every_board
def test_program_outlives_a_reset_of_an_unarmed_board(name: str) -> None:
    with board(name) as target:
        before = treated_unarmed(target).ask(ReadStatus())
        target.machine.reset()
        bench = booted_again(target, before.boot_count + 1)
        open_unarmed(bench)
        after = bench.ask(ReadStatus())
    assert (after.program_crc, after.mode, after.therapy_state) == (before.program_crc, before.mode, TherapyState.THERAPY)
    assert (after.boot_count, after.reset_cause) == (before.boot_count + 1, ResetCause.POWER_CUT)


def test_program_store_of_the_flash_board_is_in_its_flash() -> None:
    with board(FLASH_BOARD) as target:
        bench_of(target).ask(Identify())
        assert target.machine.qtest.read(FLASH_SEAL_ADDRESS) == 1


@pytest.mark.parametrize("name", [FLASH_BOARD, RAM_BOARD])
def test_what_a_bench_does_is_not_kept_until_it_lets_go(name: str) -> None:
    with board(name) as target:
        treating(Line(target))
        target.machine.reset()
        bench = booted_again(target, 2)
        open_unarmed(bench)
        assert bench.ask(ReadStatus()).mode == Mode.STOPPED
        given = treating(Line(target))
        kept = given.ask(ReadStatus())
        assert isinstance(given.ask(Disarm()), Done)
        target.machine.reset()
        bench = booted_again(target, kept.boot_count + 1)
        open_unarmed(bench)
        assert bench.ask(ReadStatus()).program_crc == kept.program_crc


@pytest.mark.parametrize("name", WITH_WATCHDOG)
def test_watchdog_ends_firmware_that_hangs_and_the_next_boot_tells_it(name: str) -> None:
    with board(name) as target:
        treated_unarmed(target)
        turning = place_of(name, "pb_device_work")
        with target.machine.debugger() as debugger:
            code = debugger.read(turning, len(BRANCH_TO_ITSELF))
            debugger.write(turning, BRANCH_TO_ITSELF)
        target.machine.qmp.wait_event("RESET")
        with target.machine.debugger() as debugger:
            debugger.write(turning, code)
        bench = booted_again(target, 2)
        open_unarmed(bench)
        assert bench.ask(ReadStatus()).reset_cause == ResetCause.WATCHDOG


def test_pins_follow_motor_and_alarm() -> None:
    with board(RAM_BOARD) as target:
        bench = treating(Line(target))

        def leds() -> int:
            return target.machine.qtest.read(LEDS_ADDRESS)

        def stepped() -> bool:
            bench.run_to(1 << 30, StopMask.bit_of(StopMask.ACTUATOR))
            return bool(leds() & LED_MOTOR)

        wait_until(stepped, "a pulse for a motor step")
        wait_until(lambda: not leds() & LED_MOTOR, "the end of the pulse")
        assert not leds() & LED_TONE
        assert isinstance(bench.ask(SoundTones()), Done)
        bench.run_to(bench.tick + 1)
        wait_until(lambda: bool(leds() & LED_TONE), "the tone")


def test_pins_follow_motor_and_alarm_with_the_plant_outside() -> None:
    with board(RAM_BOARD) as target:
        bench = treating(Line(target))
        outside = Sense(rotor_count=0, sample_mv=0, emi=0, reset=0, dead=0)
        assert bench.ask(outside).plant_crc == 0

        def leds() -> int:
            return target.machine.qtest.read(LEDS_ADDRESS)

        def stepped() -> bool:
            bench.run_to(1 << 30, StopMask.bit_of(StopMask.ACTUATOR))
            return bool(leds() & LED_MOTOR)

        wait_until(stepped, "a pulse for a motor step")
        wait_until(lambda: not leds() & LED_MOTOR, "the end of the pulse")
        assert isinstance(bench.ask(SoundTones()), Done)
        bench.run_to(bench.tick + 1)
        wait_until(lambda: bool(leds() & LED_TONE), "the tone")
        silent = bench.run_to(bench.tick).tone_test_end_tick + 1
        bench.run_to(silent)
        wait_until(lambda: not leds() & LED_TONE, "the end of the tone")


def test_stack_in_use_stays_within_its_account() -> None:
    low, top = stack_of(FLASH_BOARD)
    with board(FLASH_BOARD) as target:
        bench = treated_unarmed(target)
        bench.arm()
        bench.open()
        bench.commit()
        bench.run_to(TICKS_PER_DAY)
        assert isinstance(bench.ask(Disarm()), Done)
        # RAM is zero when the machine starts: the lowest word that is not was the deepest of the stack.
        untouched = next(at for at in range(low, top, 4) if target.machine.qtest.read(at))
    used, account = top - untouched, worst_stack(BOARDS[FLASH_BOARD].family)
    print(f"{used} bytes of stack in use, {account} accounted for, {top - low} there")
    assert 500 < used <= account
