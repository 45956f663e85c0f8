"""Finds the tick in which a controller parts from the whole pump only where its plant is outside; it prints nothing."""

from dataclasses import replace
from typing import Final

from pumpbench.firmware_emu.digests import PART_BYTES
from pumpbench.firmware_emu.plant_alone import PlantAlone
from pumpbench.firmware_emu.pump import Pump
from pumpbench.firmware_emu.state import STATE_PARTS, Plant
from pumpbench.hil.bench import Bench
from pumpbench.hil.compare import Comparer, Difference
from pumpbench.hil.divergence import Agreed, Divergence, Place
from pumpbench.hil.statediff import differences
from pumpbench.hil.twin import TwinConversation
from pumpbench.protocol.messages import Report

PLANT_AT: Final = sum(PART_BYTES[: STATE_PARTS.index(Plant)])
PLANT_END: Final = PLANT_AT + PART_BYTES[STATE_PARTS.index(Plant)]


def find_outside(twin: TwinConversation, agreed: Agreed, found: Divergence, end_tick: int, stop_mask: int) -> Divergence:
    """Goes again from `agreed`, in credits that end wherever the plant is asked for something; `found` where they agree now.

    The target must be of level L3. Raises `RigBroken` or a `LinkError`.
    """
    search = _Search(twin, agreed, stop_mask)
    while search.agreed.tick < end_tick:
        reached = search.run_to(search.alone.rests_until(end_tick))
        if search.difference is not None:
            return search.narrowed(found, reached.reached_tick)
        search.go_on(reached)
    return found


class _Search:
    """Both sides at `agreed`, or after it; the bench's plant goes with the target."""

    def __init__(self, twin: TwinConversation, agreed: Agreed, stop_mask: int) -> None:
        self.twin = twin
        self.bench = Bench(twin)
        self.agreed = agreed
        self.stop_mask = stop_mask
        self.difference: Difference | None = None
        self._comparer = Comparer(plants=False)
        self._enter()

    def run_to(self, tick: int) -> Report:
        reached = self.bench.run_to(tick, self.stop_mask)
        assert self.twin.last is not None
        theirs, ours = self.twin.last
        self.twin.forget_unasked()
        self.difference = None if ours is None else self._comparer.compare(theirs, ours)
        return reached

    def go_on(self, reached: Report) -> None:
        """From a report that both gave alike; a restore would forget what stands in the plant alone."""
        self.alone.heard(reached)
        self.agreed = Agreed(reached.reached_tick, self._pump.snapshot())
        self._feel()

    def narrowed(self, found: Divergence, parted_tick: int) -> Divergence:
        """Halves the credit in which they parted, which asked nothing of the plant on its way."""
        alike_tick = self.agreed.tick
        while parted_tick - alike_tick > 1:
            middle = (alike_tick + parted_tick) // 2
            self._enter()
            reached = self.run_to(middle)
            if self.difference is None and reached.reached_tick == middle:
                alike_tick = middle
            else:
                parted_tick = min(middle, reached.reached_tick)
        self._enter()
        if alike_tick > self.agreed.tick:
            self.run_to(alike_tick)
        pairs = [self._states()]
        self.run_to(parted_tick)
        pairs.append(self._states())
        moments = f"tick {alike_tick}", f"tick {parted_tick}"
        place = Place(parted_tick)
        return replace(found, place=place, difference=self.difference, moments=moments, fields=tuple(differences(pairs)))

    @property
    def _pump(self) -> Pump:
        return self.twin.reference.pump

    def _enter(self) -> None:
        self.bench.restore(self.agreed.snapshot)
        pump = self._pump
        self.alone = PlantAlone(pump.plant.clone(), pump.config, bool(pump.controller.boot_remaining_ticks))
        self._feel()

    def _feel(self) -> None:
        sense = self.alone.sense()
        if sense is not None:
            self.alone.heard(self.bench.sense(sense))
            self.twin.forget_unasked()

    def _states(self) -> tuple[bytes, bytes]:
        """Without the plant, of which the target has only what it was told."""
        theirs, ours = self.bench.read_snapshot(), self._pump.snapshot()
        return theirs[:PLANT_AT] + ours[PLANT_AT:PLANT_END] + theirs[PLANT_END:], ours
