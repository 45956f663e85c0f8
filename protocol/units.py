"""Knows which unit a field's name carries in its suffix; it must not convert between units."""

# One list for the whole project. Key: the suffix as names carry it. Value: how people read it.
UNITS: dict[str, str] = {
    "nl_per_day": "nl/day",
    "pl_per_day": "pl/day",
    "ng_per_day": "ng/day",
    "pg_per_day": "pg/day",
    "ug_per_day": "ug/day",
    "nc_per_day": "nC/day",
    "ug_per_ml": "ug/ml",
    "ng_per_ml": "ng/ml",
    "nl_per_mm": "nl/mm",
    "nc_per_mohm": "nC/mohm",
    "ppm_per_day": "ppm/day",
    "mohm_per_day": "mohm/day",
    "ticks_per_second": "ticks/s",
    "ticks": "ticks",
    "tick": "tick",
    "minutes": "min",
    "minute": "min",
    "hours": "h",
    "hour": "h",
    "days": "days",
    "day": "day",
    "s": "s",
    "ms": "ms",
    "us": "us",
    "ns": "ns",
    "q": "q",
    "ml": "ml",
    "ul": "ul",
    "nl": "nl",
    "pl": "pl",
    "mg": "mg",
    "ug": "ug",
    "ng": "ng",
    "pg": "pg",
    "fg": "fg",
    "mv": "mV",
    "uv": "uV",
    "ua": "uA",
    "na": "nA",
    "pa": "pA",
    "nc": "nC",
    "pc": "pC",
    "ohm": "ohm",
    "mohm": "mohm",
    "mdegc": "mdegC",
    "ppm": "ppm",
    "ppt": "ppt",
    "mt": "mT",
    "mm": "mm",
    "um": "um",
    "baud": "baud",
    "bits": "bits",
    "bytes": "bytes",
    "count": "count",
    "index": "index",
    "id": "id",
    "seq": "seq",
    "crc": "crc",
}

# A bound follows the unit (`rate_nl_per_day_max`) and is not part of it.
BOUNDS = ("_max", "_min", "_low", "_high")


def suffix_of(name: str) -> str:
    """The unit suffix of a field name, longest match first; "" where the name carries none (a plain number)."""
    for bound in BOUNDS:
        name = name.removesuffix(bound)
    while name and name not in UNITS:
        name = name.partition("_")[2]
    return name


def unit_of(name: str) -> str:
    """The unit of a field as people read it: `rate_nl_per_day_max` -> `nl/day`; "" for a plain number."""
    return UNITS.get(suffix_of(name), "")
