"""What can go wrong with a bench or be refused by a device, named for what the reader can do; links have errors of their own."""

from typing import Any

from pumpbench.protocol.codes import Refusal as Code
from pumpbench.protocol.messages import REGISTRY, Refused


class RigBroken(Exception):
    """The bench failed, never the pump: one line saying where, what, what was expected and what to do."""

    def __init__(self, where: str, what: str, remedy: str) -> None:
        super().__init__(f"{where}: {what}; {remedy}".replace("\n", " "))
        self.where = where
        self.what = what


class NoAnswer(RigBroken):
    """A request got no reply after all its retries: see whether the device still runs."""


class FirmwareHangs(NoAnswer):
    """The same of firmware that runs on this machine: no cable is in between, and its process is there."""


class PeerVersion(RigBroken):
    """The device speaks another version, or lacks what the bench needs: use the matching build."""


class TargetUnknown(ValueError):
    """No target has this name: mend the name, or build what it needs. One line."""


class Refusal(Exception):
    """A request that had to be carried out was refused; `refused` is the device's own answer."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refusal_line(refused))
        self.refused = refused


def refusal_line(refused: Refused) -> str:
    """Which request, refused why, by which bound: `Bolus refused: dose_limit (limit 200, value 310)`."""
    asked = REGISTRY.get(refused.refused_type)
    name = asked.__name__ if asked else f"type {refused.refused_type:#06x}"
    return f"{name} refused: {Code.name_of(refused.refusal)} (limit {refused.limit}, value {refused.value})"


def must(reply: Any) -> Any:
    """The reply itself; raises `Refusal` when it is one."""
    if isinstance(reply, Refused):
        raise Refusal(reply)
    return reply
