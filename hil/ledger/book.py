"""What a ledger comes to, as data: accounts, limits, findings with the frames that bracket them; it works nothing out."""

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from pumpbench.firmware_emu.account import STEP_PL, DoseAccount, PlantAccount
from pumpbench.hil.replay import Sureness
from pumpbench.hil.replay.recorded import Gap
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.messages import Telemetry

if TYPE_CHECKING:
    from pumpbench.hil.capture.rows import Rows


class Kind(Enum):
    """What can be wrong with an account. The value is the word that people and JSON see."""

    DUPLICATE = "duplicate"
    LOSS = "loss"
    LIMIT = "limit"

    def __str__(self) -> str:
        return self.value


class Place(NamedTuple):
    """A frame of the device; `seq` -1: the start of the recording, which is no frame."""

    tick: int
    seq: int
    message: str

    def __str__(self) -> str:
        if self.seq < 0:
            return f"{self.message} at tick {self.tick}"
        return f"{self.message}, frame {self.seq} at tick {self.tick}"


START = Place(0, -1, "the start")


def place_of(frame: Frame) -> Place:
    return Place(frame.head[7], frame.head[3], type(frame.message).__name__)


def place_in(rows: "Rows", index: int) -> Place:
    """Of a row of telemetry."""
    return Place(int(rows["header_tick"][index]), int(rows["header_seq"][index]), Telemetry.__name__)


class Finding(NamedTuple):
    """`amount_q` was given twice, is missing, or lies beyond a limit; it came about between `before` and `after`."""

    kind: Kind
    amount_q: int
    before: Place
    after: Place
    what: str


class Limit(NamedTuple):
    """A bound and how near it was come to. `kept` None: the recording does not show it."""

    name: str
    bound: int
    most: int
    unit: str
    kept: bool | None
    remark: str = ""


class Bolus(NamedTuple):
    """A movement of fluid that the device said it had started."""

    tick: int
    request_id: int
    kind: int
    volume_nl: int


@dataclass(slots=True)
class Readings:
    """How often the device itself told of its account, by message, and how often a digest of its whole state spoke for it."""

    by_message: dict[str, int] = field(default_factory=dict)
    digests_agreed: int = 0
    digests_differing: int = 0
    first_differing: Place | None = None
    plant_agreed: int = 0
    """Of the digests, those of the plant: they speak for its truth. None where the device did not hold it."""
    plant_differing: int = 0
    first_plant_differing: Place | None = None

    @property
    def count(self) -> int:
        return sum(self.by_message.values())

    def add(self, message: str, count: int = 1) -> None:
        self.by_message[message] = self.by_message.get(message, 0) + count


@dataclass(frozen=True, slots=True)
class Ledger:
    """`opened` and `closed`: the device's account at both ends, None where the recording does not show it.

    `own_words`: both were read from the device's own `Account` frames; else its readings and digests vouch for the re-run's.
    It covers what lies between `first_tick` and `last_tick`. `truth` and `truth_opened`: the plant's, where an exact recording
    could be run again and the digests speak for it.
    """

    verdict: Verdict
    reason: str
    sureness: Sureness
    first_tick: int
    last_tick: int
    opened: DoseAccount | None
    closed: DoseAccount | None
    own_words: bool
    truth_opened: PlantAccount | None
    truth: PlantAccount | None
    steps_forgotten: int
    """Commanded before a reset and after the check-point that it went back to."""
    readings: Readings
    boluses: tuple[Bolus, ...]
    limits: tuple[Limit, ...]
    findings: tuple[Finding, ...]
    gaps: tuple[Gap, ...]
    from_emulator: bool

    @property
    def ticks(self) -> int:
        """Covered."""
        return self.last_tick - self.first_tick

    @property
    def word(self) -> str:
        """For the account as a whole."""
        if self.verdict is Verdict.PASS:
            return "accounted"
        return str(self.findings[0].kind) if self.verdict is Verdict.FAIL else "inconclusive"

    @property
    def steps(self) -> int | None:
        """Commanded over the recording, those forgotten at resets included."""
        if self.opened is None or self.closed is None:
            return None
        return self.closed.step_count - self.opened.step_count + self.steps_forgotten

    @property
    def over_pl(self) -> int | None:
        """What really left the tip above what the steps should bring; below 0: what is missing there."""
        if self.truth is None or self.truth_opened is None or self.steps is None:
            return None
        return self.truth.tip_pl - self.truth_opened.tip_pl - self.steps * STEP_PL
