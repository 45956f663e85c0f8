"""Sessions: one at a time, held by id and role, ended by close, silence or reset; and what a retry brings."""

from __future__ import annotations

from typing import Any

from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Fault, Level, Refusal, ResetCause, Role, StopMask, StopReason
from pumpbench.protocol.crc import crc32c
from pumpbench.protocol.messages import (
    Bolus,
    Close,
    Done,
    FlexStep,
    Identify,
    Inject,
    Open,
    Opened,
    PatientBolus,
    Prime,
    ReadStatus,
    Refill,
    SilenceAlarms,
    StageFlex,
    Status,
    Stop,
)

OPENING, ADMISSION = "SEMANTICS 7.2", "SEMANTICS 7.1"
TIMEOUT_TICKS = 3_000
BOOT_TICKS = 20


def _open(pump: Subject, **fields: Any) -> Open:
    return Open(**{"serial": pump.serial, "role": Role.CLINICIAN, "nonce": 77, **fields})


@check("session.requests-need-one", f"{ADMISSION} step 5")
def requests_need_one(pump: Subject) -> None:
    """Without a session a request is refused."""
    pump.start()
    pump.refused(ReadStatus(), Refusal.SESSION_UNKNOWN, 0, 0)


@check("session.another-is-unknown", f"{ADMISSION} step 5")
def another_is_unknown(pump: Subject) -> None:
    """A request under another session than the open one is refused, and that session goes on."""
    pump.start()
    pump.open()
    pump.refused(ReadStatus(), Refusal.SESSION_UNKNOWN, 0, 0, session=pump.session ^ 1)
    pump.refused(ReadStatus(), Refusal.SESSION_UNKNOWN, 0, 0, session=0)
    pump.status()


@check("session.id-is-made-of-boot-count-and-nonce", OPENING, Level.L1)
def id_is_made(pump: Subject) -> None:
    """The session's id is the CRC of boot count, open count and nonce."""
    pump.start()
    for open_count in (1, 2):
        made = b"".join(number.to_bytes(4, "little") for number in (1, open_count, 77))
        opened = pump.ask(_open(pump))
        pump.expect_reply(opened, Opened)
        pump.expect_fields(opened, session=crc32c(made), fluid_highest_id=0)
        pump.session = opened.session
        pump.close()


@check("session.reply-carries-the-requests-session", "SEMANTICS 13")
def reply_carries(pump: Subject) -> None:
    """A reply carries the id and the session of its request."""
    pump.start()
    pump.open()
    request_id = pump.next_id() + 5
    pump.rise_above(request_id)
    reply = pump.send(pump.frame(ReadStatus(), request_id))
    pump.expect("header.session of the reply", reply.header.session, pump.session)
    pump.expect("header.request_id of the reply", reply.header.request_id, request_id)


@check("session.second-open-is-busy", OPENING)
def second_open_is_busy(pump: Subject) -> None:
    """While a clinician's session is open, another open is refused, a clinician's and a patient's, and it goes on."""
    pump.start()
    pump.open()
    for role in (Role.CLINICIAN, Role.PATIENT):
        pump.refused(_open(pump, role=role, nonce=78), Refusal.BUSY, 0, 0)
    pump.status()


@check("session.open-again-is-a-retry", OPENING)
def open_again(pump: Subject) -> None:
    """The same open once more, byte for byte, names the same session and opens none."""
    pump.start()
    wire = pump.frame(_open(pump, nonce=1_000 + pump.seed))
    first, again = pump.send(wire), pump.send(wire)
    pump.expect_reply(first.message, Opened)
    pump.session = first.message.session
    pump.expect("Opened of the retry", again.message, first.message)
    pump.rise_above(first.message.fluid_highest_id)
    pump.status()


@check("session.clinician-ends-a-patients", OPENING)
def clinician_ends_a_patients(pump: Subject) -> None:
    """A clinician who meets a patient's session ends it and gets one of their own; the patient's is unknown then."""
    pump.start()
    pump.open(Role.PATIENT)
    patients = pump.session
    pump.open(Role.CLINICIAN)
    pump.refused(ReadStatus(), Refusal.SESSION_UNKNOWN, 0, 0, session=patients)
    pump.done(SilenceAlarms())


@check("session.patient-meets-busy", OPENING)
def patient_meets_busy(pump: Subject) -> None:
    """A patient who meets a patient's session is refused: only a clinician ends it."""
    pump.start()
    pump.open(Role.PATIENT)
    pump.refused(_open(pump, role=Role.PATIENT, nonce=79), Refusal.BUSY, 0, 0)


@check("session.other-serial-is-refused", OPENING)
def other_serial(pump: Subject) -> None:
    """An open that names another pump is refused, with no session open and with one."""
    pump.start()
    pump.refused(_open(pump, serial=pump.serial ^ 1), Refusal.SERIAL_MISMATCH, 0, 0)
    pump.open()
    pump.refused(_open(pump, serial=pump.serial ^ 1), Refusal.SERIAL_MISMATCH, 0, 0)


@check("session.role-must-be-known", OPENING)
def role_must_be_known(pump: Subject) -> None:
    """An open with no role or an unknown one is malformed; the serial is judged before it."""
    pump.start()
    for role in (Role.NONE, 3, 255):
        pump.refused(_open(pump, role=role), Refusal.MALFORMED, 0, 0)
    pump.refused(_open(pump, role=Role.NONE, serial=pump.serial ^ 1), Refusal.SERIAL_MISMATCH)


@check("session.close-ends-it", OPENING)
def close_ends_it(pump: Subject) -> None:
    """Close is answered Done, and its session is unknown afterwards."""
    pump.start()
    pump.open()
    closed = pump.session
    pump.done(Close())
    pump.session = 0
    pump.refused(ReadStatus(), Refusal.SESSION_UNKNOWN, session=closed)


@check("session.retry-repeats-the-stored-reply", f"{ADMISSION} step 6")
def retry_repeats(pump: Subject) -> None:
    """The last request again, byte for byte, gets the stored reply, byte for byte: even its tick and sequence number."""
    pump.start()
    pump.open()
    wire = pump.frame(ReadStatus())
    first, again = pump.send(wire), pump.send(wire)
    pump.expect("bytes of the repeated reply", again.raw.hex(" "), first.raw.hex(" "))


@check("session.retry-of-a-refusal-repeats-it", f"{ADMISSION} step 10")
def retry_of_a_refusal(pump: Subject) -> None:
    """A refusal of a request that was admitted is stored like any reply: its retry brings it again, byte for byte."""
    pump.start()
    pump.open()
    wire = pump.frame(StageFlex(schedule=0, steps=(FlexStep(start_minute=0, dose_ng=1),) * 14))
    first, again = pump.send(wire), pump.send(wire)
    pump.expect("bytes of the repeated refusal", again.raw.hex(" "), first.raw.hex(" "))


@check("session.retry-after-ticks-repeats-the-old-reply", f"{ADMISSION} step 6", Level.L1)
def retry_after_ticks(pump: Subject) -> None:
    """A retry that comes later still gets the reply of then, and changes nothing."""
    pump.start()
    pump.open()
    wire = pump.frame(ReadStatus())
    first = pump.send(wire)
    before = pump.at(100)
    pump.expect("bytes of the late retry's reply", pump.send(wire).raw.hex(" "), first.raw.hex(" "))
    after = pump.run_to(100)
    pump.expect("Report.effect_count", after.effect_count, before.effect_count)
    if pump.level >= Level.L2:
        pump.expect("Report.controller_crc after a retry", after.controller_crc, before.controller_crc)


@check("session.old-id-is-stale", f"{ADMISSION} step 6")
def old_id_is_stale(pump: Subject) -> None:
    """A lower id is refused with the last id and its own; so is the last id with other bytes."""
    pump.start()
    pump.open()
    first = pump.next_id()
    pump.ask(ReadStatus(), request_id=first)
    last = pump.next_id()
    pump.ask(SilenceAlarms(), request_id=last)
    pump.refused(ReadStatus(), Refusal.STALE_ID, last, first, request_id=first)
    pump.refused(ReadStatus(), Refusal.STALE_ID, last, last, request_id=last)


@check("session.ids-begin-above-what-moved-fluid", OPENING)
def ids_begin_above(pump: Subject) -> None:
    """A new session refuses ids up to the highest that moved fluid, and takes the next."""
    pump.start()
    highest = pump.open().fluid_highest_id
    if highest:
        pump.refused(ReadStatus(), Refusal.STALE_ID, highest, highest, request_id=highest)
    pump.rise_above(highest)
    pump.status()


@check("session.refused-frames-use-up-no-id", ADMISSION)
def refused_use_no_id(pump: Subject) -> None:
    """What is refused before it is parsed consumes no id: the same id is free for the next request."""
    pump.start()
    pump.open()
    request_id = pump.next_id()
    pump.refused(ReadStatus(), Refusal.SESSION_UNKNOWN, session=pump.session ^ 1, request_id=request_id)
    pump.expect_reply(pump.ask(ReadStatus(), request_id=request_id), Status)


@check("session.refused-frames-change-nothing", "SEMANTICS 14 law 7", Level.L2)
def refused_change_nothing(pump: Subject) -> None:
    """What is refused before it is parsed changes no digest and makes no effect."""
    pump.start()
    pump.open()
    pump.status()
    before = pump.run_to(0)
    pump.refused(ReadStatus(), Refusal.SESSION_UNKNOWN, session=pump.session ^ 1)
    pump.refused(_open(pump, serial=pump.serial ^ 1), Refusal.SERIAL_MISMATCH)
    pump.refused(_open(pump, nonce=80), Refusal.BUSY)
    pump.refused(Stop(), Refusal.STALE_ID, request_id=1)
    pump.expect("the whole report", pump.run_to(0), before)


@check("session.silence-ends-it", "SEMANTICS 4 phase 5, 7.2", Level.L1)
def silence_ends_it(pump: Subject) -> None:
    """A session ends in the tick in which its silence reaches the timeout, 3000 ticks, and not before."""
    pump.start()
    pump.open()
    pump.at(TIMEOUT_TICKS - 1)
    pump.status()
    # That request was at tick 2999: silence counts from there.
    report = pump.run_to(9_999, StopMask.bit_of(StopMask.EFFECT))
    pump.expect("Report.reached_tick of the timeout", report.reached_tick, TIMEOUT_TICKS - 1 + TIMEOUT_TICKS)
    pump.expect("Report.reason", report.reason, StopReason.EFFECT)
    pump.refused(ReadStatus(), Refusal.SESSION_UNKNOWN)


@check("session.refused-frames-keep-nothing-awake", "SEMANTICS 7.1, 7.2", Level.L1)
def refused_keep_nothing_awake(pump: Subject) -> None:
    """Neither Identify nor a stored reply nor a refused frame restarts the timeout."""
    pump.start()
    pump.open()
    wire = pump.frame(ReadStatus())
    pump.send(wire)
    pump.at(1_500)
    pump.send(wire)
    pump.ask(Identify())
    pump.refused(ReadStatus(), Refusal.SESSION_UNKNOWN, session=pump.session ^ 1)
    report = pump.run_to(9_999, StopMask.bit_of(StopMask.EFFECT))
    pump.expect("Report.reached_tick of the timeout", report.reached_tick, TIMEOUT_TICKS)


@check("session.timeout-is-as-configured", "SEMANTICS 4 phase 5", Level.L1)
def timeout_as_configured(pump: Subject) -> None:
    """With a timeout of 10 ticks a session opened at tick 0 ends in tick 10."""
    pump.start({"session_timeout_ticks": 10})
    pump.open()
    report = pump.run_to(100, StopMask.bit_of(StopMask.EFFECT))
    pump.expect("Report.reached_tick of the timeout", report.reached_tick, 10)


@check("session.reset-ends-it", "SEMANTICS 7.2, 9", Level.L3)
def reset_ends_it(pump: Subject) -> None:
    """A reset loses the session; requests are refused while the pump boots, with the ticks that are left."""
    pump.start()
    pump.open()
    pump.at(10)
    pump.report(Inject(fault=Fault.RESET, arg_0=0, arg_1=0, arg_2=0))
    pump.refused(ReadStatus(), Refusal.BOOTING, 0, 0)
    pump.at(11)
    pump.refused(ReadStatus(), Refusal.BOOTING, 0, BOOT_TICKS)
    pump.refused(_open(pump), Refusal.BOOTING, 0, BOOT_TICKS)
    pump.at(11 + BOOT_TICKS - 1)
    pump.refused(_open(pump), Refusal.BOOTING, 0, 1)
    pump.at(11 + BOOT_TICKS)
    pump.refused(ReadStatus(), Refusal.SESSION_UNKNOWN)
    pump.session = 0
    pump.open()
    pump.expect_fields(pump.status(), boot_count=2, reset_cause=ResetCause.WATCHDOG)


@check("session.ids-that-move-fluid-may-not-jump", f"{ADMISSION} step 9")
def ids_may_not_jump(pump: Subject) -> None:
    """A request that would move fluid under an id more than 65536 above the highest that did is refused; others may jump."""
    pump.start()
    highest = pump.open().fluid_highest_id
    far = highest + 65_537
    last = pump.next_id()
    pump.ask(ReadStatus(), request_id=last)
    moving = (PatientBolus(), Bolus(dose_ng=1, volume_nl=2, duration_ticks=10), Prime(scope=1, volume_nl=1),
              Refill(measured_nl=0, fill_nl=1))  # fmt: skip
    for message in moving:
        pump.refused(message, Refusal.STALE_ID, last, far, request_id=far)
    pump.expect_reply(pump.ask(SilenceAlarms(), request_id=far), Done)
    pump.rise_above(far)
