"""Emulated boards under credits: the same bytes twice, the same end whatever stopped in between, and the twin of days."""

import os
import signal
import threading

import pytest

from pumpbench.hil.firmware import board_image
from pumpbench.hil.links import INBOUND, LinkLost, Tap
from pumpbench.hil.qemu.symbols import address_of
from pumpbench.hil.rig import Diverged, TwinRig, open_rig
from pumpbench.hil.rig.credits import CreditLengths
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import load
from pumpbench.hil.targets import Target
from pumpbench.hil.targets.qemu import QemuTarget
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import Role
from pumpbench.protocol.limits import TICKS_PER_DAY
from pumpbench.protocol.messages import PatientBolus, Report, Started
from tests.hil.pumps import PATIENT, START, treat
from tests.hil.qemu.boards import FIRST_THREE, NAMES, armed, board
from tests.support import SEED, effort, require, wait_until

LAST_TICK = 60_000
GATE_TICKS = 3 * TICKS_PER_DAY


@pytest.mark.parametrize("name", NAMES)
def test_same_credits_give_the_same_bytes_on_the_wire(name: str) -> None:
    runs = [bytes_of_a_run(name) for _ in range(2)]
    assert runs[0] == runs[1]
    assert len(runs[0]) > 1_000


def bytes_of_a_run(name: str) -> bytes:
    """All that the board sent from its start on; before that it keeps a time of its own."""
    said: list[bytes] = []
    lengths = CreditLengths(SEED, 20_000)
    with board(name) as target:
        bench = armed(Tap(target.link, lambda direction, _, data: said.append(data) if direction == INBOUND else None))
        said.clear()
        tick = 0
        while tick < LAST_TICK:
            tick = bench.run_to(tick + lengths.draw()).reached_tick
    return b"".join(said)


def test_board_stopped_for_a_while_ends_as_an_undisturbed_one() -> None:
    def run(disturb: bool) -> Report:
        with board("netduinoplus2") as target:
            bench = armed(target.link)
            bench.run_to(100)
            if not disturb:
                return bench.run_to(LAST_TICK)
            os.kill(target.machine.pid, signal.SIGSTOP)
            patient = bench.conversation
            patient.timeout_s, patient.retries = 0.05, 1_000

            def wake() -> None:
                wait_until(lambda: patient.retry_count >= 3, "the bench to have asked again")
                os.kill(target.machine.pid, signal.SIGCONT)

            waker = threading.Thread(target=wake)
            waker.start()
            report = bench.run_to(LAST_TICK)
            waker.join()
            assert patient.retry_count >= 3
            return report

    assert run(True) == run(False)


def test_run_ends_by_name_when_its_board_is_killed() -> None:
    require("arm")
    require("qemu")
    with open_rig("qemu:mps2-an385", "twin", seed=SEED) as rig:
        rig.start({}, START)
        assert isinstance(rig.target, QemuTarget)
        pid = rig.target.machine.pid
        rig.on_credit = lambda: os.kill(pid, signal.SIGKILL) if rig.tick > 1_000 else None
        with pytest.raises(LinkLost, match="qemu:mps2-an385: QEMU ended by SIGKILL; start it anew"):
            rig.run_to(TICKS_PER_DAY)
        assert 1_000 < rig.tick < TICKS_PER_DAY


def test_twin_finds_the_bit_that_a_fault_flipped_in_the_boards_ram() -> None:
    with board("mps2-an385"):
        pass  # asks for what this needs, and builds the image
    target = QemuTarget("mps2-an385")
    with TwinRig(target, SEED) as rig:
        rig.start({}, START)
        treat(rig, PATIENT)
        rig.run_to(rig.tick + 1_000)
        # A word that is unlike any other: the account of fluid, of which the pump reports nothing by itself.
        flip_word(target, rig.truth().plant.reservoir_true_pl & 0xFFFF_FFFF)
        with pytest.raises(Diverged, match="plant_crc"):
            rig.run_to(rig.tick + 1_000)
        result = rig.finish()
    assert result.verdict is Verdict.FAIL
    assert result.first_difference is not None
    assert result.first_difference.field == "plant_crc"
    # The flip was no work of the firmware: from the last state both agreed on, it does not come again.
    assert "hidden state" in str(result.divergence)


@pytest.mark.parametrize("name", FIRST_THREE)
def test_board_and_reference_agree_over_days_of_therapy(name: str) -> None:
    require("arm")
    require("qemu")
    with open_rig(f"qemu:{name}", "twin", seed=SEED) as rig:
        result = run_scenario(load("default"), rig, seed=SEED, until_tick=effort(GATE_TICKS, 90 * TICKS_PER_DAY))
        found = rig.finish()
    assert found.judged[0] is Verdict.PASS, found.judged[1]
    assert found.dense_ticks == found.ticks == effort(GATE_TICKS, 90 * TICKS_PER_DAY)
    assert found.digests_compared >= 3 * found.credits
    assert found.effects_compared == result.event_count


def test_bolus_of_a_patient_is_given_on_an_emulated_board() -> None:
    require("arm")
    require("qemu")
    with open_rig("qemu:lm3s6965evb", "twin", seed=SEED) as rig:
        rig.start({}, START)
        treat(rig, PATIENT)
        assert isinstance(rig.therapy(PatientBolus(), role=Role.PATIENT), Started)
        rig.run_to(rig.tick + 5_000)
        assert rig.finish().judged[0] is Verdict.PASS


def flip_word(target: Target, word: int) -> None:
    """Turns the lowest bit of the one word of the device's memory that has this value."""
    assert isinstance(target, QemuTarget)
    start = address_of(board_image(target.machine.board.family), "device")
    with target.machine.debugger() as debugger:
        memory = debugger.read(start, 16_000)
    wanted = word.to_bytes(4, "little")
    assert memory.count(wanted) == 1, f"{memory.count(wanted)} words of that value"
    target.machine.qtest.flip(start + memory.index(wanted), 0)
