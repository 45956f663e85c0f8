"""What a device says it is: on both channels, in every state, the same each time, and nothing that is not true."""

from __future__ import annotations

from typing import Any

from pumpbench.firmware_emu.capabilities import SCHEMA_ID
from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.result import Undecided
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import CrcBuild, Feature, Level, Model, Nvm, Refusal
from pumpbench.protocol.messages import Arm, Disarm, Identified, Identify, ReadRecord, Record

SPEC, BENCH = "SPEC Channels", "SEMANTICS 13"


def _identified(pump: Subject, **how: Any) -> Identified:
    reply = pump.ask(Identify(), **how)
    pump.expect_reply(reply, Identified)
    found: Identified = reply
    return found


@check("identify.answers-on-both-channels", SPEC)
def on_both_channels(pump: Subject) -> None:
    """Identify is answered on the therapy and on the bench channel, and says the same."""
    pump.start()
    pump.expect("Identified on the bench channel", _identified(pump, bench=True), _identified(pump, bench=False))


@check("identify.needs-no-session", "SEMANTICS 7.1 step 2")
def needs_no_session(pump: Subject) -> None:
    """Identify is answered without a session and with a wrong one, and any id will do."""
    pump.start()
    first = _identified(pump)
    pump.expect("Identified in a session that is none", _identified(pump, session=0xDEAD_BEEF), first)
    pump.expect("Identified under an old id", _identified(pump, request_id=1), first)


@check("identify.codes-are-known", "SPEC Codes")
def codes_are_known(pump: Subject) -> None:
    """Level, memory, model, CRC and features are values of their code lists, and the speed is more than nothing."""
    found = _identified(pump)
    for field, codes in (("level", Level), ("nvm", Nvm), ("model", Model), ("crc_build", CrcBuild)):
        value = getattr(found, field)
        pump.expect(f"Identified.{field}", value in [known for _, known in codes.items()], True)
    unknown = [name for name in Feature.names_in(found.features) if name.startswith("unknown")]
    pump.expect("Identified.features without a name", unknown, [])
    pump.expect("Identified.ticks_per_second is more than 0", found.ticks_per_second > 0, True)


@check("identify.claims-no-authentication", "SPEC Sessions")
def claims_no_authentication(pump: Subject) -> None:
    """The authentication bit of the features is 0: its place is kept, and nothing is built."""
    features = _identified(pump).features
    pump.expect("Identified.features, bit authentication", features & Feature.bit_of(Feature.AUTHENTICATION), 0)


@check("identify.level-above-l0-has-a-bench", "SEMANTICS 13")
def level_has_a_bench(pump: Subject) -> None:
    """A device of level L1 or more has the bench channel; one without it is L0."""
    found = _identified(pump)
    has_bench = bool(found.features & Feature.bit_of(Feature.BENCH))
    pump.expect("the bench bit beside the level", has_bench or found.level == Level.L0, True)


@check("identify.serial-is-the-records", "SEMANTICS 7.3")
def serial_is_the_records(pump: Subject) -> None:
    """Serial and model of Identified are those of the device record."""
    pump.start()
    found = _identified(pump)
    pump.open()
    record = pump.ask(ReadRecord())
    pump.expect_reply(record, Record)
    pump.expect_fields(record, serial=found.serial, model=found.model)


@check("identify.schema-is-the-declared-one", "SEMANTICS 2", Level.L2)
def schema_is_declared(pump: Subject) -> None:
    """The schema id is that of the state layout these checks know; with another, digests cannot be compared."""
    found = _identified(pump)
    if found.schema_id != SCHEMA_ID:
        raise Undecided(f"schema {found.schema_id:#010x}, these checks know {SCHEMA_ID:#010x}: its digests are not compared")
    pump.expect("Identified.schema_id", found.schema_id, SCHEMA_ID)


@check("identify.armed-follows-arm", BENCH, Level.L1)
def armed_follows(pump: Subject) -> None:
    """Identified.armed is 1 from Arm to Disarm and 0 otherwise."""
    pump.arm()
    pump.expect("Identified.armed after Arm", _identified(pump).armed, 1)
    pump.done(Disarm())
    pump.armed = False
    pump.expect("Identified.armed after Disarm", _identified(pump).armed, 0)


@check("identify.arm-wants-the-build-id", BENCH, Level.L1)
def arm_wants_the_build_id(pump: Subject) -> None:
    """Arm with another build id is refused by name and arms nothing."""
    pump.arm()
    pump.disarm()
    pump.refused(Arm(build_id=pump.build_id ^ 1), Refusal.BUILD_MISMATCH, 0, 0)
    pump.expect("Identified.armed after a refused Arm", _identified(pump).armed, 0)
