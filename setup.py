"""Knows which folders are which packages; names, versions and ranges stand in pyproject.toml."""

from pathlib import Path

from setuptools import setup

FOLDERS = ("protocol", "firmware_emu", "hil", "tools", "fixtures")


def packages() -> dict[str, str]:
    """Package name -> folder, for each folder under the rooms and `fixtures/` that has an `__init__.py`."""
    return {
        ".".join(("pumpbench", *init.parent.parts)): str(init.parent)
        for folder in FOLDERS
        for init in sorted(Path(folder).rglob("__init__.py"))
    }


setup(packages=list(packages()), package_dir=packages())
