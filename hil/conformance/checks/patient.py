"""The patient's own bolus: lockout, count a day, and what a reset does to both."""

from __future__ import annotations

from typing import Final

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.checks.alarms import inject
from pumpbench.hil.conformance.programs import PATIENT, UPDATE_TICKS, treat
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Fault, FluidKind, Level, Refusal, Role
from pumpbench.protocol.messages import PatientBolus, Started

SECTION: Final = "SEMANTICS 7.5"
LOCKOUT: Final = 36_000
DAY: Final = 864_000


def _ask(pump: Subject) -> None:
    """A patient opens, asks, and closes; it must start."""
    pump.session = 0
    pump.open(Role.PATIENT)
    reply = pump.ask(PatientBolus())
    pump.expect_reply(reply, Started)
    pump.expect_fields(reply, kind=FluidKind.PATIENT, volume_nl=10_000)
    pump.close()


def _refused(pump: Subject, refusal: int, limit: int, value: int) -> None:
    pump.session = 0
    pump.open(Role.PATIENT)
    pump.refused(PatientBolus(), refusal, limit, value)
    pump.close()


@check("patient.lockout-ends-in-its-tick", SECTION, Level.L1)
def lockout_ends(pump: Subject) -> None:
    """One tick before the lockout ends a bolus is refused with the ticks since the last; exactly at its end it starts."""
    pump.start()
    treat(pump, **PATIENT)
    pump.close()
    _ask(pump)
    pump.at(UPDATE_TICKS + LOCKOUT - 1)
    _refused(pump, Refusal.LOCKOUT, LOCKOUT, LOCKOUT - 1)
    pump.at(UPDATE_TICKS + LOCKOUT)
    _ask(pump)


@check("patient.second-while-one-runs", SECTION, Level.L1)
def second_while_one_runs(pump: Subject) -> None:
    """While a patient's bolus is owed, another is refused for that first, before its lockout."""
    pump.start()
    treat(pump, **PATIENT)
    pump.close()
    _ask(pump)
    _refused(pump, Refusal.BOLUS_IN_PROGRESS, 0, FluidKind.PATIENT)
    pump.at(UPDATE_TICKS + 600)
    _refused(pump, Refusal.LOCKOUT, LOCKOUT, 600)


@check("patient.count-holds-for-24-hours", SECTION, Level.L1, DAY)
def count_holds(pump: Subject) -> None:
    """With two allowed a day, the third waits until the first is 24 hours old: refused a tick before, started then."""
    pump.start()
    treat(pump, **{**PATIENT, "patient_count": 2})
    pump.close()
    first = pump.tick
    _ask(pump)
    pump.at(first + LOCKOUT)
    _ask(pump)
    pump.at(first + 2 * LOCKOUT)
    _refused(pump, Refusal.DAILY_MAXIMUM, 2, 2)
    pump.at(first + DAY - 1)
    _refused(pump, Refusal.DAILY_MAXIMUM, 2, 2)
    pump.at(first + DAY)
    _ask(pump)


@check("patient.reset-starts-lockout-and-fills-the-count", "SEMANTICS 9 step 5", Level.L3)
def reset_fills(pump: Subject) -> None:
    """After a reset the lockout begins anew and the day's count is full: the pump no longer knows when it gave the last."""
    pump.start()
    treat(pump, **PATIENT)
    pump.close()
    inject(pump, Fault.RESET)
    booted = UPDATE_TICKS + 1 + 20
    pump.at(booted)
    # The starts are entered at the boot, before its tick counts.
    _refused(pump, Refusal.LOCKOUT, LOCKOUT, 1)
    pump.at(booted + LOCKOUT - 2)
    _refused(pump, Refusal.LOCKOUT, LOCKOUT, LOCKOUT - 1)
    pump.at(booted + LOCKOUT - 1)
    _refused(pump, Refusal.DAILY_MAXIMUM, 4, 8)


@check("patient.needs-the-reserve", SECTION, Level.L1)
def needs_the_reserve(pump: Subject) -> None:
    """A patient's bolus that would take the reservoir below empty is refused with the estimate and its volume."""
    pump.start(reservoir_estimated_nl=509_999)
    treat(pump, **PATIENT, low_reservoir_nl=500_000)
    pump.close()
    _refused(pump, Refusal.RESERVOIR_TOO_LOW, 509_999, 10_000)


@check("patient.counts-in-the-dose-window", "SEMANTICS 7.7", Level.L1)
def counts_in_the_window(pump: Subject) -> None:
    """A patient's bolus that would pass the dose limit of 24 hours is refused with the limit."""
    # 1 199 954.2 quanta of basal dose up to the end of the window's last hour, and 20 000 of the bolus: 1 219 955, 304 989 ng.
    for limit_ng, fits in ((304_988, False), (304_989, True)):
        pump.start()
        treat(pump, **PATIENT, dose_limit_ng=limit_ng)
        pump.close()
        if fits:
            _ask(pump)
        else:
            _refused(pump, Refusal.DOSE_LIMIT, limit_ng, 304_989)
