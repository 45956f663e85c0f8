"""Makes the ledger of a capture: from the device's own frames, and from a re-run where the recording is exact. Prints nothing."""

from collections.abc import Iterator
from typing import Final

from pumpbench.firmware_emu.account import DoseAccount
from pumpbench.hil.ledger.book import START, Bolus, Finding, Kind, Ledger, Limit, Readings, place_of
from pumpbench.hil.ledger.limits import PatientBook, RateBook
from pumpbench.hil.ledger.rebook import Rebook
from pumpbench.hil.ledger.saying import account_told, tells
from pumpbench.hil.replay import Sureness
from pumpbench.hil.replay.recorded import STARTS, Gap, Recorded, Request
from pumpbench.hil.replay.replay import header_gaps, sureness_of
from pumpbench.hil.rerun import NoStart, script_of
from pumpbench.hil.rerun.spoken import said
from pumpbench.hil.verdict import Verdict
from pumpbench.protocol.frame import Frame
from pumpbench.protocol.limits import Q_PER_NL
from pumpbench.protocol.messages import Account, Started, Telemetry

EMULATOR: Final = "emulator"


def ledger_of(recorded: Recorded) -> Ledger:
    """Raises nothing for what is in the recording."""
    sureness, gaps = sureness_of(recorded), [*recorded.gaps, *header_gaps(recorded.header)]
    own = _OwnWords(recorded)
    book: Rebook | None = None
    if sureness == "exact":
        try:
            book = Rebook(script_of(recorded), recorded)
            book.run()
        except NoStart as problem:
            gaps.append(Gap("meta", 0, str(problem)))
            book = None
    findings = _together(own.limit_findings if book is None else book.findings, own.certain)
    opened, closed = own.opened, own.closed
    if book is not None and book.vouched:
        opened, closed = book.opened, book.closed
    verdict, reason = _judge(sureness, gaps, findings, own, book)
    readings = own.readings if book is None else book.readings
    return Ledger(
        verdict=verdict,
        reason=reason,
        sureness=sureness,
        first_tick=_first_tick(recorded, sureness),
        last_tick=recorded.last_tick,
        opened=opened,
        closed=closed,
        own_words=own.closed is not None and closed is own.closed,
        truth_opened=None if book is None else book.truth_opened,
        truth=book.truth if book is not None and book.truth_vouched else None,
        steps_forgotten=0 if book is None else book.steps_forgotten,
        readings=readings,
        boluses=tuple(own.boluses),
        limits=tuple(own.limits() if book is None else book.limits()),
        findings=tuple(findings),
        gaps=tuple(gaps),
        from_emulator=(recorded.header or {}).get("target") == EMULATOR,
    )


def _first_tick(recorded: Recorded, sureness: Sureness) -> int:
    """Of the snapshot that it begins with, of a start that was told, or of the first frame of the device."""
    if sureness == "exact" and recorded.snapshot is not None:
        return recorded.snapshot[0]
    starts = [one.reply for one in recorded.requests if one.name == STARTS and one.reply is not None]
    first = starts[-1] if starts else next((one for one, _ in said(recorded)), None)
    if first is None:
        return recorded.last_tick
    return min(recorded.last_tick, first.head[7] if isinstance(first, Frame) else int(first["header_tick"][0]))


def _together(found: list[Finding], certain: list[Finding]) -> list[Finding]:
    """In order; where both know of the same amount, the tighter bracket stays."""
    known = {(one.kind, one.amount_q) for one in found}
    return sorted([*found, *(one for one in certain if one[:2] not in known)], key=lambda one: one.after.tick)


def _judge(
    sureness: Sureness, gaps: list[Gap], findings: list[Finding], own: "_OwnWords", book: Rebook | None
) -> tuple[Verdict, str]:
    """The strongest reason first; a finding from one frame alone stands whatever is missing around it."""
    if findings:
        return _judge_findings(gaps, findings, own)
    if gaps:
        return Verdict.INCONCLUSIVE, f"nothing is wrong with what is shown, but the recording has gaps; the first: {gaps[0]}"
    if book is None:
        return Verdict.INCONCLUSIVE, f"{sureness}: no snapshot opens the recording, so what was asked before it is not known"
    readings = book.readings
    if not book.vouched:
        where = f": {readings.first_differing}" if readings.first_differing else ""
        what = "its state is not the re-run's" if readings.digests_differing else "no frame tells of the account"
        return Verdict.INCONCLUSIVE, f"{what}{where}"
    account = f"every q that was asked for is delivered, pending or cancelled, as {_vouching(readings)} tell"
    if readings.plant_differing:
        return Verdict.INCONCLUSIVE, f"the plant is not the re-run's: {readings.first_plant_differing}; by the device, {account}"
    return Verdict.PASS, account


def _judge_findings(gaps: list[Gap], findings: list[Finding], own: "_OwnWords") -> tuple[Verdict, str]:
    first = findings[0]
    certain = own.certain[0] if own.certain else None
    blind = [gap for gap in gaps if gap.side != "device" and gap.tick <= first.after.tick]
    if blind and certain is None:
        return Verdict.INCONCLUSIVE, f"{first.kind} ({first.what}), but after a gap in what the pump was told ({blind[0]})"
    shown = certain if blind and certain is not None else first
    return Verdict.FAIL, f"{shown.kind} between {shown.before} and {shown.after}: {shown.what}"


def _vouching(readings: Readings) -> str:
    parts = [f"{readings.count} readings"] if readings.count else []
    parts += [f"{readings.digests_agreed} digests"] if readings.digests_agreed else []
    return " and ".join(parts)


class _OwnWords:
    """What the device's frames show without a re-run. `certain`: findings that no gap can explain."""

    def __init__(self, recorded: Recorded) -> None:
        self.certain: list[Finding] = []
        self.boluses: list[Bolus] = []
        self.readings = Readings()
        self.rate = RateBook()
        self.patient = PatientBook()
        self.opened: DoseAccount | None = None
        self.closed: DoseAccount | None = None
        self._started: dict[int, Frame] = {}
        self._before = START
        for one, request in said(recorded):
            if isinstance(one, Frame):
                self._see(one, request)
            else:
                self.readings.add(Telemetry.__name__, len(one))
                self.rate.see_rows(one)

    @property
    def limit_findings(self) -> list[Finding]:
        return self.rate.findings + self.patient.findings

    def limits(self) -> Iterator[Limit]:
        yield self.rate.limit()
        yield from self.patient.limits()

    def _see(self, frame: Frame, request: Request | None) -> None:
        if request is not None and isinstance(frame.message, Started):
            self._start(frame, request)
        if request is not None and request.name == "ResetToStart":
            self._started.clear()
        if request is not None and request.name == "CommitProgram":
            self.patient.forget()
        self.patient.see(frame)
        if not tells(frame):
            return
        self.readings.add(type(frame.message).__name__)
        self.rate.see(frame, frame.message.step_count)
        if isinstance(frame.message, Account):
            self._add_up(frame)
            self._before = place_of(frame)

    def _add_up(self, frame: Frame) -> None:
        told = account_told(frame.message)
        self.opened = self.opened or told
        self.closed = told
        if told.surplus_q:
            kind = Kind.DUPLICATE if told.surplus_q > 0 else Kind.LOSS
            what = f"its own account is {abs(told.surplus_q):,} q {'over' if told.surplus_q > 0 else 'short of'} what was asked"
            self._certain(Finding(kind, abs(told.surplus_q), self._before, place_of(frame), what))

    def _start(self, frame: Frame, request: Request) -> None:
        """Stored replies come byte for byte; another one to the same id is another dose."""
        request_id, message = frame.head[4], frame.message
        before = self._started.get(request_id)
        if before is not None and before.raw != frame.raw:
            what = f"request {request_id} ({request.name}) was started twice, {message.volume_nl:,} nl each time"
            self._certain(Finding(Kind.DUPLICATE, message.volume_nl * Q_PER_NL, place_of(before), place_of(frame), what))
        elif before is None:
            self.boluses.append(Bolus(frame.head[7], request_id, message.kind, message.volume_nl))
        self._started[request_id] = frame

    def _certain(self, finding: Finding) -> None:
        if not any(one.kind is finding.kind and one.amount_q == finding.amount_q for one in self.certain):
            self.certain.append(finding)
