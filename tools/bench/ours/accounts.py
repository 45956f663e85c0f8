"""Ledger and diff of captures full of telemetry, from the file to the finding."""

from contextlib import ExitStack
from pathlib import Path

from pumpbench.hil.diff import diff_of
from pumpbench.hil.ledger import ledger_of
from pumpbench.hil.replay.recorded import load
from pumpbench.hil.rig import About, LocalRig
from pumpbench.hil.rig.recording import Recording
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.protocol.codes import Drug, Model, Role
from pumpbench.protocol.messages import ResetToStart, Subscribe
from pumpbench.tools.bench.contender import Round, Setting, per_second

FRAMES = 20_000
SESSION_TICKS = 36_000
START = ResetToStart(
    model=Model.PUMP_20_ML, serial=4711, implant_day=9000, calendar_origin_day=9000, drug=Drug.BACLOFEN,
    catheter_length_mm=500, tubing_nl=100_000, reservoir_true_nl=18_000_000, reservoir_estimated_nl=18_000_000,
    concentration_ug_per_ml=500, line_ug_per_ml=500, clock_day=0, clock_day_ticks=0, life_ticks=0, charge_nc=0,
)  # fmt: skip


def ledger(setting: Setting, stack: ExitStack) -> Round:
    path, frames = _capture(setting)

    def work() -> int:
        assert ledger_of(load(path)).word == "accounted"
        return frames

    return per_second(work)


def diff(setting: Setting, stack: ExitStack) -> Round:
    """Of a capture with itself, both read: as many frames of either side as are counted."""
    path, frames = _capture(setting)

    def work() -> int:
        assert diff_of(load(path), load(path), ("a", "b")).word == "same"
        return frames

    return per_second(work)


def _capture(setting: Setting) -> tuple[Path, int]:
    """A frame of telemetry each tick, in one session after another."""
    frames = setting.count(FRAMES)
    path = setting.folder / f"accounts-{frames}.pcapng"
    if not path.exists():
        with LocalRig(EmulatorTarget(), 1, Recording(path, About())) as rig:
            rig.start({"session_timeout_ticks": SESSION_TICKS}, START)
            for tick in range(0, frames, SESSION_TICKS - 1):
                rig.therapy(Subscribe(period_ticks=1), role=Role.CLINICIAN)
                rig.run_to(min(frames, tick + SESSION_TICKS - 1))
            rig.finish()
    return path, frames
