"""Starts processes from `imported`, and looks after them as `anyio.open_process` does."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import ByteReceiveStream, ByteSendStream, Process

from in_full import IN_FULL

IMPORTED = Path(__file__).with_name("imported.py")
# Python reads these before any module runs, so a process that has them starts from nothing.
READ_AT_START = ("PYTHON", "LC_", "LANG", "SSL_", "MALLOC_", "LD_")
KNOWN = {"PYTHONPATH", "LD_PRELOAD"}


@cache
def _imported() -> str:
    """The socket of this process's own `imported`, started when it is first asked for."""
    directory = tempfile.mkdtemp(prefix="starts-")
    path = f"{directory}/s"
    given = {name: value for name, value in os.environ.items() if not name.startswith("WAVESPEED_")}
    process = subprocess.Popen([sys.executable, str(IMPORTED), path], stdin=subprocess.PIPE, env=given)

    def end() -> None:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()
        with suppress(OSError):
            Path(path).unlink()
            Path(directory).rmdir()

    atexit.register(end)
    return path


async def _connect() -> socket.socket:
    path = _imported()
    connection = socket.socket(socket.AF_UNIX)
    connection.setblocking(False)
    with anyio.fail_after(60):
        while True:
            with suppress(FileNotFoundError, ConnectionRefusedError):
                await asyncio.get_running_loop().sock_connect(connection, path)
                return connection
            # Only until the first start of this test process has made its socket.
            await anyio.sleep(0.01)


class Output(ByteReceiveStream):
    """What a process writes."""

    def __init__(self, reader: asyncio.StreamReader, transport: asyncio.BaseTransport) -> None:
        self._reader = reader
        self._transport = transport

    async def receive(self, max_bytes: int = 65536) -> bytes:
        """See `ByteReceiveStream`."""
        found = await self._reader.read(max_bytes)
        if not found:
            raise anyio.EndOfStream
        return found

    async def aclose(self) -> None:
        """See `AsyncResource`."""
        self._transport.close()


class Input(ByteSendStream):
    """What a process reads."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def send(self, item: bytes) -> None:
        """See `ByteSendStream`."""
        self._writer.write(item)
        await self._writer.drain()

    async def aclose(self) -> None:
        """See `AsyncResource`."""
        self._writer.close()
        with suppress(OSError):
            await self._writer.wait_closed()


class Forked(Process):
    """One process, which is a child of `imported`."""

    def __init__(self, pid: int, end: asyncio.Task[int], stdin: Input, stdout: Output) -> None:
        self._pid = pid
        self._end = end
        self._stdin = stdin
        self._stdout = stdout

    async def wait(self) -> int:
        """See `Process`."""
        return await asyncio.shield(self._end)

    def send_signal(self, signal: signal.Signals | int) -> None:
        """See `Process`."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal)

    def terminate(self) -> None:
        """See `Process`."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """See `Process`."""
        self.send_signal(signal.SIGKILL)

    @property
    def pid(self) -> int:
        """See `Process`."""
        return self._pid

    @property
    def returncode(self) -> int | None:
        """See `Process`."""
        return self._end.result() if self._end.done() else None

    @property
    def stdin(self) -> ByteSendStream:
        """See `Process`."""
        return self._stdin

    @property
    def stdout(self) -> ByteReceiveStream:
        """See `Process`."""
        return self._stdout

    @property
    def stderr(self) -> None:
        """Goes where it was told to go."""

    async def aclose(self) -> None:
        """See `AsyncResource`."""
        with anyio.CancelScope(shield=True):
            await self._stdin.aclose()
            self.kill()
            await self.wait()
            await self._stdout.aclose()


def can_fork(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    """This is a module of Python's, and nothing changes how Python itself would start."""
    told = {name for name in environment if name.startswith(READ_AT_START)} - KNOWN
    return (
        hasattr(os, "fork")
        and not IN_FULL
        and list(command[:2]) == [sys.executable, "-m"]
        and all(environment[name] == os.environ.get(name) for name in told)
    )


async def open_process(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: str | Path | None = None,
    stdin: int = subprocess.PIPE,
    stderr: Any = None,
) -> Process:
    """As `anyio.open_process` with exactly this environment; standard output is a pipe."""
    if not can_fork(command, env):
        return await anyio.open_process(command, env=env, cwd=cwd, stdin=stdin, stderr=stderr)
    reading, to_process = os.pipe()
    from_process, writing = os.pipe()
    start = {
        "module": command[2],
        "words": list(command[3:]),
        "environment": dict(env),
        "directory": str(cwd or Path.cwd()),
    }
    connection = await _connect()
    connection.setblocking(True)
    errors = 2 if stderr is None else stderr.fileno()
    socket.send_fds(connection, [json.dumps(start).encode() + b"\n"], [reading, writing, errors])
    os.close(reading)
    os.close(writing)
    answers, answering = await asyncio.open_unix_connection(sock=connection)
    pid = int(await answers.readline())

    async def ended() -> int:
        status = int(await answers.readline())
        answering.close()
        return status

    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    output, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(from_process, "rb", buffering=0)
    )
    transport, protocol = await loop.connect_write_pipe(
        lambda: asyncio.StreamReaderProtocol(asyncio.StreamReader()), os.fdopen(to_process, "wb", buffering=0)
    )
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    return Forked(pid, loop.create_task(ended()), Input(writer), Output(reader, output))


async def run_process(
    command: Sequence[str], *, env: Mapping[str, str], cwd: Path | None = None
) -> subprocess.CompletedProcess[bytes]:
    """As `anyio.run_process` with exactly this environment and no input; the exit status is not checked."""
    if not can_fork(command, env):
        return await anyio.run_process(command, env=env, cwd=cwd, check=False, stdin=subprocess.DEVNULL)
    with tempfile.TemporaryFile() as errors:
        async with await open_process(command, env=env, cwd=cwd, stderr=errors) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            await process.stdin.aclose()
            said = b"".join([piece async for piece in process.stdout])
            status = await process.wait()
        errors.seek(0)
        return subprocess.CompletedProcess(command, status, said, errors.read())
