"""The comparison itself: a side that is wrong in one number, one effect or one reply is found, named, and shown in few acts."""

from dataclasses import replace

import pytest

from pumpbench.firmware_emu.state import STATE_PARTS, Durable
from pumpbench.protocol.layout import layout_of
from tests.parity.acts import Act, ArmIt, Ask, Bench, Commit, OpenIt, Run, Verify
from tests.parity.desk import Desk, Parted
from tests.parity.sides import Effect, Reference
from tests.parity.test_cuts_parity import START, staged
from tests.parity.walks import WalkFailed, play, shrink, walk

STEPS_AT = sum(layout_of(part).size for part in STATE_PARTS[:2]) + layout_of(Durable).field("step_count").offset
FEW_ACTS = 12


class WrongNumber(Reference):
    """Counts one step too many from the hundredth on."""

    def snapshot(self) -> bytes:
        snapshot = super().snapshot()
        steps = int(self.pump.durable.step_count)
        wrong = steps + (steps >= 100)
        return snapshot[:STEPS_AT] + wrong.to_bytes(8, "little") + snapshot[STEPS_AT + 8 :]


class LostEffect(Reference):
    """Tells nothing of the start of a bolus."""

    def take_effects(self) -> list[Effect]:
        return [effect for effect in super().take_effects() if effect[1] != 15]


class LostReply(Reference):
    """Answers nothing once it is in therapy."""

    def receive(self, data: bytes) -> bytes:
        answer = super().receive(data)
        return b"" if self.pump.durable.therapy_state == 1 else answer


def first_failure(side: type[Reference]) -> str:
    """What the first walk says that finds `side` wrong."""
    for n in range(60):
        try:
            walk("therapy", f"harness:{n}", 60, lambda: Desk(Reference(), side()))
        except WalkFailed as failure:
            return str(failure)
    return "no walk found it"


@pytest.mark.parametrize(
    ("side", "named"),
    [(WrongNumber, "durable.step_count"), (LostEffect, "bolus_started"), (LostReply, "other 0")],
)
def test_wrong_side_is_named_in_few_acts_by_a_walk(side: type[Reference], named: str) -> None:
    said = first_failure(side)
    assert named in said
    assert "reproduction" in said
    assert said.count("\n    ") <= FEW_ACTS, said


def test_exact_tick_is_found_when_a_run_is_made_shorter() -> None:
    program = [Ask(staged(1, 1, dose_ng_per_day=48_000_000)), Verify(), Commit()]
    acts: list[Act] = [ArmIt(), Bench(START), OpenIt(), *program, Run(200), Run(5000)]
    short, shown = shrink(acts, Parted(""), lambda: Desk(Reference(), WrongNumber()), None)
    last = short[-1]
    assert isinstance(last, Run)
    assert "durable.step_count: 101 against 100" in shown
    play([*short[:-1], replace(last, ticks=last.ticks - 1)], Desk(Reference(), WrongNumber()))
    with pytest.raises(Parted):
        play(short, Desk(Reference(), WrongNumber()))
