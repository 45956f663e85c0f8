"""Works out where to begin with a recording that no snapshot opens, from what its programmer read first; it plays nothing.

What was not read is as in a new pump, so nothing that depends on it may be judged: `INDEPENDENT` lists what remains.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pumpbench.firmware_emu.config import Config
from pumpbench.firmware_emu.program import Program
from pumpbench.firmware_emu.pump import Pump
from pumpbench.firmware_emu.start import START_SEQ
from pumpbench.firmware_emu.state import PROGRAM_SLOT_ADDRESS
from pumpbench.firmware_emu.store import checkpoint_write, commit_word, program_head, write_all
from pumpbench.hil.bench import CONFIG_INDEX
from pumpbench.hil.capture.canonical import wide
from pumpbench.hil.replay.open_count import open_count_of
from pumpbench.hil.replay.recorded import Recorded, Request
from pumpbench.hil.rig.recording import SESSION_KEYS, STOP_MASK, values_of
from pumpbench.protocol.codes import Drug, Model, Role
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import FLEX_STEPS, PL_PER_NL
from pumpbench.protocol.messages import (
    Done,
    FlexRead,
    Identified,
    LogPage,
    Open,
    ProgramRead,
    ResetToStart,
    Staged,
    Status,
    Telemetry,
    Verified,
)

LEADS: Final = frozenset("Open Identify ReadStatus ReadProgram ReadFlex ReadAlarms ReadLog ReadRecord ReadAccount".split())
"""What a programmer may ask before it changes anything."""
COPIED: Final = tuple(
    "clock_valid clock_day clock_day_ticks life_ticks boot_count therapy_state held reset_cause reservoir_estimated_nl "
    "alarms_active alarms_silenced stopped_ticks eri_life_ticks eos_life_ticks refill_due_life_ticks step_count".split()
)
"""Fields of `Status` that the state has under the same name."""
_ALL: Final = frozenset[str]()
INDEPENDENT: Final[Mapping[type, frozenset[str]]] = {
    Done: _ALL,
    FlexRead: _ALL,
    ProgramRead: _ALL,
    Staged: _ALL,
    Verified: _ALL,
    Status: frozenset({"mode", "clock_day", "clock_day_ticks", "life_ticks", "program_crc"}),
    Telemetry: frozenset({"life_ticks"}),
}
"""Fields that program, status and log settle, while the pump answers in kind and does not restart; empty: every field."""


class Presumed(NamedTuple):
    """`first`: the request to begin with, after those that were only reading. `settles`: what `INDEPENDENT` lists is known."""

    start: ResetToStart
    snapshot: bytes
    first: int
    settles: bool


def header_of(recorded: Recorded) -> dict[str, Any] | None:
    """As recorded; of a session whose bench started the pump within it, completed by what that bench said."""
    header = recorded.header
    if header is None or header.keys() != SESSION_KEYS:
        return header
    config = {one.name: wide(int(one.default or 0)) for one in layout_of(Config).fields}
    names = list(CONFIG_INDEX)
    for request in recorded.requests:
        message: Any = None if request.frame is None else request.frame.message
        if request.name == "Configure" and message.config_index < len(names):
            config[names[message.config_index]] = wide(message.value)
        elif isinstance(message, ResetToStart):
            return {**header, "start": values_of(message), "config": config, "stop_mask": STOP_MASK}
    return None


def presumed(recorded: Recorded) -> Presumed | None:
    """None where nobody told on record whose pump it was, or what was read cannot be a pump's."""
    lead = _lead(recorded.requests)
    read: dict[type, Any] = {type(one.reply.message): one.reply.message for one in lead if one.reply is not None}
    opened = next((one for one in reversed(lead) if one.name == "Open" and one.reply is not None), None)
    if opened is None or opened.frame is None:
        return None
    asked: Open = opened.frame.message
    pump, start = Pump(), _start(asked.serial, read)
    try:
        if pump.reset_to_start(start) is not None:
            return None
        whole = _put_program(pump, lead)
        _put_status(pump, lead)
        _put_session(pump, lead, asked.role)
        # What was read after the status was read a little later.
        pump.run(max(0, _last_tick(lead) - pump.plant.tick))
        pump.check()
    except (ValueError, OverflowError):
        return None
    return Presumed(start, pump.snapshot(), len(lead), whole and is_anchored(recorded))


def is_anchored(recorded: Recorded) -> bool:
    """Whether program, status and the whole log were read before anything else was asked."""
    replies = [one.reply.message for one in _lead(recorded.requests) if one.reply is not None]
    pages = [one for one in replies if isinstance(one, LogPage)]
    if not {ProgramRead, Status, LogPage} <= {type(one) for one in replies}:
        return False
    oldest, end = pages[0].oldest_seq, pages[0].next_seq
    # Counted: what the log says of its length may be damage.
    return len({entry.entry_seq for page in pages for entry in page.entries if oldest <= entry.entry_seq < end}) == end - oldest


def _lead(requests: list[Request]) -> list[Request]:
    ends = (at for at, one in enumerate(requests) if one.name not in LEADS or one.bench)
    return requests[: next(ends, len(requests))]


def _start(serial: int, read: Mapping[type, Any]) -> ResetToStart:
    program, status, identified = read.get(ProgramRead), read.get(Status), read.get(Identified)
    conc = program.concentration_ug_per_ml if program is not None else 0
    estimated_nl = status.reservoir_estimated_nl if status is not None else 0
    return ResetToStart(
        model=identified.model if identified is not None else Model.PUMP_20_ML,
        serial=serial,
        implant_day=0,
        calendar_origin_day=0,
        drug=Drug.BACLOFEN,
        catheter_length_mm=500,
        tubing_nl=100_000,
        reservoir_true_nl=estimated_nl,
        reservoir_estimated_nl=estimated_nl,
        concentration_ug_per_ml=conc,
        line_ug_per_ml=conc,
        clock_day=0,
        clock_day_ticks=0,
        life_ticks=0,
        charge_nc=0,
    )


def _put_program(pump: Pump, lead: list[Request]) -> bool:
    """The program in force as it was read; True where its CRC shows that nothing of it is missing."""
    replies = [one.reply.message for one in lead if one.reply is not None]
    read = next((one for one in reversed(replies) if isinstance(one, ProgramRead)), None)
    if read is None:
        return False
    named = {one.name for one in layout_of(ProgramRead).fields} & {one.name for one in layout_of(Program).fields}
    program = Program(**{name: getattr(read, name) for name in named})
    for flex in (one for one in replies if isinstance(one, FlexRead)):
        for place, step in enumerate(flex.steps, FLEX_STEPS * flex.schedule):
            program.flex_start_minute[place], program.flex_dose_ng[place] = step.start_minute, step.dose_ng
    image = program.to_bytes()
    pump.controller.program = bytearray(image)
    write_all(pump.memory, [(PROGRAM_SLOT_ADDRESS[0], program_head(START_SEQ, image) + commit_word(START_SEQ))])
    return crc32c(image) == read.program_crc


def _put_status(pump: Pump, lead: list[Request]) -> None:
    reply = next((one.reply for one in reversed(lead) if one.reply and isinstance(one.reply.message, Status)), None)
    if reply is None:
        pump.plant.tick = _last_tick(lead)
        return
    status: Status = reply.message
    for name in COPIED:
        setattr(pump.durable, name, getattr(status, name))
    pump.plant.tick = reply.head[7]
    pump.plant.reservoir_true_pl = status.reservoir_estimated_nl * PL_PER_NL
    pump.controller.log_next_seq = status.log_next_seq
    write_all(pump.memory, [checkpoint_write(pump.durable)])


def _put_session(pump: Pump, lead: list[Request], role: int) -> None:
    """That of the last `Open`."""
    controller = pump.controller
    for one in lead:
        if one.frame is None or one.reply is None:
            continue
        if one.name == "Open" and hasattr(one.reply.message, "session"):
            controller.session_id = one.reply.message.session
            asked: Open = one.frame.message
            pump.durable.open_count = open_count_of(controller.session_id, pump.durable.boot_count, asked.nonce)
            controller.session_role = role if role in (Role.CLINICIAN, Role.PATIENT) else Role.NONE
        controller.session_last_id = one.frame.head[4]


def _last_tick(lead: list[Request]) -> int:
    return max((one.reply.head[7] for one in lead if one.reply is not None), default=0)
