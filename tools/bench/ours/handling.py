"""What is done with whole captures: looked over, recovered, cut, joined, scrubbed, converted; a million frames each."""

import random
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from pumpbench.hil.capture.columns import ColumnReader
from pumpbench.hil.capture.recover import recover
from pumpbench.hil.native import NativeLibrary
from pumpbench.hil.replay.choosing import Choice, choose
from pumpbench.hil.replay.joining import join
from pumpbench.hil.replay.survey import survey
from pumpbench.hil.scrubbing import scrub
from pumpbench.protocol.messages import Telemetry
from pumpbench.tools.bench import payload
from pumpbench.tools.bench.contender import Round, Setting, per_second
from pumpbench.tools.bench.long_capture import long_capture
from pumpbench.tools.converting.text_files import write_csv
from pumpbench.tools.decoding.frames_in import FramesIn


def look(setting: Setting, stack: ExitStack) -> Round:
    """As `info` and `doctor` do: every frame counted, every gap looked for, every tally held against the records."""
    path, count = long_capture(setting, "ours-look")

    def work() -> int:
        found = survey(path)
        assert (found.frame_count, found.whole) == (count, True)
        return count

    return per_second(work)


def recovered(setting: Setting, stack: ExitStack) -> Round:
    return _made(setting, "recovered", lambda path, out, count: recover(path, out, force=True).whole)


def filter_time(setting: Setting, stack: ExitStack) -> Round:
    """The earlier half by time, sealed anew."""

    def work(path: Path, out: Path, count: int) -> bool:
        until_ns = payload.START_NS + count // 2 * payload.STEP_NS
        return choose(path, out, Choice(until_ns=until_ns), force=True).records == count // 2 + 1

    return _made(setting, "filtered", work)


def joined(setting: Setting, stack: ExitStack) -> Round:
    one, count = long_capture(setting, "ours-one", parts=2)
    other, more = long_capture(setting, "ours-other", first=count, parts=2)

    def work() -> int:
        assert join([one, other], setting.folder / "ours-joined.pcapng", force=True) == count + more
        return count + more

    return per_second(work)


def scrubbed(setting: Setting, stack: ExitStack) -> Round:
    """Without a header, so that nothing is run again: what the rewriting alone takes."""
    return _made(setting, "scrubbed", lambda path, out, count: scrub(path, out, True, random.Random(1)).records == count)


def to_parquet(setting: Setting, stack: ExitStack) -> Round:
    """One message through the firmware's codec, as `convert --message` does."""
    from pumpbench.tools.converting.arrow_tables import write_stretches

    library = NativeLibrary()

    def work(path: Path, out: Path, count: int) -> bool:
        stretches = ColumnReader(library, Telemetry).stretches(path)
        return write_stretches(stretches, Telemetry, True, out, parquet=True) == count

    return _made(setting, "parquet", work)


def all_to_parquet(setting: Setting, stack: ExitStack) -> Round:
    """Every frame, whatever it is."""
    from pumpbench.tools.converting.arrow_tables import write_all

    return _made(setting, "all", lambda path, out, count: write_all(FramesIn(path), out, parquet=True) == count)


def to_csv(setting: Setting, stack: ExitStack) -> Round:
    def work(path: Path, out: Path, count: int) -> bool:
        out.unlink(missing_ok=True)
        return write_csv(FramesIn(path), out, None) == count

    return _made(setting, "csv", work)


def _made(setting: Setting, name: str, make: Callable[[Path, Path, int], bool]) -> Round:
    """Frames a second; `make` says whether its product is what it should be."""
    path, count = long_capture(setting, f"ours-to-{name}")
    out = setting.folder / f"ours-{name}.out"

    def work() -> int:
        assert make(path, out, count)
        return count

    return per_second(work)
