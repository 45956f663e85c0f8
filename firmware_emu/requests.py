"""Knows which part answers which therapy request, and that its words are written before its reply; it must not know frames.

Section 7 of SEMANTICS.md, from 7.1 step 10 on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from pumpbench.firmware_emu import reading, settings, staging, therapy
from pumpbench.firmware_emu.dosing import Sender, request_bolus
from pumpbench.firmware_emu.machine import Machine
from pumpbench.firmware_emu.motor import interrogate
from pumpbench.firmware_emu.refill import refill
from pumpbench.firmware_emu.refusing import done, refused
from pumpbench.firmware_emu.sessions import close_session, open_refused, open_session
from pumpbench.protocol import messages
from pumpbench.protocol.codes import Refusal
from pumpbench.protocol.layout import layout_of

Answer = Callable[[Machine, Any, Sender], Any]


def _plain(answer: Callable[[Machine, Any], Any]) -> Answer:
    return lambda machine, asked, _: answer(machine, asked)


def _read(answer: Callable[[Machine], Any]) -> Answer:
    return lambda machine, asked, _: answer(machine)


def _open(machine: Machine, asked: messages.Open, sender: Sender) -> Any:
    return open_refused(machine, asked) or open_session(machine, asked, *sender)


def _close(machine: Machine, _: messages.Close) -> messages.Done:
    close_session(machine)
    return done(messages.Close)


def _read_status(machine: Machine) -> None:
    """The reply is made after the writes."""
    interrogate(machine)


ANSWERS: Final[Mapping[type, Answer]] = {
    messages.Open: _open,
    messages.Close: _plain(_close),
    messages.ReadStatus: _read(_read_status),
    messages.Subscribe: lambda machine, asked, _: done(messages.Subscribe),
    messages.ReadProgram: _plain(reading.read_program),
    messages.ReadFlex: _plain(reading.read_flex),
    messages.ReadAlarms: _read(reading.read_alarms),
    messages.ReadLog: _plain(reading.read_log),
    messages.ReadRecord: _read(reading.read_record),
    messages.ReadAccount: _read(reading.read_account),
    messages.StageProgram: _plain(staging.stage_program),
    messages.StageFlex: _plain(staging.stage_flex),
    messages.VerifyProgram: _plain(staging.verify_program),
    messages.CommitProgram: _plain(staging.commit_program),
    messages.Bolus: request_bolus,
    messages.PatientBolus: request_bolus,
    messages.Prime: request_bolus,
    messages.Refill: refill,
    messages.Stop: _plain(therapy.stop),
    messages.Resume: _plain(therapy.resume),
    messages.SilenceAlarms: _plain(settings.silence_alarms),
    messages.TestAlarm: _plain(settings.sound_test),
    messages.SetClock: _plain(settings.set_clock),
    messages.WriteRecord: _plain(settings.write_record),
    messages.MeasureBattery: _plain(settings.measure_battery),
}


def handle(machine: Machine, asked: Any, sender: Sender) -> Any:
    """The reply to an accepted request. Where an armed power cut struck, it is `Refused(POWER_CUT)`."""
    machine.t = machine.plant.tick
    reply = ANSWERS[type(asked)](machine, asked, sender)
    if machine.write_out():
        return refused(type(asked), Refusal.POWER_CUT)
    return reading.status(machine) if isinstance(asked, messages.ReadStatus) else reply


def is_request(number: int) -> bool:
    """Whether a message type is one that a therapy session may send."""
    return number in _NUMBERS


_NUMBERS: Final = frozenset(layout_of(cls).number for cls in ANSWERS)
