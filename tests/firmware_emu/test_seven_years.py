"""The standard seven years end on their last tick, with everything delivered that was programmed, in few leaps."""

from itertools import pairwise

from tests.firmware_emu import build, seven_years

LEAPS_MAX = 110_000
CONCENTRATION = 2_000


def test_the_standard_seven_years_take_few_leaps_and_end_on_the_last_tick() -> None:
    years = seven_years.begin()
    seven_years.run(years)
    pump, heard = years.pump, years.effects
    marks = {effect[1]: effect[0] for effect in heard if effect[1] in ("eri_reached", "ended")}
    print(f"leaps {pump.leaps}, dense ticks {pump.dense_ticks}, effects {len(heard)}")
    assert marks == {"eri_reached": seven_years.ERI_TICKS, "ended": seven_years.LIFE_TICKS}
    assert pump.leaps <= LEAPS_MAX
    assert not [effect for effect in heard if effect[1] in ("reset", "empty_entered", "refill_discrepancy", "bolus_refused")]
    assert build.balanced(pump)
    assert_delivered_as_programmed(years)


def assert_delivered_as_programmed(years: seven_years.Years) -> None:
    """By sums of our own: the rates of the steps over the ticks in force, and the boluses; then the truth of the plant."""
    pump = years.pump
    restarted = next(effect[0] for effect in years.effects if effect[1] == "delivery_restarted")
    # Nothing flows before the update has restarted delivery, nor in the tick that ends the pump's service.
    basal_q = rates_until_q(seven_years.LIFE_TICKS - 1) - rates_until_q(restarted - 1)
    assert pump.durable.commanded_q == basal_q + years.boluses * 5_000 * 864_000
    assert pump.plant.delivered_pl == pump.durable.step_count * 250_000
    assert pump.plant.delivered_fg == pump.plant.delivered_pl * CONCENTRATION


def rates_until_q(tick: int) -> int:
    """What the flex program asks for in the ticks 1..tick, tick t standing at tick t of the clock."""
    days, rest = divmod(tick + 1, 864_000)
    spans = list(pairwise([*(36_000 * hour for hour in seven_years.STEP_HOURS), 864_000]))
    rates = [
        (2 * dose * 1_000 * 24 * 36_000 + CONCENTRATION * (end - start)) // (2 * CONCENTRATION * (end - start))
        for dose, (start, end) in zip(seven_years.STEP_DOSES_NG, spans, strict=True)
    ]
    whole_q = sum(rate * (end - start) for rate, (start, end) in zip(rates, spans, strict=True))
    rest_q = sum(rate * (min(rest, end) - min(rest, start)) for rate, (start, end) in zip(rates, spans, strict=True))
    return days * whole_q + rest_q - rates[0]
