"""A recording of a million frames, the same in every run of the bench; it must not know what is done with it."""

import random
from pathlib import Path
from typing import Final

from pumpbench.hil.capture import CaptureWriter, Record, parse_meta, read
from pumpbench.hil.capture.tally import CHECKPOINT, TRAILER
from pumpbench.hil.links import INBOUND, OUTBOUND, Direction
from pumpbench.hil.programming import Plan, await_update, change_program
from pumpbench.hil.rig import About, LocalRig
from pumpbench.hil.rig.recording import LINE, Recording
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.protocol.codes import Drug, Mode, Model, Role
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Bolus, PatientBolus, ReadStatus, ResetToStart, StageProgram, Subscribe
from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Setting

FRAMES: Final = 1_000_000
SESSION_TICKS: Final = 36_000
START: Final = ResetToStart(
    model=Model.PUMP_20_ML, serial=4711, implant_day=9000, calendar_origin_day=9000, drug=Drug.BACLOFEN,
    catheter_length_mm=500, tubing_nl=100_000, reservoir_true_nl=18_000_000, reservoir_estimated_nl=18_000_000,
    concentration_ug_per_ml=500, line_ug_per_ml=500, clock_day=0, clock_day_ticks=0, life_ticks=0, charge_nc=0,
)  # fmt: skip
PROGRAM: Final = StageProgram(**dict.fromkeys((field.name for field in layout_of(StageProgram).fields), 0) | {
    "program_id": 1, "mode": Mode.SIMPLE_CONTINUOUS, "concentration_ug_per_ml": 500, "dose_ng_per_day": 300_000,
    "low_reservoir_nl": 2_000_000, "dose_limit_ng": 1_000_000, "critical_interval_ticks": 6_000,
    "patient_dose_ng": 5_000, "patient_duration_ticks": 600, "patient_lockout_ticks": 36_000, "patient_count": 4,
})  # fmt: skip


def long_capture(setting: Setting) -> tuple[Path, int]:
    """The file, and how many frames it has: a treatment of the emulator that tells of each tick, one frame a record.

    Made by whoever needs it first. Exact, sealed, and accounted for: boluses, looks and sessions at ticks drawn from a seed.
    """
    path, counted = setting.folder / "treatment.pcapng", setting.folder / "treatment.count"
    if not counted.exists():
        recorded = setting.folder / "treatment.recorded.pcapng"
        _record(recorded, setting.count(FRAMES))
        counted.write_text(str(_one_each(recorded, path)))
        recorded.unlink()
    return path, int(counted.read_text())


def from_device(setting: Setting) -> tuple[Path, int]:
    """What the device sent in it, as bare bytes, and how many frames that is."""
    path, counted = setting.folder / "treatment.bin", setting.folder / "treatment.bin.count"
    if not counted.exists():
        payloads = [one.payload for one in read(long_capture(setting)[0]) if isinstance(one, Record) and one.direction == INBOUND]
        path.write_bytes(b"".join(payloads))
        counted.write_text(str(len(payloads)))
    return path, int(counted.read_text())


def _record(path: Path, ticks: int) -> None:
    draw = random.Random(payload.SEED)
    with LocalRig(EmulatorTarget(), payload.SEED, Recording(path, About(seed=payload.SEED), force=True)) as rig:
        rig.start({"session_timeout_ticks": SESSION_TICKS}, START)
        change_program(lambda message: rig.therapy(message, role=Role.CLINICIAN), Plan(PROGRAM, confirm_second=True))
        await_update(lambda message: rig.therapy(message, role=Role.CLINICIAN), lambda more: rig.run_to(rig.tick + more))
        end_tick = rig.tick + ticks
        while rig.tick < end_tick:
            rig.therapy(PatientBolus(), role=Role.PATIENT)
            rig.therapy(ReadStatus(), role=Role.CLINICIAN)
            rig.therapy(Subscribe(period_ticks=1), role=Role.CLINICIAN)
            bolus_tick = rig.tick + draw.randrange(1, SESSION_TICKS // 2)
            next_tick = rig.tick + SESSION_TICKS - 1
            if bolus_tick < end_tick and draw.random() < 0.3:
                rig.run_to(bolus_tick)
                rig.therapy(Bolus(dose_ng=5_000, volume_nl=10_000, duration_ticks=600), role=Role.CLINICIAN)
            rig.run_to(min(end_tick, next_tick))
        rig.finish()


def _one_each(recorded: Path, path: Path) -> int:
    """Every frame in a record of its own, as a line brings them on which they do not come at once."""
    frames, trailer = 0, dict[str, str]()
    rest: dict[Direction, bytes] = {INBOUND: b"", OUTBOUND: b""}
    with CaptureWriter(path, force=True, buffered=True, clock_ns=lambda: t_ns) as writer:
        line = writer.add_line(LINE)
        for one in read(recorded):
            assert isinstance(one, Record)
            t_ns, found = one.t_ns, parse_meta(one) if one.is_meta else {}
            if not one.is_meta:
                *runs, rest[one.direction] = (rest[one.direction] + one.payload).split(b"\0")
                for run in filter(None, runs):
                    writer.line(line, one.direction, t_ns, b"\0" + run + b"\0")
                    frames += 1
            elif isinstance(found, dict) and found.get("record") == TRAILER:
                trailer = {name: str(found[name]) for name in ("last_tick", "last_seq")}
            elif isinstance(found, dict) and found.get("record") != CHECKPOINT:
                writer.meta_bytes(one.payload, t_ns)
        writer.close("complete", **trailer)
    return frames
