"""The event log of a run: a new file of its own, whatever stood under its name."""

import stat
from pathlib import Path

from pumpbench.hil.rig import Stamped
from pumpbench.protocol.codes import Event
from pumpbench.tools.running.event_log import write_event_log
from pumpbench.tools.when import Calendar
from tests.hil.pumps import START

STOPPED = Stamped(7, Event.STOPPED, 1, 0)


def test_event_log_replaces_a_link_and_never_what_it_points_at(tmp_path: Path) -> None:
    elsewhere, log = tmp_path / "elsewhere", tmp_path / "run.events.ndjson"
    elsewhere.write_text("precious")
    log.symlink_to(elsewhere)
    write_event_log(log, [STOPPED], Calendar.of(START))
    assert elsewhere.read_text() == "precious"
    assert not log.is_symlink()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert log.read_text().count("stopped") == 1
