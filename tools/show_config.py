"""Knows how to show every setting in force and the place it comes from, and each named target; it changes none."""

import os
from dataclasses import fields

from pumpbench.tools.settings import KEYS, PREFIX, PROJECT_FILE, NamedTarget, Settings, load, user_file
from pumpbench.tools.text_table import text_table


def config_lines() -> list[str]:
    """What `--show-config` prints. Raises `Failed` where a place cannot be read."""
    return lines_of(load())


def lines_of(found: Settings) -> list[str]:
    """The settings, then the targets, then the files looked at."""
    rows = [(key, found.values.get(key, ""), found.places.get(key, f"not set: {_ways(key)}")) for key in KEYS]
    lines = text_table(("setting", "value", "from"), rows)
    for name, target in found.targets.items():
        lines += ["", f"[target.{name}]  from {target.place}, opens {target.target}", *_target_lines(target)]
    return [*lines, "", f"read in turn: {user_file(os.environ)}, ./{PROJECT_FILE}, {PREFIX}*; the last one wins"]


def _ways(key: str) -> str:
    """Where it could be set; the folder of recordings has no flag, because a recording is named whole."""
    variable = f"{PREFIX}{key.upper()}"
    return variable if key == "out" else f"--{key.replace('_', '-')} or {variable}"


def _target_lines(target: NamedTarget) -> list[str]:
    given = [(field.name, getattr(target, field.name), field.default) for field in fields(target) if field.name != "place"]
    return [f"  {name} = {value}" for name, value, default in given if value != default]
