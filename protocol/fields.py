"""Knows how one class's fields are written down and read off; it must not know what class is made of them."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from .codelist import Codes
from .flat import THERAPY, Field, Klass, Layout, Shape, Tail
from .units import unit_of
from .wire import code_of, range_of


class LayoutError(TypeError):
    """A declaration breaks a rule of layouts; raised at import, one line, naming class and field."""


class RangeError(ValueError):
    """A value lies outside its field's range; one line: message.field, value, range, unit."""


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """What `field`, `array` and `blob` leave in the class body until the class is read."""

    doc: str
    klass: Klass | None
    lo: int
    hi: int | None
    codes: type[Codes] | None
    flags: type[Codes] | None
    since: int
    default: int | _Missing
    tolerance: int
    shape: Shape = "scalar"
    code: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class TailSpec:
    """What `tail` and `tail_bytes` leave in the class body. `item` None: plain bytes."""

    item: Any
    count_max: int
    doc: str
    klass: Klass | None


def field(
    *,
    doc: str = "",
    klass: Klass | None = None,
    lo: int = 0,
    hi: int | None = None,
    codes: type[Codes] | None = None,
    flags: type[Codes] | None = None,
    since: int = 1,
    default: Any = MISSING,
    tolerance: int = 0,
) -> Any:
    """One integer. Range lo..hi, hi None: the width's largest; the unit is the name's suffix (`units.py`).

    `klass` None: the class's own. `codes`: a value of that list, unknown ones kept; `flags`: a set of them.
    `since`: revision at which a late field came; it is last and its default is 0. `tolerance`: for MEASURED.
    """
    return FieldSpec(
        doc=doc, klass=klass, lo=lo, hi=hi, codes=codes, flags=flags, since=since, default=default, tolerance=tolerance
    )


def array(
    wire: Any,
    count: int,
    *,
    doc: str = "",
    klass: Klass | None = None,
    lo: int = 0,
    hi: int | None = None,
    codes: type[Codes] | None = None,
    flags: type[Codes] | None = None,
    since: int = 1,
    default: int = 0,
    tolerance: int = 0,
) -> Any:
    """A fixed array of `count` integers of one wire type, in state only; every element starts at `default`."""
    return FieldSpec(
        doc=doc, klass=klass, lo=lo, hi=hi, codes=codes, flags=flags, since=since, default=default, tolerance=tolerance,
        shape="array", code=code_of(wire) or "", count=count,
    )  # fmt: skip


def blob(size_bytes: int, *, doc: str = "", klass: Klass | None = None, since: int = 1) -> Any:
    """A fixed run of bytes, in state only; it starts as zeros."""
    return FieldSpec(
        doc=doc, klass=klass, lo=0, hi=255, codes=None, flags=None, since=since, default=0, tolerance=0,
        shape="blob", code="s", count=size_bytes,
    )  # fmt: skip


def tail(item: type, *, max_count: int, doc: str = "", klass: Klass | None = None) -> Any:
    """The items a message ends with: 0..max_count of an `@item` class, as a tuple."""
    return TailSpec(item, max_count, doc, klass)


def tail_bytes(*, max_count: int, doc: str = "", klass: Klass | None = None) -> Any:
    """The bytes a message ends with: 0..max_count."""
    return TailSpec(None, max_count, doc, klass)


def read_class(
    cls: type, shapes: tuple[Shape, ...], default: int | None, klass: Klass, layout_of: Callable[[type], Layout]
) -> tuple[tuple[Field, ...], Tail | None]:
    """Flat fields and tail of a class body; raises LayoutError. `default` stands where a field gives none."""
    annotations = inspect.get_annotations(cls, eval_str=True)
    untyped = [n for n, v in vars(cls).items() if isinstance(v, (FieldSpec, TailSpec)) and n not in annotations]
    if untyped:
        raise LayoutError(f"{cls.__name__}.{untyped[0]}: untyped field; write `{untyped[0]}: U32 = field(...)`")
    fields: list[Field] = []
    end: Tail | None = None
    for name, annotation in annotations.items():
        spec = cls.__dict__.get(name, field())
        if end is not None:
            raise LayoutError(f"{cls.__name__}.{name}: field after the tail {end.name!r}; the tail is last")
        if isinstance(spec, TailSpec):
            late = [f.name for f in fields if f.since > 1]
            if late:
                raise LayoutError(f"{cls.__name__}.{late[0]}: late field before the tail {name!r}; only its items grow")
            end = _tail(cls, name, spec, klass, layout_of)
        else:
            fields.append(_field(cls, name, annotation, spec, fields, shapes, default, klass))
    return tuple(fields), end


def _tail(cls: type, name: str, spec: TailSpec, klass: Klass, layout_of: Callable[[type], Layout]) -> Tail:
    item = None if spec.item is None else layout_of(spec.item)
    if item is not None and (item.kind != "item" or not 1 <= item.size <= 255):
        raise LayoutError(f"{cls.__name__}.{name}: {item.name} is no @item of 1..255 bytes")
    if not 1 <= spec.count_max <= 0xFFFF:
        raise LayoutError(f"{cls.__name__}.{name}: max_count {spec.count_max}; expected 1..65535")
    return Tail(name, item, spec.count_max, spec.klass or klass, spec.doc)


def _field(
    cls: type, name: str, annotation: object, spec: Any, before: list[Field], shapes: tuple[Shape, ...],
    default: int | None, klass: Klass,
) -> Field:  # fmt: skip
    if not isinstance(spec, FieldSpec):
        raise LayoutError(f"{cls.__name__}.{name} = {spec!r}: write `= field(default=...)`")
    code = spec.code if spec.shape != "scalar" else code_of(annotation)
    if not code:
        raise LayoutError(f"{cls.__name__}.{name}: untyped field ({annotation!r}); expected U8..U64 or I8..I64")
    if spec.shape not in shapes:
        raise LayoutError(f"{cls.__name__}.{name}: {spec.shape} fields stand in state layouts only")
    given = default if isinstance(spec.default, _Missing) else spec.default
    made = Field(
        name=name, code=code, offset=sum(f.size for f in before), count=spec.count, shape=spec.shape,
        unit=unit_of(name), klass=spec.klass or klass, lo=spec.lo, hi=_hi(spec, code), since=spec.since,
        default=given, tolerance=spec.tolerance, doc=spec.doc,
        codes=spec.codes.table if spec.codes else None, flags=spec.flags.table if spec.flags else None,
    )  # fmt: skip
    _refuse_bad(f"{cls.__name__}.{name}", made, before[-1].since if before else 1)
    return made


def _hi(spec: FieldSpec, code: str) -> int:
    return range_of(code)[1] if spec.hi is None else spec.hi


def _refuse_bad(where: str, made: Field, since_before: int) -> None:
    for problem in _problems(made, since_before):
        raise LayoutError(f"{where}: {problem}")


def _problems(made: Field, since_before: int) -> Iterator[str]:
    lo, hi = range_of(made.code)
    if not lo <= made.lo <= made.hi <= hi:
        yield f"range {made.lo}..{made.hi} does not fit the width's {lo}..{hi}"
    if made.count < 1:
        yield f"count {made.count}; expected 1 or more"
    if made.since < since_before:
        yield f"`since` falls from {since_before} to {made.since}; a layout grows only at its end"
    if made.since > 1 and made.default != 0:
        yield f"late field (since={made.since}) with default {made.default}; expected default=0"
    if made.default is not None and not made.lo <= made.default <= made.hi:
        yield f"default {made.default} is outside {made.lo}..{made.hi}"
    if made.since > 1 and not made.lo <= 0 <= made.hi:
        yield f"late field of range {made.lo}..{made.hi} cannot be 0"
    if made.codes is not None and made.flags is not None:
        yield "both codes and flags; expected one"
    if made.tolerance != 0 and made.klass != "measured":
        yield f"tolerance {made.tolerance} on class {made.klass!r}; only MEASURED has one"


__all__ = ["MISSING", "THERAPY", "FieldSpec", "LayoutError", "RangeError", "TailSpec", "array", "blob", "field",
           "read_class", "tail", "tail_bytes"]  # fmt: skip
