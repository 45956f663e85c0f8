"""Knows which sessions are recorded, on what, and the verdict each has to get on each target; it records none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

EMULATOR, NATIVE, BOARD = "emulator", "native", "qemu:mps2-an385"
TARGETS: Final = (EMULATOR, NATIVE, BOARD)
"""What every shipped recording is replayed on."""
PASSES: Final = dict.fromkeys(TARGETS, "pass")
OPEN: Final = dict.fromkeys(TARGETS, "inconclusive")
FAILS: Final = dict.fromkeys(TARGETS, "fail")
SOURCE: Final = "native_single_bolus"
"""Of the damaged ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """`how`: run (of a scenario), free (time of the device's own), session (seen from in between), or damaged."""

    title: str
    how: Literal["run", "free", "session", "damaged"]
    expected: Mapping[str, str]
    target: str = NATIVE
    topology: str = "twin"
    scenario: str = ""
    until: str = ""
    seed: int = 1
    wire: str = ""
    anchored: bool = False
    damage: str = ""
    told: str = ""
    """What the reason of every verdict says, where that matters."""


def _run(title: str, scenario: str, target: str = NATIVE, until: str = "", wire: str = "") -> Planned:
    return Planned(title=title, how="run", expected=PASSES, target=target, scenario=scenario, until=until, wire=wire)


def _damaged(title: str, damage: str, told: str, expected: Mapping[str, str] = OPEN) -> Planned:
    return Planned(title=title, how="damaged", expected=expected, damage=damage, told=told)


PLAN: Final = {
    SOURCE: _run("A single bolus ends in the stopped state", "single_bolus"),
    "native_patient_limits": _run("Patient boluses within and beyond their limits", "patient_limits"),
    "native_mri_stall": _run("A field stalls the motor", "mri_stall_recovery"),
    "native_memory_flip": _run("Words of memory flip", "memory_flip"),
    "native_update_power_cut": _run("Power fails in updates", "update_power_cut"),
    "native_empty_reservoir": _run("The reservoir runs empty and is refilled", "empty_reservoir"),
    "native_bad_wire": _run("Requests on a wire that loses, doubles, delays and garbles", "patient_limits", wire="seed:7"),
    "native_controller": Planned(
        title="The firmware's controller with a plant outside that stalls",
        how="run",
        expected=PASSES,
        topology="controller",
        scenario="mri_stall_recovery",
    ),
    "native_free_run": Planned(title="A programmer at a pump that runs by its own clock", how="free", expected=PASSES),
    "qemu_netduinoplus2": _run("An STM32F4 is programmed and bridged", "bridge_and_concentration", "qemu:netduinoplus2", "3d"),
    "qemu_mps2_an385": _run("An MPS2 board loses its link in an update", "update_link_lost", BOARD, "2d"),
    "qemu_microbit": _run("An nRF51 gives patient boluses", "patient_limits", "qemu:microbit", "1d"),
    "qemu_lm3s6965evb": _run("An LM3S has a stalled motor", "intermittent_stall", "qemu:lm3s6965evb", "12d"),
    "emulator_telemetry_hold": Planned(
        title="Interference holds the therapy, in the emulator alone",
        how="run",
        expected={**PASSES, EMULATOR: "inconclusive"},
        target=EMULATOR,
        topology="local",
        scenario="telemetry_hold",
    ),
    "session_anchored": Planned(
        title="A session of the field: program, status and log are read, then the therapy is changed",
        how="session",
        expected=PASSES,
        anchored=True,
        told="in what program, status and log settle",
    ),
    "session_observed": Planned(
        title="A session of the field in which the programmer did not read first",
        how="session",
        expected=OPEN,
        told="observed: no snapshot opens the recording",
    ),
    "damaged_torn": _damaged("Cut off within a record", "torn", "damaged at byte"),
    "damaged_killed": _damaged("Its recorder was killed: no trailer", "killed", "has no trailer"),
    "damaged_reply_lost": _damaged("A frame of the device is missing, and the trailer mended", "reply_lost", "gap"),
    "damaged_request_lost": _damaged("A request is missing, and the trailer mended", "request_lost", "gap"),
    "damaged_bit": _damaged("A bit of a frame of the device is another, and the trailer mended", "bit", "a bad frame"),
    "damaged_value": _damaged("One digest of a report is another, its CRC and the trailer mended", "value", "plant_crc", FAILS),
}
