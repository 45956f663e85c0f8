"""What can go wrong with an emulated board, named for what the reader can do; all are the bench's faults, never the pump's."""

from pumpbench.hil.errors import RigBroken


class QemuMissing(RigBroken):
    """There is no QEMU to run: install it."""


class QemuEnded(RigBroken):
    """QEMU was running and is gone: the message has its last words."""


class QemuSilent(RigBroken):
    """QEMU runs but answers nothing in time: see what stopped it."""


class QemuRefused(RigBroken):
    """QEMU understood and would not: the message has its reason."""


class NotModelled(RigBroken):
    """QEMU's model of this board cannot do that, or not rightly: choose a board whose model can."""
