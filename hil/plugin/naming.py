"""Which target a name means, by itself or through a settings file, and how it is to be opened; it opens none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from pumpbench.hil.errors import TargetUnknown
from pumpbench.hil.settings_file import PROJECT_FILE, NamedTarget, read_file, user_file
from pumpbench.hil.targets import Access, check_name


def target_of(name: str, folder: Path, wait_s: float, environment: Mapping[str, str] = os.environ) -> tuple[str, Access]:
    """The name that opens it. `folder`: where `pumpbench.toml` would be. Raises `TargetUnknown` or `SettingsInvalid`."""
    try:
        return check_name(name), Access(wait_s=wait_s)
    except TargetUnknown as unknown:
        # No file may give these names a second meaning, so files are only asked for the others.
        targets: dict[str, NamedTarget] = {}
        for path in (user_file(environment), folder / PROJECT_FILE):
            targets |= read_file(path)[1]
        if name not in targets:
            named = f" (targets that a settings file names: {', '.join(targets)})" if targets else ""
            raise TargetUnknown(f"{unknown}{named}") from None
    return check_name(targets[name].target), targets[name].access(wait_s)
