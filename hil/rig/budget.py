"""How noisy a rig may be before its verdict is worth nothing, and what one measured of itself; it measures nothing."""

from dataclasses import asdict, dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a rig may need; each is a key of `[target.NAME]` in a settings file."""

    rtt_p99_ms: int
    """99 of 100 round trips that ask for no ticks."""
    stall_ms: int
    """The longest wait for any reply, that to a credit included, which the target computes for up to half a second."""
    resent_count: int
    """Requests on the bench channel that had to be sent again."""


KEYS: Final = tuple(Budget.__slots__)
# Generous, because time stands still while a rig waits: what they catch is a rig that hardly works.
BUDGETS: Final = {
    "capture": Budget(500, 30_000, 10),
    "emulator": Budget(500, 30_000, 10),
    "native": Budget(500, 30_000, 10),
    "qemu": Budget(1_000, 30_000, 10),
    "serial": Budget(1_000, 30_000, 10),
    "usb": Budget(500, 30_000, 10),
}
CURES: Final = {
    "rtt_p99_ms": "quieten this machine, or set the adapter's latency timer (doctor looks)",
    "stall_ms": "see what stopped the target or this process",
    "resent_count": "check cable and baud rate",
}


def budget_of(target: str, overrides: Any = ()) -> Budget:
    """By the kind of the target's name; `overrides`: pairs of key and value that a settings file gives."""
    kind = target.partition(":")[0]
    return Budget(**asdict(BUDGETS.get(kind, BUDGETS["serial"])) | dict(overrides))


@dataclass(frozen=True, slots=True)
class Measured:
    """What a rig was like. Times of the host; none of them is in any digest or comparison."""

    round_trips: int
    rtt_p50_us: int
    rtt_p99_us: int
    stall_ms: int
    resent_count: int
    late_ms: int = 0
    """How far a paced rig fell behind the speed asked for, at most; no budget: any speed may be asked for."""
    reconnected_count: int = 0
    """How often the link went away and came back."""

    def missed(self, budget: Budget) -> str:
        """The first figure over its budget, with that, the reason and the cure, in one line; empty where all are met."""
        found = {"rtt_p99_ms": self.rtt_p99_us / 1000, "stall_ms": self.stall_ms, "resent_count": self.resent_count}
        said = {
            "rtt_p99_ms": "the rig is slow: 99 of 100 round trips take up to {:.1f} ms",
            "stall_ms": "the rig stalled: one reply took {:.0f} ms",
            "resent_count": "the rig loses frames: {:.0f} requests had to be sent again",
        }
        for key, value in found.items():
            limit = getattr(budget, key)
            if value > limit:
                cure = f"{CURES[key]}, or raise {key} in [target.NAME] of pumpbench.toml"
                return f"{said[key].format(value)}, budget {limit}; {cure}"
        return ""
