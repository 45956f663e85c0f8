"""Both implementations, told the same bytes, answer, act and stand alike after every act of every walk."""

import pytest

from tests.parity.desk import Desk, Tally, twin
from tests.parity.sides import Firmware, library
from tests.parity.topics import TOPICS
from tests.parity.walks import walk
from tests.support import SEED, effort

WALK_ACTS = 60
# What a topic's walks must have met, or they would agree for want of trying. Far fewer than they meet.
MEETS = {
    "anything": "bolus_started program_committed alarm_raised boot_completed tone_plan update_interrupted",
    "therapy": "bolus_started bolus_ended flex_step stopped resumed refilled alarm_cleared empty_entered",
    "updates": "program_staged update_started program_committed delivery_restarted commit_refused update_interrupted",
    "faults": "stall_detected stall_recovered alarm_raised refilled eri_reached boot_completed telemetry_held hold_released",
    "cuts": "reset boot_completed bolus_started update_interrupted program_committed",
    "memory": "memory_fault masked_fault boot_completed alarm_raised program_committed update_failed safe_state_entered",
    "sessions": "session_opened session_closed session_timeout bolus_refused",
    "telemetry": "bolus_started boot_completed session_opened",
    "bench": "reset boot_completed session_opened tone_plan",
    "outside": "stall_detected stall_recovered battery_sampled reset boot_completed tone_plan bolus_ended program_committed",
    "crafted": "ended reset alarm_raised program_committed",
}


def both() -> Desk:
    one = library()
    return twin(Firmware(one), one.build_id)


@pytest.mark.parametrize("topic", TOPICS)
def test_walks_agree_in_every_byte_and_effect(topic: str) -> None:
    tally = Tally()
    for n in range(effort(30, 600)):
        tally.add(walk(topic, f"{SEED}:{topic}:{n}", WALK_ACTS, both))
    print(f"{topic}, seed {SEED}: {tally}")
    assert tally.snapshots == tally.acts >= WALK_ACTS * effort(30, 600)
    assert tally.events.keys() >= set(MEETS[topic].split())
