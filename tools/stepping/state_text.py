"""Knows how the numbers of a pump's state are written for a person, chosen by a pattern; it changes none."""

from fnmatch import fnmatchcase
from functools import cache
from typing import Final

from pumpbench.firmware_emu.pump import Pump
from pumpbench.firmware_emu.state import STATE_PARTS
from pumpbench.hil.statediff import Value, values
from pumpbench.protocol.layout import Field, layout_of
from pumpbench.tools.failure import Failed
from pumpbench.tools.frame_fields import spoken_value

PARTS: Final = tuple(layout_of(part).name.lower() for part in STATE_PARTS)
SHOWN_UNASKED: Final = ("controller", "durable", "plant")


def state_lines(pump: Pump, pattern: str) -> list[str]:
    """`durable.alarms_active  low_reservoir`; the pattern is a part, a field, or either with `*`. Raises `Failed`.

    Without a pattern: every single number of the moving parts, but no list.
    """
    chosen = [value for value in values(pump.snapshot()) if _wanted(value.name, pattern)]
    if not chosen:
        raise Failed(
            f"state {pattern}: no field is called so; expected a part ({', '.join(PARTS)}), a field, or a pattern such as *_nl"
        )
    width = max(len(value.name) for value in chosen)
    return [f"{value.name:<{width}}  {_said(value)}" for value in chosen]


def field_names(pump: Pump) -> list[str]:
    """Parts, and the fields of each with an item of a list counted once."""
    return [*PARTS, *dict.fromkeys(value.name.partition("[")[0] for value in values(pump.snapshot()))]


def _wanted(name: str, pattern: str) -> bool:
    part, _, field = name.partition(".")
    if not pattern:
        return part in SHOWN_UNASKED and "[" not in field and "." not in field
    bare = field.partition("[")[0]
    return pattern in (part, field, name, bare) or any(fnmatchcase(one, pattern) for one in (name, field, bare))


def _said(value: Value) -> str:
    field = _fields().get(value.name.partition("[")[0])
    return spoken_value(field, value.value) if field is not None else str(value.value)


@cache
def _fields() -> dict[str, Field]:
    return {f"{layout_of(part).name.lower()}.{field.name}": field for part in STATE_PARTS for field in layout_of(part).fields}
