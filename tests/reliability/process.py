"""A server process on standard streams, spoken to by hand so that it can be killed at any instant."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import Process

from calling import Json
from starting import open_process

PATIENCE_SECONDS = 40.0
HASTY = "reliability.hasty"
TESTS = Path(__file__).parents[1]
OPENING = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


# What every request of the era without a handshake carries.
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": OPENING["clientInfo"],
}


class ServerProcess:
    """One running server. `output` is every byte it wrote on standard output.

    `meta` is what each request carries; without any it is spoken to in the older era.
    """

    def __init__(self, process: Process, meta: Mapping[str, Any] | None = None) -> None:
        self._process = process
        self._meta = meta
        self._calls = 0
        self._unread = b""
        self.output = b""

    async def open(self) -> None:
        """The handshake of the older era: one request, one notification."""
        if self._meta is not None:
            return
        await self._send({"id": 0, "method": "initialize", "params": OPENING})
        await self.answer(0)
        await self._send({"method": "notifications/initialized"})

    async def start(self, tool: str, arguments: Mapping[str, Any]) -> int:
        """Send a call without waiting for its answer; returns the request's id."""
        self._calls += 1
        params: Json = {"name": tool, "arguments": arguments}
        if self._meta is not None:
            params["_meta"] = self._meta
        await self._send({"id": self._calls, "method": "tools/call", "params": params})
        return self._calls

    async def call(self, tool: str, **arguments: Any) -> Json:
        """The structured result of a call, which must work."""
        answer = await self.answer(await self.start(tool, arguments))
        assert not answer["result"].get("isError"), answer["result"]["content"]
        structured: Json = answer["result"]["structuredContent"]
        return structured

    async def refusal(self, tool: str, **arguments: Any) -> str:
        """The error text of a call, which must fail."""
        answer = await self.answer(await self.start(tool, arguments))
        assert answer["result"].get("isError"), answer
        text: str = answer["result"]["content"][0]["text"]
        return text

    async def cancel(self, request: int) -> None:
        """Give up on a call, as hosts do."""
        await self._send({"method": "notifications/cancelled", "params": {"requestId": request}})

    async def some_output(self) -> bytes:
        """The next bytes on standard output, which may be a piece of a line."""
        assert self._process.stdout is not None
        piece = await self._process.stdout.receive(256)
        self.output += piece
        return piece

    def kill(self) -> None:
        """SIGKILL: no handler, no cleaning up."""
        self._process.kill()

    def terminate(self) -> None:
        """SIGTERM, as a host that closes sends it."""
        self._process.terminate()

    async def ended(self) -> int:
        """Wait until it is gone; the exit code."""
        return await self._process.wait()

    async def close_input(self) -> None:
        """End its input, which ends the server."""
        assert self._process.stdin is not None
        await self._process.stdin.aclose()

    async def _send(self, message: Json) -> None:
        assert self._process.stdin is not None
        await self._process.stdin.send(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")

    async def answer(self, request: int) -> Json:
        while True:
            line = await self._line()
            message: Json = json.loads(line)
            if message.get("id") == request and "method" not in message:
                return message

    async def _line(self) -> bytes:
        assert self._process.stdout is not None
        while b"\n" not in self._unread:
            piece = await self._process.stdout.receive()
            self.output += piece
            self._unread += piece
        line, _, self._unread = self._unread.partition(b"\n")
        return line


@asynccontextmanager
async def program(
    words: Sequence[str], settings: Mapping[str, str], stderr: Path, *, module: str = HASTY
) -> AsyncIterator[Process]:
    """The program with these words and environment variables; killed when the block is left."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("WAVESPEED")}
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [str(TESTS), kept.get("PYTHONPATH")]))
    with stderr.open("ab") as errors:
        process = await open_process(
            [sys.executable, "-m", module, *words], stderr=errors, env=kept | dict(settings)
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        with anyio.CancelScope(shield=True):
            await process.aclose()


@asynccontextmanager
async def server(
    settings: Mapping[str, str],
    stderr: Path,
    *,
    module: str = HASTY,
    meta: Mapping[str, Any] | None = None,
) -> AsyncIterator[ServerProcess]:
    """A server with these environment variables, opened; killed when the block is left."""
    async with program([], settings, stderr, module=module) as process:
        one = ServerProcess(process, meta)
        with anyio.fail_after(PATIENCE_SECONDS):
            await one.open()
            yield one


def environment(url: str, directory: Path, key: str = "sandbox-key", **more: str) -> dict[str, str]:
    """The settings of a server whose every directory is below `directory`."""
    (directory / "in").mkdir(exist_ok=True)
    return {
        "WAVESPEED_API_KEY": key,
        "WAVESPEED_BASE_URL": url,
        "WAVESPEED_STATE_DIR": str(directory / "state"),
        "WAVESPEED_OUTPUT_DIR": str(directory / "out"),
        "WAVESPEED_ALLOWED_DIRS": str(directory / "in"),
        "HOME": str(directory),
        **more,
    }
