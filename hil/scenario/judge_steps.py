"""Knows whether the answers to a step were the ones the scenario asked for; it must not send anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pumpbench.hil.scenario.check import Check, Outcome
from pumpbench.hil.scenario.clinician import goes_silent
from pumpbench.hil.scenario.duration import format_duration
from pumpbench.hil.scenario.model import Step
from pumpbench.protocol.codes import Refusal
from pumpbench.protocol.layout import Field, layout_of
from pumpbench.protocol.messages import Refused


@dataclass(slots=True)
class StepJudge:
    """Gathers the answers of one step over all its repeats into one check."""

    step: Step
    done: int = 0
    refusals: int = 0
    first_wrong: str = ""
    wrong_tick: int | None = None
    answers: list[str] = field(default_factory=list)

    def answer(self, tick: int, reply: Any) -> None:
        """Judges one answer; None: no reply came. Only the first wrong one is told in full."""
        self.done += 1
        self.refusals += isinstance(reply, Refused)
        wrong = self._wrong(reply)
        if wrong and not self.first_wrong:
            self._note(wrong, tick)

    def repeated(self, tick: int, first: Any, second: Any) -> None:
        """Judges the same request sent twice: the answer must be the same, and nothing may have happened again."""
        if first != second and not self.step.any_answer and not self.first_wrong:
            self._note(f"another answer to the same request ({shown(second)})", tick)

    def _note(self, wrong: str, tick: int) -> None:
        self.first_wrong, self.wrong_tick = f"{wrong} at {format_duration(tick)}", tick

    def check(self) -> Check:
        """Once the run is over; a step whose time never came was not reached."""
        what = f"step {self.step.number} {self.step.act}"
        if not self.done:
            return Check(self.step.line, what, self.expected, "the run ended before", Outcome.NOT_REACHED)
        seen = self.first_wrong or (f"as asked, {self.done} times" if self.done > 1 else "as asked")
        outcome = Outcome.MISSED if self.first_wrong else Outcome.MET
        return Check(self.step.line, what, self.expected, seen, outcome, self.wrong_tick)

    @property
    def expected(self) -> str:
        step = self.step
        if step.refused is not None:
            return f"refused: {Refusal.name_of(step.refused)}"
        if step.any_answer:
            return "any answer, or none"
        if self._silence_expected():
            return "no reply"
        fields = ", ".join(f"{name} {value}" for name, value in step.reply.items())
        return f"accepted with {fields}" if fields else "accepted"

    def _silence_expected(self) -> bool:
        return self.step.no_reply or (self.step.act == "program" and goes_silent(self.step.arguments))

    def _wrong(self, reply: Any) -> str:
        """What is wrong with an answer, "" for nothing."""
        if self.step.any_answer:
            return ""
        if (reply is None) != self._silence_expected():
            return shown(reply)
        if reply is None:
            return ""
        refusal = reply.refusal if isinstance(reply, Refused) else None
        if refusal != self.step.refused:
            return shown(reply)
        return next((f"{name} {seen}" for name, seen in _differing(reply, self.step.reply)), "")


def shown(reply: Any) -> str:
    """One answer in a few words."""
    if reply is None:
        return "no reply"
    if isinstance(reply, Refused):
        return f"refused: {Refusal.name_of(reply.refusal)} (limit {reply.limit}, value {reply.value})"
    return type(reply).__name__


def _differing(reply: Any, wanted: Any) -> list[tuple[str, str]]:
    known = {one.name: one for one in layout_of(type(reply))}
    wrong = []
    for name, value in wanted.items():
        seen = field_text(known[name], getattr(reply, name)) if name in known else "missing"
        if seen != str(value) and not (name in known and getattr(reply, name) == value):
            wrong.append((name, seen))
    return wrong


def field_text(one: Field, value: int) -> str:
    """A field as a scenario writes it: a code by name, flags by their names with blanks between, else the number."""
    if one.codes is not None:
        return one.codes.name_of(value)
    if one.flags is not None:
        return " ".join(one.flags.names_in(value)) or "none"
    return str(value)
