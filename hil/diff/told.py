"""What the host of either side told its pump, paired act by act; it knows no reply."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from pumpbench.firmware_emu.config import Config
from pumpbench.hil.capture import wide
from pumpbench.hil.compare import WHOLE_FRAME, Difference
from pumpbench.hil.diff.book import Moment
from pumpbench.hil.replay.player import NOTHING
from pumpbench.hil.replay.recorded import Recorded
from pumpbench.hil.rerun import Act, acts_of
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import ResetToStart
from pumpbench.protocol.units import unit_of

AHEAD_MAX: Final = 64
"""How many acts one side may have that the other has not, before they count as changed one by one."""
FAULT_ARGUMENTS: Final = ("arg_0", "arg_1", "arg_2")
NOT_TOLD: Final = ("identity", "transport", "wall")


class Pair(NamedTuple):
    """The acts of A and of B with one place in both, or an act that only one side has."""

    a: Act | None
    b: Act | None

    @property
    def tick(self) -> int:
        return min(act.tick for act in self if act is not None)


def told_to(recorded: Recorded) -> list[Act]:
    """All but grants of time, which are a bench's own; what a bench did to a plant of its own is among them."""
    return [act for act in acts_of(recorded) if not act.is_grant]


def pairs_of(a: list[Act], b: list[Act]) -> Iterator[Pair]:
    """In order. Where they part, the nearest place where they meet again decides who has acts of his own."""
    i = j = 0
    keys_a, keys_b = [_key(act) for act in a], [_key(act) for act in b]
    while i < len(a) and j < len(b):
        if keys_a[i] == keys_b[j]:
            skip_a, skip_b = 0, 0
        else:
            skip_a, skip_b = _meeting(keys_a, keys_b, i, j)
        yield from (Pair(act, None) for act in a[i : i + skip_a])
        yield from (Pair(None, act) for act in b[j : j + skip_b])
        i, j = i + skip_a, j + skip_b
        if i < len(a) and j < len(b):
            yield Pair(a[i], b[j])
            i, j = i + 1, j + 1
    yield from (Pair(act, None) for act in a[i:])
    yield from (Pair(None, act) for act in b[j:])


def _meeting(a: list[Any], b: list[Any], i: int, j: int) -> tuple[int, int]:
    """How many acts to pass over on either side; none where they meet nowhere near: then this act was changed."""
    for count in range(1, AHEAD_MAX):
        for skip_a in range(count + 1):
            skip_b = count - skip_a
            if i + skip_a < len(a) and j + skip_b < len(b) and a[i + skip_a] == b[j + skip_b]:
                # As many on both sides is a change, not one missing and one more.
                return (0, 0) if skip_a == skip_b else (skip_a, skip_b)
    return 0, 0


def _key(act: Act) -> Any:
    """What was asked and when. Ids, sessions and sequence numbers are the programmer's own."""
    if act.fault is not None:
        return act.tick, act.name, act.fault
    return act.tick, act.name, act.message if act.message is not None else act.wire


def moment_of(pair: Pair) -> Moment | None:
    """None where both were told the same."""
    a, b = pair
    if a is None or b is None:
        act: Any = a if a is not None else b
        sides = (act.name, NOTHING) if b is None else (NOTHING, act.name)
        found = [Difference(act.tick, act.name, WHOLE_FRAME, "", *sides)]
    elif _key(a) == _key(b):
        return None
    else:
        found = list(_differences(a, b))
    return Moment(pair.tick, "told", found[0].message, (_seq(a), _seq(b)), tuple(found)) if found else None


def _differences(a: Act, b: Act) -> Iterator[Difference]:
    tick = min(a.tick, b.tick)
    if a.tick != b.tick:
        yield Difference(tick, a.name, "tick", "tick", a.tick, b.tick)
    if a.fault is not None and b.fault is not None and a.fault[0] == b.fault[0]:
        for name, one, other in zip(FAULT_ARGUMENTS, a.fault[1:], b.fault[1:], strict=True):
            if one != other:
                yield Difference(tick, a.name, name, "", one, other)
    elif type(a.message) is not type(b.message):
        yield Difference(tick, a.name, WHOLE_FRAME, "", a.name, b.name)
    elif a.message is None:
        yield Difference(tick, a.name, "bytes", "", a.wire.hex(), b.wire.hex())
    elif hasattr(type(a.message), "__layout__"):
        layout = layout_of(type(a.message))
        for declared, one, other in zip(layout.fields, a.message, b.message, strict=False):
            if one != other and declared.klass not in NOT_TOLD:
                yield Difference(tick, a.name, declared.name, declared.unit, one, other)
        if layout.tail and a.message[-1] != b.message[-1]:
            yield Difference(tick, a.name, layout.tail.name, "", a.message[-1], b.message[-1])


def _seq(act: Act | None) -> int | None:
    return None if act is None or act.request.frame is None else act.request.frame.head[3]


def start_moment(a: Recorded, b: Recorded) -> Moment | None:
    """Where the two began otherwise: configuration or start, by their headers."""
    one, other = a.header or {}, b.header or {}
    found = [*_entries("config", _whole(one), _whole(other)), *_entries("start", one, other)]
    return Moment(0, "told", "start", (None, None), tuple(found)) if found else None


def _whole(header: dict[str, Any]) -> dict[str, Any]:
    """What a header does not say of the configuration stands at its default."""
    said = header.get("config")
    defaults = {field.name: wide(field.default or 0) for field in layout_of(Config).fields}
    return {"config": {**defaults, **said}} if isinstance(said, dict) else {}


def _entries(part: str, a: dict[str, Any], b: dict[str, Any]) -> Iterator[Difference]:
    one, other = a.get(part), b.get(part)
    if not isinstance(one, dict) or not isinstance(other, dict):
        return
    identity = {field.name for field in layout_of(ResetToStart).fields if field.klass in NOT_TOLD}
    for name in sorted(one.keys() | other.keys()):
        if one.get(name) != other.get(name) and not (part == "start" and name in identity):
            yield Difference(0, part, name, unit_of(name), one.get(name), other.get(name))
