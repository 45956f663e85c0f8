"""What a settings file may say, and the boards it names; it knows no flag, no environment but the home, and opens nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pumpbench.hil.spelling import nearest

if TYPE_CHECKING:
    from pumpbench.hil.targets import Access

PROJECT_FILE: Final = Path("pumpbench.toml")
KEYS: Final = {
    "target": str,
    "topology": str,
    "rotor_follow": bool,
    "speed": (str, int, float),
    "seed": int,
    "out": str,
    "wait": str,
}
TARGET_KEYS: Final = {
    "url": str,
    "baud": int,
    "serial": str,
    "reconnect": bool,
    "board": str,
    "image": str,
    "flasher": str,
    "power_on": str,
    "power_off": str,
    # A rig's budget, as hil/rig/budget.py declares it.
    "rtt_p99_ms": int,
    "stall_ms": int,
    "resent_count": int,
}
BUDGET_KEYS: Final = ("rtt_p99_ms", "stall_ms", "resent_count")
KIND_WORDS: Final = {int: "a whole number", bool: "true or false"}
# What a url may say in place of a port: a target by its own name.
TARGET_KINDS: Final = ("serial", "qemu", "usb")
BAUD_DEFAULT: Final = 115200
BUILT_IN_TARGETS: Final = ("emulator", "native")


class SettingsInvalid(ValueError):
    """A settings file says what it may not: one line, with file, line and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedTarget:
    """`[target.NAME]` of a settings file; `[target] default = NAME` chooses one. What is not said there is empty."""

    place: str = ""
    url: str = ""
    baud: int = BAUD_DEFAULT
    serial: str = ""
    """The board's USB serial number: it decides over a device path in `url`."""
    reconnect: bool = True
    board: str = ""
    image: str = ""
    flasher: str = ""
    power_on: str = ""
    power_off: str = ""
    rtt_p99_ms: int | None = None
    stall_ms: int | None = None
    resent_count: int | None = None

    @property
    def target(self) -> str:
        """The name that opens it."""
        if self.serial and self.url.startswith("usb:"):
            device, at, served = self.url.partition("@")
            return f"{device}:{self.serial}{at}{served}"
        if self.serial:
            return f"serial:usb-serial:{self.serial}"
        own = self.url in BUILT_IN_TARGETS or self.url.partition(":")[0] in TARGET_KINDS
        return self.url if own else f"serial:{self.url}"

    def access(self, wait_s: float = 0.0) -> "Access":
        """How it is to be opened; `wait_s`: for a board that somebody else holds."""
        # Late: a command that opens nothing reads settings, too.
        from pumpbench.hil.targets.access import Access

        budget = tuple((key, limit) for key in BUDGET_KEYS if (limit := getattr(self, key)) is not None)
        return Access(self.baud, Path(self.image) if self.image else None, self.reconnect, wait_s, budget)


def user_file(environment: Mapping[str, str]) -> Path:
    """`~/.config/pumpbench.toml`, or where XDG_CONFIG_HOME puts it."""
    folder = environment.get("XDG_CONFIG_HOME") or Path(environment.get("HOME", "/")) / ".config"
    return Path(folder) / "pumpbench.toml"


def read_file(path: Path) -> tuple[dict[str, str], dict[str, NamedTarget]]:
    """Settings as text, and targets by name; nothing where there is no file. Raises `SettingsInvalid`."""
    try:
        text = path.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return {}, {}
    except (OSError, UnicodeDecodeError) as problem:
        raise SettingsInvalid(f"{path}: cannot be read ({problem}); make it a readable TOML file or move it away") from problem
    # Late, because mostly there is no file.
    import tomllib

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise SettingsInvalid(f"{path}: not TOML: {problem}") from problem
    except (ValueError, RecursionError) as problem:
        raise SettingsInvalid(f"{path}: beyond all measure ({problem}); expected a few short tables") from problem
    found = _Reader(path, text)
    targets = document.pop("target") if isinstance(document.get("target"), dict) else {}
    if "default" in targets:
        # TOML gives one name one meaning: beside [target.NAME] the target in use has to stand in the table itself.
        document["target"] = targets.pop("default")
    return found.settings(document), {name: found.target(name, table) for name, table in targets.items()}


class _Reader:
    """One settings file, so that a fault can be said with its line."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.text = text

    def settings(self, document: Mapping[str, Any]) -> dict[str, str]:
        self._check(document, (), KEYS)
        return {key: str(value) for key, value in document.items()}

    def target(self, name: str, table: Any) -> NamedTarget:
        where = ("target", name)
        if name in BUILT_IN_TARGETS or ":" in name:
            raise self._failed(where, f"target {name!r} has a meaning of its own; choose another name")
        if not isinstance(table, dict):
            raise self._failed(where, f"target.{name}: expected a table, [target.{name}] with a url")
        self._check(table, where, TARGET_KEYS)
        if "url" not in table and "serial" not in table:
            raise self._failed(where, f'target.{name}: no url or serial; add one such as url = "/dev/ttyACM0"')
        given = dict(table)
        if "image" in given:
            # Beside the file that names it, wherever the command is typed.
            given["image"] = str(self.path.parent / given["image"])
        return NamedTarget(place=str(self.path), **given)

    def _check(self, table: Mapping[str, Any], where: tuple[str, ...], known: Mapping[str, Any]) -> None:
        for key, value in table.items():
            name = ".".join((*where, key))
            if key not in known:
                raise self._failed((*where, key), f"unknown key {name!r}; {nearest(key, known)}")
            if not isinstance(value, known[key]) or isinstance(value, bool) != (known[key] is bool):
                raise self._failed((*where, key), f"{name} = {value!r}; expected {KIND_WORDS.get(known[key], 'text')}")

    def _failed(self, path: tuple[str, ...], what: str) -> SettingsInvalid:
        # Late, because only a fault needs the line.
        from pumpbench.hil.scenario.lines import key_lines

        line = key_lines(self.text).get(path, 0)
        return SettingsInvalid(f"{self.path}:{line}: {what}" if line else f"{self.path}: {what}")
