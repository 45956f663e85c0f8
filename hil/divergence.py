"""Finds the first tick, request and fields in which target and reference part, by running both again; it prints nothing."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from pumpbench.hil.bench import Bench
from pumpbench.hil.compare import Comparer, Difference
from pumpbench.hil.statediff import FieldDifference, differences
from pumpbench.hil.twin import Act, TwinConversation

DENSE_TICKS: Final = 2_000
"""Halving ends here: the rest is walked tick by tick, so that a difference that heals again is not stepped over."""


class Agreed(NamedTuple):
    """A state both sides had, by their digests, at `tick`."""

    tick: int
    snapshot: bytes


class Place(NamedTuple):
    """Where the two part: in the tick `tick`, or in the request `act` handled after it."""

    tick: int
    act: Act | None = None


@dataclass(frozen=True, slots=True)
class Divergence:
    """The finding. `place` None: running both again from the last agreement gave agreement.

    That is hidden state: the target depends on something outside its snapshot. `moments` says when each value of
    `fields` was taken.
    """

    agreed_tick: int
    place: Place | None
    difference: Difference | None
    """What both sides said differently there: where no field differs, all there is (an effect, a reply)."""
    moments: tuple[str, ...]
    fields: tuple[FieldDifference, ...]
    requests: tuple[Act, ...]
    """What both sides were told since the last agreement."""

    @property
    def hidden_state(self) -> bool:
        return self.place is None

    @property
    def headline(self) -> str:
        """The first tick or request in which they part and one field of it; empty where the search found no field."""
        if self.place is None or not self.fields:
            return ""
        act, tick = self.place.act, self.place.tick
        where = f"tick {tick}" if act is None else f"{act.name} after tick {tick}"
        field = self.fields[0]
        unit = f" {field.unit}" if field.unit else ""
        theirs, ours = next(pair for pair in zip(field.theirs, field.ours, strict=True) if pair[0] != pair[1])
        more = f" (and {len(self.fields) - 1} more)" if len(self.fields) > 1 else ""
        return f"{where}: {field.name} is {theirs}{unit}, expected {ours}{unit}{more}"

    def __str__(self) -> str:
        if self.place is None:
            return f"hidden state: run again from tick {self.agreed_tick}, both sides agree"
        act, tick = self.place.act, self.place.tick
        where = f"in tick {tick}" if act is None else f"in {act.name} after tick {tick}"
        return f"first difference {where}, {len(self.fields)} field{'s' * (len(self.fields) != 1)}"


def find(twin: TwinConversation, agreed: Agreed, told: list[Act], end_tick: int) -> Divergence:
    """Runs both sides again from `agreed`; they differed at `end_tick` or in the last act told then.

    The target must be of level L3. Raises `RigBroken` or a `LinkError`; the conversation compares nothing afterwards.
    """
    twin.comparing = False
    search = _Search(twin, agreed, list(told))
    place = search.place(end_tick) if not search.agrees(end_tick, whole=True) else None
    if place is None:
        return Divergence(agreed.tick, None, None, (), (), tuple(told))
    difference = search.difference
    moments, fields = search.fields_at(place)
    return Divergence(agreed.tick, place, difference, moments, fields, tuple(told))


class _Search:
    """Both sides, the latest state they agree in, and what they were told after it."""

    def __init__(self, twin: TwinConversation, agreed: Agreed, acts: list[Act]) -> None:
        self.twin = twin
        self.bench = Bench(twin)
        self.agreed = agreed
        self.acts = acts
        self.comparer = Comparer()
        self.difference: Difference | None = None

    def place(self, end_tick: int) -> Place | None:
        """Halves, then walks. None when the walk finds agreement, which then depends on how the ticks are granted."""
        whole = True
        while end_tick - self.agreed.tick > DENSE_TICKS:
            middle = (self.agreed.tick + end_tick) // 2
            if self.agrees(middle, whole=False):
                self.agreed = Agreed(middle, self.twin.reference.pump.snapshot())
                self.acts = [act for act in self.acts if act.tick >= middle]
            else:
                end_tick, whole = middle, False
        return self._walk(end_tick, whole)

    def agrees(self, end_tick: int, whole: bool) -> bool:
        """Whether both, from the latest agreement, agree at `end_tick` and on the way; `whole`: after its acts, too."""
        self._restore()
        for act in self.acts:
            if act.tick > end_tick or (act.tick == end_tick and not whole):
                break
            self._run_to(act.tick)
            if not self._tell(act):
                return False
        return self._run_to(end_tick)

    def fields_at(self, place: Place) -> tuple[tuple[str, ...], tuple[FieldDifference, ...]]:
        """Every field that differs around `place`, before it, at it and a tick after it."""
        moments, pairs = [], []
        self._restore()
        last_tick = place.tick if place.act else place.tick - 1
        for act in self.acts:
            if act.tick > last_tick or act is place.act:
                break
            self._run_to(act.tick)
            self._tell(act)
        self._run_to(last_tick)
        moments.append(f"before {place.act.name} after tick {place.tick}" if place.act else f"tick {last_tick}")
        pairs.append(self._states())
        if place.act:
            self._tell(place.act)
        else:
            self._run_to(place.tick)
        moments.append(f"after {place.act.name}" if place.act else f"tick {place.tick}")
        pairs.append(self._states())
        self._run_to(place.tick + 1)
        moments.append(f"tick {place.tick + 1}")
        pairs.append(self._states())
        return tuple(moments), tuple(differences(pairs))

    def _walk(self, end_tick: int, whole: bool) -> Place | None:
        """Tick by tick with digests each, and again after each act."""
        self._restore()
        acts = list(self.acts)
        for tick in range(self.agreed.tick, end_tick + 1):
            if tick > self.agreed.tick and not self._run_to(tick):
                return Place(tick)
            while acts and acts[0].tick == tick and (whole or tick < end_tick):
                act = acts.pop(0)
                if not self._tell(act) or not self._run_to(tick):
                    return Place(tick, act)
        return None

    def _restore(self) -> None:
        self.bench.restore(self.agreed.snapshot)

    def _run_to(self, tick: int) -> bool:
        self.bench.run_to(tick)
        return self._same()

    def _tell(self, act: Act) -> bool:
        """A therapy request goes out byte for byte, for its id is in the state; the bench's own ids only rise."""
        self.twin.forget_unasked()
        if act.bench:
            self.twin.ask(act.message, bench=True)
        else:
            self.twin.ask_again(act.sent, act.name)
        return self._same()

    def _same(self) -> bool:
        assert self.twin.last is not None
        theirs, ours = self.twin.last
        self.twin.forget_unasked()
        self.difference = self.comparer.compare(theirs, ours) if ours is not None else None
        return ours is not None and self.difference is None

    def _states(self) -> tuple[bytes, bytes]:
        return self.bench.read_snapshot(), self.twin.reference.pump.snapshot()
