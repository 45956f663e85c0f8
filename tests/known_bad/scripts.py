"""Knows short conversations that no scenario has: bad bytes, odd credits, cuts in one tick; it judges nothing."""

from typing import Final

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.state import PROGRAM_SLOT_ADDRESS
from pumpbench.hil.bench import CONFIG_INDEX
from pumpbench.protocol.codes import Fault, Mode, Quirk, StopMask
from pumpbench.protocol.frame import host_frame
from pumpbench.protocol.layout import layout_of, replace
from pumpbench.protocol.limits import TICKS_PER_DAY
from pumpbench.protocol.messages import (
    Bolus,
    Configure,
    Identify,
    Inject,
    PatientBolus,
    ReadLink,
    ReadLog,
    ResetToStart,
    StageProgram,
    Subscribe,
)
from tests.parity.acts import Act, ArmIt, Ask, Bench, Commit, Craft, GiveBolus, OpenIt, Raw, Run, Verify

START: Final = ResetToStart(
    model=1, serial=7, implant_day=0, calendar_origin_day=0, drug=1, catheter_length_mm=500, tubing_nl=200_000,
    reservoir_true_nl=18_000_000, reservoir_estimated_nl=18_000_000, concentration_ug_per_ml=2_000, line_ug_per_ml=2_000,
    clock_day=0, clock_day_ticks=0, life_ticks=0, charge_nc=0,
)  # fmt: skip
_UNUSED = {field.name: 0 for field in layout_of(StageProgram).fields}
PROGRAM: Final = StageProgram(
    **_UNUSED | {
        "program_id": 1, "mode": Mode.SIMPLE_CONTINUOUS, "concentration_ug_per_ml": 2_000, "dose_ng_per_day": 1_200_000,
        "low_reservoir_nl": 2_000_000, "dose_limit_ng": 1_400_000, "critical_interval_ticks": 6_000, "patient_count": 4,
        "patient_dose_ng": 60_000, "patient_duration_ticks": 6_000, "patient_lockout_ticks": 6_000,
    }
)  # fmt: skip
UPDATE_TICKS: Final = 34
STEP_TICKS: Final = 360
"""Between two steps at 600 000 nl/day, the program's rate."""


def _inject(fault: int, arg_0: int = 0, arg_1: int = 0) -> Act:
    return Bench(Inject(fault=fault, arg_0=arg_0, arg_1=arg_1, arg_2=0))


def _damaged(wire: bytes) -> bytes:
    """Its CRC no longer holds, its stuffing does."""
    return wire[:-3] + bytes([wire[-3] ^ 1 or 2]) + wire[-2:]


BEGUN: Final = (ArmIt(), Bench(START), OpenIt(nonce=1))
TREATED: Final = (*BEGUN, Ask(PROGRAM), Verify(), Commit(), Run(UPDATE_TICKS), OpenIt(nonce=2))
QUIRKS: Final = CONFIG_INDEX["quirks"]
RESET: Final = _inject(Fault.RESET)

SCRIPTS: Final[dict[str, tuple[Act, ...]]] = {
    "requests while it boots": (*BEGUN, RESET, Run(3), OpenIt(nonce=3)),
    "a frame with a wrong crc": (*BEGUN, Raw(_damaged(host_frame(Identify(), 9, 9))), Bench(ReadLink())),
    "a frame cut short": (*BEGUN, Raw(host_frame(Identify(), 9, 9)[:-2] + b"\0"), Bench(ReadLink())),
    "a credit that an effect ends": (*TREATED, Run(1_000, StopMask.bit_of(StopMask.ACTUATOR))),
    "telemetry": (*TREATED, Ask(Subscribe(period_ticks=50)), Run(120)),
    "a state that no rule makes": (*TREATED, Craft(Config.__layout__.size, b"\0"), Bench(ReadLink())),
    "a cut in the tick of a step": (*TREATED, Run(STEP_TICKS - 1), _inject(Fault.POWER_CUT), Run(1)),
    "an update that fails while held": (
        ArmIt(), Bench(Configure(config_index=QUIRKS, value=Quirk.bit_of(Quirk.STOP_AT_STAGE))), Bench(START), OpenIt(nonce=1),
        Ask(PROGRAM), Verify(), Commit(), Run(UPDATE_TICKS), Ask(replace(PROGRAM, program_id=2)), Verify(), Commit(), Run(18),
        _inject(Fault.MEMORY_FLIP, PROGRAM_SLOT_ADDRESS[0] + 5, 1), Run(10),
    ),
    "a memory alarm over a reset": (
        *TREATED, Run(100), _inject(Fault.MEMORY_FLIP, PROGRAM_SLOT_ADDRESS[0] + 5, 1), Run(TICKS_PER_DAY), RESET, Run(21),
    ),
    "a commit that nobody verified": (*BEGUN, Ask(PROGRAM), Commit()),
    "a patient's bolus beside a clinician's": (*TREATED, GiveBolus(150_000, 6_000), Ask(PatientBolus())),
    "a dose that rounds up": (*TREATED, Ask(Bolus(dose_ng=1_001, volume_nl=501, duration_ticks=100))),
    "the log from its beginning": (*TREATED, Run(10), Ask(ReadLog(from_seq=0))),
}  # fmt: skip
