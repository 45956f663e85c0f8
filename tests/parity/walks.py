"""Random walks over both sides: makes them from a seed, plays them, and makes a failing one short; knows no single act."""

import random
from collections.abc import Callable
from dataclasses import replace

from pumpbench.protocol.messages import ResetToStart
from tests.parity.acts import Act, ArmIt, Bench, Run
from tests.parity.desk import Desk, Tally
from tests.parity.draw_setup import draw_config, draw_start
from tests.parity.draws import Draws
from tests.parity.topics import first_acts, next_acts

SHRINK_PLAYS_MAX = 400
WILD = {"bench": 0.5, "crafted": 0.5, "anything": 0.25}

MakeDesk = Callable[[], Desk]
Check = Callable[[Desk], None]


class WalkFailed(AssertionError):
    """A walk that parted the sides or broke a law, made as short as it would go."""


def walk(topic: str, seed: str, length: int, make_desk: MakeDesk, check: Check | None = None) -> Tally:
    """Plays about `length` acts drawn from `seed`. Raises `WalkFailed` with acts that can be pasted into `play`."""
    rng = random.Random(seed)
    desk = make_desk()
    played: list[Act] = []
    try:
        for act in _opening(rng, desk, topic):
            _step(desk, act, played, check)
        draws = Draws(rng, desk)
        for act in first_acts(draws):
            _step(desk, act, played, check)
        while len(played) < length:
            for act in next_acts(draws, topic):
                _step(desk, act, played, check)
    except Exception as failure:
        raise WalkFailed(_report(topic, seed, played, failure, make_desk, check)) from failure
    return desk.tally


def play(acts: list[Act], desk: Desk, check: Check | None = None) -> None:
    """Plays given acts. Raises at the first that fails."""
    for act in acts:
        _step(desk, act, [], check)


def _step(desk: Desk, act: Act, played: list[Act], check: Check | None) -> None:
    played.append(act)
    act.play(desk)
    desk.settle()
    if check:
        check(desk)


def _opening(rng: random.Random, desk: Desk, topic: str) -> list[Act]:
    """Arm, configure, start. The configuration is played first, for the start is drawn by it."""
    wild = WILD.get(topic, 0.1)
    settings: list[Act] = [ArmIt(), *(Bench(setting) for setting in draw_config(rng, wild))]
    preview = desk.pump.config.clone()
    for act in settings[1:]:
        assert isinstance(act, Bench)
        _set(preview, act.message.config_index, act.message.value)
    start: ResetToStart = draw_start(rng, preview, 0.05)
    return [*settings, Bench(start)]


def _set(config: object, index: int, value: int) -> None:
    setattr(config, type(config).__slots__[index], value)  # type: ignore[attr-defined]


def _report(topic: str, seed: str, acts: list[Act], failure: Exception, make_desk: MakeDesk, check: Check | None) -> str:
    short, shown = shrink(acts, failure, make_desk, check)
    lines = "\n".join(f"    {act!r}," for act in short)
    return f"walk {topic!r}, seed {seed!r}, act {len(acts)}: {shown}\nreproduction, {len(short)} acts:\nplay([\n{lines}\n], desk)"


def shrink(acts: list[Act], failure: Exception, make_desk: MakeDesk, check: Check | None) -> tuple[list[Act], str]:
    """Fewer acts and shorter runs that still fail, and how."""
    plays = 0
    shown = _said(failure)

    def fails(candidate: list[Act]) -> bool:
        nonlocal plays, shown
        plays += 1
        if plays > SHRINK_PLAYS_MAX:
            return False
        try:
            play(candidate, make_desk(), check)
        except Exception as found:
            if type(found) is type(failure):
                shown = _said(found)
                return True
        return False

    short = _gathered(_dropped(list(acts), fails), fails)
    return _shorter_runs(_dropped(short, fails), fails), shown


def _said(failure: Exception) -> str:
    """What a difference says; of any other exception, its name too."""
    return str(failure) if isinstance(failure, AssertionError) else f"{type(failure).__name__}: {failure}"


def _dropped(acts: list[Act], fails: Callable[[list[Act]], bool]) -> list[Act]:
    """Drops acts, large pieces first; the last one, which fails, stays."""
    size = max(len(acts) // 2, 1)
    while size:
        at = len(acts) - 1 - size
        while at >= 0:
            candidate = acts[:at] + acts[at + size :]
            if fails(candidate):
                acts = candidate
            at -= size
        size //= 2
    return acts


def _gathered(acts: list[Act], fails: Callable[[list[Act]], bool]) -> list[Act]:
    """Puts the ticks of each run into the last one, so that what only time brings about needs one run."""
    for at in reversed(range(len(acts) - 1)):
        later = [i for i in range(at + 1, len(acts)) if isinstance(acts[i], Run)]
        act, last = acts[at], acts[later[-1]] if later else None
        if not isinstance(act, Run) or not isinstance(last, Run):
            continue
        candidate = [*acts[: later[-1]], replace(last, ticks=last.ticks + act.ticks), *acts[later[-1] + 1 :]]
        del candidate[at]
        if fails(candidate):
            acts = candidate
    return acts


def _shorter_runs(acts: list[Act], fails: Callable[[list[Act]], bool]) -> list[Act]:
    """Halves each run, the last first, then lowers it, while it still fails."""
    for at in reversed(range(len(acts))):
        act = acts[at]
        if not isinstance(act, Run):
            continue
        step = act.ticks // 2
        while step:
            shorter = replace(act, ticks=act.ticks - step)
            if fails([*acts[:at], shorter, *acts[at + 1 :]]):
                act = shorter
                acts = [*acts[:at], act, *acts[at + 1 :]]
                step = min(step, act.ticks - 1)
            else:
                step //= 2
    return acts
