"""Counts at the top of their width, as only a restored pump can have them: they go on at 0."""

import pytest

from pumpbench.firmware_emu.pump import Pump
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Fault, TherapyState
from pumpbench.protocol.limits import LOG_CAPACITY
from tests.firmware_emu import build

TOP = 0xFFFF_FFFF


def goes_on(pump: Pump) -> bool:
    """It still has bytes, and other hands can take them up."""
    other = Pump()
    other.restore(pump.snapshot())
    pump.leap(100_000)
    other.leap(100_000)
    return other.snapshot() == pump.snapshot()


@pytest.mark.parametrize(("before", "after"), [(TOP - 1, TOP), (TOP, 0)])
def test_the_sequence_of_programs_goes_on_at_0_after_the_last(before: int, after: int) -> None:
    pump = build.treating()
    pump.durable.program_seq = before
    build.commit(pump, program_id=2)
    build.finish_update(pump)
    assert (pump.durable.program_seq, pump.plan.program.program_id) == (after, 2)
    assert goes_on(pump)


def test_a_program_whose_sequence_looks_erased_is_found_missing() -> None:
    pump = build.treating()
    pump.durable.program_seq = TOP - 1
    build.commit(pump, program_id=2)
    build.finish_update(pump)
    pump.inject(Fault.RESET)
    pump.leap(50)
    assert pump.durable.therapy_state == TherapyState.SAFE_STATE


def test_the_sequence_of_check_points_goes_on_at_0() -> None:
    pump = build.treating()
    pump.durable.checkpoint_seq = TOP
    pump.handle(messages.Stop())
    assert pump.durable.checkpoint_seq == 0
    assert goes_on(pump)


def test_the_sequence_of_the_log_goes_on_at_0() -> None:
    pump = build.treating()
    pump.controller.log_next_seq = TOP
    pump.handle(messages.Stop())
    assert pump.controller.log_next_seq == 0
    pump.handle(messages.Resume())
    page = pump.handle(messages.ReadLog(from_seq=0))
    assert (page.oldest_seq, page.next_seq, len(page.entries)) == (0, 1, 1)
    assert page.oldest_seq <= LOG_CAPACITY
    assert goes_on(pump)


def test_boots_and_sessions_go_on_at_0() -> None:
    pump = build.treating()
    pump.durable.boot_count = pump.durable.open_count = TOP
    pump.handle(messages.Stop())
    pump.inject(Fault.RESET)
    pump.leap(50)
    assert pump.durable.boot_count == 0
    pump.handle(messages.Open(serial=7, role=1, nonce=1), 1, 1)
    assert pump.durable.open_count == 0
    assert goes_on(pump)
