"""The whole pump in the emulator of this process; nothing is compared, so only expectations can judge such a run."""

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.errors import RigBroken
from pumpbench.hil.rig.base import BaseRig
from pumpbench.hil.rig.rig import RigResult
from pumpbench.protocol.messages import Identified


class LocalRig(BaseRig):
    """Needs a target whose device lives in this process."""

    topology = "local"

    def _meet(self, identified: Identified) -> Device:
        if self.target.device is None:
            raise RigBroken(self.target.name, "topology local runs in the emulator of this process", "choose topology twin")
        return self.target.device

    def _conclude(self) -> RigResult:
        if self.recording is not None:
            self.recording.end("complete")
        pump = self.truth()
        return RigResult(
            target=self.target.name,
            topology=self.topology,
            independent=False,
            compares=False,
            ticks=self.tick,
            credits=self.credits,
            dense_ticks=pump.dense_ticks,
            leaps=pump.leaps,
            reference_dense_ticks=pump.dense_ticks,
            wire=self.wire_counts,
        )
