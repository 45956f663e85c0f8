"""Writes a wire as TOML that a scenario or `--wire` reads back to the same wire; it reads none."""

from pumpbench.hil.wire.fault import Fault, Wire


def wire_toml(wire: Wire) -> str:
    """A `[wire]` table, a fault a line."""
    baud = f"baud = {wire.baud}\n" if wire.baud else ""
    return f"[wire]\n{baud}fault = [\n" + "".join(f"  {_inline(fault)},\n" for fault in wire.faults) + "]\n"


def _inline(fault: Fault) -> str:
    words = (f'{key} = "{value}"' if isinstance(value, str) else f"{key} = {value}" for key, value in fault.as_dict().items())
    return "{ " + ", ".join(words) + " }"
