"""Makes damaged recordings out of a whole one, each in one way that happens or that somebody may try; it judges none."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from pumpbench.hil.capture import Record, read, verify
from pumpbench.hil.capture.resealed import Resealed, is_tally
from pumpbench.hil.links import INBOUND, OUTBOUND
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, encode_frame
from pumpbench.protocol.messages import Report

TORN_BYTES: Final = 1_001
Change = Callable[[list[Record]], list[Record]]


def damage(source: Path, out: Path, kind: str) -> None:
    """`out` is replaced. Raises KeyError for a kind that is none."""
    if kind == "torn":
        out.write_bytes(source.read_bytes()[:-TORN_BYTES])
    elif kind == "killed":
        last = [item for item in read(source) if isinstance(item, Record)][-1]
        out.write_bytes(source.read_bytes()[: last.offset])
    else:
        _resealed(source, out, CHANGES[kind])


def _resealed(source: Path, out: Path, change: Change) -> None:
    """Its tallies fit what it holds, and its trailer says how far the run went."""
    whole = verify(source)
    with Resealed(out, force=True, sources=(source,)) as copy:
        for record in change([item for item in read(source) if isinstance(item, Record) and not is_tally(item)]):
            copy.put(record)
        copy.seal("complete", (whole.last_tick, whole.last_seq))


def _without(direction: int) -> Change:
    """The record in the middle of those that passed in that direction is left out."""

    def change(records: list[Record]) -> list[Record]:
        at = _middle(records, direction)
        return [*records[:at], *records[at + 1 :]]

    return change


def _bit(records: list[Record]) -> list[Record]:
    at = _middle(records, INBOUND)
    payload = bytearray(records[at].payload)
    payload[len(payload) // 2] ^= 1
    return [*records[:at], records[at]._replace(payload=bytes(payload)), *records[at + 1 :]]


def _value(records: list[Record]) -> list[Record]:
    reports = [at for at, record in enumerate(records) if _report(record) is not None]
    at = reports[len(reports) // 2]
    report = _report(records[at])
    assert report is not None
    spoilt = encode_frame(report.header, report.message._replace(plant_crc=report.message.plant_crc ^ 1))
    return [*records[:at], records[at]._replace(payload=spoilt), *records[at + 1 :]]


def _report(record: Record) -> Frame | None:
    """Where a record is a report and nothing else."""
    if record.is_meta or record.direction != INBOUND:
        return None
    events = Decoder(from_device=True).feed(record.payload)
    one = events[0] if len(events) == 1 else None
    return one if isinstance(one, Frame) and isinstance(one.message, Report) else None


def _middle(records: list[Record], direction: int) -> int:
    passed = [at for at, record in enumerate(records) if not record.is_meta and record.direction == direction]
    return passed[len(passed) // 2]


CHANGES: Final[dict[str, Change]] = {
    "reply_lost": _without(INBOUND),
    "request_lost": _without(OUTBOUND),
    "bit": _bit,
    "value": _value,
}
