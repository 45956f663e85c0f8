"""Knows which messages and refusals no check can provoke, each with its reason; a test holds it against what was provoked."""

from collections.abc import Mapping
from typing import Final

UNPROVOKED: Final[Mapping[str, str]] = {
    "not_supported": "the answer of a build that lacks a part; one that claims the level has it",
    "request_outstanding": "replies are immediate and one request is heard after the other, so none is ever outstanding",
}
"""By the name of the message or refusal. Everything else passes at least once when all checks run at level L3."""
