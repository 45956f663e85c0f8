"""Says whose speed it was that cannot be one; what a speed may be is known in `hil/pace.py`."""

from pumpbench.hil.pace import speed_of
from pumpbench.tools.failure import Failed


def parse_speed(text: str, place: str) -> float | None:
    """As `speed_of`. Raises `Failed`, naming `place`."""
    try:
        return speed_of(text)
    except ValueError as problem:
        raise Failed(f"{place}: {problem}") from None
