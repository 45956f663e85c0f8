"""Knows what a run is asked to do, from flags and settings, and refuses what cannot be; it must not run anything."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from pumpbench.hil.rig import TOPOLOGIES
from pumpbench.hil.scenario.duration import parse_duration
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.scenario.shipped import DEFAULT, load, shipped_names
from pumpbench.hil.scenario.wire_table import read_wire
from pumpbench.hil.targets import Access
from pumpbench.hil.wire import Wire, generate
from pumpbench.tools.failure import Failed
from pumpbench.tools.settings import Settings
from pumpbench.tools.speed import parse_speed
from pumpbench.tools.target_choice import TARGET_DEFAULT, Choice, choose_target

LOCAL_TARGET: Final = "emulator"
SEED_MAX: Final = 2**64 - 1
GLOB: Final = "*?["


@dataclass(frozen=True, slots=True)
class Flags:
    """What the command line gave; None where it gave nothing."""

    scenarios: tuple[str, ...] = ()
    target: str | None = None
    topology: str | None = None
    speed: str | None = None
    until: str | None = None
    seed: str | None = None
    capture: Path | None = None
    force: bool = False
    wire: str | None = None
    rotor_follow: bool | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`speed` and `until_tick` None: no limit. `capture` None: a name of its own under `out`."""

    scenarios: tuple[Scenario, ...]
    target: Choice
    topology: str
    speed: float | None
    until_tick: int | None
    seed: int
    capture: Path | None
    out: Path
    force: bool
    wire: Wire | None = None
    """None: as each scenario says."""
    rotor_follow: bool = True
    """Of topology controller: no credit ends at a step that the plant vouches for."""


def plan_of(flags: Flags, settings: Settings) -> Plan:
    """Raises `Failed`, `ScenarioError` or `TargetUnknown`, one line each."""
    topology, place = settings.choose("topology", flags.topology, "twin")
    if topology not in TOPOLOGIES:
        raise Failed(f"{place}: topology {topology!r} is not known; choose one of {', '.join(TOPOLOGIES)}")
    scenarios = _scenarios(flags.scenarios)
    if flags.capture is not None and len(scenarios) > 1:
        raise Failed(f"--capture names one file, but {len(scenarios)} scenarios were given; leave it out, each gets its own")
    target = _target(flags.target, settings, topology)
    return Plan(
        scenarios=scenarios,
        target=target,
        topology=topology,
        speed=parse_speed(*settings.choose("speed", flags.speed, "max")),
        until_tick=None if flags.until is None else parse_span(flags.until, "--until"),
        seed=_seed(*settings.choose("seed", flags.seed, "1")),
        capture=flags.capture,
        out=Path(settings.choose("out", None, "out")[0]),
        force=flags.force,
        wire=None if flags.wire is None else parse_wire(flags.wire),
        rotor_follow=_rotor_follow(flags.rotor_follow, settings, topology),
    )


def _target(flag: str | None, settings: Settings, topology: str) -> Choice:
    """Local is the emulator, whatever target a settings file means for a twin; only a flag contradicts it."""
    if topology != "local":
        return choose_target(flag, settings, TARGET_DEFAULT)
    if flag not in (None, LOCAL_TARGET):
        raise Failed(f"--target {flag}: topology local runs in the {LOCAL_TARGET} alone; choose topology twin")
    return Choice(LOCAL_TARGET, Access(), True)


def _rotor_follow(flag: bool | None, settings: Settings, topology: str) -> bool:
    if flag is not None and topology != "controller":
        raise Failed(f"--{'' if flag else 'no-'}rotor-follow: of topology controller alone, and this is {topology}")
    text, place = settings.choose("rotor_follow", None if flag is None else str(flag), "true")
    if text.lower() not in ("true", "false"):
        raise Failed(f"{place}: rotor_follow {text!r}; expected true or false")
    return text.lower() == "true"


def parse_span(text: str, place: str, least_ticks: int = 1) -> int:
    """Ticks of `30d`, not fewer than `least_ticks`. Raises `Failed`, naming `place`."""
    try:
        ticks = parse_duration(text)
    except ValueError as problem:
        raise Failed(f"{place} {text!r}: {problem}") from problem
    if ticks < least_ticks:
        raise Failed(f"{place} {text!r}: expected a time after the start")
    return ticks


def parse_wire(text: str) -> Wire:
    """`seed:N`, or a file with a `[wire]` table. Raises `Failed` or `ScenarioError`."""
    kind, _, number = text.partition(":")
    if kind == "seed":
        if not (number.isdecimal() and int(number) <= SEED_MAX):
            raise Failed(f"--wire {text!r}: expected seed: and a whole number, such as seed:7")
        return generate(int(number))
    path = Path(text)
    if not path.is_file():
        raise Failed(f"--wire {text!r}: no such file; expected a TOML file with a table [wire], or seed:N")
    return read_wire(path.read_text(errors="replace"), text)


def _scenarios(words: tuple[str, ...]) -> tuple[Scenario, ...]:
    names = [name for word in words or (DEFAULT,) for name in _matching(word)]
    return tuple(load(name) for name in dict.fromkeys(names))


def _matching(word: str) -> list[str]:
    """A pattern names shipped scenarios; anything else is a name or a path."""
    if not any(mark in word for mark in GLOB) or Path(word).exists():
        return [word]
    found = [name for name in shipped_names() if fnmatchcase(name, word)]
    if not found:
        raise Failed(f"{word}: matches no shipped scenario; `pumpbench scenarios` lists them")
    return found


def _seed(text: str, place: str) -> int:
    if not (text.isdecimal() and int(text) <= SEED_MAX):
        raise Failed(f"{place}: seed {text!r}; expected a whole number from 0 to 2^64 - 1")
    return int(text)
