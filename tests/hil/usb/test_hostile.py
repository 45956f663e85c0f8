"""A link that meets a device which lies, stalls, babbles or is another's: named errors, bounded waits, never a bare exception."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pumpbench.hil.links import LinkError, LinkLost, LinkStalled, PortMissing, UrlInvalid
from pumpbench.hil.links.usb import UsbLink
from pumpbench.hil.usb import layouts, setup
from pumpbench.hil.usb.backend import InProcessBackend
from pumpbench.hil.usb.bus import Bus
from pumpbench.hil.usb.descriptors import Interface, Kind
from pumpbench.hil.usb.device import DeviceGone, UsbDevice
from pumpbench.hil.usb.setup import Setup, Stall
from tests.hil.usb.hostile import HALT, Babbling, Endless, Erratic, Lying, Plain, Stalling, moved, pair, vendor
from tests.hil.usb.plugged import ANY, HELD_BYTES, Plugged
from tests.hil.usb.ways import FAR, in_process
from tests.support import effort, rng


def linked(device: UsbDevice) -> UsbLink:
    bus = Bus()
    bus.plug(device)
    return UsbLink(ANY, InProcessBackend(bus))


def met(device: UsbDevice, serial: str) -> LinkError | None:
    """What a link that opens, writes and reads comes to; anything but a `LinkError` goes through."""
    bus = Bus()
    bus.plug(device)
    try:
        with UsbLink(ANY._replace(serial=serial), InProcessBackend(bus)) as link:
            link.write(b"x")
            link.read(0)
    except LinkError as problem:
        return problem
    return None


def assert_named(problem: LinkError | None) -> None:
    assert problem is None or (str(problem).startswith("usb:1209:0001") and "\n" not in str(problem))


@pytest.mark.parametrize(
    ("device", "kind", "told"),
    [
        (Plain((vendor(),)), UrlInvalid, "no vendor interface with a bulk endpoint each way"),
        (Plain((vendor(0, pair(1, 1)[0]),)), UrlInvalid, "no vendor interface"),
        (Plain((vendor(0, *pair(1, 1, Kind.INTERRUPT)),)), UrlInvalid, "no vendor interface"),
        (Plain((Interface(0, 0x0A, endpoints=pair(1, 1)),)), UrlInvalid, "no vendor interface"),
        (Plain((vendor(),), (vendor(0, *pair(1, 1)),)), UrlInvalid, "in its descriptors"),
    ],
    ids=["no endpoints", "one way alone", "interrupt alone", "another class", "in a configuration that is not in force"],
)
def test_device_without_a_pair_for_frames_is_refused_by_name(device: UsbDevice, kind: type[LinkError], told: str) -> None:
    with pytest.raises(kind, match=told) as caught:
        linked(device)
    assert str(caught.value).startswith("usb:1209:0001: ")
    assert "\n" not in str(caught.value)


def test_configuration_is_chosen_by_its_endpoints_where_none_is_in_force() -> None:
    device = Plain((vendor(),), (vendor(0), vendor(1, *pair(3, 2))), configured=False)
    with linked(device) as link:
        assert device.configuration is not None
        assert device.configuration.value == 2
        link.write(b"goes nowhere, but goes")
        assert link.read(0) == b""


def test_halt_that_the_last_host_left_behind_is_cleared() -> None:
    bus, device = Bus(), Plain((vendor(0, *pair(2, 3)),))
    bus.plug(device)
    for endpoint in device.endpoints.values():
        endpoint.halted = True
    with UsbLink(ANY, InProcessBackend(bus)) as link:
        link.write(b"goes")
        assert link.read(0) == b""


@given(st.integers(4, 15), st.integers(4, 15))
@settings(max_examples=effort(20, 144))
def test_endpoints_are_found_wherever_the_descriptors_put_them(inbound: int, outbound: int) -> None:
    device = moved(inbound, outbound)
    with linked(device) as link:
        link.write(b"down")
        device.end.write(b"up")
        assert (device.end.read(1), link.read(1)) == (b"down", b"up")


def test_babble_ends_the_link_by_name() -> None:
    with linked(Babbling("P1")) as link, pytest.raises(LinkLost, match="babble"):
        link.read(1)


@pytest.mark.parametrize("inbound", [True, False])
def test_stalled_endpoint_ends_the_link_by_name(inbound: bool) -> None:
    with linked(Stalling(inbound)) as link, pytest.raises(LinkLost, match="halted its endpoint"):
        link.read(1) if inbound else link.write(b"x")


def test_device_that_takes_nothing_stalls_the_link_in_bounded_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pumpbench.hil.links.usb.STALL_S", 0.02)
    device = moved(4, 5)
    with linked(device) as link, pytest.raises(LinkStalled) as told:
        link.write(bytes(1 << 17))
    assert told.value.passed_bytes == HELD_BYTES


def test_device_that_sends_empty_packets_without_end_is_a_quiet_one() -> None:
    with linked(Endless("P1")) as link:
        assert link.read(0.05) == b""


def test_device_that_goes_while_its_session_is_opened_is_lost_not_busy() -> None:
    bus = Bus()

    def spoil(asked: Setup, true: bytes) -> bytes:
        if asked.request == setup.SET_INTERFACE and asked.w_value:
            bus.unplug(device)
            raise DeviceGone
        return true

    device = Lying(spoil)
    bus.plug(device)
    with pytest.raises(LinkLost, match="it was unplugged"):
        UsbLink(ANY, InProcessBackend(bus))


@pytest.mark.parametrize(
    "kind", [layouts.DEVICE.number, layouts.CONFIGURATION.number, layouts.STRING], ids=["device", "configuration", "string"]
)
def test_device_that_stalls_its_descriptors_is_never_a_bare_error(kind: int) -> None:
    def spoil(asked: Setup, true: bytes) -> bytes:
        if asked.request == setup.GET_DESCRIPTOR and asked.w_value >> 8 == kind:
            raise Stall
        return true

    if kind == layouts.STRING:
        linked(Lying(spoil)).close()  # nobody asked for a serial number
        bus = Bus()
        bus.plug(Lying(spoil))
        with pytest.raises(PortMissing, match="one that does not tell its serial number"):
            UsbLink(ANY._replace(serial="P1"), InProcessBackend(bus))
    else:
        with pytest.raises(PortMissing, match="no such device"):
            linked(Lying(spoil))


def test_bus_says_why_it_did_not_take_a_device_in() -> None:
    bus = Bus()
    device = Lying(lambda asked, true: true[:4] if asked.w_value >> 8 == layouts.DEVICE.number else true)
    bus.plug(device)
    assert (bus.attached, device.plugged) == ([], False)
    (told,) = bus.refused
    assert told.startswith("P1: ")


@given(
    st.sampled_from([layouts.DEVICE.number, layouts.CONFIGURATION.number, layouts.STRING]),
    st.lists(st.tuples(st.integers(0, 120), st.integers(0, 255)), max_size=4),
    st.none() | st.integers(0, 120),
    st.booleans(),
)
@settings(max_examples=effort(300, 50_000), suppress_health_check=[HealthCheck.too_slow])
def test_spoilt_descriptors_end_in_a_link_or_a_named_error(
    kind: int, changes: list[tuple[int, int]], length: int | None, by_serial: bool
) -> None:
    """Bytes changed anywhere and answers cut off anywhere: lengths, counts, classes, addresses and packet sizes that lie."""

    def spoil(asked: Setup, true: bytes) -> bytes:
        if asked.request != setup.GET_DESCRIPTOR or asked.w_value >> 8 != kind:
            return true
        raw = bytearray(true)
        for at, value in changes:
            if at < len(raw):
                raw[at] = value
        return bytes(raw[:length])

    assert_named(met(Lying(spoil), "P1" if by_serial else ""))


@given(st.lists(st.sampled_from(["stall", "short", "long", "true"]), min_size=1, max_size=12))
@settings(max_examples=effort(100, 20_000), suppress_health_check=[HealthCheck.too_slow])
def test_spoilt_answers_in_any_order_end_in_a_link_or_a_named_error(answers: list[str]) -> None:
    turns = iter(answers)

    def spoil(asked: Setup, true: bytes) -> bytes:
        turn = next(turns, "true")
        if turn == "stall":
            raise Stall
        return {"short": true[: len(true) // 2], "long": true + bytes(8), "true": true}[turn]

    assert_named(met(Lying(spoil), "P1"))


packets = st.lists(st.sampled_from([0, 1, 63, 64, 64, 64, 65, 600, HALT, None]), max_size=60)
rooms = st.lists(st.booleans(), max_size=4)
acts = st.lists(st.integers(-1, 200) | st.just(4096), max_size=8)


@given(packets=packets, room=rooms, acts=acts, pulled_at=st.integers(0, 12))
@settings(max_examples=effort(100, 30_000), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_transfers_of_any_kind_in_any_order_end_in_bytes_or_a_named_error(
    packets: list[int | str | None], room: list[bool], acts: list[int], pulled_at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packets that are short, empty, too long or none, halts, and a device that is pulled off between two of the acts."""
    monkeypatch.setattr("pumpbench.hil.links.usb.STALL_S", 0.002)
    with in_process(device=Erratic(packets, room)) as plugged:
        assert_named(acted(plugged, acts, pulled_at))


@pytest.mark.parametrize("way", list(FAR))
def test_transfers_of_any_kind_through_a_server_end_the_same(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pumpbench.hil.links.usb.STALL_S", 0.01)
    draw = rng(f"erratic by {way}")
    problems = set()
    for _ in range(effort(40, 4_000)):
        packets = draw.choices([0, 1, 63, 64, 64, 64, 65, 600, HALT, None], k=draw.randrange(60))
        acts = [draw.choice([-1, -1, 0, 64, 200, 4096]) for _ in range(draw.randrange(8))]
        with FAR[way](device=Erratic(packets, [draw.random() < 0.8 for _ in range(3)])) as plugged:
            problem = acted(plugged, acts, draw.randrange(20))
        assert_named(problem)
        problems.add(type(problem).__name__)
    assert {"NoneType", "LinkLost"} <= problems


def acted(plugged: Plugged, acts: list[int], pulled_at: int) -> LinkError | None:
    """Each act a read, at -1, or a write of so many bytes; before one of them the device goes. What it comes to."""
    try:
        with plugged.link() as link:
            for at, act in enumerate(acts):
                if at == pulled_at:
                    plugged.unplug()
                if act < 0:
                    link.read(0)
                else:
                    link.write(bytes(act))
    except LinkError as problem:
        return problem
    return None
