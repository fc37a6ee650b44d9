"""A program that runs a module in `tests/warm.py`, with its own arguments, folder, environment and streams.

Arguments: the socket, the module, and those of the module. It ends with the module's exit code. Scripts and hooks call
it instead of `slice-oas`. It should end before Python alone would have started, so it imports next to nothing.
"""

from __future__ import annotations

import _socket
import marshal
import os
import sys


def _main() -> None:
    address, *command = sys.argv[1:]
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.connect(address)
    request = marshal.dumps([command, os.getcwd(), dict(os.environ), False])  # noqa: PTH109  # needs no import
    numbers = (1, 2, 0) if os.isatty(0) else (1, 2)
    streams = b"".join(stream.to_bytes(4, sys.byteorder) for stream in numbers)
    connection.sendmsg([len(request).to_bytes(8, "big")], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
    connection.sendall(request)
    connection.recv(8, _socket.MSG_WAITALL)  # the process id
    code = int.from_bytes(connection.recv(8, _socket.MSG_WAITALL), "big", signed=True)
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code)


_main()
