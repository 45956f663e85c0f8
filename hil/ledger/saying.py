"""What a device's own frames say of its dose account, and what is wrong with them by themselves; it knows no re-run."""

from typing import Any, Final

from pumpbench.firmware_emu.account import DoseAccount
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.limits import Q_PER_NL, RATE_MAX_NL_PER_DAY, STEP_Q
from pumpbench.protocol.messages import Account, Status, Telemetry

TELLING: Final = (Account, Status, Telemetry)
LOW_32: Final = 0xFFFF_FFFF


def tells(frame: Frame) -> bool:
    return isinstance(frame.message, TELLING)


def account_told(message: Account) -> DoseAccount:
    return DoseAccount(message.commanded_q, message.step_count, message.acc_q, message.owed_q, message.cancelled_q)


def given_more_q(theirs: Any, ours: Any) -> int:
    """How much more one telling of a kind says was given or is due than another of the same kind; below 0: less.

    Telemetry tells steps modulo 2^32: what differs by more than half of that went the other way.
    """
    if isinstance(theirs, Account):
        one, other = account_told(theirs), account_told(ours)
        return one.delivered_q + one.pending_q - other.delivered_q - other.pending_q
    steps: int = theirs.step_count - ours.step_count
    if isinstance(theirs, Telemetry):
        steps = (steps + LOW_32 // 2 & LOW_32) - LOW_32 // 2
    owed_nl: int = theirs.owed_nl - ours.owed_nl
    return steps * STEP_Q + owed_nl * Q_PER_NL


def steps_possible(ticks: int) -> int:
    """No pump commands more in so many ticks: its rate is bounded, and less than a step was pending before."""
    return (STEP_Q - 1 + RATE_MAX_NL_PER_DAY * ticks) // STEP_Q
