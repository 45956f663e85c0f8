"""Knows which message classes a protocol has, by number; it must not register one that nobody named."""

from collections.abc import Iterator

from .declare import layout_of
from .fields import LayoutError
from .flat import Layout


class Registry:
    """Message classes in the order they were added."""

    def __init__(self, *classes: type) -> None:
        self._by_number: dict[int, type] = {}
        self.add(*classes)

    def add(self, *classes: type) -> None:
        """Raises LayoutError for a class that is no message and for a number or name already taken."""
        for cls in classes:
            layout = layout_of(cls)
            if layout.number == 0:
                raise LayoutError(f"{layout.name} is no message: only @message classes are registered")
            taken = [c for c in self if layout_of(c).number == layout.number or c.__name__ == cls.__name__]
            if taken:
                raise LayoutError(f"{layout.name} (number {layout.number}) repeats {taken[0].__name__}; each is unique")
            self._by_number[layout.number] = cls

    def get(self, number: int) -> type | None:
        return self._by_number.get(number)

    def named(self, name: str) -> type:
        """Raises KeyError naming what exists."""
        for cls in self:
            if cls.__name__ == name:
                return cls
        raise KeyError(f"no message {name!r}; expected one of {', '.join(c.__name__ for c in self)}")

    def layouts(self) -> tuple[Layout, ...]:
        return tuple(layout_of(cls) for cls in self)

    def __iter__(self) -> Iterator[type]:
        return iter(self._by_number.values())

    def __len__(self) -> int:
        return len(self._by_number)

    def __contains__(self, number: int) -> bool:
        return number in self._by_number
