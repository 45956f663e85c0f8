"""What keeps a dose within its bounds: rounding, the cap of the rate, the reserve, and the window of 24 hours."""

from __future__ import annotations

from typing import Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.checks.fluid import SMALL, expect_balanced
from pumpbench.hil.conformance.programs import PATIENT, UPDATE_TICKS, treat
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Level, Refusal
from pumpbench.protocol.messages import Bolus, PatientBolus, Started

WINDOW: Final = "SEMANTICS 7.7"
LIMIT_NG: Final = 310_000
"""1 240 000 quanta of 250 pg. At tick 33 the window has 863 967 ticks left: 1 199 954.2 quanta of basal dose."""


def _starts(pump: Subject, message: Bolus | PatientBolus) -> None:
    pump.expect_reply(pump.ask(message), Started)


@check("limit.volume-rounds-half-up", "SEMANTICS 3", Level.L1)
def rounds_half_up(pump: Subject) -> None:
    """A dose of half a nanolitre is a whole one, and one of less is none."""
    pump.start()
    treat(pump, concentration_ug_per_ml=2_000, dose_ng_per_day=1_200_000, dose_limit_ng=48_000_000)
    pump.refused(Bolus(dose_ng=1, volume_nl=0, duration_ticks=10), Refusal.VOLUME_MISMATCH, 1, 0)
    _starts(pump, Bolus(dose_ng=1, volume_nl=1, duration_ticks=10))
    pump.start()
    treat(pump, concentration_ug_per_ml=2_001, dose_ng_per_day=1_200_000, dose_limit_ng=48_000_000)
    pump.refused(Bolus(dose_ng=1, volume_nl=1, duration_ticks=10), Refusal.VOLUME_MISMATCH, 0, 1)


@check("limit.rate-is-capped", "SEMANTICS 4 phase 8, 14 law 3", Level.L1)
def rate_is_capped(pump: Subject) -> None:
    """Basal rate and bolus together never pass 24 ml a day: the bolus takes longer, and gives all the same."""
    pump.start()
    treat(pump, dose_ng_per_day=6_000_000, dose_limit_ng=48_000_000)
    # 12 000 000 q of basal leave 12 000 000 of the 14 400 000 asked: 8 640 000 000 // 12 000 000 = 720 ticks.
    _starts(pump, SMALL)
    pump.at(UPDATE_TICKS + 719)
    pump.expect_fields(pump.status(), owed_nl=14)
    pump.at(UPDATE_TICKS + 720)
    pump.expect_fields(pump.status(), owed_nl=0)
    # 721 ticks of 12 000 000 q and the bolus: 17 292 000 000 q, 80 steps.
    pump.expect_fields(expect_balanced(pump), commanded_q=17_292_000_000, step_count=80)


@check("limit.estimate-falls-in-a-bolus", "SEMANTICS 4 phase 10", Level.L1)
def estimate_falls(pump: Subject) -> None:
    """The estimate falls by each step, whatever asked for it: 41 steps of 250 nl in a minute with a bolus."""
    pump.start()
    treat(pump)
    _starts(pump, SMALL)
    pump.at(UPDATE_TICKS + 600)
    pump.expect_fields(pump.status(), step_count=41, reservoir_estimated_nl=18_000_000 - 41 * 250)


@check("limit.refill-due-counts-the-patients-boluses", "SEMANTICS 5.4", Level.L1)
def refill_due(pump: Subject) -> None:
    """The refill date allows for the rate of a week and for every bolus that the patient may ask in it."""
    # 16 000 000 nl above the low mark; a week is 4 200 000 nl, and 28 boluses of 10 000 nl beside it.
    for fields, due in (({}, 16_000_000 * 6_048_000 // 4_200_000), (PATIENT, 16_000_000 * 6_048_000 // 4_480_000)):
        pump.start()
        treat(pump, **fields)
        pump.expect_fields(pump.status(), refill_due_life_ticks=23 + due)


@check("limit.reserve-counts-what-is-owed", "SEMANTICS 7.5", Level.L1)
def reserve_counts_owed(pump: Subject) -> None:
    """What boluses still owe counts as gone: a patient's bolus that would fit alone is refused beside a running one."""
    pump.start(reservoir_estimated_nl=600_000)
    treat(pump, **PATIENT, low_reservoir_nl=500_000)
    _starts(pump, Bolus(dose_ng=47_500, volume_nl=95_000, duration_ticks=36_000))
    pump.refused(PatientBolus(), Refusal.RESERVOIR_TOO_LOW, 600_000, 10_000)


@check("limit.window-counts-what-is-owed", WINDOW, Level.L1)
def window_counts_owed(pump: Subject) -> None:
    """What a running bolus owes is in the window: beside 20 000 quanta of it, 20 044 more fit and 20 048 do not."""
    for dose_ng, fits in ((5_011, True), (5_012, False)):
        pump.start()
        treat(pump, **{**PATIENT, "patient_dose_ng": dose_ng}, dose_limit_ng=LIMIT_NG)
        _starts(pump, SMALL)
        if fits:
            _starts(pump, PatientBolus())
        else:
            pump.refused(PatientBolus(), Refusal.DOSE_LIMIT, LIMIT_NG, 310_001)


@check("limit.window-counts-what-was-given", WINDOW, Level.L1)
def window_counts_given(pump: Subject) -> None:
    """What a bolus has given is in the window: 41 steps of 500 quanta beside what is to come."""
    pump.start()
    treat(pump, **{**PATIENT, "patient_dose_ng": 5_100}, dose_limit_ng=LIMIT_NG)
    _starts(pump, SMALL)
    pump.at(UPDATE_TICKS + 600)
    # 863 367 ticks are left: 1 199 120.8 quanta, and 20 400 asked; with the 20 500 given 1 240 021, 310 006 ng.
    pump.refused(PatientBolus(), Refusal.DOSE_LIMIT, LIMIT_NG, 310_006)
