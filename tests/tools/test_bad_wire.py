"""What a run over a bad wire comes to: whose fault a missed expectation is."""

import pytest

from pumpbench.hil.rig import RigResult
from pumpbench.hil.scenario.check import check
from pumpbench.hil.scenario.result import ScenarioResult
from pumpbench.hil.scenario.shipped import load
from pumpbench.hil.verdict import Verdict
from pumpbench.tools.running.outcome import Outcome


def judged(waited: int, missed: bool) -> tuple[Verdict, str]:
    rig = RigResult(
        "native",
        "twin",
        independent=True,
        compares=True,
        digests_compared=3,
        frames_compared=1,
        wire={"resent": 2, "waited": waited},
    )
    checks = (check(7, "event bolus_ended", "once", "none", met=not missed),)
    result = ScenarioResult("a", "a.toml", 1, 9, 9, checks, (), 1, 0, 0, False)
    return Outcome(load("single_bolus"), "native", "twin", 1, 0.1, 9, rig=rig, result=result).judged


@pytest.mark.parametrize(
    ("waited", "missed", "verdict"),
    [(0, False, Verdict.PASS), (3, False, Verdict.PASS), (0, True, Verdict.FAIL), (3, True, Verdict.INCONCLUSIVE)],
)
def test_missed_expectation_is_the_pumps_unless_the_wire_made_the_programmer_late(
    waited: int, missed: bool, verdict: Verdict
) -> None:
    found, reason = judged(waited, missed)
    assert found is verdict
    assert ("the wire made the programmer late 3 times" in reason) == (verdict is Verdict.INCONCLUSIVE)
