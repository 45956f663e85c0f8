"""One look at a pump while it runs: what a person wants to see of it; it must not draw."""

from dataclasses import dataclass

from pumpbench.firmware_emu.pump import Pump
from pumpbench.protocol.codes import Alarm, TherapyState
from pumpbench.protocol.limits import HOUR_BUCKETS, PL_PER_NL, QUANTA_PER_NG


@dataclass(frozen=True, slots=True)
class Glance:
    """`dose_ng`: commanded in the last 24 hours or so, by the pump's own buckets. `battery_mv`: last sample, 0 for none yet."""

    tick: int
    therapy: str
    dose_ng: int
    reservoir_true_nl: int
    reservoir_estimated_nl: int
    reservoir_capacity_nl: int
    battery_mv: int
    alarms: tuple[str, ...]

    @classmethod
    def at(cls, pump: Pump) -> "Glance":
        controller, durable, plant = pump.controller, pump.durable, pump.plant
        oldest = (controller.hour_head_index + 1) % HOUR_BUCKETS
        return cls(
            tick=plant.tick,
            therapy=TherapyState.name_of(durable.therapy_state),
            dose_ng=(sum(controller.hour_quanta) - controller.hour_quanta[oldest]) // QUANTA_PER_NG,
            reservoir_true_nl=plant.reservoir_true_pl // PL_PER_NL,
            reservoir_estimated_nl=durable.reservoir_estimated_nl,
            reservoir_capacity_nl=pump.config.reservoir_capacity_nl,
            battery_mv=controller.battery_mv,
            alarms=tuple(Alarm.names_in(durable.alarms_active)),
        )


def millilitres(nl: int) -> str:
    """`17.25 mL`."""
    return f"{nl / 1_000_000:.2f} mL"


def micrograms(ng: int) -> str:
    """`301.5 ug`."""
    return f"{ng / 1000:,.1f} ug"
