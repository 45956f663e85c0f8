"""A host's side of one firmware device: requests out, frames back, ids and sessions kept; it judges nothing."""

import subprocess
from pathlib import Path
from typing import Any, Protocol

from pumpbench.hil.native import NativeDevice, NativeLibrary
from pumpbench.protocol.codes import Drug, Mode, Model, Role
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import BadFrame, Frame, host_frame
from pumpbench.protocol.layout import layout_of, replace
from pumpbench.protocol.messages import (
    Arm,
    CommitProgram,
    Identify,
    Open,
    Opened,
    ResetToStart,
    RunTo,
    Staged,
    StageProgram,
    Verified,
    VerifyProgram,
)
from tests.board import workshop

START = ResetToStart(
    model=Model.PUMP_20_ML, serial=7, implant_day=0, calendar_origin_day=0, drug=Drug.BACLOFEN, catheter_length_mm=500,
    tubing_nl=200_000, reservoir_true_nl=18_000_000, reservoir_estimated_nl=18_000_000, concentration_ug_per_ml=2_000,
    line_ug_per_ml=2_000, clock_day=0, clock_day_ticks=0, life_ticks=0, charge_nc=0,
)  # fmt: skip
SIMPLE = StageProgram(
    program_id=9, mode=Mode.SIMPLE_CONTINUOUS, schedule_days=0, concentration_ug_per_ml=2_000, dose_ng_per_day=400_000,
    low_reservoir_nl=2_000_000, dose_limit_ng=2_000_000, critical_interval_ticks=6_000, interval_unit=0, patient_count=4,
    interval_count=0, interval_dose_ng=0, interval_duration_ticks=0, single_dose_ng=0, single_duration_ticks=0,
    patient_dose_ng=20_000, patient_duration_ticks=3_000, patient_lockout_ticks=18_000, bridge=0,
)  # fmt: skip


class Device(Protocol):
    """Bytes in, bytes out."""

    def receive(self, data: bytes) -> bytes: ...


class StdioDevice:
    """The process with frames over stdin and stdout; each exchange ends with an `Identify` whose answer comes last."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen([str(program), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, bufsize=0)  # fmt: skip
        self._mark = 0xF000_0000

    def receive(self, data: bytes) -> bytes:
        """Raises AssertionError with the process's last words where it ended."""
        self._mark += 1
        decoder, got = Decoder(from_device=True), b""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(data + b"\0" + host_frame(Identify(), 0, self._mark))
        while True:
            more = self._process.stdout.read(65536)
            assert more, f"the process ended: {self.finish()[1].decode(errors='replace')[-3000:]}"
            got += more
            if any(isinstance(one, Frame) and one.header.request_id == self._mark for one in decoder.feed(more)):
                return got

    def __enter__(self) -> "StdioDevice":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def finish(self) -> tuple[int, bytes]:
        """Closes its stdin; (exit status, stderr)."""
        _, errors = self._process.communicate(timeout=60)
        return self._process.returncode, errors


class Bench:
    """One device and what its host remembers. Ids rise on both channels; `session` 0: none is open; `tick`: of the last frame."""

    def __init__(self, device: Device | None = None) -> None:
        self.device = device or native()
        self.decoder = Decoder(from_device=True)
        self.bad: list[BadFrame] = []
        self.therapy_id = self.bench_id = self.session = self.seq = self.tick = 0

    def send(self, wire: bytes) -> list[Frame]:
        """Every frame the device answers these bytes with."""
        events = self.decoder.feed(self.device.receive(wire))
        self.bad += [one for one in events if isinstance(one, BadFrame)]
        frames = [one for one in events if isinstance(one, Frame)]
        self.tick = frames[-1].header.tick if frames else self.tick
        return frames

    def frame(self, message: Any, request_id: int | None = None) -> bytes:
        """The message on its own channel under the next id, or under the one given."""
        bench = layout_of(type(message)).channel == "bench"
        if request_id is None:
            request_id = self._next(bench)
        self.seq = (self.seq + 1) % 0x1_0000
        return host_frame(message, self.seq, request_id, 0 if bench else self.session)

    def _next(self, bench: bool) -> int:
        if bench:
            self.bench_id += 1
            return self.bench_id
        self.therapy_id += 1
        return self.therapy_id

    def ask(self, message: Any, request_id: int | None = None) -> Any:
        """The reply's message, None where none came; frames nobody asked for are dropped."""
        frames = self.frames(message, request_id)
        return frames[-1].message if frames and frames[-1].header.request_id else None

    def frames(self, message: Any, request_id: int | None = None) -> list[Frame]:
        """What came unasked, then the reply."""
        return [one for one in self.send(self.frame(message, request_id)) if one.header.request_id < 0xF000_0000]

    def arm(self, start: ResetToStart = START) -> None:
        """Armed, and in its start state."""
        self.ask(Arm(build_id=self.ask(Identify()).build_id))
        self.ask(start)

    def open(self, role: int = Role.CLINICIAN, nonce: int = 5) -> Any:
        reply = self.ask(Open(serial=START.serial, role=role, nonce=nonce))
        if isinstance(reply, Opened):
            self.session = reply.session
        return reply

    def run_to(self, tick: int, mask: int = 0) -> Any:
        return self.ask(RunTo(target_tick=tick, stop_mask=mask))

    def commit(self, program: StageProgram = SIMPLE, rate_check: int = 200_000, volume_check: int = 10_000) -> Any:
        """Stages, verifies and commits; the reply to the first that is refused, or to the commit."""
        staged = self.ask(program)
        if not isinstance(staged, Staged):
            return staged
        verified = self.ask(VerifyProgram(program_crc=staged.program_crc, rate_check_nl_per_day=rate_check,
                                          volume_check_nl=volume_check))  # fmt: skip
        if not isinstance(verified, Verified):
            return verified
        return self.ask(CommitProgram(program_crc=staged.program_crc, old_program_crc=verified.old_program_crc,
                                      second_confirmation_ng=verified.daily_dose_ng))  # fmt: skip


def library() -> NativeLibrary:
    return NativeLibrary(workshop.made("lib") / "libpumpbench.so")


def native() -> NativeDevice:
    return library().device()


def treating(device: Device | None = None, at_tick: int = 100) -> Bench:
    """Armed, with the simple program in force and its session open."""
    bench = Bench(device)
    bench.arm()
    bench.open()
    bench.commit()
    bench.run_to(at_tick)
    return bench


__all__ = ["SIMPLE", "START", "Bench", "StdioDevice", "library", "native", "replace", "treating"]
