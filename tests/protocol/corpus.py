"""Reads the golden frames, and undoes COBS and CRC a second time, bit by bit, so that no library judges itself."""

import json
from typing import Any

from tests.support import ROOT

CASES: list[dict[str, Any]] = json.loads((ROOT / "fixtures" / "corpus" / "frames.json").read_text())["cases"]


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def good_frames() -> list[dict[str, Any]]:
    """Cases that are one whole good frame and nothing else."""
    alone = [case for case in CASES if len(case["expect"]) == 1 and not case["name"].startswith("stream: ")]
    return [case for case in alone if "message" in case["expect"][0]]


def uncobs(encoded: bytes) -> bytes:
    """COBS by its definition; for well-formed input."""
    plain, at = bytearray(), 0
    while at < len(encoded):
        code = encoded[at]
        plain += encoded[at + 1 : at + code]
        at += code
        if code != 0xFF and at < len(encoded):
            plain.append(0)
    return bytes(plain)


def slow_crc32c(data: bytes) -> int:
    """CRC-32C by its polynomial, one bit after the other."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
