"""The standard seven years: 13 flex steps on a shared hour phase, a patient bolus a day, refills before low, a good battery.

Written with requests alone, as a clinic and a patient would; 84 months of 30.4375 days.
"""

from dataclasses import dataclass, field

from pumpbench.firmware_emu.pump import Pump
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Fault, Mode
from pumpbench.protocol.limits import TICKS_PER_DAY, TICKS_PER_HOUR
from tests.firmware_emu import build

LIFE_TICKS = 2_209_032_000
ERI_TICKS = LIFE_TICKS - 90 * TICKS_PER_DAY
FILL_NL = 20_000_000
REFILL_DAYS = 120
CHARGE_NC = 9_000_000_000_000
STEP_DOSES_NG = (12_000, 12_000, 18_000, 24_000, 18_000, 12_000, 20_000, 16_000, 12_000, 18_000, 24_000, 30_000, 24_000)
STEP_HOURS = (0, 2, 4, 6, 8, 9, 10, 12, 14, 16, 18, 20, 22)
PATIENT_NG = 10_000


@dataclass
class Years:
    """A run: the pump, its effects, and what was asked of it."""

    pump: Pump
    effects: list[tuple[int, str, int, int]]
    boluses: int = 0
    refills: int = 0
    filled_pl: list[int] = field(default_factory=list)


def steps() -> build.Steps:
    return [(60 * hour, dose) for hour, dose in zip(STEP_HOURS, STEP_DOSES_NG, strict=True)]


def begin() -> Years:
    pump = build.started({"battery_capacity_nc": 2 * CHARGE_NC})
    effects = build.Effects(pump)
    reply = build.commit(
        pump, (steps(), []), mode=Mode.FLEX, dose_ng_per_day=sum(STEP_DOSES_NG), dose_limit_ng=400_000,
        patient_dose_ng=PATIENT_NG, patient_duration_ticks=6_000, patient_lockout_ticks=36_000, patient_count=2,
    )  # fmt: skip
    assert isinstance(reply, messages.Done), reply
    return Years(pump, effects)


def run(years: Years, until_tick: int = LIFE_TICKS) -> None:
    """To a tick at most the end of service; a patient's bolus each day at noon, a refill every 120 days."""
    pump = years.pump
    while pump.plant.tick < until_tick:
        _day(years, min(until_tick - pump.plant.tick, TICKS_PER_DAY))


def _day(years: Years, ticks: int) -> None:
    pump = years.pump
    day = pump.plant.tick // TICKS_PER_DAY
    if day and day % REFILL_DAYS == 0:
        _refill(years)
    noon = 12 * TICKS_PER_HOUR + 300
    pump.leap(min(ticks, noon))
    if ticks <= noon:
        return
    years.boluses += 1
    reply = pump.handle(messages.PatientBolus(), years.boluses + years.refills, 1)
    assert isinstance(reply, messages.Started), reply
    pump.leap(ticks - noon)


def _refill(years: Years) -> None:
    """Empties and fills; the clinic measures what it withdraws."""
    pump = years.pump
    withdrawn_nl = pump.plant.reservoir_true_pl // 1000
    years.refills += 1
    assert pump.inject(Fault.REFILL, 20_000_000, FILL_NL, 2_000) is None
    reply = pump.handle(
        messages.Refill(measured_nl=withdrawn_nl, fill_nl=FILL_NL), years.boluses + years.refills, 1
    )  # fmt: skip
    assert isinstance(reply, messages.Refilled), reply
    assert not reply.discrepancy, reply
