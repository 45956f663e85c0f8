"""Targets with a defect planted on this side of the link: in what is heard, in what is said, or in the pump; asserts nothing."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pumpbench.firmware_emu.pump import Pump
from pumpbench.hil.links import Link, LinkLost
from pumpbench.hil.targets import Target
from pumpbench.hil.targets.emulator import EmulatorTarget
from pumpbench.protocol.codes import Alarm, Fault, FluidKind, Role
from pumpbench.protocol.decoder import Decoder
from pumpbench.protocol.frame import Frame, encode_frame
from pumpbench.protocol.layout import replace
from pumpbench.protocol.messages import (
    Alarms,
    Bolus,
    Identified,
    Inject,
    LogPage,
    Open,
    PatientBolus,
    Report,
    RunTo,
    SilenceAlarms,
    Status,
    Telemetry,
)
from tests.hil.pumps import PlantedTarget

Change = Callable[[Any], list[Any]]
"""The messages that pass in a message's place."""
LOW: Final = Alarm.bit_of(Alarm.LOW_RESERVOIR)


def as_it_is(message: Any) -> list[Any]:
    return [message]


class SpoiltLink(Link):
    """Changes whole frames on their way; headers stay as they are."""

    def __init__(self, link: Link, heard: Change, said: Change) -> None:
        self._link = link
        self._changes = heard, said
        self._decoders = Decoder(from_device=False), Decoder(from_device=True)

    @property
    def url(self) -> str:
        return self._link.url

    def write(self, data: bytes) -> None:
        self._link.write(self._changed(0, data))

    def read(self, timeout_s: float) -> bytes:
        return self._changed(1, self._link.read(timeout_s))

    def close(self) -> None:
        self._link.close()

    def _changed(self, side: int, data: bytes) -> bytes:
        change, events = self._changes[side], self._decoders[side].feed(data)
        return b"".join(
            encode_frame(one.header, message) if isinstance(one, Frame) and message is not one.message else one.wire
            for one in events
            for message in (change(one.message) if isinstance(one, Frame) else [None])
        )


class SpoiltTarget(EmulatorTarget):
    """The emulator behind a spoilt link: another implementation, as far as anybody can tell."""

    name = "spoilt"
    independent = True

    def __init__(self, heard: Change = as_it_is, said: Change = as_it_is) -> None:
        super().__init__()
        self.link = SpoiltLink(self.link, heard, said)


class ForgetfulTarget(EmulatorTarget):
    """Forgets the reply that it should keep for a retry."""

    name = "forgetful"

    def __init__(self) -> None:
        super().__init__()
        link = self.link

        def heard(message: Any) -> list[Any]:
            self.device._therapy_reply = b""
            return [message]

        self.link = SpoiltLink(link, heard, as_it_is)


class TornLink(SpoiltLink):
    """Breaks for good at the first credit."""

    def write(self, data: bytes) -> None:
        if any(isinstance(one, Frame) and isinstance(one.message, RunTo) for one in Decoder(from_device=False).feed(data)):
            raise LinkLost("planted", "the cable was pulled", "plug it in again")
        super().write(data)


class TornTarget(EmulatorTarget):
    """`crash`: what it says of its own end."""

    name = "torn"

    def __init__(self, crash: str = "") -> None:
        super().__init__()
        self.link = TornLink(self.link, as_it_is, as_it_is)
        self._crash = crash

    def crashed(self) -> str:
        return self._crash


class DoublePump(Pump):
    """Gives a bolus twice."""

    __slots__ = ()

    def handle(self, message: Any, request_id: int = 0, body_crc: int = 0) -> Any:
        reply = super().handle(message, request_id, body_crc)
        if isinstance(message, Bolus | PatientBolus):
            for kind in (FluidKind.PATIENT, FluidKind.CLINICIAN):
                self.durable.owed_q[kind] *= 2
        return reply


class ClearingPump(Pump):
    """Takes a silenced alarm off its list."""

    __slots__ = ()

    def handle(self, message: Any, request_id: int = 0, body_crc: int = 0) -> Any:
        reply = super().handle(message, request_id, body_crc)
        if isinstance(message, SilenceAlarms):
            self.durable.alarms_active = 0
        return reply


def _said(kind: type, change: Callable[[Any], list[Any]]) -> Callable[[], Target]:
    return lambda: SpoiltTarget(said=lambda message: change(message) if isinstance(message, kind) else [message])


def _heard(kind: type, change: Callable[[Any], list[Any]]) -> Callable[[], Target]:
    return lambda: SpoiltTarget(heard=lambda message: change(message) if isinstance(message, kind) else [message])


class Defect(NamedTuple):
    """`caught_by`: the id of the check that must fail; `field`: what it must name; `tick`: where, None: anywhere."""

    name: str
    make: Callable[[], Target]
    caught_by: str
    field: str
    tick: int | None = None


DEFECTS: Final = (
    Defect("a reply that lies about the reservoir",
           _said(Status, lambda m: [replace(m, reservoir_estimated_nl=m.reservoir_estimated_nl + 1)]),
           "delivery.steps-in-their-ticks", "Status.reservoir_estimated_nl", 391),
    Defect("an alarm that is never listed",
           _said(Alarms, lambda m: [replace(m, alarms_active=m.alarms_active & ~LOW)]),
           "alarm.low-reservoir", "low_reservoir listed at tick 752", 752),
    Defect("a low alarm without a sound", _said(Report, lambda m: [replace(m, tone_class=0)]),
           "alarm.low-reservoir", "Report.tone_class when low_reservoir is raised", 752),
    Defect("a double dose", lambda: PlantedTarget(DoublePump()), "fluid.bolus-moves-its-volume-once", "Status.owed_nl", 632),
    Defect("a patient's double dose", lambda: PlantedTarget(DoublePump()), "update.cancels-what-was-owed", "Status.owed_nl", 93),
    Defect("a silence that clears", lambda: PlantedTarget(ClearingPump()),
           "alarm.silence-stills-and-keeps", "Alarms.alarms_active", 1),
    Defect("a stored reply that is forgotten", ForgetfulTarget,
           "session.retry-repeats-the-stored-reply", "bytes of the repeated reply"),
    Defect("a serial number that nobody checks", _heard(Open, lambda m: [replace(m, serial=1)]),
           "session.other-serial-is-refused", "Open: refusal"),
    Defect("a role that nobody checks", _heard(Open, lambda m: [replace(m, role=Role.CLINICIAN)]),
           "role.patient-may-not-ask", "Subscribe: refusal"),
    Defect("a credit that runs a tick too far", _heard(RunTo, lambda m: [replace(m, target_tick=m.target_tick + 1)]),
           "credit.runs-to-its-target", "Report.reached_tick", 2),
    Defect("a credit that stops at nothing", _heard(RunTo, lambda m: [replace(m, stop_mask=0)]),
           "credit.stops-at-a-step", "Report.reached_tick", 9_999),
    Defect("telemetry that comes twice", _said(Telemetry, lambda m: [m, replace(m)]),
           "telemetry.comes-each-tick-if-asked", "ticks of the telemetry", 50),
    Defect("a wrong digest", _said(Report, lambda m: [replace(m, controller_crc=m.controller_crc ^ 1)]),
           "snapshot.is-what-the-digests-cover", "Report.controller_crc", 200),
    Defect("effects that are not counted", _said(Report, lambda m: [replace(m, effect_count=0)]),
           "effect.of-a-whole-story", "Report.effect_count", 1_033),
    Defect("a log page that skips one", _said(LogPage, lambda m: [replace(m, entries=m.entries[1:])]),
           "log.pages-skip-and-repeat-nothing", "sequences of the first page", 33),
    Defect("power that does not fail",
           _heard(Inject, lambda m: [replace(m, fault=Fault.EMI, arg_0=0) if m.fault == Fault.POWER_CUT else m]),
           "memory.cut-drops-the-ticks-actuators", "Report.step_commanded", 392),
    Defect("a claim of authentication", _said(Identified, lambda m: [replace(m, features=m.features | 4)]),
           "identify.claims-no-authentication", "Identified.features, bit authentication"),
    Defect("a reply that comes twice", _said(Alarms, lambda m: [m, replace(m)]),
           "alarm.none-at-the-start", "replies that nothing asked for"),
    Defect("an empty alarm a tick early in a story", _said(Report, lambda m: [replace(m, effect_crc=m.effect_crc ^ 1)]),
           "timeline.first-step", "Report.effect_crc"),
)  # fmt: skip
