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

READ_ALONE: Final = Peer("captures.read_frames", "ours, read to frames and no more", ours=True)
COPY: Final = Peer("wireshark.editcap", "editcap, a copy of what is whole")
LUA: Final = "our dissector in tshark, the first tenth"

VERBS: Final = (
    Path("info", "frames/s", "verbs.info", (
        Peer("wireshark.capinfos", "capinfos, which reads no payload"),
    ), rounds_max=2),
    Path("doctor FILE", "frames/s", "verbs.doctor", (
        Peer("wireshark.capinfos_hash", "capinfos -H, three digests of the file"),
    ), rounds_max=2),
    Path("recover", "frames/s", "verbs.recover", (
        Peer("posix.pcapfix", "pcapfix, whatever it mends"),
        COPY,
    ), rounds_max=2),
    Path("filter --until-tick, half", "frames/s", "verbs.filter_tick", (
        Peer("wireshark.editcap_time", "editcap -B, by the clock"),
    ), rounds_max=2),
    Path("cat", "frames/s", "verbs.cat", (
        Peer("wireshark.mergecap", "mergecap -a"),
        Peer("posix.cat", "cat, bytes alone"),
    ), rounds_max=2),
    Path("scrub, both pumps run again", "frames/s", "verbs.scrub", (
        COPY,
    ), rounds_max=1),
    Path("convert to Parquet", "frames/s", "verbs.to_parquet", (
        Peer("arrow.parquet", "pyarrow, from columns in memory"),
    ), rounds_max=1),
    Path("convert --message to Parquet", "frames/s", "verbs.one_to_parquet", (
        Peer("arrow.parquet", "pyarrow, from columns in memory"),
    ), rounds_max=3),
    Path("convert to Arrow", "frames/s", "verbs.to_arrow", (
        Peer("arrow.ipc", "pyarrow, from columns in memory"),
    ), rounds_max=1),
    Path("convert to CSV", "frames/s", "verbs.to_csv", (
        Peer("arrow.csv", "pyarrow, from columns in memory"),
    ), rounds_max=1),
    Path("convert to NDJSON", "frames/s", "verbs.to_ndjson", (
        Peer("jsons.dumps", "json.dumps, of dicts in memory"),
    ), rounds_max=1),
    Path("convert to MCAP", "frames/s", "verbs.to_mcap", (
        Peer("mcap_files.write", "MCAP writer, zstd, bytes in memory"),
    ), rounds_max=1),
    Path("ledger, run again beside it", "frames/s", "verbs.ledger", (
        READ_ALONE,
    ), rounds_max=3),
    Path("diff", "frames/s of either", "verbs.diff", (
        Peer("posix.diff", "GNU diff, a line of hex a record"),
        Peer("posix.cmp", "cmp, bytes alone"),
    ), rounds_max=3),
    Path("explain, run again", "frames/s", "verbs.explain", (
        READ_ALONE,
    ), rounds_max=3),
    Path("step to the middle, run again", "frames/s", "verbs.step", (
        READ_ALONE,
    ), rounds_max=3),
    Path("report, with its replay", "frames/s", "verbs.report", (
        Peer("wireshark.statistics", "tshark -z io,stat, counts alone"),
    ), rounds_max=1),
    Path("replay --against emulator", "frames/s", "verbs.replay", (
        Peer("engines.telling", "the emulator alone, as many frames", ours=True),
    ), rounds_max=1),
    Path("decode, table", "frames/s", "verbs.decode_table", (
        Peer("wireshark.summarised", LUA),
    ), rounds_max=1),
    Path("decode --format ndjson", "frames/s", "verbs.decode_ndjson", (
        Peer("wireshark.dissected", f"{LUA}, -T ek"),
        Peer("jsons.dumps", "json.dumps, of dicts in memory"),
    ), rounds_max=1),
    Path("import, raw bytes", "frames/s", "verbs.import_bytes", (
        Peer("wireshark.text2pcap", "text2pcap, of a dump in hex"),
    ), rounds_max=1),
    Path("record, relayed over TCP", "frames/s", "relay.record", (
        Peer("relays.socat", "socat, which keeps nothing"),
        Peer("relays.python", "a bare loop in Python, which keeps nothing"),
    ), rounds_max=3),
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

PATHS: Final = (*FRAMES, *CAPTURES, *VERBS, *TIME, *BOARDS, *WAITS, *USB)
