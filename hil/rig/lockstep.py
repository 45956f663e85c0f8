"""The twin topology: a target and the reference hold the whole pump each, hear the same bytes and must say the same."""

import contextlib
from dataclasses import replace

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.compare import Comparer, Mask
from pumpbench.hil.divergence import Agreed, Divergence, find
from pumpbench.hil.errors import Refusal, RigBroken
from pumpbench.hil.links import LinkError
from pumpbench.hil.rig.base import BaseRig
from pumpbench.hil.rig.budget import Budget, budget_of
from pumpbench.hil.rig.recording import Recording
from pumpbench.hil.rig.rig import RigResult
from pumpbench.hil.targets import Target
from pumpbench.hil.targets.target import is_other_implementation
from pumpbench.hil.twin import Diverged, TwinConversation
from pumpbench.hil.wire import Wire
from pumpbench.protocol.codes import Level
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import host_frame
from pumpbench.protocol.messages import Identified, Identify, Report


class TwinRig(BaseRig):
    """Target and reference in lockstep; at the first difference `finish` looks for the tick and the fields."""

    topology = "twin"

    def __init__(
        self,
        target: Target,
        seed: int,
        recording: Recording | None = None,
        masks: tuple[Mask, ...] = (),
        wire: Wire | None = None,
        budget: Budget | None = None,
    ) -> None:
        super().__init__(target, seed, recording, wire)
        self.budget = budget or budget_of(target.name)
        self.comparer = Comparer(masks=masks)
        self._agreed: Agreed | None = None
        self._effects_compared = 0
        self._reference_identified: Identified | None = None
        self._independent = target.independent

    def _meet(self, identified: Identified) -> Device:
        reference = self._new_reference(identified.build_id)
        own = identity_of(reference)
        self._reference_identified = own
        self._independent = is_other_implementation(self.target, identified)
        self.comparer.digests = own.schema_id == identified.schema_id and identified.level >= Level.L2
        self.conversation = TwinConversation(self.link, reference, self.comparer)
        return reference

    def _new_reference(self, build_id: int) -> Device:
        return Device(build_id=build_id)

    def _builds(self, identified: Identified) -> dict[str, Identified]:
        assert self._reference_identified is not None
        return {"target": identified, "reference": self._reference_identified}

    def _reached(self, report: Report) -> None:
        super()._reached(report)
        if self.comparer.digests:
            self._effects_compared = report.effect_count
            self.twin.told.clear()
            self._agreed = Agreed(self._tick, self.truth().snapshot())

    def _conclude(self) -> RigResult:
        with contextlib.suppress(Diverged):
            self.twin.settle()
        difference = self.twin.difference
        if self.recording is not None:
            self.recording.end("complete" if difference is None else "difference")
        if difference is not None:
            self._refuse_anew()
        pump = self.truth()
        counted = RigResult(
            target=self.target.name,
            topology=self.topology,
            independent=self._independent,
            compares=True,
            ticks=self.tick,
            credits=self.credits,
            digests_compared=self.comparer.digests_compared,
            effects_compared=self._effects_compared,
            frames_compared=self.comparer.frames,
            fields_not_compared=dict(self.comparer.not_compared),
            masked={mask.name: mask.uses for mask in self.comparer.masks},
            dense_ticks=self.tick if self._independent else pump.dense_ticks,
            leaps=pump.leaps,
            reference_dense_ticks=pump.dense_ticks,
            retries=self.twin.retry_count,
            bad_frames=self.twin.bad_frame_count,
            missing_frames=self.twin.missing_frame_count,
            first_difference=difference,
            wire=self.wire_counts,
            measured=self.measured(),
            budget=self.budget,
            doubt=self.target.doubt,
        )
        return counted if difference is None else replace(counted, divergence=self._search())

    def _refuse_anew(self) -> None:
        """Raises `RigBroken` where the target was lost in mid-run and knows of no run since: no finding about twins."""
        if not self.target.link.reconnected_count or not self.twin.alike:
            return
        self.twin.comparing = False
        try:
            armed = self.bench.identify().armed
        except (RigBroken, LinkError):
            return  # the difference itself stands, whatever became of the target since
        if not armed:
            what = "it went away in mid-run, and had started anew when it came back"
            raise RigBroken(self.target.name, what, "see what reset it or took its power, then run again")

    def _search(self) -> Divergence | None:
        """None where the target cannot be put back into a state: below level L3, of another layout, or gone."""
        level = self.bench.identified.level if self.bench.identified else Level.L0
        if self._agreed is None or level < Level.L3:
            return None
        pump = self.truth()
        pump.on_effect = None
        told = [act for act in self.twin.told if act.tick >= self._agreed.tick]
        try:
            return find(self.twin, self._agreed, told, pump.plant.tick)
        except (RigBroken, LinkError, Refusal):
            return None  # the difference itself stands, whatever became of the target since

    @property
    def twin(self) -> TwinConversation:
        assert isinstance(self.conversation, TwinConversation), "the rig was not started"
        return self.conversation


def identity_of(device: Device) -> Identified:
    """What a device in this process answers to `Identify`."""
    events = Decoder(from_device=True).feed(device.receive(host_frame(Identify(), 0, 1, bench=True)))
    assert len(events) == 1, f"the reference answered Identify with {events}"
    identified: Identified = events[0].message  # type: ignore[union-attr]
    return identified
