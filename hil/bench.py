"""The bench's side of the bench channel: arms a device, grants it time, injects and copies its state; it compares nothing."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pumpbench.firmware_emu.config import Config
from pumpbench.hil.conversation import Conversation
from pumpbench.hil.errors import PeerVersion, RigBroken, must
from pumpbench.protocol.codes import Feature, Level
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.layout import layout_of
from pumpbench.protocol.limits import SNAPSHOT_PAGE_BYTES
from pumpbench.protocol.messages import (
    Abort,
    Arm,
    Configure,
    Disarm,
    Identified,
    Identify,
    Inject,
    LinkCounters,
    ReadLink,
    ReadSnapshot,
    Report,
    ResetToStart,
    Restore,
    RunTo,
    Sense,
    SnapshotPage,
    WriteSnapshot,
)

Reply = TypeVar("Reply")

CONFIG_INDEX: Final = {field.name: index for index, field in enumerate(layout_of(Config).fields)}
SNAPSHOT_BYTES_MAX: Final = 1 << 20


class Bench:
    """Every method may raise `RigBroken` or a `LinkError`; `Refusal` where the device refuses what was asked."""

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.identified: Identified | None = None

    def identify(self) -> Identified:
        """Who answers, asked on the bench channel, which needs no session."""
        self.identified = self._ask(Identify(), Identified)
        return self.identified

    def arm(self) -> None:
        """Takes the device's time; its configuration is the default then. Raises `PeerVersion` where it cannot be."""
        known = self.identified or self.identify()
        if not known.features & Feature.bit_of(Feature.BENCH) or known.level < Level.L1:
            level = Level.name_of(known.level)
            raise PeerVersion(
                self._where, f"level {level}, so it cannot run in credits", "use a firmware of level l1 or more, built with bench"
            )
        must(self._message(Arm(build_id=known.build_id)))

    def disarm(self) -> None:
        must(self._message(Disarm()))

    def configure(self, values: Mapping[str, int]) -> None:
        """Sets fields of `Config` by name; raises RigBroken for a name that is none, `Refusal` for a value out of range."""
        for name, value in values.items():
            if name not in CONFIG_INDEX:
                raise RigBroken("configuration", f"no field {name!r}", f"choose one of {', '.join(CONFIG_INDEX)}")
            must(self._message(Configure(config_index=CONFIG_INDEX[name], value=value)))

    def reset_to_start(self, start: ResetToStart) -> Report:
        return self._ask(start, Report)

    def run_to(self, tick: int, stop_mask: int = 0) -> Report:
        """Runs to an absolute tick, or to the first stop of `StopMask` bits; a reply that stays away is asked for again."""
        return self._ask(RunTo(target_tick=tick, stop_mask=stop_mask), Report)

    def abort(self) -> None:
        must(self._message(Abort()))

    def inject(self, fault: int, arg_0: int = 0, arg_1: int = 0, arg_2: int = 0) -> Report:
        return self._ask(Inject(fault=fault, arg_0=arg_0, arg_1=arg_1, arg_2=arg_2), Report)

    def sense(self, sense: Sense) -> Report:
        """Lets the device feel a plant that is outside, and takes its own from it until a start or restore."""
        return self._ask(sense, Report)

    def read_link(self) -> LinkCounters:
        return self._ask(ReadLink(), LinkCounters)

    def read_snapshot(self) -> bytes:
        """The whole state between ticks, read page by page."""
        pages = bytearray()
        size_bytes = 1
        while len(pages) < size_bytes:
            page = self._ask(ReadSnapshot(offset_bytes=len(pages)), SnapshotPage)
            size_bytes = page.snapshot_bytes
            if not page.data or page.offset_bytes != len(pages) or size_bytes > SNAPSHOT_BYTES_MAX:
                raise RigBroken(self._where, f"snapshot page at {page.offset_bytes} of {size_bytes}", f"expected {len(pages)}")
            pages += page.data
        return bytes(pages)

    def restore(self, snapshot: bytes) -> Report:
        """Makes `snapshot` the device's state; effect counters start anew."""
        for offset in range(0, len(snapshot), SNAPSHOT_PAGE_BYTES):
            page = snapshot[offset : offset + SNAPSHOT_PAGE_BYTES]
            must(self._message(WriteSnapshot(offset_bytes=offset, data=page)))
        return self._ask(Restore(snapshot_crc=crc32c(snapshot)), Report)

    def _message(self, message: Any) -> Any:
        return self.conversation.ask(message, bench=True).message

    def _ask(self, message: Any, expected: type[Reply]) -> Reply:
        reply = must(self._message(message))
        if not isinstance(reply, expected):
            what = f"{type(message).__name__} was answered by {type(reply).__name__}"
            raise PeerVersion(self._where, what, f"expected {expected.__name__}: use the firmware that belongs to this build")
        return reply

    @property
    def _where(self) -> str:
        return self.conversation.link.url
