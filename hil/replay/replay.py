"""Replays a capture against a target and says how sure the outcome is; it prints nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pumpbench.hil.capture.errors import CaptureError
from pumpbench.hil.compare import Comparer, Difference, Mask
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.replay.judging import Kinship, judged
from pumpbench.hil.replay.judging import Sureness as Sureness
from pumpbench.hil.replay.loader import load
from pumpbench.hil.replay.player import Played, Player
from pumpbench.hil.replay.presumed import is_anchored
from pumpbench.hil.replay.recorded import Gap, Recorded
from pumpbench.hil.replay.steering import Steer
from pumpbench.hil.rig.budget import Budget, budget_of
from pumpbench.hil.rig.recording import CAPTURE_FORMAT, HEADER_KEYS, SESSION_KEYS, STATE_TABLE
from pumpbench.hil.targets import Target, open_target
from pumpbench.hil.targets.target import is_other_implementation
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.codes import CrcBuild
from pumpbench.protocol.layout import Layout, layout_from_dict, schema_id
from pumpbench.protocol.limits import PROTOCOL_VERSION, TICK_MS
from pumpbench.protocol.messages import REGISTRY

NOT_COVERED_BY_KIND: Final = {
    "header": (
        "header.scenario", "header.seed", "header.expansion", "header.revisions", "header.builds", "header.host_clock",
        "header.topology", "header.target", "header.messages and header.state: doc, class and tolerance of fields",
    ),
    "requests": (
        "what was asked for, where it is refused in the same words",
        "CommitProgram.second_confirmation_ng where none is due, sums of VerifyProgram where a program has none",
    ),
    "before the start": ("Arm.build_id", "header.session, boot_seq and tick of replies before the start"),
    "controller": (
        "RunTo.target_tick of topology controller, but for the tick reached",
        "plant_inject of topology controller: what the pump felt of it stands in Sense",
        "what a Sense says after which no tick came",
    ),
    "times of records": ("record times, but for their order", "how the link cut what passed into pieces"),
    "retries": ("the place of the reply to a retry among requests of the other channel",),
    "free run": ("the order between requests and what came or was noted meanwhile, but that a reply follows its request",),
    "wire": (
        "wire", "wire_fault, but for its number, tick, direction and a frame that it lost",
        "whether a last wire_fault stands there", "noise to the device, of which only its link counters tell",
    ),
}  # fmt: skip
"""What a recording holds that no replay can hold against a pump."""
NOT_COVERED: Final = tuple(name for names in NOT_COVERED_BY_KIND.values() for name in names)
REFERENCE: Final = (CrcBuild.PYTHON, CrcBuild.EXTENSION)


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """A replay's verdict and what stands behind it. `gaps`: of the recording; `differences`: of the first frame that differs.

    `missing`, `extra`, `late`: unasked frames. `requests_left`: not played, since it was ended before.
    `independent`: one side was the reference and the other was not, so that agreement means something. `same_build`: both
    sides named the same build.
    """

    verdict: Verdict
    reason: str
    sureness: Sureness
    target: str
    ticks: int
    requests: int
    frames_compared: int
    digests_compared: int
    masked: dict[str, int]
    not_compared: dict[str, int]
    missing: int
    extra: int
    late: int
    requests_left: int
    gaps: tuple[Gap, ...]
    differences: tuple[Difference, ...]
    independent: bool
    same_build: bool

    @property
    def first_difference(self) -> Difference | None:
        return self.differences[0] if self.differences else None


def replay(
    path: str | Path, target: str, *, masks: tuple[Mask, ...] = (), on_request: Callable[[Played], None] | None = None
) -> ReplayResult:
    """Raises `CaptureError`, `TargetUnknown`, `RigBroken` or a `LinkError`."""
    recorded = load(path)
    if recorded.header is None and not recorded.requests:
        raise CaptureError(path, "holds neither a header nor a request", "give a capture of this bench")
    with open_target(target) as opened:
        return replay_on(opened, recorded, masks, on_request)


def replay_on(
    target: Target,
    recorded: Recorded,
    masks: tuple[Mask, ...] = (),
    on_request: Callable[[Played], None] | None = None,
    *,
    steer: Steer | None = None,
    from_tick: int = 0,
    budget: Budget | None = None,
) -> ReplayResult:
    """The same for a target that is open already, and stays open. `steer` may end it.

    `from_tick`: nothing before it is compared.
    """
    comparer = Comparer(masks=masks)
    gaps = [*recorded.gaps, *header_gaps(recorded.header)]
    conversation = Conversation(target.link)
    player = Player(conversation, recorded, comparer, from_tick)
    comparer.digests = same_state_layout(recorded.header)
    comparer.plants = not recorded.plant_outside
    played = player.play(on_request, steer)
    gaps += played.gaps
    sureness = sureness_of(recorded)
    same_build, independent = _sides(recorded, target, played)
    missed = player.meter.measured(conversation.retry_count).missed(budget or budget_of(target.name))
    kin = Kinship(_compared_with_itself(recorded, target, played), same_build, independent)
    verdict, reason = judged(sureness, gaps, played, kin, missed)
    return ReplayResult(
        verdict=verdict,
        reason=reason,
        sureness=sureness,
        target=target.name,
        ticks=played.tick,
        requests=played.requests,
        frames_compared=comparer.frames,
        digests_compared=comparer.digests_compared,
        masked={mask.name: mask.uses for mask in masks},
        not_compared=dict(comparer.not_compared),
        missing=played.missing,
        extra=played.extra,
        late=played.late,
        requests_left=len(recorded.requests) - player.first - played.requests if played.ended else 0,
        gaps=tuple(gaps),
        differences=tuple(played.differences),
        independent=independent,
        same_build=same_build,
    )


def sureness_of(recorded: Recorded) -> Sureness:
    if recorded.is_selection:
        return "observed"
    if recorded.header is not None and recorded.snapshot is not None:
        return "exact"
    return "anchored" if is_anchored(recorded) else "observed"


def header_gaps(header: dict[str, Any] | None) -> list[Gap]:
    """Where the header says something this build cannot take at its word."""
    if header is None:
        return [Gap("meta", 0, "no header: the recording is not this bench's, or lost its beginning")]
    known = {"capture_format": CAPTURE_FORMAT, "protocol_version": PROTOCOL_VERSION, "tick_ms": TICK_MS}
    found = [
        Gap("meta", 0, f"{key} is {header.get(key)!r}, expected {value}")
        for key, value in known.items()
        if header.get(key) != value
    ]
    if header.get("time_mode") not in ("credit", "free"):
        found.append(Gap("meta", 0, f"time mode {header.get('time_mode')!r}, expected credit or free"))
    is_session = header.keys() == SESSION_KEYS
    if not is_session and header.keys() != HEADER_KEYS:
        found.append(Gap("meta", 0, f"its header has other entries: {', '.join(sorted(header.keys() ^ HEADER_KEYS))}"))
    if _table_id(header, "messages") != schema_id(REGISTRY.layouts()):
        found.append(Gap("meta", 0, "its messages are declared otherwise than this build's"))
    if not is_session and not same_state_layout(header):
        found.append(Gap("meta", 0, "its state is laid out otherwise than this build's, so its snapshot cannot be put back"))
    return found


def same_state_layout(header: dict[str, Any] | None) -> bool:
    return _table_id(header or {}, "state") == schema_id(STATE_TABLE)


def _table_id(header: dict[str, Any], key: str) -> int | None:
    """None for a table that is none."""
    try:
        layouts: list[Layout] = [layout_from_dict(one) for one in header[key]]
        return schema_id(layouts)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _compared_with_itself(recorded: Recorded, target: Target, played: Played) -> bool:
    """By name or by build: a damaged name, or a port in between, must not make the emulator a witness for itself."""
    now, then = played.identified, recorded.identified
    if now is None or is_other_implementation(target, now):
        return False
    named = (recorded.header or {}).get("target", (recorded.header or {}).get("pump"))
    return then is None or then.build_id == now.build_id or named == "emulator"


def _sides(recorded: Recorded, target: Target, played: Played) -> tuple[bool, bool]:
    """Whether both are the same build, and whether just one of them is the reference."""
    now, then = played.identified, recorded.identified
    if now is None or then is None:
        return False, False
    same_build = then.build_id == now.build_id
    return same_build, not same_build and (then.crc_build in REFERENCE) == is_other_implementation(target, now)
