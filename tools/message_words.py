"""Knows how words of a command line become a message; it must not send it."""

from collections.abc import Sequence
from typing import Any, Final

from pumpbench.hil.scenario.duration import parse_clock, parse_duration
from pumpbench.hil.spelling import nearest
from pumpbench.protocol.layout import Field, Layout, RangeError
from pumpbench.protocol.messages import REGISTRY
from pumpbench.tools.failure import Failed

THERAPY: Final = ("therapy", "both")
TICKS: Final = ("tick", "ticks")


def message_of(name: str, words: Sequence[str]) -> Any:
    """The therapy request `name` with `field=value` words. Raises `Failed`, naming the word."""
    requests = {one.name: one for one in REGISTRY.layouts() if one.kind == "request" and one.channel in THERAPY}
    exact = {known.lower(): known for known in requests}.get(name.lower().replace("_", "").replace("-", ""))
    if exact is None:
        raise Failed(f"message {name!r} is no therapy request; {nearest(name, requests)}")
    layout, cls = requests[exact], REGISTRY.named(exact)
    given = _pairs(layout, words)
    missing = [field.name for field in layout.fields if field.name not in given and field.default is None]
    missing += [layout.tail.name] if layout.tail and layout.tail.name not in given else []
    if missing:
        raise Failed(f"{exact} lacks {', '.join(missing)}; write each as FIELD=VALUE")
    try:
        return cls(**given)
    except RangeError as problem:
        raise Failed(str(problem)) from problem


def _pairs(layout: Layout, words: Sequence[str]) -> dict[str, Any]:
    fields = {field.name: field for field in layout.fields}
    names = [*fields, *([layout.tail.name] if layout.tail else [])]
    given: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or name not in names:
            what = "expected field=value" if not equals else f"{layout.name} has no field {name!r}"
            raise Failed(f"{word!r}: {what}; {nearest(name, names) if names else f'{layout.name} takes no fields'}")
        given[name] = _number(fields[name], text) if name in fields else _items(layout, text)
    return given


def _number(field: Field, text: str) -> int:
    """A number, a code's name, names of a set joined by +, or a span where ticks are counted."""
    try:
        return int(text, 0)
    except ValueError:
        pass
    codes = field.codes or field.flags
    try:
        if field.flags is not None:
            return sum(field.flags.bit_of(field.flags.value_of(one)) for one in text.split("+"))
        if field.codes is not None:
            return field.codes.value_of(text)
        if field.unit in TICKS:
            return parse_duration(text)
    except ValueError as problem:
        raise Failed(f"{field.name}={text}: {problem}") from problem
    expected = "a whole number" if codes is None else f"one of {', '.join(name for name, _ in codes.members)}"
    raise Failed(f"{field.name}={text}: expected {expected}")


def _items(layout: Layout, text: str) -> tuple[Any, ...]:
    """`06:00/1500,18:00/900`: items by comma, their fields by slash, minutes of the day as a clock shows them."""
    assert layout.tail is not None
    assert layout.tail.item is not None, "no therapy request ends in plain bytes"
    item = layout.tail.item
    from pumpbench.protocol import messages

    cls = getattr(messages, item.name)
    found = []
    for part in filter(None, text.split(",")):
        values = part.split("/")
        if len(values) != len(item.fields):
            raise Failed(f"{layout.tail.name}: {part!r}; expected {'/'.join(field.name for field in item.fields)}")
        found.append(cls(**{field.name: _part(field, value) for field, value in zip(item.fields, values, strict=True)}))
    return tuple(found)


def _part(field: Field, text: str) -> int:
    if field.unit == "min" and ":" in text:
        try:
            return parse_clock(text)
        except ValueError as problem:
            raise Failed(f"{field.name} {text!r}: {problem}") from problem
    return _number(field, text)
