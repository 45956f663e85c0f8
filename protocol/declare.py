"""Knows how a message class is made from its declared fields, immutable and checked; it must not know wire bytes.

A message is stored as a tuple of its values, the fastest immutable form the language has: decoding is one call.
It compares equal only to a message of its own class.
"""

import struct
from collections import namedtuple
from collections.abc import Callable
from typing import Any, Literal, TypeVar, dataclass_transform

from .fields import FieldSpec, LayoutError, RangeError, TailSpec, field, read_class, tail, tail_bytes
from .flat import THERAPY, Channel, Field, Kind, Klass, Layout, Tail
from .header import DEVICE_BODY_BYTES_MAX, HOST_BODY_BYTES_MAX
from .wire import range_of

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field, tail, tail_bytes))
def message(
    number: int,
    *,
    channel: Channel = "therapy",
    kind: Literal["request", "reply", "event"],
    replies: int | None = None,
    klass: Klass = THERAPY,
) -> Callable[[type[T]], type[T]]:
    """Declares a message of type `number` (1..65535). `replies`: number of the reply a request expects.

    `klass` is the class of fields that name none. Raises LayoutError at import.
    """

    def made(cls: type[T]) -> type[T]:
        if not 1 <= number <= 0xFFFF:
            raise LayoutError(f"{cls.__name__}: message number {number}; expected 1..65535")
        fields, end = read_class(cls, ("scalar",), None, klass, layout_of)
        layout = Layout(cls.__name__, number, channel, kind, replies, fields, end, _doc(cls))
        limit = HOST_BODY_BYTES_MAX if kind == "request" else DEVICE_BODY_BYTES_MAX
        if layout.size_max > limit:
            raise LayoutError(f"{cls.__name__}: body of up to {layout.size_max} bytes; a {kind} frame holds {limit}")
        return _immutable(cls, layout)

    return made


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def item(cls: type[T]) -> type[T]:
    """Declares what a tail repeats. Items grow at their end like messages. Raises LayoutError at import."""
    fields, end = read_class(cls, ("scalar",), None, THERAPY, layout_of)
    if end is not None:
        raise LayoutError(f"{cls.__name__}.{end.name}: an item has no tail")
    if not fields or fields[0].since > 1:
        raise LayoutError(f"{cls.__name__}: an item starts with at least one field of its first revision")
    return _immutable(cls, Layout(cls.__name__, 0, "both", "item", None, fields, None, _doc(cls)))


def layout_of(cls: type) -> Layout:
    """The flat layout of a message, item or state class; raises LayoutError for any other."""
    layout = cls.__dict__.get("__layout__")
    if not isinstance(layout, Layout):
        raise LayoutError(f"{cls.__name__} is not declared; decorate it with @message, @item or @state")
    return layout


def class_of(layout: Layout) -> type:
    """A message or item class made from a layout alone, for instance one that a capture carries."""
    return _immutable(type(layout.name, (), {"__doc__": layout.doc}), layout)


def item_class_of(cls: type) -> type:
    """The class of a tail's items; raises KeyError where there is none."""
    made: type = cls.__dict__["__item__"]
    return made


def replace(made: T, **changes: Any) -> T:
    """The same message with some fields changed, checked again; raises RangeError or TypeError."""
    return type(made)(**{**made._asdict(), **changes})  # type: ignore[attr-defined]


def _doc(cls: type) -> str:
    return " ".join((cls.__doc__ or "").split())


def _immutable(cls: type[T], layout: Layout) -> type[T]:
    names = [f.name for f in layout.fields] + ([layout.tail.name] if layout.tail else [])
    base = namedtuple(layout.name, names)  # type: ignore[misc]
    body = {n: v for n, v in vars(cls).items() if not isinstance(v, (FieldSpec, TailSpec)) and n not in _NOT_CARRIED}
    item_class = _item_class(cls, layout)
    body |= {
        "__slots__": (),
        "__layout__": layout,
        "__item__": item_class,
        "__new__": _maker(layout, item_class),
        "__eq__": lambda self, other: self.__class__ is other.__class__ and tuple.__eq__(self, other),
        "__ne__": lambda self, other: self.__class__ is not other.__class__ or tuple.__ne__(self, other),
        "__hash__": tuple.__hash__,
        # The maker takes keywords only, which copy and pickle do not give.
        "__reduce__": lambda self: (type(self)._make, (tuple(self),)),
    }
    made = type(cls.__name__, (base,), body)
    made.__qualname__ = cls.__qualname__
    return made


_NOT_CARRIED = ("__dict__", "__weakref__", "__slots__")


def _item_class(cls: type, layout: Layout) -> type | None:
    if layout.tail is None or layout.tail.item is None:
        return None
    spec = cls.__dict__.get(layout.tail.name)
    made: type = spec.item if isinstance(spec, TailSpec) else class_of(layout.tail.item)
    return made


def _maker(layout: Layout, item_class: type | None) -> Callable[..., Any]:
    """`__new__` as straight-line code: a loop over the fields would cost several times as much."""
    values = [f.name for f in layout.fields]
    arguments = [n if f.default is None else f"{n}={f.default}" for n, f in zip(values, layout.fields, strict=True)]
    checks = [f"{f.lo} <= {f.name} <= {f.hi}" for f in layout.fields if (f.lo, f.hi) != f.width_range]
    if layout.tail:
        values.append(layout.tail.name)
        arguments.append(layout.tail.name)
        checks.append(f"_tail({layout.tail.name})")
    # Packing is the quickest way to refuse what is no whole number or too wide; only narrower ranges are compared.
    packed = ", ".join(f.name for f in layout.fields)
    stored = "".join(f"{n}, " for n in values)
    source = (
        f"def __new__(_cls{', *, ' if arguments else ''}{', '.join(arguments)}):\n"
        f"    try:\n"
        f"        if {' and '.join(checks) or 'True'}:\n"
        f"            _pack({packed})\n"
        f"            return _new(_cls, ({stored}))\n"
        f"    except (TypeError, _struct_error):\n"
        f"        pass\n"
        f"    raise _refusal(_layout, ({stored}))\n"
    )
    names: dict[str, Any] = {
        "_new": tuple.__new__, "_refusal": _refusal, "_layout": layout, "_tail": _tail_check(layout.tail, item_class),
        "_pack": struct.Struct(layout.format).pack, "_struct_error": struct.error,
    }  # fmt: skip
    exec(source, names)
    made: Callable[..., Any] = names["__new__"]
    return made


def _tail_check(end: Tail | None, item_class: type | None) -> Callable[[Any], bool]:
    if end is None:
        return lambda value: True
    count_max = end.count_max
    if item_class is None:
        return lambda value: type(value) is bytes and len(value) <= count_max
    return lambda value: type(value) is tuple and len(value) <= count_max and all(type(one) is item_class for one in value)


def _refusal(layout: Layout, values: tuple[Any, ...]) -> RangeError:
    for one, value in zip(layout.fields, values, strict=False):
        if not isinstance(value, int) or not one.lo <= value <= one.hi:
            return out_of_range(layout, one, value)
    end = layout.tail
    assert end is not None, f"{layout.name} refused {values!r} for no reason"
    kind = "bytes" if end.item is None else f"a tuple of {end.item.name}"
    return RangeError(f"{layout.name}.{end.name}: {_brief(values[-1])}; expected {kind}, 0..{end.count_max} of them")


def out_of_range(layout: Layout, one: Field, value: object, at: str = "") -> RangeError:
    """The one sentence every range refusal uses; `at` is an index such as `[3]`."""
    unit = f" {one.unit}" if one.unit else ""
    where = f"{layout.name}.{one.name}{at}"
    if not isinstance(value, int):
        return RangeError(f"{where}: {_brief(value)} is no whole number; expected {one.lo}..{one.hi}{unit}")
    return RangeError(f"{where}: {value} is outside {one.lo}..{one.hi}{unit}")


def _brief(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


__all__ = ["Kind", "class_of", "item", "item_class_of", "layout_of", "message", "out_of_range", "range_of", "replace"]
