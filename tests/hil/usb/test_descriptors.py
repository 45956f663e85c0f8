"""Declarations: what they build is what a host reads back, and what no host would take is refused by name."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pumpbench.hil.usb import layouts
from pumpbench.hil.usb.composite import CONTROL, DATA, FRAMES, composite
from pumpbench.hil.usb.descriptors import (
    Association,
    Built,
    Configuration,
    Declared,
    Endpoint,
    Interface,
    Kind,
    Speed,
    strings_of,
)
from pumpbench.hil.usb.parsing import ConfigurationTree, device_record, string_of
from pumpbench.hil.usb.rules import DescriptorInvalid, check

NAMES = st.text(st.characters(codec="utf-8"), max_size=20)
SPEEDS = st.sampled_from(list(Speed))


@st.composite
def declarations(draw: st.DrawFn) -> tuple[Declared, Speed]:
    """Any device that keeps the rules: up to four interfaces with alternates, endpoints shared by none."""
    speed = draw(SPEEDS)
    free = [Endpoint(n, way, Kind.BULK, speed.bulk_bytes) for n in range(1, 16) for way in (False, True)]
    free = draw(st.permutations(free))
    interfaces = []
    for number in range(draw(st.integers(1, 4))):
        mine = [free.pop() for _ in range(draw(st.integers(0, 4)))]
        for alternate in range(draw(st.integers(1, 3))):
            chosen = tuple(one for one in mine if draw(st.booleans()))
            extra = (layouts.CDC_ACM.pack(bmCapabilities=draw(st.integers(0, 255))),) * draw(st.integers(0, 2))
            interfaces.append(Interface(number, draw(st.integers(0, 255)), 1, 2, alternate, chosen, extra, draw(NAMES)))
    value = draw(st.integers(1, 255))
    whole = Configuration(tuple(interfaces), (Association(0, 1, 2),), value, draw(st.booleans()), 2 * draw(st.integers(0, 250)))
    return Declared(draw(st.integers(1, 0xFFFF)), draw(st.integers(0, 0xFFFF)), draw(NAMES), (whole,), draw(NAMES)), speed


@given(declarations())
def test_declaration_is_read_back_as_it_was_declared(made: tuple[Declared, Speed]) -> None:
    declared, speed = made
    check(declared, speed)
    built = Built(declared)
    record = device_record(built.device)
    assert (record.idVendor, record.idProduct, record.bNumConfigurations) == (declared.vendor_id, declared.product_id, 1)
    names = ("", *(string_of(raw) for raw in built.strings[1:]))
    assert names[1:] == strings_of(declared)
    assert (names[record.iSerialNumber], names[record.iManufacturer]) == (declared.serial, declared.manufacturer)
    (whole,) = declared.configurations
    tree = ConfigurationTree(built.configurations[0])
    assert (tree.record.bConfigurationValue, 2 * tree.record.bMaxPower) == (whole.value, whole.power_ma)
    assert bool(tree.record.bmAttributes & 0x40) == whole.self_powered
    read = [one for alternates in tree.interfaces for one in alternates]
    for one, its in zip(whole.interfaces, read, strict=True):
        assert (its.bInterfaceNumber, its.bAlternateSetting, its.bInterfaceClass) == (one.number, one.alternate, one.class_code)
        assert names[its.iInterface] == one.name
        assert bytes(its.extra_descriptors).startswith(b"".join(one.functional))
        seen = [(end.bEndpointAddress, end.bmAttributes, end.wMaxPacketSize) for end in its.endpoints]
        assert seen == [(end.address, end.kind, end.packet_bytes) for end in one.endpoints]


@pytest.mark.parametrize("speed", list(Speed))
def test_pump_is_one_function_of_its_own_and_one_serial_port(speed: Speed) -> None:
    declared = composite("P1", speed)
    tree = ConfigurationTree(Built(declared).configurations[0])
    shut, opened = tree.interfaces[FRAMES]
    assert (shut.bInterfaceClass, shut.bNumEndpoints, opened.bNumEndpoints) == (0xFF, 0, 2)
    assert {end.wMaxPacketSize for end in opened.endpoints} == {64 if speed is Speed.FULL else 512}
    (control,), (data,) = tree.interfaces[CONTROL], tree.interfaces[DATA]
    assert (control.bInterfaceClass, control.bInterfaceSubClass, data.bInterfaceClass) == (0x02, 0x02, 0x0A)
    # Header, call management, ACM, and the union that names both interfaces: CDC 1.2, chapter 5.2.3.
    wanted = "05 24 00 10 01  05 24 01 00 02  04 24 02 06  05 24 06 01 02"
    assert bytes(control.extra_descriptors) == bytes.fromhex(wanted)


GOOD = composite("P1")
(WHOLE,) = GOOD.configurations
BULK = Endpoint(4, True, Kind.BULK, 64)


def with_interfaces(*interfaces: Interface) -> Declared:
    return replace(GOOD, configurations=(replace(WHOLE, interfaces=interfaces, associations=()),))


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        (replace(GOOD, vendor_id=0), "vendor 0 is nobody"),
        (replace(GOOD, product_id=0x10000), "16 bits"),
        (replace(GOOD, release=0x10000), "a number does not fit its field"),
        (with_interfaces(Interface(0, 256)), "a number does not fit its field"),
        (replace(GOOD, control_packet_bytes=65), "endpoint 0 takes 65 bytes"),
        (replace(GOOD, serial="x" * 127), "longer than 126"),
        (replace(GOOD, configurations=()), "configuration values []"),
        (replace(GOOD, configurations=(WHOLE, WHOLE)), "configuration values [1, 1]"),
        (replace(GOOD, configurations=(replace(WHOLE, power_ma=501),)), "draws 501 mA"),
        (replace(GOOD, configurations=(replace(WHOLE, associations=(Association(2, 2, 2),)),)), "interfaces [2, 3], which"),
        (with_interfaces(Interface(1, 0xFF)), "has interfaces [1]"),
        (with_interfaces(Interface(0, 0xFF, alternate=1)), "alternate settings [1]"),
        (with_interfaces(Interface(0, 0xFF, endpoints=(BULK, BULK))), "0x84 belongs to more than one"),
        (with_interfaces(Interface(0, 0xFF, endpoints=(BULK,)), Interface(1, 0xFF, endpoints=(BULK,))), "0x84 belongs to more"),
        (with_interfaces(Interface(0, 0xFF, endpoints=(replace(BULK, number=0),))), "a number is 1 to 15"),
        (with_interfaces(Interface(0, 0xFF, endpoints=(replace(BULK, packet_bytes=512),))), "bulk packets of 512 bytes"),
        (with_interfaces(Interface(0, 0xFF, endpoints=(Endpoint(4, True, Kind.INTERRUPT, 65, 1),))), "interrupt packets of 65"),
        (with_interfaces(Interface(0, 0xFF, endpoints=(Endpoint(4, True, Kind.INTERRUPT, 8),))), "polled at interval 0"),
    ],
)
def test_declaration_is_refused_by_the_rule_it_breaks(declared: Declared, told: str) -> None:
    with pytest.raises(DescriptorInvalid) as caught:
        check(declared, Speed.FULL)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_descriptor_takes_exactly_its_own_fields() -> None:
    with pytest.raises(TypeError, match="expected bEndpointAddress, bmAttributes, wMaxPacketSize, bInterval"):
        layouts.ENDPOINT.pack(bEndpointAddress=1)


@given(st.binary(max_size=80))
def test_any_bytes_are_descriptors_or_refused_by_name(raw: bytes) -> None:
    try:
        tree = ConfigurationTree(raw)
    except DescriptorInvalid:
        return
    assert tree.record.wTotalLength == len(raw)


WIRE = Built(GOOD).configurations[0]


@given(st.integers(0, len(WIRE) - 1), st.integers(0, 255), st.integers(0, len(WIRE)))
def test_damaged_descriptors_hold_together_or_are_refused(at: int, value: int, length: int) -> None:
    raw = bytearray(WIRE)
    raw[at] = value
    for damaged in (bytes(raw), WIRE[:length]):
        try:
            tree = ConfigurationTree(damaged)
        except DescriptorInvalid:
            continue
        assert tree.record.wTotalLength == len(damaged)
        assert tree.record.bNumInterfaces == len(tree.interfaces)
        assert all(one.bNumEndpoints == len(one.endpoints) for alternates in tree.interfaces for one in alternates)
