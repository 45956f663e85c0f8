"""Knows which folders are which packages; names, versions and ranges stand in pyproject.toml."""

from pathlib import Path

from setuptools import setup

ROOMS = ("protocol", "firmware_emu", "hil", "tools")


def packages() -> dict[str, str]:
    """Package name -> folder: each room, each folder in it that has an `__init__.py`, and the data of `fixtures/`."""
    found = {
        ".".join(("pumpbench", *init.parent.parts)): str(init.parent)
        for room in ROOMS
        for init in sorted(Path(room).rglob("__init__.py"))
    }
    return found | {"pumpbench.fixtures": "fixtures"}


setup(packages=list(packages()), package_dir=packages())
