"""Where a setting comes from when no flag gives it: environment, ./pumpbench.toml, the user's file; it opens no target."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from pumpbench.hil.settings_file import KEYS, PROJECT_FILE, NamedTarget, SettingsInvalid, read_file, user_file
from pumpbench.hil.spelling import nearest
from pumpbench.tools.failure import Failed

__all__ = ["KEYS", "PREFIX", "PROJECT_FILE", "NamedTarget", "Settings", "load", "user_file"]

PREFIX: Final = "PUMPBENCH_"
# Variables that are no setting: the suite's own, the one that shows a trace, the pytest plugin's.
NO_SETTINGS: Final = ("EFFORT", "REQUIRE", "TRACE", "CAPTURE_DIR", "INCONCLUSIVE")


@dataclass(frozen=True, slots=True)
class Settings:
    """Values by key, as text, each from the nearest place that gives it; `places` says which, for messages."""

    values: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    targets: Mapping[str, NamedTarget] = field(default_factory=dict)

    def choose(self, key: str, flag: str | None, default: str) -> tuple[str, str]:
        """The value in force and where it came from: flag, environment, project's file, user's file, default."""
        if flag is not None:
            return flag, f"--{key}"
        return self.values.get(key, default), self.places.get(key, f"the default of --{key}")

    def given(self, key: str, flag: str | None) -> "Settings":
        """These, with what a flag says of `key` before every other place."""
        if flag is None:
            return self
        return replace(self, values={**self.values, key: flag}, places={**self.places, key: f"--{key}"})


def load(environment: Mapping[str, str] = os.environ, project: Path = PROJECT_FILE) -> Settings:
    """Reads every place. Raises `Failed` for an unknown key or a value of another kind, with its place."""
    values: dict[str, str] = {}
    places: dict[str, str] = {}
    targets: dict[str, NamedTarget] = {}
    for path in (user_file(environment), project):
        found, named = _file(path)
        values |= found
        places |= dict.fromkeys(found, str(path))
        targets |= named
    for key, value in _read_environment(environment).items():
        values[key], places[key] = value, PREFIX + key.upper()
    return Settings(values, places, targets)


def _read_environment(environment: Mapping[str, str]) -> dict[str, str]:
    given = {name.removeprefix(PREFIX): value for name, value in environment.items() if name.startswith(PREFIX)}
    for name in given:
        if name.lower() not in KEYS and name not in NO_SETTINGS:
            hint = nearest(PREFIX + name, [PREFIX + key.upper() for key in KEYS])
            raise Failed(f"environment: unknown setting {PREFIX}{name}; {hint}")
    return {name.lower(): value for name, value in given.items() if name.lower() in KEYS and value}


def _file(path: Path) -> tuple[dict[str, str], dict[str, NamedTarget]]:
    try:
        return read_file(path)
    except SettingsInvalid as problem:
        raise Failed(str(problem)) from problem
