"""Opens the two ends of a session by name: where a programmer comes to, and where the pump is; it passes no byte."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pumpbench.hil.errors import TargetUnknown
from pumpbench.hil.links import BAUD_DEFAULT, Link, PtyLink, SerialLink, TcpLink
from pumpbench.hil.ports import device_of
from pumpbench.hil.targets import Access, check_name, open_target

OWN: Final = ("pty[:<symlink>]", "tcp[:[<host>:]<port>]")
"""Ends that wait for the other side to come."""


def check_end(name: str) -> str:
    """The name, or for a path or URL that of the port it is; raises `TargetUnknown`. Opens nothing."""
    kind, _, rest = name.partition(":")
    if kind == "pty" or (kind == "tcp" and (not rest or rest.rpartition(":")[2].isdecimal())):
        return name
    if kind == "tcp":
        raise TargetUnknown(f"end {name!r}: expected tcp, tcp:<port> or tcp:<host>:<port>")
    if "://" in name and kind not in ("serial", "usb"):
        return f"serial:{name}"
    if name.startswith("/"):
        return f"serial:{name}"
    try:
        return check_name(name)
    except TargetUnknown as unknown:
        raise TargetUnknown(f"{unknown}; an end may also be {' or '.join(OWN)}") from None


@contextmanager
def open_programmer_end(name: str, baud: int = BAUD_DEFAULT) -> Iterator[Link]:
    """Where a programmer comes to, or the port its cable is on. Raises `TargetUnknown` or a `LinkError`."""
    name = check_end(name)
    kind, _, rest = name.partition(":")
    if kind == "serial":
        with SerialLink(device_of(rest), baud) as link:
            yield link
    elif (own := _own(kind, rest)) is not None:
        with own:
            yield own
    else:
        raise TargetUnknown(f"end {name!r} is a pump; a programmer comes to {', '.join(OWN)} or serial:<pyserial URL>")


@contextmanager
def open_pump_end(name: str, access: Access | None = None) -> Iterator[Link]:
    """Any target, or an end that waits for a pump to come. Raises `TargetUnknown`, `RigBroken` or a `LinkError`."""
    kind, _, rest = name.partition(":")
    own = _own(kind, rest)
    if own is not None:
        with own:
            yield own
        return
    # Nobody else reads it, so no time passes on it unless it has a time of its own.
    with contextlib.closing(open_target(name, pty=True, access=access)) as target:
        yield target.link


def _own(kind: str, rest: str) -> Link | None:
    if kind == "pty":
        return PtyLink(Path(rest) if rest else None)
    if kind == "tcp":
        host, _, port = rest.rpartition(":")
        number = int(port) if port else 0
        return TcpLink(host, number) if host else TcpLink(port=number)
    return None
