"""A recorder killed at any instant loses no record whose call had returned, and the file stays readable."""

import subprocess
import sys
from pathlib import Path

from pumpbench.hil.capture import verify
from pumpbench.hil.capture.tally import RECORDS_PER_CHECKPOINT
from tests.hil.capture import recorder
from tests.hil.capture.making import damages, lines, readable
from tests.support import ROOT, effort, rng

INSTANTS = effort(20, 400)
# Past the third checkpoint, so that some die just before, in and after one.
RECORDS_MAX = 3200


def kill_after(path: Path, records: int) -> int:
    """Kills a recorder once it has said `records`, whatever it is doing then; gives how many it had said by its end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.hil.capture.recorder", str(path)], stdout=subprocess.PIPE, cwd=ROOT, bufsize=0
    )
    assert process.stdout is not None
    with process.stdout as said:
        count = 0
        while count < records:
            heard = said.read(min(4096, records - count))
            assert heard, "the recorder ended by itself"
            count += len(heard)
        process.kill()
        while heard := said.read(65536):
            count += len(heard)
    process.wait()
    return count


def test_killed_recorder_loses_no_record_it_had_taken(tmp_path: Path) -> None:
    draws = rng("kill")
    for instant in range(INSTANTS):
        path = tmp_path / f"{instant}.pcapng"
        said = kill_after(path, draws.randrange(1, RECORDS_MAX))
        items = readable(path)
        records = lines(items)
        assert said <= len(records) <= said + 1
        assert [record.payload for record in records] == [recorder.payload(index) for index in range(len(records))]
        assert len(damages(items)) <= 1
        result = verify(path)
        assert not result.trailer
        if len(records) != RECORDS_PER_CHECKPOINT:  # there it died on one side of the checkpoint or the other
            assert result.checksum_ok is (True if len(records) > RECORDS_PER_CHECKPOINT else None)
        path.unlink()
