"""Knows how a timeline is played on a machine and where the two disagree; it must not know which implementation it is."""

import re
from collections.abc import Generator, Iterator, Mapping
from typing import Any, Final, NamedTuple

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.events import EVENTS
from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.state import STATE_PARTS
from pumpbench.hil.conformance.timelines.cases import Case, Expected, Moment, Table
from pumpbench.hil.conformance.timelines.machines import Machine
from pumpbench.hil.conformance.timelines.talk import Conversation, message_class, named
from pumpbench.protocol import codes, messages
from pumpbench.protocol.layout import layout_of

CODES_OF_ARGUMENTS: Final = {
    "cause": codes.ResetCause, "role": codes.Role, "state": codes.TherapyState, "state_before": codes.TherapyState,
    "kind": codes.FluidKind, "refusal": codes.Refusal, "alarm": codes.Alarm, "tone_class": codes.ToneClass,
}  # fmt: skip


Found = tuple[str, Any, Any]
"""What differs, what it is, what it should be."""


class Disagreement(NamedTuple):
    """One place where a machine differs from the figure on paper; `where` is the moment, `arithmetic` how it was derived."""

    where: str
    tick: int
    field: str
    got: Any
    expected: Any
    arithmetic: str

    def __str__(self) -> str:
        why = f"; worked by hand: {' '.join(self.arithmetic.split())}" if self.arithmetic else ""
        return f"{self.where}: {self.field} is {self.got}, expected {self.expected}{why}"


def disagreements(case: Case, machine: Machine, planted: Mapping[str, int] | None = None) -> Iterator[Disagreement]:
    """Each place where the machine differs from the hand-worked figure, as the play goes on.

    `planted`: configuration that is set over the case's own.
    """
    talk = Conversation(machine)
    for found in _start(case, talk, {**case.config, **(planted or {})}):
        yield Disagreement(f"{case.name}, start", 0, *found, "")
    tick = 0
    for number, moment in enumerate(case.moments, 1):
        reached = yield from _run_to(case, talk, machine, tick, moment.tick)
        for found in _play(case, moment, talk, machine):
            where = f"{case.name}, moment {number}, tick {moment.tick}"
            yield Disagreement(where, moment.tick, *found, moment.arithmetic)
        tick = reached
    yield from _run_to(case, talk, machine, tick, case.end_tick)
    for expected in case.events:
        for found in _events(expected, machine):
            yield Disagreement(case.name, _first_apart(found), *found, expected.arithmetic)


def _first_apart(found: Found) -> int:
    """The first tick that is in only one of two lists of ticks."""
    _, got, expected = found
    return min({*got} ^ {*expected}, default=min(expected, default=0))


def _start(case: Case, talk: Conversation, config: Table) -> Iterator[Found]:
    talk.serial = case.start["serial"]
    identified = talk.bench(messages.Identify())
    yield from _unless(messages.Done, "arm", talk.bench(messages.Arm(build_id=identified.build_id)))
    names = [field.name for field in layout_of(Config).fields]
    for name, value in config.items():
        reply = talk.bench(messages.Configure(config_index=names.index(name), value=value))
        yield from _unless(messages.Done, f"configure {name}", reply)
    start = messages.ResetToStart(**named(messages.ResetToStart, case.start))
    yield from _unless(messages.Report, "reset to start", talk.bench(start))


def _unless(expected: type, what: str, reply: Any) -> Iterator[Found]:
    if not isinstance(reply, expected):
        yield what, reply, expected.__name__


def _run_to(case: Case, talk: Conversation, machine: Machine, tick: int, target: int) -> Generator[Disagreement, None, int]:
    while target > tick:
        granted = min(target, tick + machine.credit_ticks)
        reply = talk.bench(messages.RunTo(target_tick=granted, stop_mask=machine.stop_mask))
        if not isinstance(reply, messages.Report) or not _ran(reply, tick, granted):
            yield Disagreement(f"{case.name}, run from {tick}", tick, "the report", reply, f"tick {granted} reached", "")
            return target
        tick = reply.reached_tick
    return tick


def _ran(report: messages.Report, tick: int, granted: int) -> bool:
    """A credit may end early only where it says why."""
    return report.reached_tick == granted or (tick < report.reached_tick < granted and report.reason != codes.StopReason.TARGET)


def _play(case: Case, moment: Moment, talk: Conversation, machine: Machine) -> Iterator[Found]:
    body = moment.body
    if moment.kind == "state":
        yield from _states(body["state"], machine)
    elif moment.kind == "inject":
        args = {f"arg_{i}": value for i, value in enumerate([*body.get("args", ()), 0, 0, 0][:3])}
        reply = talk.bench(messages.Inject(fault=codes.Fault.value_of(body["inject"]), **args))
        yield from _unless(messages.Report, f"inject {body['inject']}", reply)
    elif moment.kind == "send":
        yield from _request(body, talk)
    elif moment.kind == "bench":
        yield from _bench(case, body, talk)
    else:
        program = body["verify"] if moment.kind == "verify" else case.programs[body[moment.kind]]
        yield from _program(program, moment, talk)


def _request(body: Table, talk: Conversation) -> Iterator[Found]:
    cls = message_class(body["send"])
    role = codes.Role.value_of(body.get("role", "clinician"))
    message = cls(**named(cls, body.get("fields", {})))
    for _ in range(body.get("times", 1)):
        reply = talk.therapy(message, role, body.get("keep_session", False), body.get("request_id"))
        yield from _answered(body["send"], body, reply)


def _bench(case: Case, body: Table, talk: Conversation) -> Iterator[Found]:
    """A bench message; a start takes what it does not name from the case's own."""
    cls = message_class(body["bench"])
    fields = {**(case.start if cls is messages.ResetToStart else {}), **body.get("fields", {})}
    yield from _answered(body["bench"], body, talk.bench(cls(**named(cls, fields))))


def _answered(what: str, body: Table, reply: Any) -> Iterator[Found]:
    expected = message_class(body["reply"]) if "reply" in body else None
    if expected is not None and not isinstance(reply, expected):
        yield what, reply, expected.__name__
    elif isinstance(reply, messages.Refused) and expected is None:
        yield what, reply, "no refusal"
    else:
        yield from _fields(what, body.get("replied", {}), reply)


def _fields(what: str, table: Table, reply: Any) -> Iterator[Found]:
    for name, value in named(type(reply), table).items():
        if getattr(reply, name) != value:
            yield f"{what}: {name}", getattr(reply, name), value


def _program(program: Table, moment: Moment, talk: Conversation) -> Iterator[Found]:
    """Stage, verify, commit, as far as the kind of moment goes, in zero ticks."""
    role = codes.Role.CLINICIAN
    fields = named(messages.StageProgram, {f.name: program[f.name] for f in layout_of(messages.StageProgram).fields})
    reply = talk.therapy(messages.StageProgram(**fields), role)
    for schedule in (0, 1):
        steps = tuple(messages.FlexStep(start_minute=a, dose_ng=b) for a, b in program.get(f"flex_{schedule}", ()))
        if steps and isinstance(reply, messages.Staged):
            reply = talk.therapy(messages.StageFlex(schedule=schedule, steps=steps), role)
    yield from _unless(messages.Staged, "stage", reply)
    if moment.kind == "stage" or not isinstance(reply, messages.Staged):
        return
    verified = yield from _verify(reply.program_crc, program, moment.body, talk)
    if moment.kind == "program" and verified is not None:
        yield from _commit(verified, moment.body, talk)


def _verify(program_crc: int, program: Table, body: Table, talk: Conversation) -> Generator[Found, None, Any]:
    rate, volume = program["rate_check_nl_per_day"], program["volume_check_nl"]
    verify = messages.VerifyProgram(program_crc=program_crc, rate_check_nl_per_day=rate, volume_check_nl=volume)
    reply = talk.therapy(verify, codes.Role.CLINICIAN)
    if body.get("refused_by") == "VerifyProgram" or not isinstance(reply, messages.Verified):
        yield from _refused("VerifyProgram", body, reply)
        return None
    yield from _fields("VerifyProgram", body.get("verified", {}), reply)
    return reply


def _commit(verified: Any, body: Table, talk: Conversation) -> Iterator[Found]:
    second = body.get("second_confirmation_ng", 0)
    new, old = verified.program_crc, verified.old_program_crc
    commit = messages.CommitProgram(program_crc=new, old_program_crc=old, second_confirmation_ng=second)
    reply = talk.therapy(commit, codes.Role.CLINICIAN)
    if body.get("refused_by") == "CommitProgram" or not isinstance(reply, messages.Done):
        yield from _refused("CommitProgram", body, reply)


def _refused(what: str, body: Table, reply: Any) -> Iterator[Found]:
    if body.get("refused_by") != what or not isinstance(reply, messages.Refused):
        yield what, reply, "a refusal" if body.get("refused_by") == what else "no refusal"
    else:
        yield from _fields(what, body.get("replied", {}), reply)


def _states(table: Table, machine: Machine) -> Iterator[Found]:
    parts = decoded(machine.snapshot())
    for path, value in table.items():
        found = _at(parts, path)
        expected = value if not isinstance(value, str) else _named_state(parts, path, value)
        if found != expected:
            yield path, found, expected


def decoded(snapshot: bytes) -> dict[str, Any]:
    """The state parts of a snapshot by name, and the programs in force and staged as images."""
    parts: dict[str, Any] = {}
    for cls in STATE_PARTS:
        layout = layout_of(cls)
        parts[layout.name.lower()], snapshot = cls.from_bytes(snapshot[: layout.size]), snapshot[layout.size :]
    parts["program"] = Program.from_bytes(bytes(parts["controller"].program))
    parts["staged"] = Program.from_bytes(bytes(parts["controller"].staged))
    return parts


def _split(path: str) -> tuple[str, str, int | None]:
    found = re.fullmatch(r"(\w+)\.(\w+)(?:\[(\d+)\])?", path)
    if found is None:
        raise ValueError(f"{path!r}: expected part.field or part.field[index]")
    return found[1], found[2], None if found[3] is None else int(found[3])


def _at(parts: dict[str, Any], path: str) -> int:
    part, name, index = _split(path)
    value = getattr(parts[part], name)
    if part == "memory" and index is not None:
        return int.from_bytes(value[4 * index : 4 * index + 4], "little")
    return int(value if index is None else value[index])


def _named_state(parts: dict[str, Any], path: str, value: str) -> int:
    part, name, _ = _split(path)
    return int(named(type(parts[part]), {name: value})[name])


def _events(expected: Expected, machine: Machine) -> Iterator[Found]:
    code = codes.Event.value_of(expected.event)
    fact = next(one for one in EVENTS if one.code == code)
    args = tuple(_argument(name, one) for name, one in zip((fact.arg_0, fact.arg_1), expected.args, strict=False))
    ticks = tuple(tick for tick, found, *rest in machine.effects if found == code and tuple(rest[: len(args)]) == args)
    if ticks != expected.ticks:
        yield f"ticks of {expected.event}{list(expected.args)}", list(ticks), list(expected.ticks)


def _argument(name: str, value: int | str) -> int:
    return value if isinstance(value, int) else int(CODES_OF_ARGUMENTS[name].value_of(value))
