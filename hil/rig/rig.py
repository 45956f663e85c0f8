"""What a scenario or the command line may ask of any rig, and what a rig answers at the end; it runs nothing itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.compare import WHOLE_FRAME, Difference
from pumpbench.hil.rig.budget import Budget, Measured
from pumpbench.hil.rig.meter import Meter
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.messages import ResetToStart


class Stamped(NamedTuple):
    """One effect of the pump with the tick it belongs to; `code` is of `Event`."""

    tick: int
    code: int
    arg_0: int
    arg_1: int


@dataclass(frozen=True, slots=True)
class RigResult:
    """What a run compared and found. Counts are of things both sides said; `masked` by mask name."""

    target: str
    topology: str
    independent: bool
    compares: bool
    """False: this rig has nothing to compare with; only expectations judge such a run."""
    ticks: int = 0
    credits: int = 0
    digests_compared: int = 0
    effects_compared: int = 0
    frames_compared: int = 0
    fields_not_compared: Mapping[str, int] = field(default_factory=dict)
    masked: Mapping[str, int] = field(default_factory=dict)
    dense_ticks: int = 0
    """Ticks the target ran one by one; the emulator leaps over the others."""
    leaps: int = 0
    """Closed-form stretches of the reference."""
    reference_dense_ticks: int = 0
    retries: int = 0
    bad_frames: int = 0
    missing_frames: int = 0
    """Of the target, by jumps of its sequence numbers."""
    first_difference: Difference | None = None
    divergence: Any = None
    """A `Divergence` where the finder could run, else None."""
    wire: Mapping[str, int] = field(default_factory=dict)
    """How often each kind of fault of the wire acted; empty where the wire was a good one."""
    measured: Measured | None = None
    budget: Budget | None = None
    doubt: str = ""
    """Why the target's word is no certain evidence; empty where it is."""

    @property
    def verdict(self) -> Verdict:
        return self.judged[0]

    @property
    def judged(self) -> tuple[Verdict, str]:
        """The verdict and its reason in one line."""
        found, lost = self.first_difference, self.bad_frames + self.missing_frames
        if self.doubt:
            what = f"; they differ: {found}" if found else ""
            return Verdict.INCONCLUSIVE, f"{self.doubt}{what}"
        if found is not None and not (lost and found.field == WHOLE_FRAME):
            exact = self.divergence.headline if self.divergence is not None else ""
            return Verdict.FAIL, f"target and reference differ: {exact or found}"
        if lost:
            what = f"; the difference may be the link's: {found}" if found else ""
            return Verdict.INCONCLUSIVE, f"the link is lossy: {self.bad_frames} bad frames, {self.missing_frames} missing{what}"
        if self.measured is not None and self.budget is not None and (noisy := self.measured.missed(self.budget)):
            return Verdict.INCONCLUSIVE, noisy
        if not self.compares or self.digests_compared + self.frames_compared == 0:
            return Verdict.INCONCLUSIVE, "nothing was compared"
        if not self.independent:
            return Verdict.INCONCLUSIVE, "the emulator was compared with itself: that shows the link works, and no more"
        if self.digests_compared == 0:
            return Verdict.INCONCLUSIVE, "no digest was compared: the target's state layout or level does not allow it"
        return Verdict.PASS, f"two implementations agree in {self.digests_compared} digests and {self.frames_compared} frames"


class Rig(Protocol):
    """One pump under a bench. Any call but `finish` and the properties may raise `Diverged`, `RigBroken` or `LinkError`."""

    on_credit: Callable[[], None] | None
    """Called after each credit, for a progress display; `truth()` may be read then."""

    meter: Meter
    """What the rig measures of itself."""

    @property
    def tick(self) -> int:
        """Completed ticks."""
        ...

    @property
    def events(self) -> list[Stamped]:
        """Every effect since the start, in order; taken from the reference."""
        ...

    def start(self, config: Mapping[str, int], start: ResetToStart) -> None:
        """Arms, sets configuration fields by name, brings the pump to its start. Raises `Refusal` for a bad value."""
        ...

    def run_to(self, tick: int) -> None:
        """Runs to an absolute tick in credits."""
        ...

    def open_session(self, role: int) -> Any:
        """`Opened`, or `Refused`, or None while the link is cut. A session of another role is closed first."""
        ...

    def close_session(self) -> Any:
        """`Done` or `Refused`; None when there is none or the link is cut."""
        ...

    def therapy(self, message: Any, *, role: int) -> Any:
        """The reply, `Refused` included; None while the link is cut. Opens a session of `role` where none stands.

        A session that has timed out, or that a reset took, is opened anew and the request sent again under a new id.
        """
        ...

    def repeat(self) -> Any:
        """The last therapy request again, as from a programmer that saw no reply: byte for byte, or by its id in a new session.

        None while the link is cut, or when nothing was asked.
        """
        ...

    def inject(self, fault: int, arg_0: int = 0, arg_1: int = 0, arg_2: int = 0) -> None:
        """A physical fault or act, in force from the next tick. Raises `Refusal` for arguments out of range."""
        ...

    def cut_link(self) -> None:
        """From here on no therapy frame passes, either way; the bench channel is not affected."""
        ...

    def restore_link(self) -> None:
        """Therapy frames pass again; what was lost stays lost."""
        ...

    def truth(self) -> Pump:
        """The reference pump in this process: read it, never change it."""
        ...

    def finish(self) -> RigResult:
        """Ends the run, finds a divergence where there was one, closes what the rig opened. A second call gives the same."""
        ...
