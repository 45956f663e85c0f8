"""What a pump is told in a capture, in order and with the tick of each; it moves no pump."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pumpbench.hil.replay.player import start_of
from pumpbench.hil.replay.recorded import Injected, Recorded, Request
from pumpbench.protocol.codes import Fault
from pumpbench.protocol.messages import Inject, ResetToStart, RunTo

FaultArguments = tuple[int, int, int, int]


class NoStart(ValueError):
    """The header of a capture tells no start, so nothing can be run from it."""


@dataclass(frozen=True, slots=True)
class Act:
    """Told between ticks, after `tick` of them: a therapy request or noise, a fault with its arguments, or a grant of time.

    `request` is as recorded, with its reply.
    """

    tick: int
    name: str
    request: Request
    fault: FaultArguments | None = None
    instead: Any = None
    """A message in place of the recorded one, where a run is to differ."""

    @property
    def told(self) -> Any:
        """What the pump is asked in this run; None for noise."""
        return self.message if self.instead is None else self.instead

    @property
    def is_grant(self) -> bool:
        return self.name == "RunTo"

    @property
    def wire(self) -> bytes:
        """What goes over the therapy channel; none of what a bench asks."""
        return b"" if self.request.bench else self.request.wire

    @property
    def message(self) -> Any:
        """What a request asks; None for noise."""
        return None if self.request.frame is None else self.request.frame.message


@dataclass(frozen=True, slots=True)
class Script:
    """A start and everything told after it. `snapshot` None: the recording does not open with one."""

    config: Mapping[str, int]
    start: ResetToStart
    snapshot: bytes | None
    acts: tuple[Act, ...]
    end_tick: int
    in_credits: bool


def script_of(recorded: Recorded) -> Script:
    """Raises `NoStart`."""
    try:
        config = {key: int(value) for key, value in (recorded.header or {})["config"].items()}
        start = start_of(recorded.header)
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise NoStart(f"its header tells no start ({problem})") from problem
    acts = tuple(acts_of(recorded))
    snapshot = None if recorded.snapshot is None else recorded.snapshot[1]
    return Script(config, start, snapshot, acts, recorded.last_tick, recorded.in_credits)


def acts_of(recorded: Recorded) -> Iterator[Act]:
    """Told to a whole pump, wherever the plant stood that was recorded."""
    inputs = deque(recorded.plant_inputs)
    for place, request in enumerate(recorded.requests):
        while inputs and inputs[0][0] <= place:
            yield _injected(inputs.popleft()[1])
        act = act_of(request)
        if act is not None:
            yield act
    for _, injected in inputs:
        yield _injected(injected)


def _injected(injected: Injected) -> Act:
    """An input to a plant that the recorded device did not hold: no request carried it."""
    arguments = (injected.fault, *injected.arguments)
    return Act(injected.tick, f"inject {Fault.name_of(injected.fault)}", Request(b"", injected.tick), arguments)


def act_of(request: Request) -> Act | None:
    """None for what a re-run makes anew: arming, the start, looks at the link."""
    tick = request.reply.head[7] if request.reply is not None else request.tick
    if request.frame is None or not request.bench:
        return Act(tick, request.name, request)
    message = request.frame.message
    if isinstance(message, Inject):
        arguments = (message.fault, message.arg_0, message.arg_1, message.arg_2)
        return Act(tick, f"inject {Fault.name_of(message.fault)}", request, arguments)
    return Act(tick, request.name, request) if isinstance(message, RunTo) else None
