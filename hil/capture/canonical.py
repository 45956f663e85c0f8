"""JSON in the one spelling a meta record may have, so that equal records are equal bytes; knows no field of any record."""

import json
from typing import Any

# Beyond these a double, which is what many JSON readers make of a number, no longer holds every integer.
EXACT_MAX = 2**53 - 1


def wide(value: int) -> str:
    """A field that is 64 bits wide by its layout, as the decimal string it always is in JSON. `int()` reads it back."""
    return str(int(value))


def plain(value: int) -> int | str:
    """A number where every JSON reader holds it whole, else as `wide` has it."""
    return int(value) if -EXACT_MAX <= value <= EXACT_MAX else wide(value)


def canonical(value: object) -> bytes:
    """Sorted keys, no spaces, UTF-8; an integer beyond 53 bits becomes a decimal string, wherever it stands.

    Takes dict with text keys, list, tuple, str, int, bool and None; raises ValueError, naming the place, for
    anything else: a float has no one spelling, and bytes are the caller's to write as hex.
    """
    made = _plain(value, "record")
    return json.dumps(made, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "strict")


def _plain(value: object, place: str) -> Any:
    match value:
        case None | bool():
            return value
        case str():
            return _text(value, place)
        case int():
            return plain(value)
        case list() | tuple():
            return [_plain(item, f"{place}[{index}]") for index, item in enumerate(value)]
        case dict():
            return {_key(key, place): _plain(item, f"{place}.{key}") for key, item in value.items()}
        case _:
            raise ValueError(f"{place}: {type(value).__name__} has no canonical JSON; give an integer in a named unit, or text")


def _key(key: object, place: str) -> str:
    if not isinstance(key, str):
        raise ValueError(f"{place}: key {key!r} is {type(key).__name__}; keys are text, so write str({key!r})")
    return _text(key, place)


def _text(text: str, place: str) -> str:
    try:
        text.encode("utf-8", "strict")
    except UnicodeEncodeError:
        raise ValueError(f"{place}: text that UTF-8 cannot hold; write the bytes as hex") from None
    return str(text)
