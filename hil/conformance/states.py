"""The state of the device, read page by page and taken apart; only a device of level L3 shows it."""

from __future__ import annotations

from typing import Any

from pumpbench.hil.conformance.subject import Subject
from pumpbench.hil.conformance.timelines.player import decoded
from pumpbench.protocol.messages import ReadSnapshot, SnapshotPage


def snapshot_of(pump: Subject) -> bytes:
    """Every page joined; each must begin where the last one ended."""
    pages, size = b"", 1
    while len(pages) < size:
        page = pump.ask(ReadSnapshot(offset_bytes=len(pages)))
        pump.expect_reply(page, SnapshotPage)
        pump.expect("SnapshotPage.offset_bytes", page.offset_bytes, len(pages))
        pump.expect("bytes in the page, at least one", bool(page.data), True)
        pages, size = pages + page.data, page.snapshot_bytes
    return pages


def states_of(pump: Subject) -> dict[str, Any]:
    """The parts of the state by name, and the programs in force and staged."""
    return decoded(snapshot_of(pump))
