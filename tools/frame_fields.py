"""Knows how the fields of a message are written for people and for programs; it must not know where frames come from."""

from collections.abc import Iterator
from typing import Any, Final

from pumpbench.hil.capture.canonical import wide
from pumpbench.protocol.layout import Field, layout_of
from pumpbench.protocol.messages import REGISTRY

MESSAGE_TYPES: Final = ("refused_type", "done_type")
"""Fields that hold the type of the message they answer."""


def spoken(message: Any) -> Iterator[tuple[str, str]]:
    """Each field as `name, value`: codes by name."""
    if not hasattr(type(message), "__layout__"):
        yield "body", message.body.hex() or "empty"
        return
    layout = layout_of(type(message))
    for field, value in zip(layout.fields, message, strict=False):
        yield field.name, spoken_value(field, value)
    if layout.tail is not None:
        yield layout.tail.name, _spoken_tail(message[-1])


def spoken_value(field: Field, value: int) -> str:
    """`flex`, `low_reservoir+motor_stall`, `Bolus`, `18000`: a number's unit stands in the field's name."""
    if field.codes is not None:
        return field.codes.name_of(value)
    if field.flags is not None:
        return "+".join(field.flags.names_in(value)) or "none"
    if field.name in MESSAGE_TYPES and (cls := REGISTRY.get(value)) is not None:
        return cls.__name__
    return str(value)


def as_json(message: Any) -> dict[str, Any]:
    """Each field as a number, those declared 64 bits wide as decimal text; bytes as hex; items as objects."""
    if not hasattr(type(message), "__layout__"):
        return {"body": message.body.hex()}
    layout = layout_of(type(message))
    found: dict[str, Any] = {
        field.name: wide(value) if field.code in "Qq" else value for field, value in zip(layout.fields, message, strict=False)
    }
    if layout.tail is not None:
        end = message[-1]
        found[layout.tail.name] = end.hex() if isinstance(end, bytes) else [as_json(one) for one in end]
    return found


def name_of(message: Any, number: int) -> str:
    """`Status`, or the number of a type that is not known."""
    return type(message).__name__ if hasattr(type(message), "__layout__") else f"{number:#06x}"


def _spoken_tail(end: Any) -> str:
    if isinstance(end, bytes):
        return end.hex() or "empty"
    return "[" + "; ".join(" ".join(f"{name}={value}" for name, value in spoken(one)) for one in end) + "]"
