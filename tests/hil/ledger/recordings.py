"""Recordings to account for, compare and explain: scenarios as shipped, and treatments with a fault planted; asserts nothing."""

from pathlib import Path

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.rig import About, LocalRig
from pumpbench.hil.rig.recording import Recording
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.scenario.runner import run_scenario
from pumpbench.hil.scenario.shipped import load
from pumpbench.hil.targets import Target
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.protocol.codes import Role
from pumpbench.protocol.messages import Bolus, PatientBolus, ReadAccount, ReadStatus, Subscribe
from tests.hil.pumps import PATIENT, START, PlantedTarget, treat
from tests.support import SEED

HOUR = 36_000
LOOKS = 12
"""Hours of a treatment, each ending with a look at the account."""


def record_scenario(path: Path, scenario: Scenario | str, target: Target | None = None) -> Path:
    """One of the shipped by its name, or another."""
    made = load(scenario) if isinstance(scenario, str) else scenario
    recording = Recording(path, About(scenario=made.text, seed=SEED))
    with LocalRig(target or EmulatorTarget(), SEED, recording, made.wire) as rig:
        run_scenario(made, rig, seed=SEED)
        rig.finish()
    return path


def record_treatment(path: Path, pump: Pump | None = None, looks: int = LOOKS, seed: int = SEED) -> Path:
    """Hours with telemetry, a bolus of either kind, and a look at status and account each hour."""
    target = EmulatorTarget() if pump is None else PlantedTarget(pump)
    with LocalRig(target, seed, Recording(path, About(seed=seed))) as rig:
        rig.start({"session_timeout_ticks": HOUR}, START)
        treat(rig, PATIENT)
        rig.therapy(Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600), role=Role.CLINICIAN)
        rig.therapy(Subscribe(period_ticks=6_000), role=Role.CLINICIAN)
        for hour in range(1, looks + 1):
            rig.run_to(hour * HOUR)
            rig.therapy(ReadStatus(), role=Role.CLINICIAN)
            rig.therapy(ReadAccount(), role=Role.CLINICIAN)
            if hour in (3, 6):
                rig.therapy(PatientBolus(), role=Role.PATIENT)
        rig.finish()
    return path
