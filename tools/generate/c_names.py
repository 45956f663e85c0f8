"""Knows how declared names and numbers are written in C; it must not know which there are."""

import re

from pumpbench.protocol.layout import Field, Layout

from .facts import FactError

TYPES = {"B": "uint8_t", "H": "uint16_t", "I": "uint32_t", "Q": "uint64_t"}
BYTES = {"uint8_t": 1, "uint16_t": 2, "uint32_t": 4, "uint64_t": 8}


def snake(name: str) -> str:
    """`FlexStep` -> `flex_step`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def struct_name(layout: Layout) -> str:
    """Messages are `pb_msg_*_t`, items `pb_item_*_t`, state parts `pb_*_t`."""
    prefix = {"item": "item_", "state": ""}.get(layout.kind, "msg_")
    return f"pb_{prefix}{snake(layout.name)}_t"


def literal(value: int) -> str:
    """An unsigned constant of 32 bits, or of 64 where it needs them."""
    if not 0 <= value < 1 << 64:
        raise FactError(f"{value} has no unsigned C constant; the device's facts are whole numbers of 0 or more")
    return f"{value}u" if value < 1 << 32 else f"UINT64_C({value})"


def member(field: Field) -> tuple[str, int]:
    """C type and element count of a field. A blob of whole words is words: memory is written word by word."""
    if field.shape == "blob":
        return ("uint32_t", field.count // 4) if field.count % 4 == 0 else ("uint8_t", field.count)
    if field.code not in TYPES:
        raise FactError(f"{field.name}: signed field; a signed quantity of the device is two fields")
    return TYPES[field.code], field.count
