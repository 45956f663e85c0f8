"""Captures to report on: an honest one, one that was changed, one whose texts would like to be markup; asserts nothing."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from pumpbench.hil.capture import canonical
from pumpbench.hil.links import INBOUND
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, encode_frame
from pumpbench.protocol.layout import replace
from pumpbench.protocol.messages import Status
from tests.hil.ledger.recordings import record_treatment
from tests.hil.replay.recordings import Kept, records, rewrite

MARKUP = '</script><script>window.pwned = 1</script><img src=x onerror="window.pwned = 1">'


def honest(folder: Path) -> Path:
    """Half a day with boluses and looks, recorded once for each folder."""
    return _recorded(folder)


@cache
def _recorded(folder: Path) -> Path:
    return record_treatment(folder / "honest.pcapng")


def standing(path: Path) -> tuple[int, int]:
    """How far its trailer says that it went."""
    from pumpbench.hil.capture import Record, parse_meta, read

    told: Any = [parse_meta(item) for item in read(path) if isinstance(item, Record) and item.is_meta][-1]
    return int(told["last_tick"]), int(told["last_seq"])


def with_markup(path: Path, to: Path) -> Path:
    """Every text of its header says the same, which a page must not take for its own."""
    kept = [_marked(one) if one.is_meta and b'"record":"header"' in one.payload else one for one in records(path)]
    return rewrite(to, kept, standing(path))


def _marked(one: Kept) -> Kept:
    header = json.loads(one.payload)
    header |= {"scenario": MARKUP, "target": MARKUP, "topology": MARKUP, "seed": MARKUP, "revisions": {MARKUP: MARKUP}}
    header["builds"] |= {MARKUP: {"build_id": MARKUP}}
    return one._replace(payload=canonical(header))


def with_a_field_changed(path: Path, to: Path) -> Path:
    """The third status on record tells of 250 nl less in the reservoir than the pump had reckoned with."""
    kept, seen = records(path), 0
    for index, one in enumerate(kept):
        events = Decoder(from_device=True).feed(one.payload) if one.direction == INBOUND and not one.is_meta else []
        if any(isinstance(event, Frame) and isinstance(event.message, Status) for event in events):
            seen += 1
            if seen == 3:
                kept[index] = one._replace(payload=b"".join(_changed(event) for event in events if isinstance(event, Frame)))
    return rewrite(to, kept, standing(path))


def _changed(frame: Frame) -> bytes:
    message = frame.message
    if isinstance(message, Status):
        message = replace(message, reservoir_estimated_nl=message.reservoir_estimated_nl - 250)
    return encode_frame(frame.header, message)


def without_a_snapshot(path: Path, to: Path) -> Path:
    """What is left proves nothing of the state that it began in."""
    return rewrite(to, [one for one in records(path) if b'"record":"snapshot"' not in one.payload], standing(path))
