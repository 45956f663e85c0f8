"""Knows one pump, of either implementation, that is put into a state, cut short in an act and booted; it judges nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pumpbench.firmware_emu.device import Device
from pumpbench.hil.conformance.timelines.player import decoded
from pumpbench.hil.native import NativeDevice
from pumpbench.protocol.codes import Fault
from pumpbench.protocol.messages import Inject
from tests.board.bench import Bench

Act = Callable[["Victim"], Any]
"""What is cut short: a request, or a tick."""

ALL_WORDS = 65_534


@dataclass(frozen=True)
class State:
    """A snapshot, what stands in it by name, and what the host remembers of the line: frames built anew are the same bytes."""

    snapshot: bytes
    therapy_id: int
    session: int
    seq: int

    @property
    def parts(self) -> dict[str, Any]:
        return decoded(self.snapshot)


class Victim(Bench):
    """A bench whose pump can be set back."""

    device: NativeDevice | Device

    def state(self) -> State:
        device = self.device
        snapshot = device.snapshot() if isinstance(device, NativeDevice) else device.pump.snapshot()
        return State(snapshot, self.therapy_id, self.session, self.seq)

    def put(self, state: State) -> None:
        device = self.device
        device.restore(state.snapshot) if isinstance(device, NativeDevice) else device.pump.restore(state.snapshot)
        self.therapy_id, self.session, self.seq = state.therapy_id, state.session, state.seq

    def pass_ticks(self, ticks: int) -> None:
        device = self.device
        if isinstance(device, NativeDevice):
            device.tick(ticks)
        else:
            device.pump.leap(ticks)

    def cut(self, before: State, act: Act, words: int) -> tuple[State, Any]:
        """The state just after `act` was cut short behind `words` words, and what the act itself gave."""
        self.put(before)
        self.ask(Inject(fault=Fault.POWER_CUT, arg_0=words, arg_1=0, arg_2=0))
        given = act(self)
        return self.state(), given

    def boot(self, after_cut: State) -> State:
        """The state at the end of the tick in which the boot completes."""
        self.put(after_cut)
        self.pass_ticks(after_cut.parts["config"].boot_ticks + 1)
        return self.state()


def one_tick(victim: Victim) -> None:
    """A tick as an act."""
    victim.pass_ticks(1)


def request(message: Any) -> Act:
    """A request as an act; it gives its reply."""
    return lambda victim: victim.ask(message)


def points(victim: Victim, before: State, act: Act) -> list[State]:
    """The state after every cut of the act: behind no word, one, two, up to all that it writes."""
    whole = victim.cut(before, act, ALL_WORDS)[0].parts["memory"].words
    cuts: list[State] = []
    # The last word of everything that is written differs from what stood there, so the whole is reached with it.
    while not cuts or cuts[-1].parts["memory"].words != whole:
        cuts.append(victim.cut(before, act, len(cuts))[0])
    return cuts
