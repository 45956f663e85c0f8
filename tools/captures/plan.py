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
    """`how`: run (of a scenario), timeline (worked by hand), desk (asks amiss), free (time of the device's own), session (seen
    from in between), or damaged.
    """

    title: str
    how: Literal["run", "timeline", "desk", "free", "session", "damaged"]
    expected: Mapping[str, str]
    target: str = NATIVE
    topology: str = "twin"
    scenario: str = ""
    timeline: str = ""
    until: str = ""
    seed: int = 1
    wire: str = ""
    anchored: bool = False
    damage: str = ""
    told: str = ""
    """What the reason of every verdict says, where that matters."""


def _run(title: str, scenario: str, target: str = NATIVE, until: str = "", wire: str = "") -> Planned:
    return Planned(title=title, how="run", expected=PASSES, target=target, scenario=scenario, until=until, wire=wire)


def _worked(title: str, timeline: str) -> Planned:
    return Planned(title=title, how="timeline", expected=PASSES, timeline=timeline)


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
    "native_desk": Planned(title="A tester asks what a pump has to refuse, and cuts what it does", how="desk", expected=PASSES),
    "worked_admission": _worked("Sessions and requests that are not let in", "admission"),
    "worked_bolus_capped": _worked("A bolus on top of the rate stays within the maximum", "bolus_capped"),
    "worked_bridge_stopped": _worked("A bridge waits while the pump is stopped, and over a reset", "bridge_stopped"),
    "worked_clock_owed": _worked("The clock is set while a bolus still owes", "clock_owed"),
    "worked_cut_commit_low_battery": _worked("A commit is cut short, and a low battery resets", "cut_commit_low_battery"),
    "worked_flex_weekend": _worked("Steps of the day over midnight and a weekend", "flex_weekend"),
    "worked_interval_late": _worked("Interval boluses that start late", "interval_late"),
    "worked_low_battery_lasting": _worked("A low battery brings the end of service near", "low_battery_lasting"),
    "worked_pocket_fill": _worked("Less is withdrawn at a refill than is expected", "pocket_fill"),
    "worked_program_bounds": _worked("Programs at the bounds of each rule and beyond", "program_bounds"),
    "worked_reservoir_too_low": _worked("Boluses that the reservoir cannot hold", "reservoir_too_low"),
    "worked_resistance_growth": _worked("The battery's resistance grows until it fails", "resistance_growth"),
    "worked_second_confirmation": _worked("Programs that multiply the dose", "second_confirmation"),
    "worked_session_timeout": _worked("A session ends by silence", "session_timeout"),
    "worked_silence_ends_at_reset": _worked("A silenced alarm sounds again after a reset", "silence_ends_at_reset"),
    "worked_tones": _worked("Tones of two alarms and of their test", "tones"),
    "worked_update_failed": _worked("An update whose words do not read back", "update_failed"),
    "worked_window_interval": _worked("The window of 24 hours over interval boluses", "window_interval"),
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
