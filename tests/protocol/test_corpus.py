"""The golden frames judge the Python codec, both ways; the firmware is judged by the same file elsewhere."""

from typing import Any

import pytest

from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.faults import WireFault
from pumpbench.protocol.frame import BadFrame, Frame, Unknown, encode_frame
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import REGISTRY
from tests.protocol.corpus import CASES, good_frames, named, slow_crc32c, uncobs


def shown(event: Frame | BadFrame) -> dict[str, Any]:
    """An event as the corpus writes it; `plain` is undone by hand."""
    if isinstance(event, BadFrame):
        return {"fault": event.fault_name, "size_bytes": event.size_bytes}
    plain = uncobs(event.raw)
    size = 26 if plain[1] & 2 else 14
    assert slow_crc32c(plain[:-4]) == int.from_bytes(plain[-4:], "little") == event.crc
    assert plain[size:-4] == event.body
    header = {**event.header._asdict(), "tick": str(event.header.tick)}
    common = {"header": header, "plain": f"{plain[:size].hex()} {plain[size:-4].hex()} {plain[-4:].hex()}"}
    if isinstance(event.message, Unknown):
        return {"message": "Unknown", **common, "body": event.message.body.hex()}
    return {"message": type(event.message).__name__, **common, "fields": fields_of(event.message)}


def fields_of(message: Any) -> dict[str, Any]:
    layout = layout_of(type(message))
    told: dict[str, Any] = {}
    for field in layout.fields:
        value = getattr(message, field.name)
        told[field.name] = str(value) if field.width_bytes == 8 else value
    if layout.tail:
        items = getattr(message, layout.tail.name)
        told[layout.tail.name] = items.hex() if layout.tail.item is None else [fields_of(one) for one in items]
    return told


@pytest.mark.parametrize("case", CASES, ids=named)
def test_corpus_case_gives_its_expected_events(case: dict[str, Any]) -> None:
    decoder = Decoder(case["from_device"])
    assert [shown(event) for event in decoder.feed(bytes.fromhex(case["wire"]))] == case["expect"]


@pytest.mark.parametrize("case", good_frames(), ids=named)
def test_corpus_frame_is_encoded_byte_for_byte(case: dict[str, Any]) -> None:
    (event,) = Decoder(case["from_device"]).feed(bytes.fromhex(case["wire"]))
    assert isinstance(event, Frame)
    if case["name"].startswith("no fault: ") and not isinstance(event.message, Unknown) and "code" not in case["name"]:
        assert len(encode_frame(event.header, event.message)) < len(event.wire)
    else:
        assert encode_frame(event.header, event.message).hex() == case["wire"]


def test_corpus_holds_every_message_every_fault_and_every_tail() -> None:
    told = [event for case in CASES for event in case["expect"]]
    messages = {event["message"] for event in told if "message" in event}
    assert messages == {cls.__name__ for cls in REGISTRY} | {"Unknown"}
    assert {event["fault"] for event in told if "fault" in event} == {name for name, _ in WireFault.items()}
    for cls in REGISTRY:
        end = layout_of(cls).tail
        if end is not None:
            unit = 1 if end.item else 2
            held = [len(e["fields"][end.name]) // unit for e in told if e.get("message") == cls.__name__]
            assert {0, end.count_max} <= set(held), f"{cls.__name__}: tails of {held}"


def test_corpus_names_are_unique() -> None:
    assert len({case["name"] for case in CASES}) == len(CASES)
