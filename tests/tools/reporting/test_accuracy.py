"""Delivery accuracy: figures worked by hand, and the law that a pump without a fault errs by one step at most."""

import numpy as np
import pytest

from pumpbench.hil.replay.loader import load
from pumpbench.hil.rerun import Sample, course_of, script_of
from pumpbench.hil.rerun.course import FINE_TICKS
from pumpbench.tools.reporting.accuracy import WINDOWS_MINUTES, accuracy_of
from tests.hil.ledger.recordings import record_scenario

STEP_PL = 250_000
Q_PER_PL = 864


def samples(asked_pl: list[int], delivered_pl: list[int]) -> list[Sample]:
    """A quarter of an hour apart; both as amounts within each quarter."""
    sums = zip(np.cumsum([0, *asked_pl]).tolist(), np.cumsum([0, *delivered_pl]).tolist(), strict=True)
    return [Sample(n * FINE_TICKS, asked * Q_PER_PL, 0, given, 0, 0, 0, 0) for n, (asked, given) in enumerate(sums)]


def test_windows_give_the_errors_that_were_worked_by_hand() -> None:
    """A quarter at +20 % and one at -10 %: an hour of 4 quarters holds both, and errs by (20 - 10) / 4 at most."""
    asked = [1_000_000] * 6
    found = accuracy_of(samples(asked, [1_000_000, 1_200_000, 900_000, 1_000_000, 1_000_000, 1_000_000]))
    assert found is not None
    assert [one.minutes for one in found.windows] == [15, 60]
    quarter, hour = found.windows
    assert (quarter.highest_percent, quarter.lowest_percent) == pytest.approx((20, -10))
    assert (hour.highest_percent, hour.lowest_percent) == pytest.approx((2.5, -2.5))
    assert (quarter.step_percent, hour.step_percent) == pytest.approx((25, 6.25))
    assert (quarter.samples, hour.samples) == (6, 3)
    assert found.overall_percent == pytest.approx(100 / 60)


def test_windows_in_which_nothing_was_asked_are_left_out() -> None:
    found = accuracy_of(samples([0, 0, 1_000_000], [0, 0, 500_000]))
    assert found is not None
    (quarter,) = found.windows
    assert (quarter.minutes, quarter.samples) == (15, 1)
    assert quarter.lowest_percent == pytest.approx(-50)


def test_accuracy_is_not_known_where_nothing_was_asked() -> None:
    assert accuracy_of(samples([0, 0], [0, 0])) is None
    assert accuracy_of([]) is None


@pytest.mark.parametrize("name", ["default", "single_bolus", "patient_limits"])
def test_pump_without_a_fault_errs_by_a_step_at_most_in_any_window(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = record_scenario(tmp_path_factory.mktemp("accuracy") / "sound.pcapng", name)
    fine = course_of(script_of(load(path))).fine
    error_pl = np.array([one.delivered_pl - one.asked_q / Q_PER_PL for one in fine])
    assert len(fine) > 90
    assert float(error_pl.max() - error_pl.min()) <= STEP_PL
    found = accuracy_of(fine)
    assert found is not None
    assert all(max(one.highest_percent, -one.lowest_percent) < 100 for one in found.windows)
    assert {one.minutes for one in found.windows} <= set(WINDOWS_MINUTES)
