"""Runs programs as processes of their own, without the time that Python takes to start and to import.

A process that has imported everything waits for requests and forks for each. The copy gets the folder, environment,
arguments and streams of the request and goes on as `python -m` would. It is a process like any other, with exit code,
signals and children, with two differences. Its imports are done already, so that they neither fail nor have effects.
And after a command has ended normally, functions registered for the exit run, but the interpreter is not torn down,
which would take longer than most commands. So `Repository.run` starts Python itself if the environment affects that,
and `tests/commands/test_cold.py` tries every command that way. Scripts start commands through `Warm.program`.

This file is also that process's program. It imports nothing of the tests.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import marshal
import os
import pkgutil
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

#: Modules that the package imports only when it needs them.
_LIBRARIES = (
    *("doit.cmd_base", "doit.doit_cmd", "doit.reporter", "jsonschema_rs", "multiprocessing.pool"),
    *("openapi_spec_validator", "tomllib"),
)
#: Names in the environment that Python looks at when it starts.
_OF_PYTHON = ("PYTHON", "LC_", "LANG")


def is_possible(environment: Mapping[str, str]) -> bool:
    """Whether a process in this environment can be a copy."""
    return hasattr(os, "fork") and _of_python(environment) == _of_python({**os.environ, "PYTHONUTF8": "1"})


def _of_python(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(_OF_PYTHON)}


class Warm:
    """The client of the process that waits."""

    def __init__(self) -> None:
        self._connection, theirs = socket.socketpair()
        self._place = tempfile.TemporaryDirectory(prefix="warm-")
        self._address = str(Path(self._place.name) / "door")
        door = socket.socket(socket.AF_UNIX)
        door.bind(self._address)
        door.listen()
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(theirs.fileno()), str(door.fileno())],
            env={**os.environ, "PYTHONUTF8": "1"},
            pass_fds=[theirs.fileno(), door.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # of the kind that the copies write to, since Python looks at that when it starts
            stderr=subprocess.PIPE,
        )
        theirs.close()
        door.close()
        atexit.register(self._end)

    def _end(self) -> None:
        self._connection.close()
        self._process.communicate(timeout=10)
        self._place.cleanup()

    def program(self, module: str) -> list[str]:
        """Return a command that acts like `python -P -m` with a module, as long as this process exists.

        Where it is started on a terminal, it is not the terminal's own process: keys that send signals do not reach it.
        """
        return [sys.executable, "-I", "-S", str(Path(__file__).with_name("through.py")), self._address, module]

    def run(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str], seconds: float
    ) -> tuple[int, bytes, bytes]:
        """Run a module with arguments; return its exit code and what it wrote. Raises subprocess.TimeoutExpired."""
        request = marshal.dumps([list(command), str(folder), dict(environment), True])
        (out, their_out), (err, their_err) = os.pipe(), os.pipe()
        socket.send_fds(self._connection, [len(request).to_bytes(8, "big")], [their_out, their_err])
        os.close(their_out)
        os.close(their_err)
        self._connection.sendall(request)
        pid = int.from_bytes(_received(self._connection, 8), "big")
        written: dict[int, list[bytes]] = {out: [], err: []}
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            for end in written:
                selector.register(end, selectors.EVENT_READ)
            while selector.get_map():  # until all who have the streams are gone, as with a process of one's own
                ready = selector.select(max(deadline - time.monotonic(), 0))
                if not ready:
                    os.kill(pid, signal.SIGKILL)
                    raise subprocess.TimeoutExpired(list(command), seconds)
                for key, _ in ready:
                    piece = os.read(key.fd, 1 << 16)
                    written[key.fd].append(piece)
                    if not piece:
                        selector.unregister(key.fd)
                        os.close(key.fd)
        code = int.from_bytes(_received(self._connection, 8), "big", signed=True)
        return code, b"".join(written[out]), b"".join(written[err])


@cache
def shared() -> Warm:
    """Return the instance of this process."""
    return Warm()


def _received(connection: socket.socket, length: int) -> bytes:
    pieces: list[bytes] = []
    while length:
        piece = connection.recv(length)
        if not piece:
            raise EOFError
        pieces.append(piece)
        length -= len(piece)
    return b"".join(pieces)


def _wait_for_requests(connection: socket.socket, door: socket.socket) -> Sequence[str]:
    """Fork for every request; return in the copy, ready for the command that it returns. Raises EOFError at the end."""
    with selectors.DefaultSelector() as selector:
        for each in (connection, door):
            selector.register(each, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                asking = connection if key.fileobj is connection else door.accept()[0]
                command = _fork_for_one(asking)
                if asking is not connection:
                    asking.close()
                if command is not None:
                    connection.close()
                    door.close()
                    return command


def _fork_for_one(asking: socket.socket) -> Sequence[str] | None:
    """Fork a copy for a request; return the command in the copy, and None here. Raises EOFError at the end."""
    length, streams, _, _ = socket.recv_fds(asking, 8, 3)
    if not length:
        raise EOFError
    request = _received(asking, int.from_bytes(length, "big"))
    pid = os.fork()
    if pid:
        for stream in streams:
            os.close(stream)
        asking.sendall(pid.to_bytes(8, "big"))
        _, status = os.waitpid(pid, 0)
        asking.sendall(os.waitstatus_to_exitcode(status).to_bytes(8, "big", signed=True))
        return None
    for stream, number in zip(streams, (1, 2, 0)[: len(streams)], strict=True):
        os.dup2(stream, number)
        os.close(stream)
    command, folder, environment, finds_own = marshal.loads(request)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path[:1] = [folder] if finds_own else []
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.isatty():
        sys.stdout.reconfigure(line_buffering=True)
    time.tzset()
    return command  # type: ignore[no-any-return]  # it was a list of texts


def _import_everything() -> None:
    import oas_tasks

    for module in pkgutil.walk_packages(oas_tasks.__path__, "oas_tasks."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in _LIBRARIES:
        importlib.import_module(name)


def _compile_schemas() -> None:
    """Compile the validators of all versions, of which every build needs one."""
    from oas_tasks.openapi.model import FAMILIES
    from oas_tasks.openapi.validation import structure

    for family in FAMILIES:
        structure.is_valid(family, {"openapi": f"{family}.0"})


def _run(module: str) -> None:
    """Run a module as `python -m` does, and end the process."""
    import runpy

    code = 0
    try:
        runpy._run_module_as_main(module)  # type: ignore[attr-defined]  # what `python -m` calls
    except SystemExit as end:
        if isinstance(end.code, str):
            raise  # which Python writes
        code = end.code or 0
    threading._shutdown()  # type: ignore[attr-defined]  # what Python does first when it ends: it waits for threads
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        sys.exit(code)  # Python prints it and sets the exit code
    os._exit(code & 0xFF)


def _main() -> None:
    connection, door = (socket.socket(fileno=int(each)) for each in sys.argv[1:])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the client is interrupted and hangs up
    _import_everything()
    _compile_schemas()
    gc.collect()
    gc.freeze()
    try:
        module, *sys.argv[1:] = _wait_for_requests(connection, door)
    except EOFError:
        return
    _run(module)


if __name__ == "__main__":
    _main()
