"""The options that verbs share which make a file of a capture; it must not make one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Decorated = Callable[..., Any]


def out_option(verb: Decorated) -> Decorated:
    """`-o FILE`, which has to be given, as `out`."""
    said = "Where to write; a file that exists is not replaced."
    kind = click.Path(path_type=Path)
    return click.option("-o", "--out", "out", type=kind, required=True, metavar="FILE", help=said, callback=_named)(verb)


def _named(ctx: click.Context, param: click.Parameter, out: Path) -> Path:
    """What is written is read again before it gets its name, which stdout cannot do."""
    if str(out) == "-":
        raise click.BadParameter("'-' would be stdout, which takes no such file; name one", ctx, param)
    return out


def force_option(verb: Decorated) -> Decorated:
    """`--force`: off unless given."""
    return click.option("--force", is_flag=True, help="Replace the file that is there.")(verb)


def json_option(verb: Decorated) -> Decorated:
    """`--json`, as `in_json`: off unless given."""
    return click.option("--json", "in_json", is_flag=True, help="Print one JSON object to stdout, and nothing else there.")(verb)
