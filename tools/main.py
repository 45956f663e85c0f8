"""The command `pumpbench`: finds the verb that was asked for and loads nothing else; it must not know what a verb does."""

import importlib
import sys
from collections.abc import Sequence
from typing import Any, Final

import click

from pumpbench.tools.edge import guarded

# Verb -> the line that --help prints. A module is imported only when its verb is asked for: help has to be quick.
VERBS: Final = {
    "run": "Run scenarios on a target and give a verdict.",
    "step": "Stop a scenario or a capture at a tick and look around.",
    "check": "Check whether firmware conforms, fact by fact.",
    "record": "Stand between a programmer and a pump, and record both ways.",
    "replay": "Play a capture again against a target and give a verdict.",
    "diff": "Name the first frame and field in which two captures differ.",
    "explain": "Say why an alarm sounded, and what would have prevented it.",
    "ledger": "Add up the dose account of a capture, and give a verdict.",
    "report": "Write a page for a reviewer: verdicts, charts, ledger, coverage.",
    "emulate": "Serve a pump on a pty, a TCP port or USB.",
    "send": "Send one therapy request to a target and print its reply.",
    "decode": "Print the frames of a capture, of usbmon or of raw bytes.",
    "info": "Tell what a capture is: sureness, span, builds, counts.",
    "recover": "Write what can still be read of a damaged capture.",
    "convert": "Write a capture as Parquet, Arrow, CSV, NDJSON or MCAP.",
    "filter": "Write a part of a capture, chosen by time, tick or frame.",
    "cat": "Join captures of which each continues the one before it.",
    "scrub": "Write a capture without what names device, place or date.",
    "import": "Make a capture of raw bytes or of an analyser's export.",
    "list": "List the serial ports, the one plugged in last at the end.",
    "flash": "Put an image on a board by pyOCD, OpenOCD, st-flash or UF2.",
    "reset": "Reset a board, by the tool that flashes it or by its power.",
    "scenarios": "List the scenarios that come with pumpbench.",
    "lint": "Check scenarios without running them.",
    "spec": "Write or check the files generated from the declarations.",
    "doctor": "Look over machine, build and ports; each finding with its cure.",
}
EPILOG: Final = (
    "Exit codes: 0 pass, 1 fail, 2 usage or scenario, 3 inconclusive or lossy, 4 the bench is broken, 130 interrupted. "
    "It is a test bench, not a medical device."
)


class Verbs(click.Group):
    """A group whose verbs are modules of `tools/verbs/`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"pumpbench.tools.verbs.{name}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS:
            # Late, because only a mistake needs it.
            from pumpbench.hil.spelling import nearest

            raise click.UsageError(f"no verb {args[0]!r}; {nearest(args[0], VERBS)}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


def _show_version(ctx: click.Context, option: click.Parameter, asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        click.echo(f"pumpbench {version('pumpbench')}")
        ctx.exit()


def _show_config(ctx: click.Context, option: click.Parameter, asked: bool) -> None:
    if asked:
        from pumpbench.tools.show_config import config_lines

        for line in config_lines():
            click.echo(line)
        ctx.exit()


@click.group(cls=Verbs, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Print the version.")
@click.option(
    "--show-config", is_flag=True, is_eager=True, expose_value=False, callback=_show_config, help="Print the settings and whence."
)
def pumpbench() -> None:
    """An emulated implantable drug pump, and a bench that holds firmware against it."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: ends the process with the exit code of the verb."""

    def work() -> Any:
        return pumpbench.main(args=None if arguments is None else list(arguments), prog_name="pumpbench", standalone_mode=False)

    sys.exit(guarded(work))
