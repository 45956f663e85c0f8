"""A capture packed by gzip reads as the capture itself; a packed one that was cut off or garbled is damaged, never a crash."""

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pumpbench.hil.capture import CaptureError, Damage, read
from tests.hil.capture.making import LinePayload, damages, line_payloads, make_capture, readable
from tests.support import effort

SETTINGS = settings(max_examples=effort(30, 1000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SETTINGS
@given(payloads=line_payloads)
def test_packed_capture_reads_as_it_was(payloads: list[LinePayload], tmp_path: Path) -> None:
    plain = make_capture(tmp_path / "plain.pcapng", payloads)
    packed = tmp_path / "packed.pcapng.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert readable(packed) == readable(plain)


@SETTINGS
@given(payloads=line_payloads, share=st.floats(0, 1), flip=st.booleans())
def test_broken_packed_capture_gives_what_can_be_read_and_no_exception(
    payloads: list[LinePayload], share: float, flip: bool, tmp_path: Path
) -> None:
    plain = make_capture(tmp_path / "plain.pcapng", payloads)
    data = bytearray(gzip.compress(plain.read_bytes()))
    at = min(len(data) - 1, max(2, int(share * len(data))))
    if flip:
        data[at] ^= 0x10
    else:
        del data[at:]
    packed = tmp_path / "packed.pcapng.gz"
    packed.write_bytes(data)
    whole, found = readable(plain), readable(packed)
    good = [item for item in found if not isinstance(item, Damage)]
    assert flip or good == whole[: len(good)]
    assert len(damages(found)) <= 1


def test_what_cannot_be_opened_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="cannot be read"):
        list(read(tmp_path / "none.gz"))
    with pytest.raises(CaptureError, match="cannot be read"):
        list(read(tmp_path))
