"""What can go wrong with a link, named for what the reader can do about it; knows nothing of any particular port."""

RECONNECT = "check cable, power and that the device still runs, then reconnect"


class LinkError(Exception):
    """The world between host and device failed: never the pump's fault.

    The message is one line: where, what was wrong, what to do. `passed_bytes` is how much of a failed write had
    already been taken by the system, so that a recording can hold exactly what passed.
    """

    def __init__(self, where: str, what: str, remedy: str, passed_bytes: int = 0) -> None:
        super().__init__(f"{where}: {what}; {remedy}".replace("\n", " "))
        self.where = where
        self.passed_bytes = passed_bytes


class UrlInvalid(LinkError):
    """The name of the port cannot be a port: mend the name."""


class PortMissing(LinkError):
    """Nothing answers under that name: plug it in, start it, or choose another."""


class PortDenied(LinkError):
    """The port is there but this user may not open it: get the right."""


class PortBusy(LinkError):
    """Somebody else holds the port: end that program, or choose another port."""


class LinkLost(LinkError):
    """The link was open and is gone: reconnect. What had been sent may or may not have arrived."""


class NotOnRecord(LinkError):
    """A recording was asked what it does not hold: nobody is wrong, evidence is missing."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(where, what, "ask what was recorded, or record what is asked")


class LinkStalled(LinkError):
    """The link is open but the other side takes no more bytes: see why it does not read."""
