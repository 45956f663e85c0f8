"""The pump's own declaration: an interface for frames and a serial port beside it; knows no byte of what they carry."""

from typing import Final

from pumpbench.hil.usb import layouts
from pumpbench.hil.usb.descriptors import Association, Configuration, Declared, Endpoint, Interface, Kind, Speed
from pumpbench.hil.usb.rules import check

# pid.codes keeps 1209:0001 to 1209:0010 for tests: nobody owns it, and nothing that is sold may carry it.
VENDOR_ID: Final = 0x1209
PRODUCT_ID: Final = 0x0001

VENDOR_CLASS: Final = 0xFF
CDC_CLASS, CDC_ACM, CDC_DATA_CLASS, NO_CALLS_PROTOCOL = 0x02, 0x02, 0x0A, 0x00
# The multi-interface class that tells hosts to look for associations.
MISCELLANEOUS, COMMON, ASSOCIATED = 0xEF, 0x02, 0x01
FRAMES, CONTROL, DATA = 0, 1, 2
"""Interface numbers."""
OPEN: Final = 1
"""The alternate setting of `FRAMES` that has its endpoints: to select it is to open a session, to leave it is to end one."""
NOTICE_BYTES: Final = 16
LINE_STATE_AND_BREAK: Final = 0x02 | 0x04
FULL_SPEED_POLL, HIGH_SPEED_POLL = 16, 8


def composite(serial: str, speed: Speed = Speed.FULL, product: str = "pumpbench pump") -> Declared:
    """Endpoint addresses are this device's own affair: a host finds them in its descriptors. Raises `DescriptorInvalid`."""
    declared = Declared(
        vendor_id=VENDOR_ID,
        product_id=PRODUCT_ID,
        serial=serial,
        manufacturer="pumpbench",
        product=product,
        class_code=MISCELLANEOUS,
        subclass=COMMON,
        protocol=ASSOCIATED,
        configurations=(_configuration(speed),),
    )
    check(declared, speed)
    return declared


def _configuration(speed: Speed) -> Configuration:
    name = "pump frames"
    return Configuration(
        interfaces=(
            Interface(FRAMES, VENDOR_CLASS, name=name),
            Interface(FRAMES, VENDOR_CLASS, alternate=OPEN, endpoints=_pair(1, 1, speed), name=name),
            Interface(
                CONTROL,
                CDC_CLASS,
                CDC_ACM,
                NO_CALLS_PROTOCOL,
                endpoints=(Endpoint(2, True, Kind.INTERRUPT, NOTICE_BYTES, _poll(speed)),),
                functional=_functional(),
            ),
            Interface(DATA, CDC_DATA_CLASS, endpoints=_pair(3, 3, speed)),
        ),
        associations=(Association(CONTROL, 2, CDC_CLASS, CDC_ACM, NO_CALLS_PROTOCOL, "pump serial port"),),
    )


def _pair(inbound: int, outbound: int, speed: Speed) -> tuple[Endpoint, Endpoint]:
    size = speed.bulk_bytes
    return Endpoint(inbound, True, Kind.BULK, size), Endpoint(outbound, False, Kind.BULK, size)


def _poll(speed: Speed) -> int:
    """16 ms either way: milliseconds at full speed, a power of two of microframes at high speed."""
    return HIGH_SPEED_POLL if speed is Speed.HIGH else FULL_SPEED_POLL


def _functional() -> tuple[bytes, ...]:
    return (
        layouts.CDC_HEADER.pack(bcdCDC=0x0110),
        layouts.CDC_CALLS.pack(bmCapabilities=0, bDataInterface=DATA),
        layouts.CDC_ACM.pack(bmCapabilities=LINE_STATE_AND_BREAK),
        layouts.CDC_UNION.pack(bControlInterface=CONTROL, bSubordinateInterface0=DATA),
    )
