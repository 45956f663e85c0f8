"""What a usb-redir guest is told of a device: its interfaces and endpoints as they are in force; reads descriptors alone."""

from typing import Any, Final

from pumpbench.hil.usb import usbredir
from pumpbench.hil.usb.bus import Attachment
from pumpbench.hil.usb.descriptors import IN, Speed
from pumpbench.hil.usb.parsing import ConfigurationTree
from pumpbench.hil.usb.rules import DescriptorInvalid

CONTROL_KIND: Final = 0
KIND_MASK: Final = 3


def pack_connect(one: Attachment, whole: bool) -> bytes:
    """`whole`: with the device's version, which not every guest wants."""
    record = one.record
    speed = usbredir.SPEED_HIGH if one.device.speed is Speed.HIGH else usbredir.SPEED_FULL
    fields = (speed, record.bDeviceClass, record.bDeviceSubClass, record.bDeviceProtocol, record.idVendor, record.idProduct)
    return usbredir.CONNECT.pack(*fields, record.bcdDevice) if whole else usbredir.CONNECT_OLD.pack(*fields)


def pack_interfaces(one: Attachment) -> bytes:
    chosen = _in_force(one)[: usbredir.ENDPOINTS]
    return usbredir.INTERFACE_INFO.pack(
        len(chosen),
        bytes(each.bInterfaceNumber for each in chosen),
        bytes(each.bInterfaceClass for each in chosen),
        bytes(each.bInterfaceSubClass for each in chosen),
        bytes(each.bInterfaceProtocol for each in chosen),
    )


def pack_endpoints(one: Attachment, whole: bool) -> bytes:
    """`whole`: with the sizes of packets."""
    kinds = bytearray([usbredir.NO_ENDPOINT] * usbredir.ENDPOINTS)
    intervals, owners = bytearray(usbredir.ENDPOINTS), bytearray(usbredir.ENDPOINTS)
    sizes = [0] * usbredir.ENDPOINTS
    for address in (0, IN):
        kinds[usbredir.slot_of(address)] = CONTROL_KIND
        sizes[usbredir.slot_of(address)] = one.record.bMaxPacketSize0
    for interface in _in_force(one):
        for endpoint in interface.endpoints:
            slot = usbredir.slot_of(endpoint.bEndpointAddress)
            kinds[slot] = endpoint.bmAttributes & KIND_MASK
            intervals[slot] = endpoint.bInterval
            owners[slot] = interface.bInterfaceNumber
            sizes[slot] = endpoint.wMaxPacketSize
    columns = (bytes(kinds), bytes(intervals), bytes(owners))
    return usbredir.EP_INFO.pack(*columns, *sizes) if whole else usbredir.EP_INFO_OLD.pack(*columns)


def endpoint_of(one: Attachment, address: int) -> Any:
    """Its descriptor; None where no alternate setting in force has it."""
    return next((each for interface in _in_force(one) for each in interface.endpoints if each.bEndpointAddress == address), None)


def _in_force(one: Attachment) -> list[Any]:
    """The alternate setting of each interface that was chosen last; none where descriptors do not hold together."""
    try:
        trees = [ConfigurationTree(raw) for raw in one.configurations]
    except DescriptorInvalid:
        return []
    for tree in trees:
        numbers = {alternates[0].bInterfaceNumber for alternates in tree.interfaces}
        if one.alternates and numbers == set(one.alternates):
            return [
                each
                for alternates in tree.interfaces
                for each in alternates
                if each.bAlternateSetting == one.alternates[each.bInterfaceNumber]
            ]
    return []
