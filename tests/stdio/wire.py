"""The real process, spoken to line by line: a JSON-RPC client with nothing between it and the pipes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from calling import Json
from starting import open_process
from wavespeed_mcp_server.sandbox import Sandbox

PATIENCE_SECONDS = 60.0
LONGEST_LINE = 4_000_000
MODERN = "2026-07-28"
CLIENT = {"name": "bare", "version": "1"}


class Wire:
    """One server process. Lines that are not JSON fail the test that reads them."""

    def __init__(self, process: Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self.stdin = process.stdin
        self._lines = BufferedByteReceiveStream(process.stdout)
        self._number = 0
        self.notices: list[Json] = []

    async def write(self, line: bytes) -> None:
        """These bytes and a newline."""
        await self.stdin.send(line + b"\n")

    async def send(self, message: Json) -> None:
        """A JSON-RPC message."""
        await self.write(json.dumps({"jsonrpc": "2.0", **message}).encode())

    async def read(self) -> Json:
        """The next message, whatever it is."""
        with anyio.fail_after(PATIENCE_SECONDS):
            line = await self._lines.receive_until(b"\n", LONGEST_LINE)
        message: Json = json.loads(line)
        assert message["jsonrpc"] == "2.0"
        return message

    async def answer(self, number: int) -> Json:
        """The answer to the request of this number; notices on the way are kept."""
        while True:
            message = await self.read()
            if message.get("id") == number:
                return message
            assert "method" in message, f"an answer to nothing that was asked: {message}"
            self.notices.append(message)

    async def ask(self, method: str, params: Json | None = None) -> int:
        """Send a request without waiting for its answer; returns its number."""
        self._number += 1
        await self.send({"id": self._number, "method": method, "params": params or {}})
        return self._number

    async def request(self, method: str, params: Json | None = None) -> Json:
        """The result of a request that must succeed."""
        message = await self.answer(await self.ask(method, params))
        assert "error" not in message, message
        result: Json = message["result"]
        return result

    async def refused(self, method: str, params: Json | None = None) -> Json:
        """The error of a request that must fail."""
        error: Json = (await self.answer(await self.ask(method, params)))["error"]
        return error

    async def initialize(self, version: str) -> Json:
        """The handshake of the older eras."""
        params = {"protocolVersion": version, "capabilities": {}, "clientInfo": CLIENT}
        result = await self.request("initialize", params)
        await self.send({"method": "notifications/initialized"})
        return result

    async def left(self) -> int:
        """The exit code, once the process has ended by itself."""
        with anyio.fail_after(PATIENCE_SECONDS):
            return await self.process.wait()

    async def rest(self) -> bytes:
        """Everything still on its stdout, up to the end."""
        kept = self._lines.buffer
        assert self.process.stdout is not None
        with anyio.fail_after(PATIENCE_SECONDS):
            return kept + b"".join([chunk async for chunk in self.process.stdout])


def modern(params: Json | None = None, **meta: Any) -> Json:
    """Parameters as the protocol of 2026-07-28 has them: who asks is told with every request."""
    told = {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": CLIENT,
        "io.modelcontextprotocol/clientCapabilities": {},
        **meta,
    }
    return {**(params or {}), "_meta": told}


def environment(sandbox: Sandbox, directory: Path) -> dict[str, str]:
    """What the process is given: the way to the sandbox, and nothing of this machine but its PATH."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "WAVESPEED_API_KEY": "sandbox-key",
        "WAVESPEED_BASE_URL": sandbox.url,
        "WAVESPEED_STATE_DIR": str(directory / "state"),
        "WAVESPEED_OUTPUT_DIR": str(directory / "out"),
    }


@asynccontextmanager
async def started(
    given: Mapping[str, str], command: Sequence[str] = (), cwd: str | Path = "/"
) -> AsyncIterator[Wire]:
    """A server process with exactly this environment; killed when the block is left."""
    run = list(command) or [sys.executable, "-m", "wavespeed_mcp_server"]
    process = await open_process(run, env=given, cwd=cwd)
    try:
        yield Wire(process)
    finally:
        if process.returncode is None:
            process.kill()
        with anyio.CancelScope(shield=True):
            await process.wait()
            await process.aclose()
