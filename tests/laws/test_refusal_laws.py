"""A request that is refused before it is parsed changes no digest and consumes no id, on either side, in any state of a walk."""

import random
from typing import Any

import pytest

from pumpbench.protocol.codec import encode_body
from pumpbench.protocol.codes import Refusal
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import Bolus, Open, Prime, ReadStatus, Refill, Refused, Stop
from tests.parity.acts import Act, Ask, Bench, OpenIt, Shaped
from tests.parity.desk import Desk, twin
from tests.parity.draw_numbers import message_of
from tests.parity.draw_therapy import REQUESTS
from tests.parity.sides import Firmware, library
from tests.parity.topics import TOPICS
from tests.parity.walks import walk
from tests.support import SEED, effort

WALK_ACTS = 25
IN_SESSION = [cls for cls in REQUESTS if cls is not Open]
BEFORE_PARSING = {
    Refusal.UNKNOWN_TYPE, Refusal.BOOTING, Refusal.SESSION_UNKNOWN, Refusal.STALE_ID, Refusal.SERIAL_MISMATCH, Refusal.BUSY,
    Refusal.MALFORMED, Refusal.ROLE_FORBIDDEN,
}  # fmt: skip


def never_heard(rng: random.Random) -> list[Act]:
    """Frames that are refused whatever the pump's state is."""
    body = encode_body(message_of(rng, Bolus))
    fluid: Any = rng.choice((Bolus, Refill, Prime, Stop))
    return [
        Ask(message_of(rng, rng.choice(IN_SESSION)), 1, "wrong"),
        Ask(message_of(rng, fluid), -rng.randint(0, 3)),
        OpenIt(serial_step=1 + rng.randrange(2**31)),
        OpenIt(role=rng.randint(3, 255)),
        Shaped(layout_of(Bolus).number, body[: rng.randrange(len(body))]),
        Shaped(rng.choice((0x0199, 0x7FFF, layout_of(Refused).number)), body),
        Ask(ReadStatus(), bench=True),
        Bench(message_of(rng, Stop), bench=True),
    ]


def check_refused(desk: Desk, act: Act) -> None:
    """The act is refused for a reason of section 7.1 and leaves both sides as they were."""
    before, seen = desk.reference.snapshot(), dict(desk.tally.refusals)
    ids = desk.pump.controller.session_last_id, desk.pump.durable.fluid_highest_id
    act.play(desk)
    desk.settle()
    met = {name for name, count in desk.tally.refusals.items() if count != seen.get(name, 0)}
    assert len(met) == 1, f"{act}: refused by {met}"
    assert met <= {Refusal.name_of(code) for code in BEFORE_PARSING}, f"{act}: {met}"
    assert desk.reference.snapshot() == before, f"{act}: refused by {met}, but the state changed"
    assert (desk.pump.controller.session_last_id, desk.pump.durable.fluid_highest_id) == ids


@pytest.mark.parametrize("topic", TOPICS)
def test_frame_refused_before_parsing_changes_nothing_anywhere_in_a_walk(topic: str) -> None:
    one = library()
    for n in range(effort(4, 80)):
        rng = random.Random(f"{SEED}:refusals:{topic}:{n}")

        def check(desk: Desk, rng: random.Random = rng) -> None:
            for act in never_heard(rng):
                check_refused(desk, act)

        tally = walk(topic, f"{SEED}:refused:{topic}:{n}", WALK_ACTS, lambda: twin(Firmware(one), one.build_id), check)
        assert len(tally.refusals) >= 3
