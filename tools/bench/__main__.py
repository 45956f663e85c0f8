"""`make bench`: measures every path, prints the table and writes the JSON; no figure here is asserted anywhere."""

import fnmatch
import sys
import tempfile
from pathlib import Path
from typing import Final

import click

from pumpbench.tools.bench.contender import Setting
from pumpbench.tools.bench.measuring import measure
from pumpbench.tools.bench.path import Row
from pumpbench.tools.bench.paths import PATHS
from pumpbench.tools.bench.peer_process import PeerProcess
from pumpbench.tools.bench.report import as_json, table

PEERS_PYTHON: Final = "build/bench-venv/bin/python"


@click.command()
@click.option("--peers", default=PEERS_PYTHON, type=click.Path(path_type=Path), help="A Python that has the peers.")
@click.option("--output", default="build/bench.json", type=click.Path(path_type=Path), help="Where the JSON goes.")
@click.option("--only", default="*", metavar="PATTERN", help="Measure the paths whose names match.")
@click.option("--rounds", default=11, type=click.IntRange(1), help="Turns that everyone gets, at most.")
@click.option("--scale", default=1.0, type=click.FloatRange(0, 1, min_open=True), help="How much of the work a round does.")
def bench(peers: Path, output: Path, only: str, rounds: int, scale: float) -> None:
    """Measure ours and its peers in turns: medians, one thread each, the same payload."""
    chosen = [path for path in PATHS if fnmatch.fnmatch(path.name, only)]
    if not chosen:
        raise click.UsageError(f"--only {only!r} names no path; expected a pattern such as 'stream*'")
    rows: list[Row] = []
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=output.parent) as folder:
        setting = Setting(Path(folder).absolute(), scale)
        with PeerProcess(peers, setting) as process:
            for path in chosen:
                _tell(path.name)
                rows += measure(path, setting, process, rounds, _tell)
    output.write_text(as_json(rows))
    print("\n".join(table(rows)))
    _tell(f"{len(rows)} rows, medians of at most {rounds} turns, ratio = ours / peer; written to {output}")


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    bench()
