"""Power fails at a write to real flash, on an emulated board under its own timer: what it boots to obeys the page."""

import pytest

from pumpbench.firmware_emu.state import CHECKPOINT_SLOT_WORDS
from pumpbench.protocol.limits import LOG_ENTRY_WORDS, PROGRAM_SLOT_WORDS
from pumpbench.protocol.messages import Stop
from tests.board.emulated import board
from tests.power_cuts import laws
from tests.power_cuts.flash_board import BOARD, commit_of, cut_at_writes, treated
from tests.power_cuts.stories import BOLUS
from tests.support import effort, rng

# A word of the journal takes two writes to flash, itself and its tag (bsp/cortex_m/nvm_flash.c).
REQUEST_WRITES = 2 * (LOG_ENTRY_WORDS + CHECKPOINT_SLOT_WORDS)
"""A request that is logged and remembered."""
UPDATE_WRITES = 2 * REQUEST_WRITES + 2 * PROGRAM_SLOT_WORDS
"""The commit, the new slot, and the tick in which it takes effect."""


@pytest.mark.parametrize(("name", "count"), [("update", UPDATE_WRITES), ("bolus", REQUEST_WRITES), ("stop", REQUEST_WRITES)])
def test_board_boots_lawfully_when_cut_at_a_write_to_its_flash(name: str, count: int) -> None:
    picked = rng(f"flash {name}").sample(range(count), effort(12, count))
    tried = 0
    with board(BOARD) as target:
        bench, before = treated(target)
        message = {"update": commit_of(before), "bolus": BOLUS, "stop": Stop()}[name]
        for number, booted in cut_at_writes(target, bench, message, picked):
            tried += 1
            found = list(laws.broken(before, booted, stop_asked=name == "stop"))
            assert not found, f"{name}, cut at write {number} to flash: {'; '.join(found)}"
    print(f"{name}: {tried} of {count} writes to flash cut on {BOARD}")
    assert tried == len(picked)
