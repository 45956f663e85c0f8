"""What the in-memory pair adds to the contract: a device that works only when the host waits."""

from pumpbench.hil.links import memory_pair


def test_memory_lets_the_device_work_when_the_host_reads_nothing() -> None:
    host, device = memory_pair()
    turns: list[bytes] = []

    def echo() -> None:
        turns.append(device.read(0))
        device.write(turns[-1].upper())

    host.pump = echo
    host.write(b"ping")
    assert host.read(60) == b"PING"
    assert host.read(60) == b""
    assert turns == [b"ping", b""]


def test_memory_lets_the_device_work_on_until_it_has_something_to_say() -> None:
    host, device = memory_pair()
    turns = []

    def work() -> bool:
        turns.append(0)
        if len(turns) == 5:
            device.write(b"done")
        return True

    host.pump = work
    assert host.read(0) == b""
    assert host.read(60) == b"done"
    assert len(turns) == 5


def test_memory_does_not_pump_when_bytes_are_waiting() -> None:
    host, device = memory_pair()
    device.write(b"waiting")
    host.pump = host.close
    assert host.read(0) == b"waiting"
