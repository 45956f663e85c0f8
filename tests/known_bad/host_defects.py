"""Knows defects of the host's side, each with the test that must fail on it; it runs nothing."""

from typing import Final, NamedTuple

from tests.timelines.planting import Plant


class HostDefect(NamedTuple):
    """What is wrong, as one change of text, and the id of the test that is there to notice it."""

    name: str
    plant: Plant
    test: str


HOST_DEFECTS: Final = (
    HostDefect(
        "a stale reply is accepted as that of the request that waits",
        Plant("protocol/exchange.py", 'Received("reply" if known is not None else "late",', 'Received("reply",'),
        "tests/hil/test_conversation.py::test_second_reply_is_dropped_when_a_retry_crossed_the_first",
    ),
    HostDefect(
        "a request is asked again under a new id, which is a second dose",
        Plant("hil/programmer.py", "bench=False, same_id=self._last.sent.request_id)", "bench=False)"),
        "tests/known_bad/test_host_facts.py::test_request_repeated_in_a_later_session_keeps_its_id_and_is_not_carried_out_again",
    ),
    HostDefect(
        "a reply that stays away is not asked for again",
        Plant("hil/conversation.py", "                self.retry_count += 1\n                self.link.write(sent.wire)\n",
              "                self.retry_count += 1\n"),
        "tests/hil/test_conversation.py::test_request_is_sent_again_byte_for_byte_when_no_reply_comes",
    ),
    HostDefect(
        "digests are not compared",
        Plant("hil/compare.py", "(not self.digests and declared.name in DIGEST_FIELDS)", "declared.name in DIGEST_FIELDS"),
        "tests/hil/rig/test_twin.py::test_twin_finds_the_tick_and_field_of_a_planted_unit",
    ),
    HostDefect(
        "a frame of another boot passes for the same",
        Plant("hil/compare.py", '"session": 5, "boot_seq": 6, "tick": 7}', '"session": 5, "tick": 7}'),
        "tests/known_bad/test_host_facts.py::test_comparer_names_the_boot_of_a_frame_of_another_one",
    ),
    HostDefect(
        "jumps of the sequence are not counted, so a lossy link passes",
        Plant("protocol/exchange.py", "return Step(ahead - 1, False, False)", "return Step(0, False, False)"),
        "tests/hil/test_conversation.py::test_missing_frames_are_counted_when_the_sequence_jumps",
    ),
    HostDefect(
        "a capture leaves a record out",
        Plant("hil/capture/writer.py", "            self._put(pack(head,", "            self._left % 7 and self._put(pack(head,"),
        "tests/hil/capture/test_verify.py::test_capture_is_whole_when_nothing_was_touched",
    ),
    HostDefect(
        "a capture's checksum is not compared",
        Plant("hil/capture/verify.py", "all(told.get(key) == value for key, value in seen.items())", "bool(seen)"),
        "tests/hil/capture/test_verify.py::test_gained_or_swapped_records_break_the_checksum",
    ),
    HostDefect(
        "a replay does not miss a frame that is on record",
        Plant("hil/replay/player.py", "self.played.missing += 1\n                self._alone(frame, theirs=True)\n", "pass\n"),
        "tests/known_bad/test_host_facts.py::test_replay_fails_when_the_target_leaves_out_what_is_on_record",
    ),
    HostDefect(
        "a run that compared nothing passes",
        Plant("hil/rig/rig.py", "if not self.compares or self.digests_compared + self.frames_compared == 0:", "if False:"),
        "tests/hil/rig/test_twin.py::test_twin_is_inconclusive_when_nothing_was_compared",
    ),
    HostDefect(
        "the emulator passes against itself",
        Plant("hil/rig/rig.py", "        if not self.independent:\n            return", "        if False:\n            return"),
        "tests/hil/rig/test_twin.py::test_twin_is_inconclusive_when_the_emulator_meets_itself",
    ),
    HostDefect(
        "a mask excuses more than its bound",
        Plant("hil/compare.py", "and abs(theirs - ours) <= self.bound", "and abs(theirs - ours) <= 2 * self.bound"),
        "tests/hil/test_compare.py::test_mask_excuses_up_to_its_bound_and_counts_it",
    ),
    HostDefect(
        "two programs hold one board",
        Plant("hil/lock.py", "fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)", "fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)"),
        "tests/hil/test_lock.py::test_lock_names_its_holder_and_since_when_to_who_comes_second",
    ),
)  # fmt: skip
