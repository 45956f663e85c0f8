"""What holds for the firmware's state whatever happens: snapshots, accounts, power cuts, digests."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.state import Durable
from pumpbench.protocol.codes import Fault, TherapyState
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.limits import SNAPSHOT_PAGE_BYTES, STEP_Q
from pumpbench.protocol.messages import (
    Bolus,
    Close,
    Inject,
    PatientBolus,
    ReadProgram,
    ReadSnapshot,
    Report,
    Restore,
    Resume,
    SnapshotPage,
    Stop,
    WriteSnapshot,
)
from tests.board.bench import SIMPLE, Bench, native, replace, treating
from tests.board.parts import PARTS, parts_of, state_of


def account_closes(durable: Durable) -> bool:
    owed_q = sum(durable.owed_q)
    return durable.commanded_q == durable.step_count * STEP_Q + durable.acc_q + owed_q + durable.cancelled_q


def test_snapshot_bytes_are_the_canonical_bytes_and_the_digests_are_over_them() -> None:
    bench = treating(at_tick=5_000)
    parts = parts_of(bench.device.snapshot())  # type: ignore[attr-defined]
    for name, part in PARTS.items():
        state = part.from_bytes(parts[name])
        state.check()
        assert state.to_bytes() == parts[name]
    controller_crc = crc32c(parts["config"] + parts["controller"] + parts["durable"])
    words = [parts["memory"][at : at + 4] for at in range(0, len(parts["memory"]), 4)]
    memory_crc = crc32c(b"".join(reversed(words)))
    assert bench.device.digests() == (controller_crc, crc32c(parts["plant"]), memory_crc)  # type: ignore[attr-defined]


def test_snapshot_in_pages_is_the_snapshot_and_restores_another_device() -> None:
    bench, other = treating(at_tick=5_000), Bench()
    other.arm()
    snapshot = bench.device.snapshot()  # type: ignore[attr-defined]
    pages = [bench.ask(ReadSnapshot(offset_bytes=at)) for at in range(0, len(snapshot), SNAPSHOT_PAGE_BYTES)]
    assert all(isinstance(page, SnapshotPage) and page.snapshot_bytes == len(snapshot) for page in pages)
    assert b"".join(page.data for page in pages) == snapshot
    for page in pages:
        other.ask(WriteSnapshot(offset_bytes=page.offset_bytes, data=page.data))
    assert isinstance(other.ask(Restore(snapshot_crc=crc32c(snapshot))), Report)
    assert other.device.snapshot() == snapshot  # type: ignore[attr-defined]
    assert other.run_to(9_000).plant_crc == bench.run_to(9_000).plant_crc
    assert other.device.snapshot() == bench.device.snapshot()  # type: ignore[attr-defined]


@given(st.lists(st.sampled_from(("stop", "resume", "patient", "bolus", "reset", "cut", "run", "watch")), max_size=25), st.data())
def test_dose_account_closes_after_every_act(acts: list[str], data: st.DataObject) -> None:
    bench = treating()
    tick = 100
    for act in acts:
        if act in ("run", "reset", "cut"):
            if act != "run":
                bench.ask(Inject(fault=Fault.RESET if act == "reset" else Fault.POWER_CUT, arg_0=0, arg_1=0, arg_2=0))
            tick += data.draw(st.integers(1, 5_000))
            bench.run_to(tick)
        else:
            _request(bench, act)
        controller, durable, plant = state_of(bench)
        assert account_closes(durable)
        assert plant.pumped_pl == plant.leaked_pl + plant.delivered_pl
        assert controller.step_pending in (0, 1)


def _request(bench: Bench, act: str) -> None:
    asked = {"stop": Stop(), "resume": Resume(), "patient": PatientBolus(), "watch": Close(),
             "bolus": Bolus(dose_ng=10_000, volume_nl=5_000, duration_ticks=600)}[act]  # fmt: skip
    bench.ask(asked)
    if act == "watch":
        bench.open(nonce=bench.therapy_id)


# The update of a commit at tick 100 writes its slot in ticks 111 to 117, verifies to 122 and commits at 123.
CUT_TICKS = range(109, 125)
CUT_WORDS = (*range(10), 17, 50, 100, 101, 102, 65_534)


@pytest.mark.parametrize("tick", CUT_TICKS)
def test_power_cut_at_any_word_of_an_update_leaves_the_old_program_or_the_new_one(tick: int) -> None:
    found = {words: _program_after_cut(tick, words) for words in CUT_WORDS}
    assert set(found.values()) <= {(9, 400_000), (10, 300_000)}
    # In the tick of the commit itself a cut after the log's 8 words and the commit word keeps the new one.
    whole = {words: program for words, program in found.items() if words >= 9}
    assert all(program[0] == (10 if tick >= 122 else 9) for program in whole.values())


def _program_after_cut(tick: int, words: int) -> tuple[int, int]:
    bench = treating()
    bench.commit(replace(SIMPLE, program_id=10, dose_ng_per_day=300_000), rate_check=150_000)
    bench.run_to(tick)
    bench.ask(Inject(fault=Fault.POWER_CUT, arg_0=words, arg_1=0, arg_2=0))
    bench.run_to(300)
    bench.session = 0
    bench.open(nonce=words)
    read = bench.ask(ReadProgram(source=0))
    assert state_of(bench)[1].therapy_state == TherapyState.THERAPY
    return read.program_id, read.dose_ng_per_day


def test_dense_ticks_of_the_library_are_the_ticks_of_a_credit() -> None:
    bench, other = treating(), treating()
    bench.run_to(100_000)
    other.device.tick(99_900)  # type: ignore[attr-defined]
    assert bench.device.snapshot() == other.device.snapshot()  # type: ignore[attr-defined]


def test_chunks_of_a_credit_add_up_to_the_whole() -> None:
    bench, other = treating(), treating()
    bench.run_to(50_000)
    for tick in (101, 102, 977, 978, 20_000, 49_999, 50_000):
        other.run_to(tick)
    assert bench.device.snapshot() == other.device.snapshot()  # type: ignore[attr-defined]


def test_restore_of_a_field_out_of_range_changes_nothing() -> None:
    device = native()
    before = device.snapshot()
    bent = bytearray(before)
    bent[4] = 0xFF  # session_timeout_ticks, past its range
    bent[7] = 0xFF
    with pytest.raises(ValueError, match="refused"):
        device.restore(bytes(bent))
    assert device.snapshot() == before
    assert Config.from_bytes(parts_of(before)["config"]) == Config()
