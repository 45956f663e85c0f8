"""Knows how a mutable part of a pump's state is declared and turned to canonical bytes; it must not know what the part does.

Attributes are plain slots: nothing is checked when they are set, because the tick sets them millions of times. `check`
says afterwards whether every field still fits its declaration.
"""

from collections.abc import Callable
from struct import Struct
from typing import Any, ClassVar, Self, TypeVar

from .declare import layout_of, out_of_range
from .fields import FieldSpec, LayoutError, RangeError, read_class
from .flat import THERAPY, Field, Klass, Layout

T = TypeVar("T")


class State:
    """Base of a state part: `@state("controller") class Controller(State)`. The decorator writes the methods."""

    __slots__ = ()
    __layout__: ClassVar[Layout]
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, **values: Any) -> None:
        """Every field at its declared default (0 where none), then the given ones; nothing is checked."""
        raise LayoutError(f"{type(self).__name__} is not declared; decorate it with @state")

    def to_bytes(self) -> bytes:
        """Canonical bytes: little-endian, declared order and width, no padding. Law: from_bytes(to_bytes()) is equal."""
        raise NotImplementedError

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Raises ValueError when the length is not the layout's size; checks no range."""
        raise NotImplementedError

    def clone(self) -> Self:
        """A copy that shares no list or bytearray."""
        raise NotImplementedError

    def check(self) -> None:
        """Raises RangeError for the first field outside its declared range or length."""
        for field in self.__layout__.fields:
            _check(self.__layout__, field, getattr(self, field.name))

    def __repr__(self) -> str:
        layout = self.__layout__
        return f"{layout.name}({', '.join(f'{f.name}={getattr(self, f.name)!r}' for f in layout.fields)})"


def state(name: str, *, klass: Klass = THERAPY) -> Callable[[type[T]], type[T]]:
    """Declares a part of the pump's state called `name`. `klass` is the class of fields that name none.

    Derive from `State` so that type checkers see the methods. Raises LayoutError at import.
    """

    def made(cls: type[T]) -> type[T]:
        fields, end = read_class(cls, ("scalar", "array", "blob"), 0, klass, layout_of)
        if end is not None:
            raise LayoutError(f"{cls.__name__}.{end.name}: state has no tail; use array or blob")
        doc = " ".join((cls.__doc__ or "").split())
        return _mutable(cls, Layout(name, 0, "bench", "state", None, fields, None, doc))

    return made


def state_class_of(layout: Layout) -> type[State]:
    """A state class made from a layout alone, for instance one that a capture carries."""
    return _mutable(type(layout.name, (State,), {"__doc__": layout.doc, "__slots__": ()}), layout)


def _mutable(cls: type[T], layout: Layout) -> type[T]:
    dropped = ("__dict__", "__weakref__", "__slots__")
    body = {n: v for n, v in vars(cls).items() if not isinstance(v, FieldSpec) and n not in dropped}
    bases = tuple(b for b in cls.__bases__ if b is not object)
    if State not in cls.__mro__:
        bases += (State,)
    body |= {"__slots__": tuple(f.name for f in layout.fields), "__layout__": layout}
    made: Any = type(cls.__name__, bases, body)
    made.__qualname__ = cls.__qualname__
    for name, function in _methods(made, layout).items():
        setattr(made, name, function)
    result: type[T] = made
    return result


def _methods(cls: type, layout: Layout) -> dict[str, Any]:
    """The methods as straight-line code over one precompiled struct: clone and to_bytes are on the tick's path."""
    struct = Struct(layout.format)
    source = "".join((_init(layout), _to_bytes(layout), _from_bytes(layout), _clone(layout), _equal(layout)))
    names: dict[str, Any] = {
        "_cls": cls, "_new": object.__new__, "_pack": struct.pack, "_unpack": struct.unpack, "_size": struct.size,
        "_wrong_size": lambda data: ValueError(f"{layout.name}: {len(data)} bytes; expected {struct.size}"),
    }  # fmt: skip
    exec(source, names)
    names["from_bytes"] = classmethod(names["from_bytes"])
    return {n: names[n] for n in ("__init__", "to_bytes", "from_bytes", "clone", "__eq__")}


def _init(layout: Layout) -> str:
    lines = ["def __init__(self, **values):"]
    for f in layout.fields:
        start = {"scalar": f"{f.default}", "array": f"[{f.default}] * {f.count}", "blob": f"bytearray({f.count})"}
        lines.append(f"    self.{f.name} = {start[f.shape]}")
    lines += ["    for name, value in values.items():", "        setattr(self, name, value)", ""]
    return "\n".join(lines)


def _to_bytes(layout: Layout) -> str:
    parts = ", ".join(f"*self.{f.name}" if f.shape == "array" else f"self.{f.name}" for f in layout.fields)
    return f"def to_bytes(self):\n    return _pack({parts})\n"


def _from_bytes(layout: Layout) -> str:
    lines = [
        "def from_bytes(cls, data):",
        "    if len(data) != _size:",
        "        raise _wrong_size(data)",
        "    made = _new(cls)",
        "    v = _unpack(data)",
    ]
    at = 0
    for f in layout.fields:
        taken = {"scalar": f"v[{at}]", "array": f"list(v[{at}:{at + f.count}])", "blob": f"bytearray(v[{at}])"}
        lines.append(f"    made.{f.name} = {taken[f.shape]}")
        at += f.count if f.shape == "array" else 1
    return "\n".join([*lines, "    return made", ""])


def _clone(layout: Layout) -> str:
    lines = ["def clone(self):", "    made = _new(_cls)"]
    lines += [f"    made.{f.name} = self.{f.name}{'' if f.shape == 'scalar' else '[:]'}" for f in layout.fields]
    return "\n".join([*lines, "    return made", ""])


def _equal(layout: Layout) -> str:
    same = " and ".join(f"self.{f.name} == other.{f.name}" for f in layout.fields) or "True"
    return f"def __eq__(self, other):\n    return self.__class__ is other.__class__ and ({same})\n"


def _check(layout: Layout, field: Field, value: Any) -> None:
    if field.shape == "scalar":
        if type(value) is not int or not field.lo <= value <= field.hi:
            raise out_of_range(layout, field, value)
        return
    expected = bytearray if field.shape == "blob" else list
    if type(value) is not expected or len(value) != field.count:
        held = f"{type(value).__name__} of {len(value)}"
        raise RangeError(f"{layout.name}.{field.name}: {held}; expected {expected.__name__} of {field.count}")
    if field.shape == "array":
        for index, one in enumerate(value):
            if type(one) is not int or not field.lo <= one <= field.hi:
                raise out_of_range(layout, field, one, f"[{index}]")
