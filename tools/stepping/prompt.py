"""Reads commands line by line and shows the pump after each; it must not move it by itself."""

import sys
from collections.abc import Callable, Iterator
from typing import Final

import click

from pumpbench.hil.errors import refusal_line
from pumpbench.hil.scenario.duration import parse_duration
from pumpbench.hil.spelling import nearest
from pumpbench.hil.verdict import EXIT_USAGE
from pumpbench.protocol.codes import Event, Fault
from pumpbench.protocol.messages import Refused
from pumpbench.tools.failure import Failed
from pumpbench.tools.frame_fields import spoken
from pumpbench.tools.running.event_log import said
from pumpbench.tools.running.glance import Glance, millilitres
from pumpbench.tools.stepping.state_text import field_names, state_lines
from pumpbench.tools.stepping.stepper import Stepper, Told
from pumpbench.tools.when import Calendar, format_duration

PROMPT: Final = "(step) "
HELP: Final = (
    "step [N]                one tick, or N",
    "until T                 on to a time from the start: 31d 12h, or from here: +5min",
    "state [PART|PATTERN]    the pump's numbers: durable, *_nl, plant.charge_nc",
    "inject FAULT [ARG]...   a physical fault from the next tick on; SEMANTICS.md has the arguments",
    "back [N]                undo the last move, or N",
    "help                    this",
    "quit                    end",
)
SHOWN_MAX: Final = 10
ANSWER_MAX: Final = 90


class Quit(Exception):
    """The person has seen enough."""


class Prompt:
    """One conversation with a person, or with a script on stdin."""

    def __init__(self, stepper: Stepper) -> None:
        self._stepper = stepper
        self._calendar = Calendar.of(stepper.timeline.start)
        self._verbs: dict[str, Callable[[list[str]], None]] = {
            "step": self._step, "until": self._until, "state": self._state, "inject": self._inject, "back": self._back,
            "help": self._help, "quit": self._quit,
        }  # fmt: skip

    def run(self) -> int:
        """Until quit or the end of stdin. Ends with 2 when a script said something that could not be done."""
        wrong = 0
        self._show()
        try:
            for words in _lines(self._completions):
                wrong += not self._done(words)
        except Quit:
            pass
        return EXIT_USAGE if wrong and not sys.stdin.isatty() else 0

    def _completions(self, before: list[str]) -> list[str]:
        """What the next word of a line may be."""
        if not before:
            return list(self._verbs)
        if len(before) == 1 and before[0] == "inject":
            return list(_faults())
        return field_names(self._stepper.pump) if before == ["state"] else []

    def _done(self, words: list[str]) -> bool:
        try:
            self._verb(words[0])(words[1:])
        except Failed as problem:
            sys.stdout.flush()
            click.echo(f"pumpbench: {problem}", err=True)
            return False
        return True

    def _verb(self, word: str) -> Callable[[list[str]], None]:
        """By its name or an unmistakable beginning of it, `s` being step."""
        if word == "s":
            word = "step"
        found = [name for name in self._verbs if name.startswith(word)]
        if len(found) != 1:
            raise Failed(f"{word!r} is no command; expected one of {', '.join(self._verbs)}")
        return self._verbs[found[0]]

    def _step(self, words: list[str]) -> None:
        self._stepper.step(_count("step", words))
        self._show()

    def _until(self, words: list[str]) -> None:
        text = " ".join(words)
        try:
            tick = parse_duration(text.removeprefix("+")) + (self._stepper.tick if text.startswith("+") else 0)
        except ValueError as problem:
            raise Failed(f"until {text}: {problem}") from problem
        self._stepper.run_to(tick)
        self._show()

    def _state(self, words: list[str]) -> None:
        for line in state_lines(self._stepper.pump, " ".join(words)):
            click.echo(f"  {line}")

    def _inject(self, words: list[str]) -> None:
        if not 1 <= len(words) <= 4:
            raise Failed(f"inject: expected a fault and at most three numbers; faults are {', '.join(_faults())}")
        fault = _faults().get(words[0])
        if fault is None:
            raise Failed(f"inject {words[0]}: no such fault; {nearest(words[0], _faults())}")
        first, second, third = (_whole("inject", word) for word in [*words[1:], "0", "0", "0"][:3])
        refused = self._stepper.inject(fault, (first, second, third))
        if refused is not None:
            self._stepper.back()
            raise Failed(f"{refusal_line(refused)}; SEMANTICS.md has the arguments of {words[0]}")
        click.echo(f"  {words[0]}, in force from tick {self._stepper.tick + 1}")

    def _back(self, words: list[str]) -> None:
        self._stepper.back(_count("back", words))
        self._show()

    def _help(self, words: list[str]) -> None:
        for line in HELP:
            click.echo(f"  {line}")

    def _quit(self, words: list[str]) -> None:
        raise Quit

    def _show(self) -> None:
        stepper = self._stepper
        for line in _some([self._told(one) for one in stepper.told]):
            click.echo(line)
        happened = [f"  {one.tick:>10}  {Event.name_of(one.code)} {said(one)}".rstrip() for one in stepper.happened]
        for line in _some(happened):
            click.echo(line)
        glance = Glance.at(stepper.pump)
        click.echo(
            f"tick {glance.tick}, {format_duration(glance.tick)}, {self._calendar.said(glance.tick)}: {glance.therapy},"
            f" reservoir {millilitres(glance.reservoir_true_nl)} (estimated {millilitres(glance.reservoir_estimated_nl)}),"
            f" alarms {', '.join(glance.alarms) or 'none'}"
        )
        following = stepper.next_act()
        if following is not None:
            click.echo(f"  next told: {following.name} at tick {following.tick} ({format_duration(following.tick)})")
        elif glance.tick > (end_tick := stepper.timeline.end_tick):
            click.echo(f"  the run ended at tick {end_tick} ({format_duration(end_tick)}); nobody tells the pump anything since")

    def _told(self, told: Told) -> str:
        return f"  {told.act.tick:>10}  told {told.act.name}{_answer(told)}"


def _answer(told: Told) -> str:
    """What the pump said, as far as a line holds it; `decode` has the whole."""
    if told.reply is None:
        return ""
    message = told.reply.message
    if isinstance(message, Refused):
        return f" -> {refusal_line(message)}"
    fields = " ".join(f"{name}={value}" for name, value in spoken(message))
    return f" -> {type(message).__name__} {fields[:ANSWER_MAX]}{'...' if len(fields) > ANSWER_MAX else ''}".rstrip()


def _lines(completions: Callable[[list[str]], list[str]]) -> Iterator[list[str]]:
    """Words of each line; a terminal gets a prompt, line editing and completion by tab, a script none of them."""
    if sys.stdin.isatty():
        _complete_by(completions)
    while True:
        try:
            line = input(PROMPT if sys.stdin.isatty() else "")
        except EOFError:
            return
        if words := line.partition("#")[0].split():
            yield words


def _complete_by(completions: Callable[[list[str]], list[str]]) -> None:
    import readline

    def complete(word: str, number: int) -> str | None:
        before = readline.get_line_buffer()[: readline.get_begidx()].split()
        fitting = [one for one in completions(before) if one.startswith(word)]
        return fitting[number] + " " if number < len(fitting) else None

    readline.set_completer(complete)
    readline.set_completer_delims(" ")
    readline.parse_and_bind("tab: complete")


def _some(lines: list[str]) -> list[str]:
    left = len(lines) - SHOWN_MAX
    return lines if left <= 0 else [f"  ... {left} earlier ones", *lines[-SHOWN_MAX:]]


def _faults() -> dict[str, int]:
    return {name: value for name, value in Fault.items() if value}


def _count(verb: str, words: list[str]) -> int:
    count = _whole(verb, words[0]) if len(words) == 1 else 1
    if len(words) > 1 or count < 1:
        raise Failed(f"{verb}: expected one count of 1 or more, or none")
    return count


def _whole(verb: str, word: str) -> int:
    if not word.isdecimal() or int(word) >= 2**32:
        raise Failed(f"{verb} {word}: expected a whole number below 2^32")
    return int(word)
