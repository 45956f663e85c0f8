"""The paths of the bench, their peers and goals: what performance.md asks to be measured; it measures nothing."""

from typing import Final

from pumpbench.tools.bench.path import Goal, Path, Peer

MAVLINK_DECODE: Final = "pymavlink v2 parse_buffer"

FRAMES: Final = (
    Path("stream decode (host's frames, 53 bytes)", "messages/s", "frames.decode_host", (
        Peer("mavlink.decode", MAVLINK_DECODE, Goal("ratio >=", 5)),
    )),
    Path("stream decode (device's frames, 65 bytes)", "messages/s", "frames.decode_device", (
        Peer("mavlink.decode", MAVLINK_DECODE, Goal("ratio >=", 5)),
        Peer("constructs.decode", "construct interpreted, body alone"),
        Peer("constructs.decode_compiled", "construct compiled, body alone"),
        Peer("structs.decode", "cobs + struct + crc_hqx, tuples"),
    )),
    Path("stream decode through the C codec", "messages/s", "frames.decode_c", (
        Peer("mavlink.decode", MAVLINK_DECODE, Goal("ratio >=", 15)),
    )),
    Path("encode (host's frames, 53 bytes)", "messages/s", "frames.encode_host", (
        Peer("mavlink.encode", "pymavlink v2 pack", Goal("ratio >=", 5)),
    )),
    Path("encode (device's frames, 65 bytes)", "messages/s", "frames.encode_device", (
        Peer("mavlink.encode", "pymavlink v2 pack", Goal("ratio >=", 5)),
        Peer("structs.encode", "cobs + struct + crc_hqx, tuples"),
    )),
)  # fmt: skip

CAPTURES: Final = (
    Path("bulk decode of a stream to columns", "messages/s", "frames.columns_c", (
        Peer("mavlink.decode", MAVLINK_DECODE, Goal("ratio >=", 100)),
    )),
    Path("bulk decode of a capture to columns", "messages/s", "captures.read_columns", (
        Peer("mavlink.decode", MAVLINK_DECODE, Goal("ratio >=", 100)),
    )),
    Path("capture write, buffered", "messages/s", "captures.write_buffered", (
        Peer("mcap_files.write", "MCAP writer, zstd", Goal("ratio >=", 5)),
        Peer("mcap_files.write_plain", "MCAP writer, uncompressed", Goal("ratio >=", 5)),
        Peer("blf.write", "python-can BLF, 32-byte bodies"),
    )),
    Path("capture write, flushed per record", "messages/s", "captures.write_flushed", (
        Peer("captures.write_buffered", "ours, buffered", Goal("ratio >=", 0.5), ours=True),
        Peer("mcap_files.write", "MCAP writer, zstd (loses its chunk)"),
    )),
    Path("capture read to typed messages", "messages/s", "captures.read_messages", (
        Peer("blf.read", "python-can BLF, to undecoded messages", Goal("ratio >=", 5)),
        Peer("mcap_files.read", "MCAP reader, to bytes"),
    )),
    Path("capture read to frames, in Python", "messages/s", "captures.read_frames", (
        Peer("blf.read", "python-can BLF, to undecoded messages"),
    )),
)  # fmt: skip

ACCOUNTS: Final = (
    Path("ledger of a capture, run again beside it", "frames/s", "accounts.ledger", (
        Peer("captures.read_frames", "ours, read to frames and no more", ours=True),
    )),
    Path("diff of two captures", "frames/s of either", "accounts.diff", (
        Peer("captures.read_frames", "ours, read to frames and no more", ours=True),
    )),
)  # fmt: skip

HANDLING: Final = (
    Path("capture looked over (info, doctor)", "frames/s", "handling.look", (
        Peer("wireshark.capinfos", "capinfos, counts alone"),
    ), rounds_max=2),
    Path("capture recovered", "frames/s", "handling.recovered", (
        Peer("wireshark.editcap", "editcap, a copy"),
    ), rounds_max=2),
    Path("capture filtered by time", "frames/s", "handling.filter_time", (
        Peer("wireshark.editcap_time", "editcap -B"),
    ), rounds_max=2),
    Path("captures joined (cat)", "frames/s", "handling.joined", (
        Peer("wireshark.mergecap", "mergecap -a"),
    ), rounds_max=2),
    Path("capture scrubbed, nothing re-run", "frames/s", "handling.scrubbed", (
        Peer("wireshark.editcap", "editcap, a copy"),
    ), rounds_max=1),
    Path("one message to Parquet", "frames/s", "handling.to_parquet", (
        Peer("arrow.parquet", "pyarrow, from columns in memory"),
    ), rounds_max=3),
    Path("every frame to Parquet", "frames/s", "handling.all_to_parquet", (
        Peer("arrow.parquet", "pyarrow, from columns in memory"),
    ), rounds_max=1),
    Path("every frame to CSV", "frames/s", "handling.to_csv", (
        Peer("arrow.csv", "pyarrow write_csv, from columns in memory"),
    ), rounds_max=1),
)  # fmt: skip

TIME: Final = (
    Path("leap, seven years", "s", "engines.leap", (
        Peer("engines.seven_years_dense_c", "ours, C dense (scaled up)", Goal("<=", 1), ours=True),
    ), rounds_max=5),
    Path("leap", "ticks/s", "engines.leap_ticks", (
        Peer("ticks.simpy", "simpy, an empty process per tick"),
    ), rounds_max=3),
    Path("dense tick, C", "ticks/s", "engines.dense_c", (
        Peer("engines.dense_python", "ours, Python", Goal(">=", 30e6), ours=True),
        Peer("ticks.toy", "toy core, a loop in Python"),
        Peer("ticks.simpy", "simpy, an empty process per tick"),
    )),
    Path("twin lockstep, 90 days", "s", "lockstep.ninety_days", (
        Peer("lockstep.ninety_days_dense_c", "ours, C dense alone (scaled up)", Goal("<=", 5), ours=True),
    ), rounds_max=3),
)  # fmt: skip

BOARDS: Final = tuple(
    Path(f"twin lockstep on qemu:{board}, 90 days", "s", f"lockstep.{function}", (
        Peer("lockstep.ninety_days", "ours, against the host build", goal, ours=True),
    ), rounds_max=1)
    for board, function, goal in (
        ("netduinoplus2", "netduinoplus2", None),
        ("mps2-an385", "mps2_an385", Goal("<=", 60)),
        ("microbit", "microbit", None),
    )
)  # fmt: skip

WAITS: Final = (
    Path("whole therapy request", "us", "requests.read_status", (
        Peer("echo.request", "bare pyserial echo of as many bytes", Goal("ratio <=", 1.3)),
    )),
    Path("pumpbench --help", "s", "starts.help_text", (
        Peer("starts.click", "python -c 'import click'", Goal("<=", 0.15)),
        Peer("starts.python", "python -S -c pass"),
    )),
    Path("first telemetry of emulate", "s", "starts.first_telemetry", (
        Peer("starts.echo", "bare Python on a pty, first echo", Goal("<=", 0.3)),
    )),
)  # fmt: skip

ECHO: Final = "bare bulk echo device, the same way"
USB: Final = (
    Path("therapy request over USB, in process", "us", "usb.request_in_process", (
        Peer("usb.echo_request_in_process", ECHO, ours=True),
    )),
    Path("therapy request over USB/IP on loopback", "us", "usb.request_by_usbip", (
        Peer("usb.echo_request_by_usbip", ECHO, ours=True),
    )),
    Path("requests over USB, in process, 64 ahead", "frames/s", "usb.frames_in_process", (
        Peer("usb.echo_frames_in_process", ECHO, ours=True),
    )),
    Path("requests over USB/IP on loopback, 64 ahead", "frames/s", "usb.frames_by_usbip", (
        Peer("usb.echo_frames_by_usbip", ECHO, ours=True),
    )),
)  # fmt: skip

PATHS: Final = (*FRAMES, *CAPTURES, *HANDLING, *ACCOUNTS, *TIME, *BOARDS, *WAITS, *USB)
