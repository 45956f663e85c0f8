"""Reads descriptors that came off a wire, whoever made them, into the fields a host asks for; trusts none of their lengths."""

from types import SimpleNamespace
from typing import Any

from pumpbench.hil.usb import layouts
from pumpbench.hil.usb.layouts import fields_of, records
from pumpbench.hil.usb.rules import DescriptorInvalid

Record = Any
"""A namespace with the fields of one descriptor by their names in the specification, and `extra_descriptors`."""


def device_record(raw: bytes) -> Record:
    """Raises `DescriptorInvalid`."""
    found = _records(raw)
    if len(found) != 1 or found[0][0] != layouts.DEVICE.number:
        raise DescriptorInvalid(f"{len(raw)} bytes are no device descriptor")
    return _record(layouts.DEVICE, found[0][1])


class ConfigurationTree:
    """One configuration: its own record, and the alternate settings of each interface in order of appearance.

    Raises `DescriptorInvalid` where lengths lie, or counts do not fit what is there.
    """

    def __init__(self, raw: bytes) -> None:
        found = _records(raw)
        if not found or found[0][0] != layouts.CONFIGURATION.number:
            raise DescriptorInvalid("it does not begin with a configuration")
        self.record = _record(layouts.CONFIGURATION, found[0][1])
        if self.record.wTotalLength != len(raw):
            raise DescriptorInvalid(f"it says it is {self.record.wTotalLength} bytes long, {len(raw)} came")
        self._by_number: dict[int, list[Record]] = {}
        self._grow(found[1:])
        self._check()

    @property
    def interfaces(self) -> list[list[Record]]:
        """By logical index, which is no number: in order of appearance."""
        return list(self._by_number.values())

    def _grow(self, found: list[tuple[int, bytes]]) -> None:
        owner = self.record
        for kind, raw in found:
            if kind == layouts.INTERFACE.number:
                owner = _record(layouts.INTERFACE, raw)
                owner.endpoints = []
                self._by_number.setdefault(owner.bInterfaceNumber, []).append(owner)
            elif kind == layouts.ENDPOINT.number:
                if not hasattr(owner, "endpoints"):
                    raise DescriptorInvalid("an endpoint stands before every interface")
                owner.endpoints.append(_record(layouts.ENDPOINT, raw))
            else:
                # Class-specific ones and associations are handed on as they are, to whoever knows them.
                owner.extra_descriptors += list(raw)

    def _check(self) -> None:
        if self.record.bNumInterfaces != len(self._by_number):
            raise DescriptorInvalid(f"it says it has {self.record.bNumInterfaces} interfaces, {len(self._by_number)} are there")
        for alternates in self._by_number.values():
            for one in alternates:
                if one.bNumEndpoints != len(one.endpoints):
                    where = f"interface {one.bInterfaceNumber}"
                    raise DescriptorInvalid(f"{where} says it has {one.bNumEndpoints} endpoints, {len(one.endpoints)} are there")


def string_of(raw: bytes) -> str:
    """Raises `DescriptorInvalid`; text that is no UTF-16 is shown with marks in its place."""
    if len(raw) < 2 or raw[1] != layouts.STRING or raw[0] != len(raw):
        raise DescriptorInvalid(f"{len(raw)} bytes are no string descriptor")
    return raw[2:].decode("utf-16-le", errors="replace")


def _records(raw: bytes) -> list[tuple[int, bytes]]:
    try:
        return records(raw)
    except ValueError as problem:
        raise DescriptorInvalid(str(problem)) from None


def _record(layout: layouts.Layout, raw: bytes) -> Record:
    try:
        # Endpoints of audio devices have two more fields; a host's library asks for them always.
        return SimpleNamespace(**fields_of(layout, raw), extra_descriptors=[], bRefresh=0, bSynchAddress=0)
    except ValueError as problem:
        raise DescriptorInvalid(str(problem)) from None
