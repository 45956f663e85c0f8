"""The four verdicts, how several become one and which exit code each has; knows nothing of what was compared."""

from collections.abc import Iterable
from enum import Enum

EXIT_USAGE = 2
"""Usage, a bad scenario, or nothing matched."""
EXIT_INTERRUPTED = 130


class Verdict(Enum):
    """What a comparison may end with. The value is the word people and JSON see."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"

    @property
    def exit_code(self) -> int:
        return _EXIT_CODES[self]

    def __str__(self) -> str:
        return self.value


# The first that occurs decides.
_RANKING = (Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE, Verdict.PASS)
_EXIT_CODES = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 3, Verdict.ERROR: 4}


def combined(verdicts: Iterable[Verdict]) -> Verdict:
    """Of many: fail > error > inconclusive > pass. Of none: inconclusive, because nothing was compared."""
    return min(verdicts, key=_RANKING.index, default=Verdict.INCONCLUSIVE)
