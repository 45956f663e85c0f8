"""Changing the program: staged, judged, written beside the old one, in force at one tick, whole or not at all."""

from typing import Any

import pytest

from pumpbench.firmware_emu.plan import Plan
from pumpbench.firmware_emu.pump import Pump
from pumpbench.firmware_emu.state import PROGRAM_SLOT_ADDRESS
from pumpbench.firmware_emu.store import newest_program
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Event, Fault, Held, Mode, Quirk, Refusal, TherapyState, UpdateStage
from pumpbench.protocol.layout import replace
from tests.firmware_emu import build

NEW: dict[str, Any] = {"program_id": 2, "dose_ng_per_day": 300_000}


def test_an_update_takes_effect_after_stop_write_verify_and_commit() -> None:
    pump = build.started()
    heard = build.Effects(pump)
    pump.leap(50)
    build.commit(pump)
    pump.leap(100)
    assert heard == [
        (50, "program_staged", 1, 0),
        (50, "update_started", 1, 1),
        (50 + 10 + 7 + 5 + 1, "program_committed", 1, 2),
        (50 + 10 + 7 + 5 + 1 + 10, "delivery_restarted", 1, 0),
    ]


def test_nothing_flows_while_an_update_runs_and_boluses_are_cancelled_when_it_takes_effect() -> None:
    pump = build.treating()
    heard = build.Effects(pump)
    pump.handle(messages.Bolus(dose_ng=10_000, volume_nl=5_000, duration_ticks=6_000), 10)
    pump.leap(100)
    build.commit(pump, **NEW)
    owed_q, asked = sum(pump.durable.owed_q), pump.durable.commanded_q
    pump.leap(23)
    assert heard.named("bolus_cancelled") == [(pump.plant.tick, "bolus_cancelled", 3, (owed_q + 863_999) // 864_000)]
    assert pump.durable.commanded_q == asked
    assert build.balanced(pump)


def test_a_commit_names_both_programs_or_is_refused_and_logged() -> None:
    pump = build.treating()
    heard = build.Effects(pump)
    verified = build.verify(pump, build.stage(pump, **NEW).program_crc)
    right = messages.CommitProgram(
        program_crc=verified.program_crc, old_program_crc=verified.old_program_crc, second_confirmation_ng=0
    )
    assert pump.handle(replace(right, program_crc=1)).refusal == Refusal.PROGRAM_CHANGED
    assert pump.handle(replace(right, old_program_crc=1)).refusal == Refusal.PROGRAM_CHANGED
    assert len(heard.named("commit_refused")) == 2
    assert isinstance(pump.handle(right), messages.Done)


@pytest.mark.parametrize(("dose", "needed"), [(480_000, False), (480_001, True), (120_000, False), (119_999, True)])
def test_a_dose_changed_beyond_the_factor_needs_a_second_confirmation(dose: int, needed: bool) -> None:
    pump = build.treating(dose_ng_per_day=240_000)
    verified = build.verify(pump, build.stage(pump, dose_ng_per_day=dose).program_crc)
    assert verified.second_confirmation == needed
    bare = messages.CommitProgram(
        program_crc=verified.program_crc, old_program_crc=verified.old_program_crc, second_confirmation_ng=0
    )
    said = pump.handle(bare)
    assert isinstance(said, messages.Refused) == needed
    if needed:
        assert (said.refusal, said.limit, said.value) == (Refusal.NEEDS_SECOND_CONFIRMATION, dose, 0)
        assert isinstance(pump.handle(replace(bare, second_confirmation_ng=dose)), messages.Done)


def test_staging_again_takes_the_verification_away() -> None:
    pump = build.treating()
    verified = build.verify(pump, build.stage(pump, **NEW).program_crc)
    build.stage(pump, **NEW)
    said = pump.handle(
        messages.CommitProgram(
            program_crc=verified.program_crc, old_program_crc=verified.old_program_crc, second_confirmation_ng=0
        )
    )
    assert said.refusal == Refusal.NOT_VERIFIED


def test_a_word_that_does_not_read_back_leaves_the_old_program_in_force() -> None:
    pump = build.treating()
    heard = build.Effects(pump)
    build.commit(pump, **NEW)
    while pump.controller.update_stage != UpdateStage.VERIFY:
        pump.tick()
    pump.inject(Fault.MEMORY_FLIP, PROGRAM_SLOT_ADDRESS[pump.controller.update_slot_index] + 5, 1)
    build.finish_update(pump)
    assert [effect[1] for effect in heard][-1] == "update_failed"
    assert pump.plan.program.program_id == 1
    assert pump.durable.therapy_state == TherapyState.THERAPY
    assert pump.controller.staged_verified == 1


def test_a_quirky_pump_stops_at_stage_and_restarts_at_commit() -> None:
    pump = build.treating(config={"quirks": Quirk.bit_of(Quirk.STOP_AT_STAGE)})
    build.commit(pump)
    build.finish_update(pump)
    build.stage(pump, **NEW)
    assert pump.durable.held == Held.bit_of(Held.UPDATE)
    asked = pump.durable.commanded_q
    pump.leap(1_000)
    assert pump.durable.commanded_q == asked
    build.commit(pump, **NEW)
    build.finish_update(pump)
    assert pump.durable.held == 0
    assert pump.durable.commanded_q > asked


def test_a_bridge_gives_the_new_dose_with_the_old_drug_until_the_line_is_through() -> None:
    pump = build.treating(concentration_ug_per_ml=2_000, dose_ng_per_day=240_000)
    heard = build.Effects(pump)
    build.commit(pump, concentration_ug_per_ml=1_000, dose_ng_per_day=240_000, bridge=1)
    pump.leap(50)
    line_nl = 20_000 + 400 * 220
    assert heard.named("bolus_started") == [(heard.ticks_of("program_committed")[0], "bolus_started", 1, line_nl)]
    status = pump.handle(messages.ReadStatus())
    assert (status.bolus_kind, status.rate_nl_per_day) == (1, 0)
    assert pump.durable.bolus_q[1] == 120_000
    pump.leap(1_000_000)
    restarted = heard.ticks_of("delivery_restarted")[0]
    assert heard.ticks_of("bolus_ended") == [restarted - 1 + line_nl * 864_000 // 120_000]
    assert pump.handle(messages.ReadStatus()).rate_nl_per_day == 240_000


def cut_during_update(words: int, ticks: int) -> Pump:
    """A pump whose power fails after `words` of what is written `ticks` into an update, after its boot."""
    pump = build.treating()
    build.commit(pump, **NEW)
    pump.leap(ticks)
    pump.inject(Fault.POWER_CUT, words)
    pump.leap(40)
    return pump


@pytest.mark.parametrize("ticks", range(26))
def test_a_power_cut_at_any_word_of_an_update_leaves_the_old_program_or_the_new(ticks: int) -> None:
    ids = set()
    for words in range(110):
        pump = cut_during_update(words, ticks)
        assert pump.durable.boot_count == 2
        assert pump.durable.therapy_state == TherapyState.THERAPY
        stored = newest_program(pump.memory)
        assert stored is not None
        assert stored.body == pump.controller.program
        assert pump.plan.program.program_id in (1, 2)
        ids.add(pump.plan.program.program_id)
    assert ids == ({1} if ticks < 22 else {1, 2} if ticks == 22 else {2})


def test_an_interrupted_update_is_named_once_and_its_slot_is_given_up() -> None:
    pump = build.treating()
    heard = build.Effects(pump)
    build.commit(pump, **NEW)
    pump.leap(14)
    pump.inject(Fault.POWER_CUT, 3)
    pump.leap(100)
    assert [effect[1] for effect in heard].count("update_interrupted") == 1
    pump.inject(Fault.RESET)
    pump.leap(100)
    assert [effect[1] for effect in heard].count("update_interrupted") == 1
    assert [effect[1] for effect in heard].count(Event.name_of(Event.BOOT_COMPLETED)) == 2


def test_a_stopped_program_delivers_nothing_and_cannot_be_resumed() -> None:
    pump = build.treating()
    build.commit(pump, mode=Mode.STOPPED, dose_ng_per_day=0)
    build.finish_update(pump)
    asked = pump.durable.commanded_q
    pump.leap(5_000)
    assert pump.durable.commanded_q == asked
    assert pump.handle(messages.Resume()).refusal == Refusal.INVALID_STATE


def test_a_plan_says_what_a_program_gives_in_a_week() -> None:
    pump = build.treating(patient_dose_ng=6_000, patient_duration_ticks=600, patient_lockout_ticks=600, patient_count=2)
    plan = Plan(bytes(pump.controller.program), pump.config.rate_min_nl_per_day)
    assert plan.weekly_q() == 7 * 864_000 * (120_000 + 2 * 3_000)
