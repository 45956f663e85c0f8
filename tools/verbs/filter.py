"""The verb `filter`: writes a part of a capture; tools/holding/filtering does the rest."""

from pathlib import Path

import click

from pumpbench.tools.holding.options import force_option, json_option, out_option

TIME_HELP = "By the clock of the recording: 12.5s after its first record, or 2026-11-21T04:00:00Z."


@click.command(epilog="Example: pumpbench filter out/latest --until-tick 1h -o hour.pcapng")
@click.argument("file", type=click.Path(path_type=Path))
@out_option
@click.option("--after-tick", metavar="SPAN", help="Only what came after that time of the pump, such as 31d12h or 500t.")
@click.option("--until-tick", metavar="SPAN", help="Only what came up to that time of the pump.")
@click.option("--after", metavar="TIME", help=TIME_HELP)
@click.option("--until", metavar="TIME", help="The same, up to it.")
@click.option("--type", "types", multiple=True, metavar="NAME", help="Only frames of this message, such as Telemetry; repeat it.")
@click.option("--dir", "ways", multiple=True, type=click.Choice(["inbound", "outbound"]), help="Only from the device, or to it.")
@click.option(
    "--channel", "channels", multiple=True, type=click.Choice(["bench", "therapy"]), help="Only frames of this channel."
)
@click.option("--session", "sessions", multiple=True, type=int, metavar="N", help="Only frames of this session; repeat it.")
@force_option
@json_option
def command(
    file: Path, out: Path, after_tick: str | None, until_tick: str | None, after: str | None, until: str | None,
    types: tuple[str, ...], ways: tuple[str, ...], channels: tuple[str, ...], sessions: tuple[int, ...],
    force: bool, in_json: bool,
) -> int:  # fmt: skip
    """Write a part of a capture, chosen by time, tick or frame.

    A span begins and ends where nothing was under way, so that two that meet are the whole again, which cat makes of them. A
    beginning (--until, --until-tick) is as sure as the capture was; any other part is observed, and no verdict on it can pass.
    """
    # Late: help must not wait for the codec.
    from pumpbench.hil.replay.choosing import Choice
    from pumpbench.tools.holding import filtering
    from pumpbench.tools.holding.opening import look

    look(file)
    choice = Choice(
        after_tick=filtering.parse_tick(after_tick, "--after-tick"),
        until_tick=filtering.parse_tick(until_tick, "--until-tick"),
        after_ns=filtering.parse_time(after, "--after", file),
        until_ns=filtering.parse_time(until, "--until", file),
        directions=frozenset(filtering.WAYS[way] for way in ways),
        types=filtering.parse_types(types),
        channels=frozenset(channels),
        sessions=frozenset(sessions),
    )
    return filtering.filter_file(file, out, choice, force, in_json)
