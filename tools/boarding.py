"""Flashes and resets the boards that a settings file names, and prints what it does; it must not know how a tool is called."""

import shlex
from pathlib import Path
from typing import Final

import click

from pumpbench.hil.firmware import board_image
from pumpbench.hil.flashing.boards import PhysicalBoard, physical_board
from pumpbench.hil.flashing.commands import flash_command, reset_command
from pumpbench.hil.flashing.tool import run_shell, run_tool
from pumpbench.hil.flashing.uf2 import drive_of, uf2_of, write_to
from pumpbench.hil.lock import BoardLock
from pumpbench.hil.ports import board_id
from pumpbench.tools.called import called
from pumpbench.tools.failure import Failed
from pumpbench.tools.settings import NamedTarget, Settings
from pumpbench.tools.wall_time import parse_wait

UF2: Final = "uf2"


def flash(name: str, image: Path | None, dry_run: bool, settings: Settings) -> None:
    """Raises `Failed`, `TargetUnknown`, `BoardBusy` or another `RigBroken`."""
    named = _named(name, settings)
    wait_s = parse_wait(*settings.choose("wait", None, "0s"))
    board = physical_board(named.board, f"target {name!r}")
    chosen = image or (Path(named.image) if named.image else board_image(board.family))
    if not chosen.is_file():
        raise Failed(f"{chosen}: no such image; build one with make -C hil/board firmware, or name another with --image")
    if (named.flasher or board.flasher) == UF2:
        return _flash_by_drive(name, named, board, chosen, dry_run, wait_s)
    command = flash_command(named.flasher or board.flasher, board, named.serial, chosen, f"target {name!r}")
    if dry_run:
        click.echo(shlex.join(command))
        return None
    with BoardLock(_board_id(named, name), f"flash {chosen.name}", wait_s):
        run_tool(command, f"target {name!r}")
    return click.echo(f"{name}: {chosen} flashed; next: {called()} send {name} Identify", err=True)


def reset(name: str, power: bool, dry_run: bool, settings: Settings) -> None:
    """By its tool; by its power where there is none, or `power` asks for that. Raises as `flash` does."""
    named = _named(name, settings)
    wait_s = parse_wait(*settings.choose("wait", None, "0s"))
    lines, command = _power_lines(name, named) if power or not (named.board or named.flasher) else [], []
    if not lines:
        board = physical_board(named.board, f"target {name!r}")
        flasher = named.flasher or board.flasher
        if flasher == UF2:
            raise Failed(f"target {name!r}: a UF2 board cannot be reset from here; use --power, or its button")
        command = reset_command(flasher, board, named.serial, f"target {name!r}")
    if dry_run:
        click.echo("\n".join(lines or [shlex.join(command)]))
        return
    with BoardLock(_board_id(named, name), "reset it", wait_s):
        for line in lines:
            run_shell(line, f"target {name!r}")
        if command:
            run_tool(command, f"target {name!r}")
    click.echo(f"{name}: reset", err=True)


def _flash_by_drive(name: str, named: NamedTarget, board: PhysicalBoard, image: Path, dry_run: bool, wait_s: float) -> None:
    if not board.uf2_label:
        raise Failed(f'target {name!r}: board {named.board} has no UF2 drive; choose flasher = "{board.flasher}"')
    uf2 = image.with_suffix(".uf2").name
    if dry_run:
        click.echo(f"cp {shlex.quote(uf2)} the drive called {board.uf2_label}")
        return
    with BoardLock(_board_id(named, name), f"flash {image.name}", wait_s):
        content = image.read_bytes() if image.suffix == ".uf2" else uf2_of(_bare(image), board.uf2_address)
        write_to(drive_of(board.uf2_label, f"target {name!r}"), uf2, content)
    click.echo(f"{name}: {uf2} copied; next: {called()} send {name} Identify", err=True)


def _bare(image: Path) -> bytes:
    bare = image.with_suffix(".bin")
    if not bare.is_file():
        raise Failed(f"{bare}: no such image; a UF2 board is flashed from the .bin beside the .elf, or from a .uf2")
    return bare.read_bytes()


def _named(name: str, settings: Settings) -> NamedTarget:
    if name in settings.targets:
        return settings.targets[name]
    known = ", ".join(settings.targets) or "none so far"
    raise Failed(f"target {name!r}: only a board from pumpbench.toml can be flashed or reset; it names {known}")


def _power_lines(name: str, named: NamedTarget) -> list[str]:
    if not (named.power_off and named.power_on):
        raise Failed(f"target {name!r}: no board, and no power_off and power_on; add one or the other to [target.{name}]")
    return [named.power_off, named.power_on]


def _board_id(named: NamedTarget, name: str) -> str:
    """The same that opening it locks; a board of neither serial nor port goes by its name."""
    if named.serial:
        return named.serial.lower()
    kind, _, url = named.target.partition(":")
    return board_id(url) if kind == "serial" and url else name
