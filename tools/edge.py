"""The edge between a verb and the process: whatever goes wrong becomes one line on stderr and an exit code."""

import errno
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, Final

import click

from pumpbench.hil.verdict import EXIT_INTERRUPTED, EXIT_USAGE, Verdict
from pumpbench.tools.failure import Failed

EXIT_PIPE: Final = 128 + signal.SIGPIPE
TRACE: Final = "PUMPBENCH_TRACE"
# Whose fault it is, by the class's name: the classes themselves live in modules that a quick verb must not load.
USAGE: Final = {"ScenarioError", "TargetUnknown", "CaptureExists", "UrlInvalid", "Refusal"}
MISSING: Final = {"NotOnRecord"}
"""Of evidence: nobody is wrong."""
NO_ROOM: Final = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
BROKEN: Final = {"RigBroken", "LinkError", "CaptureError"}


def guarded(work: Callable[[], Any]) -> int:
    """Runs `work`; its exit code, or that of what it raised. An int that it returns is the code."""
    # A supervisor ends us politely, a terminal is closed: the recording is closed either way. Under nohup, SIGHUP stays ignored.
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) is signal.SIG_DFL:
            signal.signal(ending, signal.default_int_handler)
    try:
        return _coded(work())
    except KeyboardInterrupt:
        return _said("interrupted", EXIT_INTERRUPTED)
    except BrokenPipeError:
        return _quiet()
    except SystemExit as end:
        # Click's own answer to a broken pipe is 1, which here would mean that the pump is wrong.
        return _quiet() if end.code == 1 else _coded(end.code)
    except Exception as problem:
        if os.environ.get(TRACE):
            raise
        return _judged(problem)


def _coded(result: Any) -> int:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _quiet()
    return result if isinstance(result, int) else 0


def _judged(problem: Exception) -> int:
    """The code of a problem, its line said."""
    if isinstance(problem, click.Abort):
        return _said("interrupted", EXIT_INTERRUPTED)
    if isinstance(problem, click.exceptions.NoArgsIsHelpError):
        click.echo(problem.format_message(), err=True)
        return EXIT_USAGE
    if isinstance(problem, click.ClickException):
        return _said(_usage_line(problem), EXIT_USAGE)
    if isinstance(problem, Failed):
        return _said(str(problem), problem.exit_code)
    names = {cls.__name__ for cls in type(problem).__mro__}
    if names & USAGE:
        return _said(str(problem), EXIT_USAGE)
    if names & MISSING:
        return _said(str(problem), Verdict.INCONCLUSIVE.exit_code)
    if names & BROKEN:
        return _said(str(problem), Verdict.ERROR.exit_code)
    if isinstance(problem, OSError):
        where = f"{problem.filename}: " if problem.filename else ""
        cure = "; make room where the output goes" if problem.errno in NO_ROOM else ""
        return _said(f"{where}{problem.strerror or problem}{cure}", Verdict.ERROR.exit_code)
    what = f"{type(problem).__name__}: {problem}".replace("\n", " ")
    return _said(f"bug: {what}; {TRACE}=1 before the command shows the trace, please report it", Verdict.ERROR.exit_code)


def _usage_line(problem: click.ClickException) -> str:
    ctx = getattr(problem, "ctx", None)
    where = ctx.command_path if ctx is not None else "pumpbench"
    what = problem.format_message().replace("\n", " ").removesuffix(".")
    return f"{what}; see {where} --help"


def _said(line: str, code: int) -> int:
    try:
        sys.stdout.flush()
    except OSError:
        hush_stdout()
    click.echo(f"pumpbench: {line}", err=True)
    return code


def _quiet() -> int:
    hush_stdout()
    return EXIT_PIPE


def hush_stdout() -> None:
    """The reader of our output left, as `head` does: no complaint, and none from the interpreter at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
