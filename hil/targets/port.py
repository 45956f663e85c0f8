"""Whatever answers behind a port named by a pyserial URL: a board, or somebody's program; it knows nothing else of it."""

from pumpbench.hil.links import BAUD_DEFAULT, Link, SerialLink
from pumpbench.hil.targets.target import Target


class PortTarget(Target):
    """Opens `url` with pyserial. That it is independent is taken on trust: its own `identify` says what it is."""

    independent = True
    device = None

    def __init__(self, url: str, baud: int = BAUD_DEFAULT) -> None:
        self.name = f"serial:{url}"
        self.link: Link = SerialLink(url, baud)

    def close(self) -> None:
        self.link.close()
