"""Gaps are told once each, and in words: what one loss leaves behind is no further loss."""

from pathlib import Path

from pumpbench.hil.capture.recover import recover
from pumpbench.hil.links import INBOUND
from pumpbench.hil.replay.loader import load
from tests.hil.replay.recordings import record, records, rewrite


def test_reply_that_is_lost_is_told_where_it_is_missing_and_not_with_each_request_after_it(tmp_path: Path) -> None:
    record(tmp_path / "whole.pcapng")
    kept = records(tmp_path / "whole.pcapng")
    replies = [at for at, one in enumerate(kept) if one.direction == INBOUND]
    lost = replies[len(replies) // 2]
    gaps = load(rewrite(tmp_path / "lost.pcapng", kept[:lost] + kept[lost + 1 :])).gaps
    assert len([gap for gap in gaps if "stands before the reply" in gap.what]) == 1
    assert len(gaps) <= 3


def test_two_replies_that_are_lost_are_told_both(tmp_path: Path) -> None:
    record(tmp_path / "whole.pcapng")
    kept = records(tmp_path / "whole.pcapng")
    replies = [at for at, one in enumerate(kept) if one.direction == INBOUND]
    lost = {replies[len(replies) // 3], replies[len(replies) // 2]}
    gaps = load(rewrite(tmp_path / "lost.pcapng", [one for at, one in enumerate(kept) if at not in lost])).gaps
    assert len([gap for gap in gaps if "stands before the reply" in gap.what]) == 2


def test_trailer_that_names_no_tick_is_told_in_words(tmp_path: Path) -> None:
    record(tmp_path / "whole.pcapng")
    (tmp_path / "cut.pcapng").write_bytes((tmp_path / "whole.pcapng").read_bytes()[:-50])
    recover(tmp_path / "cut.pcapng", tmp_path / "mended.pcapng")
    said = [gap.what for gap in load(tmp_path / "mended.pcapng").gaps]
    assert "the trailer does not say how far the run went: its end may be cut off" in said
    assert not any("None" in what for what in said)
