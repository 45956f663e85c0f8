"""Knows how power is cut at a write to the flash of an emulated board and what the board is after that; it judges nothing."""

from collections.abc import Iterator, Sequence
from typing import Any

from pumpbench.hil.qemu.gdb import PC, Gdb
from pumpbench.hil.targets.qemu import QemuTarget
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.limits import SNAPSHOT_PAGE_BYTES
from pumpbench.protocol.messages import Arm, CommitProgram, Disarm, Done, Identify, ReadSnapshot, VerifyProgram
from tests.board.bench import START, Bench
from tests.board.emulated import BOARDS, Line
from tests.board.images import symbols
from tests.power_cuts.stories import FIRST, NEXT, NEXT_RATE_NL_PER_DAY
from tests.power_cuts.victim import State

BOARD = "microbit"
WRITES_FLASH = "hal_flash_write"
BOOTED_TICKS = 25


def place_of(symbol: str) -> int:
    """Where the board's image has a function."""
    return next(int(line.split()[0], 16) for line in symbols(BOARDS[BOARD].family) if line.endswith(f" {symbol}"))


def treated(target: QemuTarget) -> tuple[Bench, State]:
    """Under its own timer, a program in force, the next one verified; and the state as it stood when the bench let go."""
    bench = Bench(Line(target))
    bench.arm(START)
    bench.open()
    assert isinstance(bench.commit(FIRST), Done)
    bench.run_to(2_000)
    staged = bench.ask(NEXT)
    bench.ask(VerifyProgram(program_crc=staged.program_crc, rate_check_nl_per_day=NEXT_RATE_NL_PER_DAY, volume_check_nl=10_000))
    state = state_of(bench)
    assert isinstance(bench.ask(Disarm()), Done)
    return bench, state


def commit_of(state: State) -> CommitProgram:
    new, old = (crc32c(bytes(image)) for image in (state.parts["controller"].staged, state.parts["controller"].program))
    return CommitProgram(program_crc=new, old_program_crc=old, second_confirmation_ng=0)


def state_of(bench: Bench) -> State:
    """Read page by page; the board must be armed."""
    page = bench.ask(ReadSnapshot(offset_bytes=0))
    snapshot = bytes(page.data)
    while len(snapshot) < page.snapshot_bytes:
        snapshot += bytes(bench.ask(ReadSnapshot(offset_bytes=len(snapshot))).data)
    assert len(snapshot) % SNAPSHOT_PAGE_BYTES or len(snapshot) == page.snapshot_bytes
    return State(snapshot, bench.therapy_id, bench.session, bench.seq)


def cut_at_writes(target: QemuTarget, bench: Bench, message: Any, picked: Sequence[int]) -> Iterator[tuple[int, State]]:
    """Sends `message`; power fails just before each `picked` write to flash that follows, the first being 0.

    Gives the number and the state that the board boots to. After each the board goes on as if power had held.
    """
    target.machine.pause()
    target.link.write(bench.frame(message))
    passed = 0
    for wanted in sorted(picked):
        with target.machine.debugger() as debugger:
            while passed <= wanted:
                _to_next_write(debugger)
                passed += 1
            target.machine.save()
            # Still halted: not one more instruction runs before the reset, and detaching then starts the boot.
            target.machine.qmp.events.clear()
            target.machine.qmp.execute("system_reset")
            target.machine.qmp.wait_event("RESET")
        target.machine.resume()
        target.machine.await_listening()
        yield wanted, _booted(target)
        target.machine.pause()
        target.machine.load()


def _to_next_write(debugger: Gdb) -> None:
    place = place_of(WRITES_FLASH)
    if debugger.register(PC) == place:
        debugger.step()
    debugger.run_to(place)


def _booted(target: QemuTarget) -> State:
    bench = Bench(Line(target))
    bench.ask(Arm(build_id=bench.ask(Identify()).build_id))
    bench.run_to(bench.tick + BOOTED_TICKS)
    return state_of(bench)
