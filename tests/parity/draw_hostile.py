"""Draws what no good host sends: repeats, stale ids, wrong channels, bodies that do not parse, noise."""

from typing import Any

from pumpbench.protocol.codec import encode_body
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.messages import REGISTRY, Abort, Disarm, Identify, ReadLink, ReadStatus, RunTo
from tests.parity.acts import Act, Again, AgainHere, ArmIt, Ask, Bench, BenchAgain, Raw, Shaped
from tests.parity.draw_numbers import message_of
from tests.parity.draw_therapy import REQUESTS
from tests.parity.draws import Draws

BENCH_REQUESTS: list[Any] = [cls for cls in REGISTRY if layout_of(cls).kind == "request" and layout_of(cls).channel == "bench"]


def again(draws: Draws) -> list[Act]:
    rng = draws.rng
    earlier = rng.choice((0, 0, 0, 1, rng.randint(0, 8)))
    if draws.odds(0.5):
        return [Again(earlier)]
    return draws.in_session(AgainHere(earlier, draws.odds(0.6)))


def stale(draws: Draws) -> list[Act]:
    rng = draws.rng
    message = message_of(rng, rng.choice(REQUESTS))
    step = rng.choice((0, -1, -rng.randint(0, 50), 2, 1000, rng.randint(1, 2**20)))
    return draws.in_session(Ask(message, step, rng.choice(("own", "own", "none", "wrong")), rng.choice((None, None, True))))


def shaped(draws: Draws) -> list[Act]:
    """A body cut, grown or changed, or a type nobody knows, under a good CRC."""
    rng = draws.rng
    cls = rng.choice([*REQUESTS, *BENCH_REQUESTS, Identify])
    layout = layout_of(cls)
    body = bytearray(encode_body(message_of(rng, cls)))
    # A credit of any length would take too long, so one is only ever too short.
    match 0 if cls is RunTo else rng.randrange(4):
        case 0:
            del body[rng.randint(0, max(len(body) - 1, 0)) :]
        case 1:
            body += rng.randbytes(rng.randint(1, 12))
        case 2 if body:
            body[rng.randrange(len(body))] = rng.randint(0, 255)
    number = layout.number if draws.odds(0.85) else rng.choice((0, 0x8110, 0x0199, rng.randint(0, 0xFFFF)))
    channel = int(layout.channel == "bench") ^ draws.odds(0.07)
    version, flags = rng.choice(((1, 0), (1, 0), (1, 0), (1, 0), (2, 0), (0, 0), (1, 2), (1, 4), (1, 0x80)))
    # A disarmed device would keep its own time.
    if number == layout_of(Disarm).number:
        return []
    return [Shaped(number, bytes(body[:200]), channel, rng.choice((1, 1, 1, 0)), "own", version, flags)]


def noise(draws: Draws) -> list[Act]:
    rng = draws.rng
    sent = draws.desk.sent
    if sent and draws.odds(0.5):
        wire = bytearray(sent[-1].wire)
        wire[rng.randrange(1, len(wire) - 1)] ^= 1 << rng.randrange(8)
        return [Raw(bytes(wire))]
    return [Raw(rng.choice((b"", b"\0")) + rng.randbytes(rng.choice((3, 30, 300))) + b"\0")]


def bench_odds(draws: Draws) -> list[Act]:
    """Retries, stale ids, wrong channel, aborts, counters."""
    rng = draws.rng
    choices: list[Act] = [
        BenchAgain(),
        Bench(Abort()),
        Bench(ReadLink()),
        Bench(ReadLink(), rng.choice((0, -1, 5))),
        Bench(Identify()),
        Ask(Identify(), rng.choice((1, -5)), "none"),
        Bench(ReadStatus()),
        Bench(Abort(), 1, False),
        ArmIt(),
        ArmIt(1),
    ]
    return [rng.choice(choices)]
