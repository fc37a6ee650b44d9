"""Headless Chromium, driven over its devtools protocol on two pipes; the standard library is all it takes."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import pytest

from tests.conftest import PATIENCE

PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

needs_chromium = pytest.mark.skipif(PROGRAM is None or os.name == "nt", reason="there is no Chromium here")

#: What a page may not do behind our back: errors, messages on the console, dialogs.
_TROUBLE = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded", "Page.javascriptDialogOpening")


#: Starts a program whose descriptors 3 and 4 are those of the pipes, as Chromium expects them.
_WITH_PIPES = "import os, sys; a = sys.argv; os.dup2(int(a[1]), 3); os.dup2(int(a[2]), 4); os.execv(a[3], a[3:])"


def _moved_up(descriptor: int) -> int:
    """Return a copy of a descriptor that is neither 3 nor 4, in its place."""
    import fcntl  # not on Windows

    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


class Chromium:
    """A browser with one page.

    trouble: the events since the page was opened that a good page does not cause.
    requested: the addresses that it asked for.
    """

    def __init__(self, profile: Path) -> None:
        """Start it, or skip the test where it cannot start, as in some containers."""
        assert PROGRAM is not None
        read, child_writes = os.pipe()
        child_reads, write = os.pipe()
        child_reads, child_writes = (_moved_up(each) for each in (child_reads, child_writes))
        options = ["--headless", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--window-size=1280,800"]
        options += ["--no-sandbox"] if os.geteuid() == 0 else []
        options += ["--remote-debugging-pipe", f"--user-data-dir={profile}"]
        with_pipes = [sys.executable, "-I", "-S", "-c", _WITH_PIPES, str(child_reads), str(child_writes)]
        self._process = subprocess.Popen(
            [*with_pipes, PROGRAM, *options, "about:blank"],
            pass_fds=(child_reads, child_writes),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(child_reads)
        os.close(child_writes)
        self._read, self._write = read, write
        self._number = 0
        self._left = b""
        self._session = ""
        self._events: list[dict[str, Any]] = []
        self.trouble: list[dict[str, Any]] = []
        self.requested: list[str] = []
        try:
            pages = [each for each in self.call("Target.getTargets")["targetInfos"] if each["type"] == "page"]
            found = self.call("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)
        except OSError:
            self.close()
            if os.environ.get("CI"):
                raise
            pytest.skip("Chromium does not start here")
        self._session = found["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it."""
        os.close(self._write)  # it ends with its pipe
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._read)

    def call(self, method: str, **parameters: object) -> Any:
        """Call a method of the protocol and return its result."""
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            found = self._message()
            if found.get("id") == self._number:
                assert "error" not in found, found
                return found["result"]

    def _message(self) -> dict[str, Any]:
        end = time.monotonic() + PATIENCE
        while b"\0" not in self._left:
            ready, _, _ = select.select([self._read], [], [], max(0, end - time.monotonic()))
            more = os.read(self._read, 1 << 20) if ready else b""
            if not more:
                raise ConnectionError("Chromium says nothing any more")
            self._left += more
        text, _, self._left = self._left.partition(b"\0")
        found: dict[str, Any] = json.loads(text)
        if found.get("method") in _TROUBLE:
            self.trouble.append(found)
        if found.get("method") == "Network.requestWillBeSent":
            self.requested.append(found["params"]["request"]["url"])
        if "method" in found:
            self._events.append(found)
        return found

    def open(self, address: str) -> None:
        """Open a page and wait until it is loaded."""
        self.call("Page.navigate", url="about:blank")
        self.trouble.clear()
        self.requested.clear()
        self._events.clear()
        self.call("Page.navigate", url=address)
        while not any(each["method"] == "Page.loadEventFired" for each in self._events):
            self._message()
        self.js("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")

    def js(self, code: str) -> Any:
        """Return the value of an expression, awaited if it is a promise."""
        found = self.call("Runtime.evaluate", expression=code, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def press(self, key: str, text: str = "") -> None:
        """Press a key: `ArrowDown`, or `a` with the text that it writes."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, **({"text": text} if text else {}))
