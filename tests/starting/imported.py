"""A process that has imported everything and does nothing but fork: `python imported.py SOCKET`.

Each connection to the socket brings one start: three descriptors, and as JSON the module to run, its words,
the environment and the directory. It is answered with the process's id, and with its exit status once it has
ended. Ends with its standard input.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
import time
from typing import Any

PACKAGE = "wavespeed_mcp_server"
# Loaded late, by names that are made up at run time, or by the first request.
MORE = ("PIL.Image", "httptools", "httpx", "mcp.client.stdio", "sniffio", "uvicorn", "uvicorn.lifespan.on")
MOST = 4 * 1024 * 1024

Start = tuple[dict[str, Any], list[int]]


def import_everything() -> None:
    """All of the package but what runs when it is imported."""
    for module in pkgutil.walk_packages(importlib.import_module(PACKAGE).__path__, PACKAGE + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in MORE:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def receive(connection: socket.socket) -> Start:
    """One start, as it was sent."""
    text, descriptors, _, _ = socket.recv_fds(connection, MOST, 3)
    while not text.endswith(b"\n"):
        text += connection.recv(MOST)
    return json.loads(text), descriptors


def starts(listener: socket.socket) -> Start | None:
    """Fork for every connection. Returns in each child, with what it is to run, and at the end of input."""
    ended, wake = socket.socketpair()
    wake.setblocking(False)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    running: dict[int, socket.socket] = {}
    while True:
        ready, _, _ = select.select([listener.fileno(), ended.fileno(), 0], [], [])
        if 0 in ready:
            return None
        if ended.fileno() in ready:
            ended.recv(4096)
            tell_ends(running)
        if listener.fileno() in ready:
            connection, _ = listener.accept()
            start = receive(connection)
            child = os.fork()
            if not child:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for one in (listener, ended, wake, connection, *running.values()):
                    one.close()
                return start
            for descriptor in start[1]:
                os.close(descriptor)
            connection.sendall(b"%d\n" % child)
            running[child] = connection


def tell_ends(running: dict[int, socket.socket]) -> None:
    """Tell those who wait for a process that has ended."""
    while running:
        child, status = os.waitpid(-1, os.WNOHANG)
        if not child:
            return
        with running.pop(child) as connection:
            try:
                connection.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
            except OSError:
                continue


def become(start: dict[str, Any], descriptors: list[int]) -> None:
    """Take the streams, the environment, the directory and the words of a new process."""
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
    for descriptor in descriptors:
        os.close(descriptor)
    sys.stdin = os.fdopen(0, "r", closefd=False)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)
    os.environ.clear()
    os.environ.update(start["environment"])
    time.tzset()
    os.chdir(start["directory"])
    searched = [start["directory"], *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    sys.path[:] = [*searched, *(place for place in sys.path[1:] if place not in searched)]
    sys.argv = [start["module"], *start["words"]]


def main(path: str) -> None:
    """Fork until the end of input; in a child, run what it was started for."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(64)
        import_everything()
        start = starts(listener)
    if start is not None:
        become(*start)
        runpy.run_module(start[0]["module"], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1])
