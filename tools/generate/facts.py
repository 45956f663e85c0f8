"""Knows which declarations are facts that both languages share, in one order; it must not know how any output looks."""

from types import ModuleType

from pumpbench.firmware_emu import program, state
from pumpbench.firmware_emu.events import EVENTS, EventFact
from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.state import STATE_PARTS, Identity
from pumpbench.protocol import codes, crc, frame, header, limits
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.layout import CodeList, Codes, Layout, layout_of, schema_id
from pumpbench.protocol.messages import REGISTRY


class FactError(ValueError):
    """Two facts claim one name, or one cannot be said in C; one line naming it."""


def code_lists() -> list[CodeList]:
    """Every list of `codes.py` in its order, then the faults of frames."""
    declared: list[type[Codes]] = [
        v for v in vars(codes).values() if isinstance(v, type) and issubclass(v, Codes) and v is not Codes
    ]
    return [*(cls.table for cls in declared), WireFault.table]


def messages() -> list[Layout]:
    """By rising number."""
    return sorted(REGISTRY.layouts(), key=lambda layout: layout.number)


def items() -> list[Layout]:
    """What tails repeat, each once, in the order of first use."""
    found = [layout.tail.item for layout in messages() if layout.tail and layout.tail.item]
    return list(dict.fromkeys(found))


def digested_parts() -> list[Layout]:
    """The parts of a snapshot, in its order."""
    return [layout_of(part) for part in STATE_PARTS]


def states() -> list[Layout]:
    """The parts of a snapshot, then what stands outside it."""
    return [*digested_parts(), layout_of(Identity), layout_of(Program)]


def state_schema_id() -> int:
    """What `identify` answers: digests compare only where it is equal."""
    return schema_id(digested_parts())


def numbers() -> dict[str, int]:
    """Every named number that is neither a code nor a message: limits, sizes, addresses. A tuple gives NAME_0, NAME_1."""
    found: dict[str, int] = {}
    for module in (limits, header, frame, crc, state, program):
        for name, value in _numbers_of(module):
            if found.setdefault(name, value) != value:
                raise FactError(f"{module.__name__}.{name} = {value}, but {found[name]} elsewhere; one name, one value")
    found["SCHEMA_ID"] = state_schema_id()
    return found


def _numbers_of(module: ModuleType) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    for name, value in vars(module).items():
        if not name.isupper() or name.startswith("_"):
            continue
        if type(value) is int:
            found.append((name, value))
        elif type(value) is tuple and value and all(type(one) is int for one in value):
            found += [(f"{name}_{index}", one) for index, one in enumerate(value)]
    return found


def event_facts() -> list[EventFact | None]:
    """By event code; None where no row speaks of it."""
    rows = {fact.code: fact for fact in EVENTS}
    return [rows.get(code) for code in range(event_fact_count())]


def event_fact_count() -> int:
    return max(value for _, value in codes.Event.items()) + 1
