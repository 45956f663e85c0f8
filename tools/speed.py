"""Knows how a speed is written: a word, or how fast pump time runs; it holds nothing to it."""

from pumpbench.tools.failure import Failed


def parse_speed(text: str, place: str) -> float | None:
    """`max` is None, `real` is 1, a number is pump seconds per second. Raises `Failed`, naming `place`."""
    if text in ("max", "real"):
        return None if text == "max" else 1.0
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.001 <= speed <= 1e9:
        raise Failed(f"{place}: speed {text!r}; expected max, real, or how many pump seconds a second lasts, such as 60")
    return speed
