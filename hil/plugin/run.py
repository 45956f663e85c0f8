"""One test's rig from start to verdict: what went wrong first, and where the recording lies; it knows no pytest."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pumpbench.hil.capture import CaptureExists, capture_path
from pumpbench.hil.errors import Refusal, RigBroken, TargetUnknown
from pumpbench.hil.links import NotOnRecord
from pumpbench.hil.pace import paced
from pumpbench.hil.plugin.naming import target_of
from pumpbench.hil.plugin.outcomes import BROKEN, BenchBroken, Inconclusive, NoReply, PumpFailed, problem_of
from pumpbench.hil.rig import About, BaseRig, Diverged, Rig, RigResult, open_rig
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.settings_file import SettingsInvalid

if TYPE_CHECKING:
    from pumpbench.hil.plugin.options import Options

Answer = TypeVar("Answer")
LOCAL = "emulator"
NAME_CHARS_MAX = 120
"""Of a test in a file name: its end, which tells it from its neighbours."""


class Run:
    """Everything of one test: `first_problem` is kept, because what follows a broken bench is worth nothing."""

    def __init__(self, target: str, scenario: Scenario, options: Options, folder: Path) -> None:
        self.target = target
        self.scenario = scenario
        self.seed = options.seed
        self.first_problem: Exception | None = None
        self.telling: BaseException | None = None
        """The exception that told pytest of `told` in one line."""
        self.told: Exception | None = None
        self.result: RigResult | None = None
        self.capture: Path | None = None
        self.steps = 0
        self._name = target
        self._options = options
        self._folder = folder
        self._opened: BaseRig | None = None
        self._paced: Rig | None = None

    @property
    def rig(self) -> BaseRig:
        """The open rig, not held to any speed. Raises RigBroken before `start`."""
        if self._opened is None:
            raise RigBroken(self.target, "its rig is not open", "use it inside a test")
        return self._opened

    @property
    def topology(self) -> str:
        """Alone, the emulator is judged by the test's assertions; anything else runs in lockstep with it."""
        return "local" if self._name == LOCAL else "twin"

    @property
    def tick(self) -> int:
        return 0 if self._opened is None else self._opened.tick

    def start(self) -> None:
        """Opens the target and brings the pump to its start. Raises `BenchBroken` or `PumpFailed`, one line."""
        try:
            self._opened = self._open()
            self._paced = paced(self._opened, self._options.speed)
        except (*BROKEN, TargetUnknown, SettingsInvalid) as problem:
            raise self._first(BenchBroken(str(problem))) from None
        self.do(lambda rig: rig.start(self.scenario.config, self.scenario.start))

    def do(self, call: Callable[[Rig], Answer]) -> Answer:
        """What `call` gives of the rig. A difference, a crash and a broken bench are told apart here, once for all callers."""
        __tracebackhide__ = True
        if self.first_problem is not None:
            raise self.first_problem.with_traceback(None)
        assert self._paced is not None, "start comes first"
        try:
            return call(self._paced)
        except Diverged:
            problem = self._verdict() or BenchBroken("the rig saw a difference that its result does not have")
            raise self._first(problem) from None
        except (Refusal, NoReply) as answer:
            # The reader needs the line of the test, not ours.
            raise answer.with_traceback(None) from None
        except BROKEN as broken:
            raise self._first(self._told(broken)) from None

    def judge(self) -> Exception | None:
        """What the test has to be told at its end: the first problem, or what the comparison found. None: nothing."""
        return self.first_problem or self._verdict()

    def close(self) -> None:
        """Lets go of everything; a second call does nothing."""
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.close()

    def _verdict(self) -> Exception | None:
        if self._opened is None:
            return None
        try:
            self.result = self._opened.finish()
        except BROKEN as broken:
            return self._first(self._told(broken))
        verdict, reason = self.result.judged
        return problem_of(verdict, reason) if self.result.compares else None

    def _told(self, broken: Exception) -> Exception:
        if isinstance(broken, NotOnRecord):
            return Inconclusive(str(broken))
        crash = self.rig.target.crashed()
        return PumpFailed(f"{crash}, after tick {self.tick}") if crash else BenchBroken(str(self.rig.target.explained(broken)))

    def _first(self, problem: Exception) -> Exception:
        self.first_problem = self.first_problem or problem
        return self.first_problem

    def _open(self) -> BaseRig:
        """Raises what `open_rig` raises. The name gets a number where another test took it in the same second."""
        self._name, access = target_of(self.target, self._options.folder, self._options.wait_s)
        self._folder.mkdir(parents=True, exist_ok=True)
        name = self.scenario.title.replace("::", "-").replace(".py", "")[-NAME_CHARS_MAX:]
        named = path = capture_path(self._folder, name, self.target, datetime.datetime.now(datetime.UTC))
        about = About(scenario=self.scenario.text, seed=self.seed)
        for count in range(2, 10_000):
            try:
                rig = open_rig(self._name, self.topology, seed=self.seed, capture=path, about=about, access=access)
                self.capture = path
                return rig
            except CaptureExists:
                path = named.with_name(f"{named.stem}-{count}{named.suffix}")
        raise RigBroken(str(named), "and every name like it is taken", "choose another --pump-capture-dir")
