"""What the plugin may be told, by a flag or its twin in the environment; it opens nothing and loads no pump."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

PREFIX: Final = "PUMPBENCH_"
FLAGS: Final = {
    "target": "a target the pump tests run on, repeatable: emulator, native, qemu:<board>, serial:<URL>, usb:<vid>:<pid>, "
    "capture:<file>, or of pumpbench.toml",
    "capture-dir": "where recordings go and stay; left out: beside pytest's own temporary folders",
    "seed": "seed of the credit lengths",
    "speed": "max, real, or how many pump seconds a second lasts",
    "inconclusive": "what an inconclusive outcome counts as for the exit status: fail or skip",
}
DEFAULTS: Final = {"target": "emulator", "capture-dir": "", "seed": "1", "speed": "max", "inconclusive": "fail"}
COUNTS_AS: Final = ("fail", "skip")
SEED_MAX: Final = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Options:
    """`named`: somebody chose the targets. `speed` None: as fast as it goes. `wait_s`: for a board that another test holds.

    `folder`: where pytest was called, and where a settings file would name targets.
    """

    targets: tuple[str, ...]
    named: bool
    capture_dir: Path | None
    seed: int
    speed: float | None
    inconclusive: str
    folder: Path
    wait_s: float = 0.0


def add_to(parser: pytest.Parser) -> None:
    group = parser.getgroup("pumpbench", "pumpbench: an emulated drug pump and firmware against it")
    for name, said in FLAGS.items():
        action = "append" if name == "target" else "store"
        twin = f"[{PREFIX}{_upper(name)}; default: {DEFAULTS[name] or 'none'}]"
        group.addoption(f"--pump-{name}", dest=_dest(name), action=action, metavar=name.upper(), help=f"{said} {twin}")


def read(given: Any, folder: Path, environment: Mapping[str, str] = os.environ, wait_s: float = 0.0) -> Options:
    """From `config.option`, then the environment, where several targets stand with blanks between. Raises `UsageError`."""
    texts = {name: _one(name, getattr(given, _dest(name), None), environment) for name in FLAGS}
    targets, place = texts["target"]
    return Options(
        targets=tuple(dict.fromkeys(targets.split())) or (DEFAULTS["target"],),
        named=bool(place),
        capture_dir=folder / texts["capture-dir"][0] if texts["capture-dir"][0] else None,
        seed=_seed(*texts["seed"]),
        speed=_speed(*texts["speed"]),
        inconclusive=_counts_as(*texts["inconclusive"]),
        folder=folder,
        wait_s=wait_s,
    )


def _one(name: str, flag: Any, environment: Mapping[str, str]) -> tuple[str, str]:
    """The text in force, and which place gave it: empty for the default."""
    if flag:
        return " ".join(flag) if isinstance(flag, list) else str(flag), f"--pump-{name}"
    twin = PREFIX + _upper(name)
    return (environment[twin], twin) if environment.get(twin) else (DEFAULTS[name], "")


def _seed(text: str, place: str) -> int:
    if not (text.isdecimal() and int(text) <= SEED_MAX):
        raise pytest.UsageError(f"{place}: seed {text!r}; expected a whole number from 0 to 2^64 - 1")
    return int(text)


def _speed(text: str, place: str) -> float | None:
    if text == DEFAULTS["speed"]:
        return None
    # Late, as everything of the bench: whoever runs no pump test shall not notice this plugin.
    from pumpbench.hil.pace import speed_of

    try:
        return speed_of(text)
    except ValueError as problem:
        raise pytest.UsageError(f"{place}: {problem}") from None


def _counts_as(text: str, place: str) -> str:
    if text not in COUNTS_AS:
        raise pytest.UsageError(f"{place}: {text!r}; expected {' or '.join(COUNTS_AS)}")
    return text


def _upper(name: str) -> str:
    return name.upper().replace("-", "_")


def _dest(name: str) -> str:
    return f"pump_{name.replace('-', '_')}"
