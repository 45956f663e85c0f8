"""Knows every act a step may hold, with its arguments; it must not know how one is carried out."""

from __future__ import annotations

from typing import Final

from pumpbench.hil.scenario.interval import Interval
from pumpbench.hil.scenario.kinds import Choice, ClockTime, Duration, Key, ListOf, Table, Text, Whole, Word, Yes
from pumpbench.protocol.codes import Drug, Mode, PrimeScope, Role, RotorFault
from pumpbench.protocol.limits import FLEX_STEPS_ON_WIRE, PPM, TICKS_PER_DAY

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
READABLE: Final = ("identify", "status", "program", "staged", "flex", "alarms", "log", "record", "account")
PHASES: Final = ("read", "stage", "verify", "commit")

_MODES = dict(Mode.items())
_VOLUME = Whole(40_000_000)
_CONCENTRATION = Key(Whole(4_000), "of the drug; left out: as at the start")

FLEX_STEP = Table(
    {
        "start": Key(ClockTime(), "when the step begins", required=True),
        "dose_ng": Key(Whole(), "dose over the step's own length", required=True),
    }
)
PATIENT = Table(
    {
        "dose_ng": Key(Whole(), "dose of one bolus", required=True),
        "duration": Key(Duration(), "over how long it flows", required=True),
        "lockout": Key(Duration(), "least time between two starts", required=True),
        "count": Key(Whole(255), "most in 24 h", required=True),
    }
)
PROGRAM = Table(
    {
        "id": Key(Whole(), "number the programmer gives; left out: counted"),
        "mode": Key(Choice(_MODES), "how the drug is given", required=True),
        "concentration_ug_per_ml": _CONCENTRATION,
        "dose_ng_per_day": Key(Whole(), "daily dose; flex: left out, the sum of its steps"),
        "flex": Key(ListOf(FLEX_STEP, 1, FLEX_STEPS_ON_WIRE), "flex: the steps of a day, the first at 00:00", ()),
        "flex_other": Key(ListOf(FLEX_STEP, 1, FLEX_STEPS_ON_WIRE), "flex: the steps on `other_days`", ()),
        "other_days": Key(ListOf(Word(WEEKDAYS), 1, 7), "weekdays that follow flex_other", ()),
        "interval": Key(Interval(), "interval bolus: '6h' or '90min'", (0, 0)),
        "interval_dose_ng": Key(Whole(), "interval bolus: dose of each", 0),
        "interval_duration": Key(Duration(), "interval bolus: over how long each flows", 0),
        "single_dose_ng": Key(Whole(), "single bolus: its dose", 0),
        "single_duration": Key(Duration(), "single bolus: over how long it flows", 0),
        "patient": Key(PATIENT, "the patient's own boluses; left out: none"),
        "low_reservoir_nl": Key(_VOLUME, "estimate at which the low alarm comes [P02]", 2_000_000),
        "dose_limit_ng": Key(Whole(), "most that any 24 h may give", 48_000_000),
        "critical_interval": Key(Duration(), "period of the critical tone", 6_000),
        "bridge": Key(Yes(), "a bridge bolus follows the commit"),
        "confirm": Key(Yes(), "give the second confirmation, if the pump asks for one"),
        "finish": Key(Word(PHASES[1:]), "how far the programmer goes", "commit"),
        "lose_link_after": Key(Word(PHASES[:3]), "the link is lost after this part"),
        "rate_check_nl_per_day": Key(Whole(), "what the programmer says it derived, where it errs"),
        "volume_check_nl": Key(Whole(), "what the programmer says it derived, where it errs"),
    },
    "read, stage, verify, review and commit a program, as a clinician's programmer does",
)
BOLUS = Table(
    {
        "dose_ng": Key(Whole(), "dose", required=True),
        "duration": Key(Duration(), "over how long it flows", required=True),
        "volume_nl": Key(Whole(), "what the programmer says it derived, where it errs"),
    }
)
PRIME = Table(
    {
        "scope": Key(Choice({name: n for name, n in PrimeScope.items() if n}), "which part of the line", required=True),
        "volume_nl": Key(Whole(), "what the programmer says it derived, where it errs"),
    }
)
REFILL = Table(
    {
        "fill_nl": Key(_VOLUME, "volume filled in", required=True),
        "withdraw_nl": Key(_VOLUME, "volume withdrawn before; left out: all there is (nothing in a pocket fill)"),
        "concentration_ug_per_ml": _CONCENTRATION,
        "measured_nl": Key(_VOLUME, "what the pump is told was withdrawn; left out: the truth (the estimate in a pocket fill)"),
        "told_fill_nl": Key(_VOLUME, "what the pump is told was filled in; left out: the truth"),
        "pocket": Key(Yes(), "the needle missed: the drug goes beside the pump [F11]"),
        "untold": Key(Yes(), "the pump is told nothing"),
    },
    "withdraw, fill, and tell the pump",
)
CLOCK = Table(
    {"day": Key(Whole(65_535), "clock day; 0 is a Monday", required=True), "time": Key(ClockTime(), "time of day", required=True)}
)
RECORD = Table(
    {
        "drug": Key(Choice(dict(Drug.items())), "drug", Drug.BACLOFEN),
        "catheter_length_mm": Key(Whole(0xFFFF), "implanted length", required=True),
        "tubing_nl": Key(Whole(), "internal tubing", required=True),
    }
)
ROTOR = Table(
    {
        "fault": Key(Choice(dict(RotorFault.items())), "none ends a fault", required=True),
        "run_count": Key(Whole(1_000_000, 1), "intermittent: steps that turn", 0),
        "miss_count": Key(Whole(1_000_000, 1), "intermittent: steps that miss after them", 0),
    }
)
FIELD = Table(
    {
        "on": Key(Yes(), "the pump comes into the field; left out: it leaves"),
        "lag": Key(Duration(hi=TICKS_PER_DAY), "on: how long the rotor stays locked afterwards [M06, M12]", 0),
    }
)
FLOW = Table(
    {
        "ppm": Key(Whole(2 * PPM, 1), "volume of a step against the nominal", required=True),
        "drift_ppm_per_day": Key(Whole(PPM), "added each day", 0),
    }
)
RESISTANCE = Table(
    {
        "mohm": Key(Whole(100_000_000), "series resistance", required=True),
        "growth_mohm_per_day": Key(Whole(100_000_000), "added each day", 0),
    }
)
FLIP = Table(
    {
        "place": Key(
            Word(("memory", "program_slot_0", "program_slot_1", "checkpoint_slot_0", "checkpoint_slot_1", "log")),
            "part",
            "memory",
        ),
        "word": Key(Whole(65_535), "word within the part", required=True),
        "mask": Key(Whole(0xFFFF_FFFF, 1), "bits that flip", required=True),
    }
)

ACTS: Final = {
    "program": Key(PROGRAM, PROGRAM.doc),
    "bolus": Key(BOLUS, "a clinician's bolus on top of the program"),
    "patient_bolus": Key(Yes(), "the patient asks for a bolus"),
    "prime": Key(PRIME, "fill the line"),
    "refill": Key(REFILL, REFILL.doc),
    "stop": Key(Yes(), "stop delivery"),
    "resume": Key(Yes(), "resume the program in force"),
    "silence": Key(Yes(), "silence the alarms listed now"),
    "test_alarm": Key(Yes(), "sound both tones"),
    "measure_battery": Key(Yes(), "ask for a battery sample"),
    "set_clock": Key(CLOCK, "set the pump's clock"),
    "write_record": Key(RECORD, "write what therapy depends on into the device record"),
    "read": Key(ListOf(Word(READABLE), 1), "look at the pump; a status is an interrogation"),
    "subscribe": Key(Duration(), "ask for telemetry at this period, '0s' for no more; needs an open session"),
    "repeat": Key(Yes(), "the last request comes again with the same id, as from a programmer that saw no reply"),
    "session": Key(
        Choice({"clinician": Role.CLINICIAN, "patient": Role.PATIENT, "close": Role.NONE}),
        "open a session that stays, or close it",
    ),
    "link": Key(Word(("lost", "back")), "the therapy link is cut, or restored"),
    "rotor": Key(ROTOR, "the rotor fails, or works again"),
    "field": Key(FIELD, "a magnetic field that locks the rotor"),
    "occlusion_ppm": Key(Whole(PPM), "how much of the flow the catheter holds back"),
    "leak_ppm": Key(Whole(PPM), "how much of the flow is lost before the tip; 1000000: disconnected"),
    "flow": Key(FLOW, "the pump gives more or less than a step's volume [F02]"),
    "battery_charge_ppm": Key(Whole(PPM), "charge in millionths of the capacity"),
    "battery_resistance": Key(RESISTANCE, "a film in the cell [F04]"),
    "memory_flip": Key(FLIP, "bits of the memory flip"),
    "power_cut_words": Key(Whole(65_534), "power fails after this many memory words, at the next write"),
    "reset": Key(Yes(), "the watchdog bites"),
    "emi": Key(Yes(), "interference reaches the telemetry [F07]"),
    "line_ug_per_ml": Key(Whole(4_000), "the line is aspirated (0) or flushed with a drug"),
    "wait": Key(Text(), "nothing; a place to look at in the report"),
}
