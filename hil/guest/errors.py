"""What can go wrong with a guest, named for what the reader can do; all are the bench's faults, never the pump's."""

from pumpbench.hil.errors import RigBroken


class GuestMissing(RigBroken):
    """This machine cannot make or run the guest: the message says what it lacks."""


class GuestSilent(RigBroken):
    """The guest runs and does not answer in time: the message has its console's last line."""


class GuestRefused(RigBroken):
    """The agent understood and could not: the message has its reason."""
