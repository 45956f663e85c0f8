"""What a walk draws from: its chance, the pump it sees, and what an act needs first; draws no act of its own."""

import random
from collections.abc import Callable
from typing import Any

from pumpbench.protocol.codes import Role, TherapyState, UpdateStage
from pumpbench.protocol.messages import Close
from tests.parity.acts import Act, Ask, Confirm, OpenIt, Run
from tests.parity.desk import Desk

U32_MAX = 0xFFFF_FFFF
# A walk's clinician is awake: a booting pump is given its time, a closed session opened, mostly.
AWAKE = 0.93
TELEMETRY_FRAMES_MAX = 400

Maker = Callable[["Draws"], list[Act]]


class Draws:
    """The walk's chance and what it can see."""

    def __init__(self, rng: random.Random, desk: Desk) -> None:
        self.rng = rng
        self.desk = desk

    @property
    def pump(self) -> Any:
        return self.desk.pump

    def treating(self) -> bool:
        """Whether a bolus would have a chance; one in seven times it is asked for all the same."""
        state, update = self.pump.durable.therapy_state, self.pump.controller.update_stage
        return state == TherapyState.THERAPY and update == UpdateStage.IDLE or self.odds(0.15)

    def at_most(self, ticks: int) -> int:
        """So many ticks, fewer where a subscription would fill the link with them."""
        period = self.desk.period_ticks()
        return min(ticks, TELEMETRY_FRAMES_MAX * period) if period else ticks

    def confirm(self) -> Confirm:
        """Of a commit's second confirmation, mostly the right dose."""
        return "right" if self.odds(0.8) else self.rng.choice(("none", "wrong"))

    def odds(self, p: float) -> bool:
        return self.rng.random() < p

    def in_session(self, *acts: Act) -> list[Act]:
        """The acts after whatever they need."""
        before: list[Act] = []
        boot = self.pump.controller.boot_remaining_ticks or self.pump.config.boot_ticks + 1
        asleep = self.pump.controller.boot_remaining_ticks or self.pump.plant.reset_pending
        if asleep and self.odds(AWAKE):
            before.append(Run(boot + (1 if self.pump.plant.reset_pending else 0)))
        if (asleep or not self.pump.controller.session_id) and self.odds(AWAKE):
            before.append(OpenIt(nonce=self.rng.randint(0, U32_MAX)))
        elif self.pump.controller.session_role == Role.PATIENT and self.odds(0.5):
            before += [Ask(Close()), OpenIt(nonce=self.rng.randint(0, U32_MAX))]
        return [*before, *acts]

    def ask(self, message: Any) -> list[Act]:
        return self.in_session(Ask(message))
