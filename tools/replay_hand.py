"""A person, or a script on stdin, that holds a replay between two requests; it must not send one itself."""

import sys
from typing import Final

import click

from pumpbench.hil.replay.recorded import Request
from pumpbench.hil.replay.steering import leads_to
from pumpbench.hil.scenario.duration import parse_duration
from pumpbench.hil.spelling import nearest
from pumpbench.tools.frame_fields import spoken
from pumpbench.tools.when import format_duration

PROMPT: Final = "(replay) "
HELP: Final = (
    "next [N]     send this request, or N of them",
    "until T      on to a time from the start: 31d 12h, or 36000t",
    "continue     on to the end; so does the end of stdin",
    "quit         end here; what was compared so far is judged",
    "help         this",
)
WORDS: Final = {"next", "until", "continue", "quit", "help"}


class Hand:
    """Steers a replay: asks from the first request on that leads to `pause_tick` or beyond."""

    def __init__(self, pause_tick: int = 0) -> None:
        self._pause_tick = pause_tick
        self._left = 0
        self._asks = True

    def __call__(self, request: Request) -> bool:
        if not self._asks or leads_to(request) < self._pause_tick:
            return True
        if self._left > 1:
            self._left -= 1
            return True
        self._left = 0
        click.echo(_shown(request), err=True)
        return self._told(request)

    def _told(self, request: Request) -> bool:
        """Whether the replay goes on, once somebody has said how."""
        while True:
            click.echo(PROMPT, err=True, nl=False)
            words = sys.stdin.readline()
            if not words:
                self._asks = False
                return True
            word, *rest = words.split() or ["next"]
            try:
                if (goes_on := self._done(word, rest, request)) is not None:
                    return goes_on
            except ValueError as problem:
                click.echo(str(problem), err=True)

    def _done(self, word: str, rest: list[str], request: Request) -> bool | None:
        """None where it was only help. Raises ValueError for what is no command."""
        match word:
            case "next":
                self._left = _count(rest)
            case "until":
                self._pause_tick = parse_duration(" ".join(rest))
                if self._pause_tick <= request.tick:
                    raise ValueError(f"until {' '.join(rest)}: is not after {format_duration(request.tick)}, where it stands")
            case "continue":
                self._asks = False
            case "quit":
                return False
            case "help":
                click.echo("\n".join(HELP), err=True)
                return None
            case _:
                raise ValueError(f"{word}: no such command; {nearest(word, WORDS)}")
        return True


def _count(rest: list[str]) -> int:
    if not rest:
        return 1
    if len(rest) > 1 or not rest[0].isdecimal() or not int(rest[0]):
        raise ValueError(f"next {' '.join(rest)}: expected how many, such as next 10")
    return int(rest[0])


def _shown(request: Request) -> str:
    said = "" if request.frame is None else " ".join(f"{name}={value}" for name, value in spoken(request.frame.message))
    return f"tick {request.tick}: {request.name} {said}".rstrip()
