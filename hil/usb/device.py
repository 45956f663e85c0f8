"""One USB device whoever its host is: descriptors, configuration, endpoints, halts, reset, suspend; knows no function's bytes."""

import threading
from collections.abc import Callable
from typing import Final

from pumpbench.hil.usb import layouts, setup
from pumpbench.hil.usb.descriptors import IN, Built, Configuration, Declared, Interface, Speed
from pumpbench.hil.usb.setup import Setup, Stall
from pumpbench.hil.usb.transfers import Endpoint, InEndpoint, Outcome, OutEndpoint, Transfer

HALTED: Final = b"\x01\x00"
NOTHING: Final = b"\x00\x00"


class DeviceGone(Exception):
    """A host spoke to a device that is not plugged in."""


class UsbDevice:
    """Every way in, in process or through a kernel, speaks to this face and no other.

    `control` answers at once; `submit` queues a transfer, which ends now or later. Any thread may call any of them. What a
    subclass adds are its class requests, what opening an alternate setting does, and what fills and empties endpoints.
    """

    def __init__(self, declared: Declared, speed: Speed, at_other_speed: Declared | None = None) -> None:
        self.declared = declared
        self.speed = speed
        self.built = Built(declared)
        # Of a device of two speeds: what it would say at the one that is not in use.
        self.other = None if at_other_speed is None else Built(at_other_speed)
        # One lock for all: `changed` wakes whoever waits for bytes, room or a session.
        self.changed = threading.Condition(threading.RLock())
        self.plugged = False
        self.broken = ""
        self.on_unplug: Callable[[], None] = lambda: None
        """Called under the lock once it is off its bus, by itself or not."""
        self.suspended = False
        self.address = 0
        self.configuration: Configuration | None = None
        self.alternates: dict[int, int] = {}
        self.endpoints: dict[int, Endpoint] = {}

    @property
    def name(self) -> str:
        return self.declared.serial

    # What a cable and a bus do.

    def plug(self) -> None:
        with self.changed:
            self.plugged = True
            self._unconfigure(Outcome.CANCELLED)

    def unplug(self) -> None:
        """At any moment: what waits on any endpoint ends as gone."""
        with self.changed:
            was, self.plugged, self.suspended = self.plugged, False, False
            self._unconfigure(Outcome.GONE)
            self.changed.notify_all()
            if was:
                self.on_unplug()

    def reset(self) -> None:
        """The bus's own: back to address 0 and no configuration; the function behind it goes on."""
        with self.changed:
            self.suspended = False
            self._unconfigure(Outcome.CANCELLED)
            self.changed.notify_all()

    def suspend(self) -> None:
        """An idle bus: nothing moves until `resume`, and nothing is lost."""
        with self.changed:
            self.suspended = True

    def resume(self) -> None:
        with self.changed:
            self.suspended = False
            for endpoint in self.endpoints.values():
                endpoint.serve()
            self.changed.notify_all()

    # What a host asks.

    def control(self, asked: Setup, data: bytes = b"") -> bytes:
        """What goes to the host, at most `asked.w_length` bytes. Raises `Stall` or `DeviceGone`."""
        with self.changed:
            if not self.plugged:
                raise DeviceGone
            answer = self._answers(asked)
            if answer is None:
                raise Stall
            return answer(asked, data)[: asked.w_length]

    def submit(self, transfer: Transfer) -> None:
        """Raises `LookupError` where the endpoint is of no alternate setting that is in force."""
        with self.changed:
            if not self.plugged:
                transfer.end(Outcome.GONE)
                return
            endpoint = self.endpoints[transfer.address]
            endpoint.waiting.append(transfer)
            if not self.suspended:
                endpoint.serve()
            if transfer.outcome is not None:
                self.changed.notify_all()

    def cancel(self, transfer: Transfer) -> None:
        """Ends it where it has not ended yet; what passed has passed."""
        with self.changed:
            if transfer.outcome is None:
                self.endpoints[transfer.address].waiting.remove(transfer)
                transfer.end(Outcome.CANCELLED)

    # What a function adds.

    def class_request(self, asked: Setup) -> Callable[[Setup, bytes], bytes] | None:
        """None: not known, which a host hears as a stall."""
        return None

    def selecting(self, interface: int, alternate: int) -> None:
        """Before an alternate setting comes into force; raises `Stall` to refuse it."""

    def selected(self, interface: int, alternate: int) -> None:
        """After it did; its endpoints are new."""

    def unconfigured(self) -> None:
        """After everything a host had set is void, its endpoints with it."""

    def make_endpoint(self, interface: Interface, address: int, packet_bytes: int) -> Endpoint:
        """Of the device's own kind. As it stands: outbound bytes go nowhere."""
        return InEndpoint(packet_bytes) if address & IN else OutEndpoint(packet_bytes, lambda _: True)

    # Chapter 9.

    def _answers(self, asked: Setup) -> Callable[[Setup, bytes], bytes] | None:
        if asked.kind != setup.STANDARD:
            return self.class_request(asked)
        return {
            (0x80, setup.GET_STATUS): self._device_status,
            (0x81, setup.GET_STATUS): self._interface_status,
            (0x82, setup.GET_STATUS): self._endpoint_status,
            (0x02, setup.CLEAR_FEATURE): self._halt(False),
            (0x02, setup.SET_FEATURE): self._halt(True),
            (0x00, setup.SET_ADDRESS): self._set_address,
            (0x80, setup.GET_DESCRIPTOR): self._descriptor,
            (0x80, setup.GET_CONFIGURATION): self._get_configuration,
            (0x00, setup.SET_CONFIGURATION): self._set_configuration,
            (0x81, setup.GET_INTERFACE): self._get_interface,
            (0x01, setup.SET_INTERFACE): self._set_interface,
        }.get((asked.request_type, asked.request))

    def _device_status(self, asked: Setup, data: bytes) -> bytes:
        return b"\x01\x00" if self.configuration is not None and self.configuration.self_powered else NOTHING

    def _interface_status(self, asked: Setup, data: bytes) -> bytes:
        self._alternates_of(asked.w_index)
        return NOTHING

    def _endpoint_status(self, asked: Setup, data: bytes) -> bytes:
        if asked.w_index & ~IN == 0:
            return NOTHING
        return HALTED if self._endpoint(asked.w_index).halted else NOTHING

    def _halt(self, halted: bool) -> Callable[[Setup, bytes], bytes]:
        def answer(asked: Setup, data: bytes) -> bytes:
            if asked.w_value != setup.ENDPOINT_HALT:
                raise Stall
            if asked.w_index & ~IN:
                endpoint = self._endpoint(asked.w_index)
                endpoint.halted = halted
                endpoint.serve()
            return b""

        return answer

    def _set_address(self, asked: Setup, data: bytes) -> bytes:
        self.address = asked.w_value & 0x7F
        return b""

    def _descriptor(self, asked: Setup, data: bytes) -> bytes:
        kind, index = asked.w_value >> 8, asked.w_value & 0xFF
        listed: tuple[bytes, ...] = {
            layouts.DEVICE.number: (self.built.device,),
            layouts.CONFIGURATION.number: self.built.configurations,
            layouts.STRING: self.built.strings,
            # A device of one speed alone has neither of these, and says so by a stall.
            layouts.QUALIFIER.number: (self.other.qualifier,) if self.other else (),
            layouts.OTHER_SPEED: self.other.renumbered if self.other else (),
        }.get(kind, ())
        if index >= len(listed):
            raise Stall
        return listed[index]

    def _get_configuration(self, asked: Setup, data: bytes) -> bytes:
        return bytes([0 if self.configuration is None else self.configuration.value])

    def _set_configuration(self, asked: Setup, data: bytes) -> bytes:
        chosen = {one.value: one for one in self.declared.configurations}
        if asked.w_value and asked.w_value not in chosen:
            raise Stall
        self._unconfigure(Outcome.CANCELLED, keep_address=True)
        if asked.w_value:
            self.configuration = chosen[asked.w_value]
            for number in dict.fromkeys(one.number for one in self.configuration.interfaces):
                self._select(number, 0)
        return b""

    def _get_interface(self, asked: Setup, data: bytes) -> bytes:
        self._alternates_of(asked.w_index)
        return bytes([self.alternates[asked.w_index]])

    def _set_interface(self, asked: Setup, data: bytes) -> bytes:
        if asked.w_value >= len(self._alternates_of(asked.w_index)):
            raise Stall
        self.selecting(asked.w_index, asked.w_value)
        self._select(asked.w_index, asked.w_value)
        self.selected(asked.w_index, asked.w_value)
        self.changed.notify_all()
        return b""

    def _alternates_of(self, number: int) -> list[Interface]:
        found = [one for one in self.configuration.interfaces if one.number == number] if self.configuration else []
        if not found:
            raise Stall
        return found

    def _endpoint(self, address: int) -> Endpoint:
        if address not in self.endpoints:
            raise Stall
        return self.endpoints[address]

    def _select(self, number: int, alternate: int) -> None:
        """Its endpoints are new ones: no halt, no bytes, nothing that waits."""
        alternates = self._alternates_of(number)
        for one in alternates:
            for endpoint in one.endpoints:
                if endpoint.address in self.endpoints:
                    self.endpoints.pop(endpoint.address).abort(Outcome.CANCELLED)
        for endpoint in alternates[alternate].endpoints:
            made = self.make_endpoint(alternates[alternate], endpoint.address, endpoint.packet_bytes)
            self.endpoints[endpoint.address] = made
        self.alternates[number] = alternate

    def _unconfigure(self, outcome: Outcome, keep_address: bool = False) -> None:
        self.address = self.address if keep_address else 0
        self.configuration = None
        self.alternates.clear()
        gone, self.endpoints = self.endpoints, {}
        for endpoint in gone.values():
            endpoint.abort(outcome)
        self.unconfigured()
