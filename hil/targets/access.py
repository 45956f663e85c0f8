"""How a target is to be opened, beside its name: what a settings file or a flag says of a board; it opens nothing."""

from dataclasses import dataclass
from pathlib import Path

from pumpbench.hil.links import BAUD_DEFAULT


@dataclass(frozen=True, slots=True)
class Access:
    """What holds for a target where nobody says otherwise."""

    baud: int = BAUD_DEFAULT
    image: Path | None = None
    """Of an emulated board: another than the one built here."""
    reconnect: bool = True
    """A port that goes away is waited for and opened again."""
    wait_s: float = 0.0
    """How long to wait for somebody else's lock on the board."""
    budget: tuple[tuple[str, int], ...] = ()
    """How noisy a rig over it may be, where that is not what its kind may be: pairs of a key of `Budget` and its value."""
