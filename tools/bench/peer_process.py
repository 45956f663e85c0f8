"""Talks to the process that holds the peers, so that they run in turns with us and their packages never touch ours."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pumpbench.tools.bench.contender import PEERS, Absent, Setting


class PeerProcess:
    """`python`: an interpreter that has the peers. Where it is not there our own takes its place, and finds most peers absent."""

    def __init__(self, python: Path, setting: Setting) -> None:
        program = str(python) if python.exists() else sys.executable
        command = [program, "-m", PEERS, str(setting.folder), str(setting.scale)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def prepare(self, name: str) -> tuple[Callable[[], float], str]:
        """What runs one round of it, and its version. Raises `Absent`."""
        version = str(self._ask(prepare=name)["version"])
        return lambda: float(self._ask(round=name)["figure"]), version

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # Closes the pipes, which ends it, and waits; what an ended one never read goes nowhere.
        with contextlib.suppress(BrokenPipeError), self._process:
            pass

    def _ask(self, **asked: str) -> dict[str, Any]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # an ended process gives no answer, which is told below
            process.stdin.write(json.dumps(asked) + "\n")
            process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            raise Absent("the process of the peers ended; its last words stand above")
        answer: dict[str, Any] = json.loads(line)
        if "absent" in answer:
            raise Absent(answer["absent"])
        return answer
