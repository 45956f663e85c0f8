"""What a declaration has to keep to be a USB device at a given speed; changes none and serves none."""

import struct
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from pumpbench.hil.usb.descriptors import Built, Configuration, Declared, Endpoint, Interface, Kind, Speed, strings_of

STRING_UNITS_MAX: Final = 126
POWER_MA_MAX: Final = 500
CONTROL_BYTES: Final = {Speed.FULL: (8, 16, 32, 64), Speed.HIGH: (64,)}
BULK_BYTES: Final = {Speed.FULL: (8, 16, 32, 64), Speed.HIGH: (512,)}
INTERRUPT_BYTES_MAX: Final = {Speed.FULL: 64, Speed.HIGH: 1024}


class DescriptorInvalid(ValueError):
    """A declaration that no host would take: one line saying where and what was expected."""


def check(declared: Declared, speed: Speed) -> None:
    """Raises `DescriptorInvalid` for the first rule that is broken."""
    problem = next(_problems(declared, speed), None)
    if problem is not None:
        raise DescriptorInvalid(f"{declared.vendor_id:04x}:{declared.product_id:04x} {declared.serial}: {problem}")


def _problems(declared: Declared, speed: Speed) -> Iterator[str]:
    if not 0 < declared.vendor_id <= 0xFFFF or not 0 <= declared.product_id <= 0xFFFF:
        yield "vendor and product are 16 bits each, and vendor 0 is nobody"
    if declared.control_packet_bytes not in CONTROL_BYTES[speed]:
        yield f"endpoint 0 takes {declared.control_packet_bytes} bytes, expected one of {CONTROL_BYTES[speed]}"
    names = strings_of(declared)
    yield from (
        f"name {name[:20]!r} is longer than {STRING_UNITS_MAX} UTF-16 units"
        for name in names
        if len(name.encode("utf-16-le", "surrogatepass")) > 2 * STRING_UNITS_MAX
    )
    if len(names) > 255:
        yield f"{len(names)} names, at most 255"
    values = [one.value for one in declared.configurations]
    if not values or len(set(values)) != len(values) or not all(0 < value < 256 for value in values):
        yield f"configuration values {values}, expected different ones from 1 to 255"
    for configuration in declared.configurations:
        yield from _of_configuration(configuration, speed)
    try:
        Built(declared)
    except struct.error as problem:
        yield f"a number does not fit its field ({problem})"


def _of_configuration(one: Configuration, speed: Speed) -> Iterator[str]:
    where = f"configuration {one.value}"
    if not 0 <= one.power_ma <= POWER_MA_MAX or one.power_ma % 2:
        yield f"{where} draws {one.power_ma} mA, expected an even number up to {POWER_MA_MAX}"
    numbers = [number for number, _ in groupby(one.interfaces, key=lambda interface: interface.number)]
    if not numbers or numbers != list(range(len(numbers))):
        yield f"{where} has interfaces {numbers}, expected 0, 1, 2 and so on, each with its alternates together"
    for number, alternates in groupby(one.interfaces, key=lambda interface: interface.number):
        found = [interface.alternate for interface in alternates]
        if found != list(range(len(found))):
            yield f"{where} interface {number} has alternate settings {found}, expected 0, 1, 2 and so on"
    yield from _of_associations(one, where)
    yield from _of_endpoints(one, where, speed)


def _of_associations(one: Configuration, where: str) -> Iterator[str]:
    taken: set[int] = set()
    numbers = {interface.number for interface in one.interfaces}
    for association in one.associations:
        members = set(range(association.first, association.first + association.count))
        if len(members) < 1 or not members <= numbers or members & taken:
            yield f"{where}: an association of interfaces {sorted(members)}, which are not all there or belong to another"
        taken |= members


def _of_endpoints(one: Configuration, where: str, speed: Speed) -> Iterator[str]:
    owners: dict[int, int] = {}
    for interface in one.interfaces:
        addresses = [endpoint.address for endpoint in interface.endpoints]
        for endpoint in interface.endpoints:
            if owners.setdefault(endpoint.address, interface.number) != interface.number or addresses.count(endpoint.address) > 1:
                yield f"{where}: endpoint {endpoint.address:#04x} belongs to more than one interface"
            yield from (f"{where}: {problem}" for problem in _of_endpoint(endpoint, interface, speed))


def _of_endpoint(endpoint: Endpoint, interface: Interface, speed: Speed) -> Iterator[str]:
    where = f"endpoint {endpoint.address:#04x} of interface {interface.number}"
    if not 1 <= endpoint.number <= 15:
        yield f"{where}: a number is 1 to 15"
    if endpoint.kind is Kind.BULK and endpoint.packet_bytes not in BULK_BYTES[speed]:
        yield f"{where}: bulk packets of {endpoint.packet_bytes} bytes, expected {BULK_BYTES[speed]} at this speed"
    if endpoint.kind is Kind.INTERRUPT and not 1 <= endpoint.packet_bytes <= INTERRUPT_BYTES_MAX[speed]:
        yield f"{where}: interrupt packets of {endpoint.packet_bytes} bytes, at most {INTERRUPT_BYTES_MAX[speed]} at this speed"
    if endpoint.kind is Kind.INTERRUPT and not 1 <= endpoint.interval <= (16 if speed is Speed.HIGH else 255):
        yield f"{where}: polled at interval {endpoint.interval}, expected 1 to {16 if speed is Speed.HIGH else 255}"
