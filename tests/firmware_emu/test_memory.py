"""Words that outlast the power: check-points, slots, the log, and the daily look over all of them."""

import pytest

from pumpbench.firmware_emu.state import CHECKPOINT_SLOT_ADDRESS, LOG_ADDRESS, PROGRAM_SLOT_ADDRESS
from pumpbench.firmware_emu.store import newest_checkpoint, read_checkpoint
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Alarm, Event, Fault, Flag, TherapyState
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.limits import LOG_ENTRY_WORDS
from tests.firmware_emu import build

DAY = 864_000


def test_a_check_point_is_written_each_hour_into_the_other_slot() -> None:
    pump = build.treating()
    pump.leap(36_000 - pump.plant.tick)
    seq = pump.durable.checkpoint_seq
    assert newest_checkpoint(pump.memory) == pump.durable
    pump.leap(36_000)
    assert pump.durable.checkpoint_seq == seq + 1
    older = read_checkpoint(pump.memory, seq & 1)
    assert older is not None
    assert older.checkpoint_seq == seq


def test_what_is_logged_and_final_is_in_memory_before_the_next_tick() -> None:
    pump = build.treating()
    pump.handle(messages.Stop())
    stored = newest_checkpoint(pump.memory)
    assert stored is not None
    assert stored.therapy_state == TherapyState.STOPPED
    entry = pump.handle(messages.ReadLog(from_seq=0)).entries[-1]
    assert (entry.code, entry.life_ticks, entry.boot_count) == (Event.STOPPED, pump.durable.life_ticks, 1)


def test_the_log_keeps_the_newest_32_entries_and_pages_through_them() -> None:
    pump = build.treating()
    for _ in range(30):
        pump.handle(messages.Stop())
        pump.handle(messages.Resume())
    next_seq = pump.controller.log_next_seq
    assert next_seq > 60
    found: list[int] = []
    page = pump.handle(messages.ReadLog(from_seq=0))
    assert (page.oldest_seq, page.next_seq) == (next_seq - 32, next_seq)
    while page.entries:
        found += [entry.entry_seq for entry in page.entries]
        page = pump.handle(messages.ReadLog(from_seq=found[-1] + 1))
    assert found == list(range(next_seq - 32, next_seq))


def test_an_entry_that_does_not_verify_is_left_out_of_the_page() -> None:
    pump = build.treating()
    pump.handle(messages.Stop())
    pump.inject(Fault.MEMORY_FLIP, LOG_ADDRESS + 8 + 3, 1)
    assert [entry.entry_seq for entry in pump.handle(messages.ReadLog(from_seq=0)).entries] == [0, 2]


def test_a_changed_program_in_force_is_found_at_the_daily_test_and_makes_the_pump_safe() -> None:
    pump = build.treating()
    pump.inject(Fault.MEMORY_FLIP, PROGRAM_SLOT_ADDRESS[1] + 7, 1 << 9)
    heard = build.Effects(pump)
    pump.leap(DAY)
    day = heard.named("memory_fault", "safe_state_entered", "alarm_raised")
    assert [effect[1] for effect in day if effect[0] == DAY] == ["memory_fault", "safe_state_entered", "alarm_raised"]
    assert pump.durable.therapy_state == TherapyState.SAFE_STATE
    assert pump.durable.alarms_active == 1 << Alarm.CRITICAL_MEMORY_ERROR
    build.commit(pump)
    build.finish_update(pump)
    pump.tick()
    assert (pump.durable.therapy_state, pump.durable.alarms_active) == (TherapyState.THERAPY, 0)


@pytest.mark.parametrize(("address", "places"), [(PROGRAM_SLOT_ADDRESS[0] + 9, 1), (-1, 2)])
def test_a_fault_beside_the_program_in_force_is_flagged_until_a_clean_test(address: int, places: int) -> None:
    pump = build.treating()
    pump.leap(DAY - 1 - pump.plant.tick)
    if address < 0:
        address = CHECKPOINT_SLOT_ADDRESS[pump.durable.checkpoint_seq & 1] + 5
    pump.inject(Fault.MEMORY_FLIP, address, 4)
    heard = build.Effects(pump)
    pump.tick()
    assert heard.named("memory_fault") == [(DAY, "memory_fault", 0, places)]
    assert pump.durable.fault_flags == Flag.bit_of(Flag.MEMORY_ERROR)
    if places == 1:
        pump.inject(Fault.MEMORY_FLIP, address, 4)
    pump.leap(DAY)
    assert heard.named("alarm_cleared") == [(2 * DAY, "alarm_cleared", Alarm.MEMORY_ERROR, 0)]
    assert pump.durable.therapy_state == TherapyState.THERAPY


def test_a_fault_in_the_log_is_masked_and_raises_no_alarm() -> None:
    pump = build.treating()
    pump.inject(Fault.MEMORY_FLIP, LOG_ADDRESS, 1 << 31)
    pump.inject(Fault.MEMORY_FLIP, LOG_ADDRESS + 8, 1)
    heard = build.Effects(pump)
    pump.leap(DAY)
    assert heard.named("masked_fault", "alarm_raised") == [(DAY, "masked_fault", 2, 0)]


def test_a_clean_memory_passes_the_daily_test_in_silence() -> None:
    pump = build.treating()
    heard = build.Effects(pump)
    pump.leap(DAY + 1)
    assert [(effect[0], effect[1]) for effect in heard] == [(DAY + 1, "battery_sampled")]


def test_digest_of_memory_tells_a_log_entry_from_another_one_with_a_good_crc() -> None:
    """In the order of memory a CRC over words that end with their own CRC is the same whatever they say."""
    pump = build.treating()
    pump.handle(messages.Stop())
    before, memory = pump.digests()[2], pump.memory.to_bytes()
    at, end = 4 * LOG_ADDRESS, 4 * (LOG_ADDRESS + LOG_ENTRY_WORDS)
    other = bytearray(memory[at : end - 4])
    other[0] ^= 1
    sealed = bytes(other) + crc32c(bytes(other)).to_bytes(4, "little")
    assert crc32c(memory[:at] + sealed + memory[end:]) == crc32c(memory)
    pump.memory = type(pump.memory).from_bytes(memory[:at] + sealed + memory[end:])
    assert pump.digests()[2] != before
