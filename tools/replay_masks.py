"""Reads the masks of a replay, from a word or a file; it must not apply them."""

import tomllib
from pathlib import Path
from typing import Any

from pumpbench.hil.compare import Mask
from pumpbench.protocol.messages import REGISTRY
from pumpbench.tools.failure import Failed

KEYS = {"field", "bound", "reason"}
ANY = "any"


def parse_masks(words: tuple[str, ...]) -> tuple[Mask, ...]:
    """Each a mask, or a TOML file of some. Raises `Failed`."""
    return tuple(mask for word in words for mask in (_file(Path(word)) if _is_file(word) else [parse_mask(word)]))


def parse_mask(text: str) -> Mask:
    """`Status.battery_mv:5:another cell`. Raises `Failed`."""
    name, _, rest = text.partition(":")
    bound, _, reason = rest.partition(":")
    if not reason or (bound != ANY and not bound.isdecimal()):
        raise Failed(
            f"--mask {text!r}: expected MESSAGE.FIELD:BOUND:REASON, such as Status.battery_mv:5:'another cell', or a TOML file"
        )
    return _mask(f"--mask {text!r}", name, None if bound == ANY else int(bound), reason)


def _is_file(word: str) -> bool:
    return word.endswith(".toml") or (":" not in word and Path(word).is_file())


def _file(path: Path) -> list[Mask]:
    """`[[mask]]` tables of field, bound (a number, or "any") and reason."""
    try:
        document = tomllib.loads(path.read_text())
    except OSError as problem:
        raise Failed(f"--mask {path}: cannot be read ({problem.strerror}); give a TOML file of [[mask]] tables") from problem
    except ValueError as problem:
        raise Failed(f"{path}: not TOML ({problem})") from problem
    listed = document.get("mask")
    if document.keys() != {"mask"} or not isinstance(listed, list) or not listed:
        raise Failed(f"{path}: expected nothing but [[mask]] tables, at least one")
    return [_table(f"{path}: mask {number}", table) for number, table in enumerate(listed, 1)]


def _table(place: str, table: Any) -> Mask:
    if not isinstance(table, dict) or table.keys() != KEYS:
        raise Failed(f"{place}: expected field, bound and reason, each once")
    name, bound, reason = table["field"], table["bound"], table["reason"]
    if bound != ANY and (not isinstance(bound, int) or isinstance(bound, bool) or bound < 0):
        raise Failed(f'{place}: bound {bound!r}; expected a whole number of 0 or more, or "{ANY}"')
    if not isinstance(name, str) or not isinstance(reason, str) or not reason.strip():
        raise Failed(f"{place}: field and reason are texts, and a reason says something")
    return _mask(place, name, None if bound == ANY else bound, reason)


def _mask(place: str, name: str, bound: int | None, reason: str) -> Mask:
    message, _, field = name.partition(".")
    known = {one.name: {f.name for f in one.fields} for one in REGISTRY.layouts()}
    if field not in known.get(message, set()):
        raise Failed(f"{place}: no field {name}; protocol/SPEC.md lists them")
    return Mask(message, field, bound, reason)
