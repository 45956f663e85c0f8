"""Knows where scenarios are found: by path, or by name among the shipped ones; it must not judge them."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from pumpbench.hil.scenario.lint import checked_scenario
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.scenario.problem import Problem, ScenarioError
from pumpbench.hil.spelling import nearest

DEFAULT = "default"
CAPTURES = (b"\x0a\x0d\x0d\x0a", b"\x1f\x8b")
"""How a pcapng begins, bare and packed."""


def _folder() -> Traversable:
    return files("pumpbench.fixtures") / "scenarios"


def shipped_names() -> list[str]:
    """Names of the shipped scenarios in order, without `.toml`."""
    return sorted(one.name.removesuffix(".toml") for one in _folder().iterdir() if one.name.endswith(".toml"))


def scenario_text(name_or_path: str) -> tuple[str, str]:
    """(text, source) of a shipped scenario's name or of a file. Raises ScenarioError where there is none."""
    if name_or_path in shipped_names():
        return (_folder() / f"{name_or_path}.toml").read_text(encoding="utf-8"), f"{name_or_path}.toml"
    path = Path(name_or_path)
    if path.exists() and not path.is_file():
        raise ScenarioError([Problem(name_or_path, 0, "is no regular file; expected a TOML file or a shipped name")])
    try:
        return path.read_text(encoding="utf-8"), name_or_path
    except UnicodeDecodeError as error:
        data = path.read_bytes()
        if data.startswith(CAPTURES):
            raise ScenarioError([Problem(name_or_path, 0, "is a capture, no scenario; `replay` plays one again")]) from None
        line = data[: error.start].count(b"\n") + 1
        raise ScenarioError([Problem(name_or_path, line, "not UTF-8; expected a TOML file")]) from None
    except OSError as error:
        hint = nearest(path.name.removesuffix(".toml"), shipped_names())
        what = f"cannot be read ({error.strerror}); expected a TOML file or a shipped name, {hint}"
        raise ScenarioError([Problem(name_or_path, 0, what)]) from None


def load(name_or_path: str) -> Scenario:
    """A scenario that can run: read, linted. Raises ScenarioError with every problem."""
    return checked_scenario(*scenario_text(name_or_path))
