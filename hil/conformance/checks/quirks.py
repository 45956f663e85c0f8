"""Documented misbehaviour: off unless it was switched on, refused by a build without it, and its own where it is taken."""

from __future__ import annotations

from typing import Final

from pumpbench.hil.bench import CONFIG_INDEX
from pumpbench.hil.conformance.check import check
from pumpbench.hil.conformance.checks.alarms import inject
from pumpbench.hil.conformance.checks.program_rules import stage
from pumpbench.hil.conformance.programs import program, treat
from pumpbench.hil.conformance.result import Undecided
from pumpbench.hil.conformance.subject import Subject
from pumpbench.protocol.codes import Fault, Held, Level, Quirk, Refusal
from pumpbench.protocol.messages import Configure, Done, Refused

SECTION: Final = "SEMANTICS 13, configure"
INDEX: Final = CONFIG_INDEX["quirks"]


def switched(pump: Subject, quirk: int) -> None:
    """On; `Undecided` for a build without it, which must say so by name."""
    reply = pump.ask(Configure(config_index=INDEX, value=Quirk.bit_of(quirk)))
    if isinstance(reply, Refused):
        pump.is_refused(f"quirk {Quirk.name_of(quirk)}", reply, Refusal.CONFIG_RANGE)
        raise Undecided(f"this build has no quirk {Quirk.name_of(quirk)}, and says so by name")
    pump.expect_reply(reply, Done)


@check("quirk.unknown-ones-are-refused", SECTION, Level.L1)
def unknown_are_refused(pump: Subject) -> None:
    """Every quirk is taken or refused as out of range; a bit that is none is always refused."""
    pump.start()
    for name, value in Quirk.items():
        reply = pump.ask(Configure(config_index=INDEX, value=Quirk.bit_of(value)))
        if not isinstance(reply, Done):
            pump.is_refused(f"quirk {name}", reply, Refusal.CONFIG_RANGE)
    for value in (16, 1 << 15, 1 << 16, 1 << 63):
        pump.refused(Configure(config_index=INDEX, value=value), Refusal.CONFIG_RANGE)
    pump.done(Configure(config_index=INDEX, value=0))


@check("quirk.staging-holds-nothing-without-one", "SEMANTICS 7.4", Level.L1)
def staging_holds_nothing(pump: Subject) -> None:
    """Without a quirk, staging a program leaves delivery as it is."""
    pump.start()
    treat(pump)
    stage(pump, program(program_id=8))
    pump.expect_fields(pump.status(), held=0, rate_nl_per_day=600_000)


@check("quirk.stop-at-stage-holds-delivery", "SEMANTICS 7.4", Level.L1)
def stop_at_stage(pump: Subject) -> None:
    """With stop_at_stage, staging holds delivery back until the program takes effect or fails."""
    pump.start()
    switched(pump, Quirk.STOP_AT_STAGE)
    treat(pump)
    stage(pump, program(program_id=8))
    pump.expect_fields(pump.status(), held=Held.bit_of(Held.UPDATE), rate_nl_per_day=0)


@check("quirk.field-leaves-telemetry-alone-without-one", "SEMANTICS 4 phase 3", Level.L3)
def emi_holds_nothing(pump: Subject) -> None:
    """Without a quirk, interference does not hold delivery, an alarm or not."""
    pump.start(reservoir_estimated_nl=1_000_000)
    treat(pump)
    inject(pump, Fault.EMI)
    pump.at(pump.tick + 5)
    pump.expect_fields(pump.status(), held=0, rate_nl_per_day=600_000)


@check("quirk.late-replacement-date-is-30-days-late", "SEMANTICS 7.3", Level.L1)
def late_replacement(pump: Subject) -> None:
    """The replacement date is the end of service; with late_replacement_date it reads 30 days later."""
    pump.start()
    pump.open()
    pump.expect_fields(pump.status(), replace_by_life_ticks=2_209_032_000)
    switched(pump, Quirk.LATE_REPLACEMENT_DATE)
    pump.expect_fields(pump.status(), replace_by_life_ticks=2_209_032_000 + 25_920_000)
