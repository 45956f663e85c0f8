"""Starts, programs and planted pumps for the tests of rigs; asserts nothing."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from pumpbench.firmware_emu import device
from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.programming import Plan, await_update, change_program
from pumpbench.hil.rig import BaseRig
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.protocol.codes import Drug, Mode, Model, Role
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Bolus, ResetToStart, StageProgram

START = ResetToStart(
    model=Model.PUMP_20_ML, serial=4711, implant_day=9000, calendar_origin_day=9000, drug=Drug.BACLOFEN,
    catheter_length_mm=500, tubing_nl=100_000, reservoir_true_nl=18_000_000, reservoir_estimated_nl=18_000_000,
    concentration_ug_per_ml=500, line_ug_per_ml=500, clock_day=0, clock_day_ticks=0, life_ticks=0, charge_nc=0,
)  # fmt: skip

_UNUSED = {field.name: 0 for field in layout_of(StageProgram).fields}
_SIMPLE = {
    "program_id": 1, "mode": Mode.SIMPLE_CONTINUOUS, "concentration_ug_per_ml": 500, "dose_ng_per_day": 300_000,
    "low_reservoir_nl": 2_000_000, "dose_limit_ng": 1_000_000, "critical_interval_ticks": 6_000,
}  # fmt: skip
_PATIENT = {"patient_dose_ng": 5_000, "patient_duration_ticks": 600, "patient_lockout_ticks": 36_000, "patient_count": 4}
SIMPLE = StageProgram(**_UNUSED | _SIMPLE)
PATIENT = StageProgram(**_UNUSED | _SIMPLE | _PATIENT)


def treat(rig: BaseRig, program: StageProgram = SIMPLE) -> None:
    """Programs the pump and lets the update end."""

    def request(message: object) -> object:
        return rig.therapy(message, role=Role.CLINICIAN)

    made = change_program(request, Plan(program, confirm_second=True))
    if not made.committed:
        raise AssertionError(f"the program was refused at {made.step}: {made.refused}")
    await_update(request, lambda ticks: rig.run_to(rig.tick + ticks))


class PlantedPump(Pump):
    """The reference with a fault of its own: at the end of tick `at` it calls `plant`."""

    __slots__ = ("at", "plant_fault")

    def __init__(self, at: int, plant_fault: Callable[[Pump], None]) -> None:
        super().__init__()
        self.at = at
        self.plant_fault = plant_fault

    def run(self, n: int, stop_mask: int = 0, dense: bool = False) -> None:
        end = self.plant.tick + n
        if self.plant.tick < self.at <= end:
            super().run(self.at - self.plant.tick, stop_mask, dense)
            if self.plant.tick < self.at:
                return  # stopped on the way
            self.plant_fault(self)
        if not self.seen & stop_mask or self.plant.tick != self.at:
            super().run(end - self.plant.tick, stop_mask, dense)


class SpoiltBolusPump(Pump):
    """The reference, but each clinician's bolus counts a unit as cancelled that never was."""

    __slots__ = ()

    def handle(self, message: Any, request_id: int = 0, body_crc: int = 0) -> Any:
        reply = super().handle(message, request_id, body_crc)
        if isinstance(message, Bolus):
            self.durable.cancelled_q += 1
        return reply


class PlantedTarget(EmulatorTarget):
    """An emulator that differs from the reference, and so counts as another implementation."""

    name = "planted"
    independent = True

    def __init__(self, pump: Pump) -> None:
        with patch.object(device, "Pump", lambda: pump):
            super().__init__()


def one_unit(pump: Pump) -> None:
    """The smallest rounding change there is."""
    pump.durable.acc_q += 1
