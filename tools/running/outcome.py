"""What one run came to: the rig's comparison and the scenario's expectations under one verdict; it prints nothing."""

from dataclasses import dataclass
from pathlib import Path

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.rig import RigResult, Stamped
from pumpbench.hil.scenario.model import Scenario
from pumpbench.hil.scenario.result import ScenarioResult
from pumpbench.hil.verdict import Verdict, combined
from pumpbench.hil.wire import Wire
from pumpbench.protocol.limits import TICKS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Outcome:
    """`rig` and `result` are None where the bench failed before it could compare; then `problem` is its line."""

    scenario: Scenario
    target: str
    topology: str
    seed: int
    wall_s: float
    ticks: int
    rig: RigResult | None = None
    result: ScenarioResult | None = None
    events: tuple[Stamped, ...] = ()
    pump: Pump | None = None
    problem: str = ""
    crash: str = ""
    """How the firmware ended itself: the firmware's failure, not the bench's."""
    hangs: bool = False
    """The problem is firmware that runs on this machine and does not answer."""
    not_on_record: str = ""
    """What a recording was asked that it does not hold."""
    interrupted: bool = False
    fallback: str = ""
    """Why another target than the default one was used; empty where it was not."""
    capture: Path | None = None
    event_log: Path | None = None
    wire: Wire | None = None
    """The faults it ran with."""
    shortest: Wire | None = None
    """The shortest list of them with which it still fails, where that was looked for."""
    reduced_whole: bool = True
    """False: time ran out before it was known to be the shortest."""
    wire_file: Path | None = None
    rotor_follow: bool = True

    @property
    def verdict(self) -> Verdict:
        return self.judged[0]

    @property
    def judged(self) -> tuple[Verdict, str]:
        """The verdict and its reason in one line."""
        if self.interrupted:
            return Verdict.INCONCLUSIVE, "stopped by hand, so nothing is judged"
        if self.not_on_record:
            return Verdict.INCONCLUSIVE, self.not_on_record
        if self.crash:
            return Verdict.FAIL, f"{self.crash}, after tick {self.ticks}"
        if self.problem or self.rig is None or self.result is None:
            return Verdict.ERROR, self.problem
        expected = self.result.verdict, self.result.reason
        if expected[0] is Verdict.FAIL and (waited := self.rig.wire.get("waited")):
            # It may be the lateness that missed it.
            expected = Verdict.INCONCLUSIVE, f"{expected[1]}; but the wire made the programmer late {waited} times"
        if not self.rig.compares:
            return expected
        verdict = combined([self.rig.verdict, expected[0]])
        return self.rig.judged if verdict is self.rig.verdict else expected

    @property
    def independent(self) -> bool:
        return self.rig is not None and self.rig.independent

    @property
    def speedup(self) -> float:
        """Pump time for each second that passed."""
        return self.ticks / TICKS_PER_SECOND / self.wall_s if self.wall_s else 0.0
