"""A headless Chromium that opens a page from a file and says what the page did; asserts nothing."""

import base64
import contextlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support import BROWSERS

FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--remote-debugging-pipe")
SIZE = {"width": 1240, "height": 1600, "deviceScaleFactor": 1, "mobile": False}
# Debugging by pipe: what the browser reads is its descriptor 3, what it writes 4.
LAUNCH = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(one), fcntl.F_DUPFD, 10) for one in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


def program() -> str | None:
    """The first that this machine has."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


@dataclass
class Browser:
    """One page at a time. `requests` are the addresses that it asked for, `complaints` what stood in the console as an error."""

    folder: Path
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _last_id: int = 0
    _loaded: bool = False
    _session: str = ""

    def __enter__(self) -> Self:
        found = program()
        assert found is not None
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        command = [sys.executable, "-c", LAUNCH, str(theirs_in), str(theirs_out), found, *FLAGS]
        self._process = subprocess.Popen(
            [*command, f"--user-data-dir={self.folder}"], pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ | {"HOME": str(self.folder)},
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self._out, self._in = os.fdopen(ours_out, "wb"), os.fdopen(ours_in, "rb")
        try:
            self._attach()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _attach(self) -> None:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", **SIZE)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            # Asked to, it ends its own processes too, and leaves its folder alone.
            self._session = ""
            self.call("Browser.close")
            self._process.wait(timeout=20)
        except (OSError, RuntimeError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        with contextlib.suppress(OSError):
            self._out.close()
        self._in.close()

    def open(self, path: Path) -> None:
        """Returns once the page has loaded and its scripts have run."""
        self._loaded = False
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not self._loaded:
            self._read()

    def says(self, expression: str) -> Any:
        """What a line of JavaScript comes to, as JSON has it."""
        told = self.call("Runtime.evaluate", expression=f"JSON.stringify({expression})", returnByValue=True, awaitPromise=True)
        return json.loads(told["result"]["value"])

    def screenshot(self, path: Path, whole: bool = True) -> Path:
        picture = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(picture["data"]))
        return path

    def call(self, method: str, **parameters: Any) -> Any:
        """A command of the DevTools protocol, and its result."""
        self._last_id += 1
        told = {"id": self._last_id, "method": method, "params": parameters}
        told |= {"sessionId": self._session} if self._session else {}
        self._out.write(json.dumps(told).encode() + b"\0")
        self._out.flush()
        while (answer := self._read()).get("id") != self._last_id:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def _read(self) -> dict[str, Any]:
        parts = []
        while (byte := self._in.read(1)) != b"\0":
            if not byte:
                raise RuntimeError("the browser ended")
            parts.append(byte)
        told: dict[str, Any] = json.loads(b"".join(parts))
        self._note(told.get("method", ""), told.get("params", {}))
        return told

    def _note(self, method: str, told: dict[str, Any]) -> None:
        match method:
            case "Page.loadEventFired":
                self._loaded = True
            case "Network.requestWillBeSent":
                self.requests.append(told["request"]["url"])
            case "Runtime.exceptionThrown":
                self.complaints.append(str(told["exceptionDetails"])[:500])
            case "Runtime.consoleAPICalled" if told["type"] in ("error", "warning", "assert"):
                self.complaints.append(str(told["args"])[:500])
            case "Log.entryAdded" if told["entry"]["level"] in ("error", "warning"):
                self.complaints.append(f"{told['entry']['text']}: {told['entry'].get('url', '')}"[:500])
