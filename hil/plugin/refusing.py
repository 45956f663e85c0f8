"""Expects one refusal by its name; it sends nothing."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from pumpbench.hil.errors import Refusal
from pumpbench.protocol.codes import Refusal as Code


class Refusing:
    """Fails where nothing was refused, or for another reason. `refusal` afterwards has the bound and the value."""

    def __init__(self, code: str) -> None:
        self.code = Code.value_of(code)
        self.refusal: Refusal | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        __tracebackhide__ = True
        if error is not None and not isinstance(error, Refusal):
            return False
        name = Code.name_of(self.code)
        if error is None:
            raise AssertionError(f"the pump accepted; expected it to refuse with {name}")
        if error.refused.refusal != self.code:
            raise AssertionError(f"{error}; expected {name}") from None
        self.refusal = error
        return True
