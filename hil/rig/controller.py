"""The controller topology: the target holds controller and memory, this bench the plant, and a whole pump here judges both."""

from collections.abc import Mapping
from typing import Final

from pumpbench.firmware_emu.device import Device
from pumpbench.firmware_emu.faults import CONTROLLER_FAULTS
from pumpbench.firmware_emu.plant_alone import PlantAlone
from pumpbench.firmware_emu.state import Plant
from pumpbench.firmware_emu.vouching import vouched_until
from pumpbench.hil.compare import Difference, Mask
from pumpbench.hil.divergence import Agreed, Divergence
from pumpbench.hil.divergence_outside import find_outside
from pumpbench.hil.errors import PeerVersion, Refusal, RigBroken, must
from pumpbench.hil.links import LinkError
from pumpbench.hil.rig.base import stays_broken
from pumpbench.hil.rig.budget import Budget
from pumpbench.hil.rig.lockstep import TwinRig
from pumpbench.hil.rig.recording import FEELING, FOLLOWING, Recording
from pumpbench.hil.rig.rig import RigResult
from pumpbench.hil.targets import Target
from pumpbench.hil.wire import Wire
from pumpbench.protocol.codes import Fault, Level
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Identified, Report, ResetToStart

SENSE: Final = "Sense"


class ControllerRig(TwinRig):
    """The reference is a shadow: the whole pump, which answers as if its plant were outside. `rotor_follow`: vouch for it.

    The plant here goes by what the target reports. Where credits stop at every step that is all it goes by; through a credit in
    which the rotor is vouched for it goes with the shadow, and the digests at its end hold the target to the same steps.
    """

    topology = "controller"

    def __init__(
        self,
        target: Target,
        seed: int,
        recording: Recording | None = None,
        masks: tuple[Mask, ...] = (),
        wire: Wire | None = None,
        budget: Budget | None = None,
        rotor_follow: bool = True,
    ) -> None:
        super().__init__(target, seed, recording, masks, wire, budget)
        self.rotor_follow = rotor_follow
        self.senses = 0
        self._alone: PlantAlone | None = None
        self._following = False

    @stays_broken
    def start(self, config: Mapping[str, int], start: ResetToStart) -> None:
        super().start(config, start)
        pump = self.truth()
        self._alone = PlantAlone(pump.plant.clone(), pump.config)
        self._feel(self._alone)

    @stays_broken
    def inject(self, fault: int, arg_0: int = 0, arg_1: int = 0, arg_2: int = 0) -> None:
        """What is of the plant acts here alone, and the target feels what comes of it."""
        arguments = arg_0, arg_1, arg_2
        if fault in CONTROLLER_FAULTS:
            super().inject(fault, *arguments)
            if fault == Fault.POWER_CUT:
                self.alone.inject(fault, arguments)
            return
        if self.recording is not None:
            self.recording.inject(self._tick, fault, arguments, here=True)
        must(self.truth().inject(fault, *arguments))
        self.alone.inject(fault, arguments)
        self._agreed = Agreed(self._tick, self.truth().snapshot())
        self._feel(self.alone)

    @property
    def alone(self) -> PlantAlone:
        """The bench's plant."""
        assert self._alone is not None, "the rig was not started"
        return self._alone

    def _new_reference(self, build_id: int) -> Device:
        return Device(build_id=build_id, shadow=True)

    def _meet(self, identified: Identified) -> Device:
        if identified.level < Level.L2:
            level = Level.name_of(identified.level)
            cure = "use a firmware of level l2 or more, or topology twin"
            raise PeerVersion(self.target.name, f"level {level}, so its controller cannot be told from another", cure)
        self.comparer.plants = False
        return super()._meet(identified)

    def _granted(self, target_tick: int) -> Report:
        self._compare_plants()
        follows = self.rotor_follow and self.comparer.digests
        until = vouched_until(self.truth(), target_tick) if follows else self._tick
        self._following = until > self._tick
        mask = FOLLOWING if self._following else FEELING
        target_tick = until if self._following else self.alone.rests_until(target_tick)
        with self.meter.wait():
            return self.bench.run_to(target_tick, mask)

    def _reached(self, report: Report) -> None:
        super()._reached(report)
        alone, following = self._alone, self._following
        self._following = False
        if alone is None:
            return  # the start: its plant is inside still
        if following:
            alone.followed(self.truth().plant.clone(), report)
        else:
            alone.heard(report)
        self._feel(alone)

    def _feel(self, alone: PlantAlone) -> None:
        """Tells the target the levels of the plant where it feels others; before its next tick and before any request."""
        sense = alone.sense()
        if sense is None:
            return
        self.senses += 1
        with self.meter.round_trip():
            report = self.bench.sense(sense)
        alone.heard(report)
        super()._reached(report)

    def _compare_plants(self) -> None:
        """The plant that the target's reports moved, against that of the whole pump."""
        ours, theirs = self.truth().plant, self.alone.plant
        if ours.to_bytes() != theirs.to_bytes():
            field = next(f for f in layout_of(Plant) if getattr(ours, f.name) != getattr(theirs, f.name))
            pair = getattr(theirs, field.name), getattr(ours, field.name)
            self.twin.differ(Difference(self._tick, "plant", field.name, field.unit, *pair))

    def _conclude(self) -> RigResult:
        if self._alone is not None and self.twin.difference is None:
            self._compare_plants()
        return super()._conclude()

    def _search(self) -> Divergence | None:
        """Both run again as whole pumps, which a restore makes of them; where they agree as such, with the plant outside."""
        self.twin.told[:] = [act for act in self.twin.told if act.name != SENSE]
        end_tick = self.truth().plant.tick
        found = super()._search()
        if found is None or self._agreed is None or found.requests or not found.hidden_state:
            return found
        try:
            return find_outside(self.twin, self._agreed, found, end_tick, FEELING)
        except (RigBroken, LinkError, Refusal):
            return found
