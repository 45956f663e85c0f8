"""The course of a re-run: it covers the run, agrees with the pump's own account, and shows what no frame does."""

from pathlib import Path

import pytest

from pumpbench.firmware_emu.account import STEP_PL
from pumpbench.hil.ledger import ledger_of
from pumpbench.hil.replay.loader import load
from pumpbench.hil.rerun import Course, course_of, script_of
from pumpbench.hil.rerun.course import COARSE_SAMPLES, FINE_TICKS
from pumpbench.protocol.codes import Event
from pumpbench.protocol.limits import STEP_Q, TICKS_PER_DAY
from tests.hil.ledger.recordings import record_scenario, record_treatment


def course(path: Path) -> Course:
    return course_of(script_of(load(path)))


def test_course_ends_where_the_devices_own_account_does(tmp_path: Path) -> None:
    path = record_treatment(tmp_path / "a.pcapng")
    made, ledger = course(path), ledger_of(load(path))
    assert ledger.closed is not None
    assert ledger.truth is not None
    last = made.coarse[-1]
    assert last.asked_q == ledger.closed.delivered_q + ledger.closed.acc_q
    assert (last.delivered_pl, last.reservoir_true_pl) == (ledger.truth.tip_pl, ledger.truth.reservoir_pl)
    assert last.delivered_pl == last.asked_q // STEP_Q * STEP_PL


def test_course_covers_the_run_in_rising_ticks_and_few_samples(tmp_path: Path) -> None:
    path = record_treatment(tmp_path / "a.pcapng")
    made, recorded = course(path), load(path)
    ticks = [one.tick for one in made.coarse]
    assert ticks == sorted(ticks)
    assert (ticks[0], ticks[-1]) == (0, recorded.last_tick)
    assert len(ticks) <= 2 * COARSE_SAMPLES + 2 * len(recorded.requests)
    assert {after.tick - before.tick for before, after in zip(made.fine, made.fine[1:], strict=False)} == {FINE_TICKS}


@pytest.mark.parametrize("name", ["battery_film", "update_power_cut"])
def test_what_is_asked_never_falls_where_a_reset_forgets(name: str, tmp_path: Path) -> None:
    made = course(record_scenario(tmp_path / "reset.pcapng", name))
    resets = sum(one.code == Event.RESET for one in made.effects)
    assert resets
    asked = [(one.asked_q, one.asked_fg) for one in made.coarse]
    assert asked == sorted(asked)
    # Part of a step that was asked for is forgotten at each reset, or asked for again.
    assert abs(made.coarse[-1].delivered_pl - made.coarse[-1].asked_q // STEP_Q * STEP_PL) <= resets * STEP_PL


def test_course_shows_a_reservoir_that_runs_dry_unnoticed(tmp_path: Path) -> None:
    made = course(record_scenario(tmp_path / "over.pcapng", "over_infusion"))
    dry = next(one for one in made.coarse if one.reservoir_true_pl == 0)
    assert dry.reservoir_estimated_nl > 3_000_000
    assert dry.delivered_fg > dry.asked_fg * 5 // 4


def test_bridge_asks_for_the_drug_that_the_line_still_holds(tmp_path: Path) -> None:
    """The dose a day is the same before, during and after it, so what is asked rises by it."""
    made = course(record_scenario(tmp_path / "bridge.pcapng", "bridge_and_concentration"))
    start = next(one.tick for one in made.effects if one.code == Event.PROGRAM_COMMITTED)
    ng_per_day, last = 200_000, made.coarse[-1]
    asked_ng = last.asked_fg // 1_000_000
    assert asked_ng == pytest.approx(ng_per_day * (last.tick - start) / TICKS_PER_DAY, rel=0.001)
    assert last.asked_fg == pytest.approx(last.delivered_fg, rel=0.005)
