"""Knows named numbers that keep unknown values; it must not know what any of them means.

The standard library's `IntFlag` remembers every unknown value it meets, so a hostile stream would grow it without bound:
these lists remember nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class CodeList:
    """A code list as data: what a capture carries and what every generator reads.

    `masks` says how the list reads a bit set: False = a value is a bit number, True = a value is the bit itself.
    """

    name: str
    members: tuple[tuple[str, int], ...]
    masks: bool = False
    doc: str = ""

    def name_of(self, value: int) -> str:
        """`stopped` for a known value, `unknown(9)` for any other."""
        return next((name for name, known in self.members if known == value), f"unknown({value})")

    def value_of(self, name: str) -> int:
        """Value of a name in any case; raises ValueError with the names that exist."""
        for known, value in self.members:
            if known == name.lower():
                return value
        raise ValueError(f"{self.name}: {name!r} is not known; expected one of {', '.join(n for n, _ in self.members)}")

    def bit_of(self, value: int) -> int:
        """The bit that stands for a member in a bit set."""
        return value if self.masks else 1 << value

    def names_in(self, bits: int) -> list[str]:
        """Names of the set bits in declared order; bits without a name come last, as one `unknown(0x..)`."""
        named = [(name, self.bit_of(value)) for name, value in self.members]
        rest = bits & ~sum(bit for _, bit in named)
        return [name for name, bit in named if bits & bit] + ([f"unknown({rest:#x})"] if rest else [])


def _table_of(made: type, body: Mapping[str, Any]) -> CodeList:
    members = tuple((n.lower(), v) for n, v in body.items() if n.isupper() and not n.startswith("_"))
    masks = any(base.__name__ == "Bits" for base in made.__mro__[1:])
    seen: dict[int, str] = {}
    for name, value in members:
        if type(value) is not int or value < 0:
            raise ValueError(f"{made.__name__}.{name.upper()} is {value!r}; expected a whole number of 0 or more")
        if value in seen:
            raise ValueError(f"{made.__name__}.{name.upper()} = {value} repeats {seen[value].upper()}; values differ")
        if masks and value.bit_count() != 1:
            raise ValueError(f"{made.__name__}.{name.upper()} is {value:#x}; expected exactly one bit")
        seen[value] = name
    doc = (made.__doc__ or "") if "__doc__" in body else ""
    return CodeList(made.__name__, members, masks, doc)


class _OnceEach(dict[str, Any]):
    """A class body in which a name can be given one value only."""

    def __setitem__(self, key: str, value: Any) -> None:
        if key in self and not key.startswith("_"):
            raise ValueError(f"{self.get('__qualname__', 'code list')}.{key} is declared twice")
        super().__setitem__(key, value)


class _CodesType(type):
    @classmethod
    def __prepare__(cls, name: str, bases: tuple[type, ...], /, **_: Any) -> _OnceEach:
        return _OnceEach()

    def __new__(cls, name: str, bases: tuple[type, ...], body: Mapping[str, Any]) -> "_CodesType":
        made = super().__new__(cls, name, bases, dict(body))
        if bases:
            made.table = _table_of(made, body)  # type: ignore[attr-defined]
        return made


class Codes(metaclass=_CodesType):
    """Base of a code list: `class Mode(Codes): STOPPED = 0`. Members are plain ints.

    As `codes=Mode` a field holds one of the values. As `flags=Mode` it holds a set in which a value is a *bit number*.
    """

    table: ClassVar[CodeList]

    @classmethod
    def name_of(cls, value: int) -> str:
        return cls.table.name_of(value)

    @classmethod
    def value_of(cls, name: str) -> int:
        return cls.table.value_of(name)

    @classmethod
    def bit_of(cls, value: int) -> int:
        return cls.table.bit_of(value)

    @classmethod
    def names_in(cls, bits: int) -> list[str]:
        return cls.table.names_in(bits)

    @classmethod
    def items(cls) -> tuple[tuple[str, int], ...]:
        """(name in lower case, value) in declared order."""
        return cls.table.members


class Bits(Codes):
    """Base of a bit list whose values are the bits themselves: `class Flag(Bits): BENCH = 1; FROM_DEVICE = 2`."""
