"""A bare MCP client over a child's pipes: what it costs is the same for every server."""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import anyio
from anyio.abc import Process

Json = dict[str, Any]
PROTOCOL = "2025-06-18"
PATIENCE_SECONDS = 660.0
LEAVING_SECONDS = 20.0


class CallFailed(Exception):
    """The server answered a call with an error; the text is what it said."""


@dataclass(slots=True)
class Reply:
    """One answer: the raw `line`, and `at`, the Unix time at which its last byte was read."""

    line: bytes
    at: float

    @property
    def result(self) -> Json:
        """The JSON-RPC result. Raises `CallFailed`."""
        message = json.loads(self.line)
        if "error" in message:
            raise CallFailed(message["error"])
        result: Json = message["result"]
        if result.get("isError"):
            raise CallFailed(result["content"])
        return result

    @property
    def text(self) -> str:
        """The text of a tool's answer."""
        return str(self.result["content"][0]["text"])


@dataclass
class _Slot:
    arrived: anyio.Event = field(default_factory=anyio.Event)
    reply: Reply | None = None


class StdioClient:
    """One server process and the requests under way."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.notifications = 0
        self._slots: dict[int, _Slot] = {}
        self._next = 0

    @property
    def pid(self) -> int:
        """The server's process id."""
        return self.process.pid

    async def request(self, method: str, params: Json) -> Reply:
        """Send a request and wait for its answer."""
        self._next += 1
        number, slot = self._next, _Slot()
        self._slots[number] = slot
        await self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        with anyio.fail_after(PATIENCE_SECONDS):
            await slot.arrived.wait()
        if slot.reply is None:
            raise CallFailed("the server ended before it answered")
        return slot.reply

    async def call(self, tool: str, arguments: Json, *, progress: bool = False) -> Reply:
        """Call a tool, asking for progress messages if `progress`."""
        params: Json = {"name": tool, "arguments": arguments}
        if progress:
            params["_meta"] = {"progressToken": self._next + 1}
        return await self.request("tools/call", params)

    async def greet(self) -> None:
        """The handshake."""
        client = {"name": "benchmark", "version": "1"}
        await self.request(
            "initialize", {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": client}
        )
        await self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    async def leave(self) -> None:
        """Close the server's input and wait for its end, as a host does."""
        assert self.process.stdin is not None
        await self.process.stdin.aclose()
        with anyio.move_on_after(LEAVING_SECONDS):
            await self.process.wait()

    async def _send(self, message: Json) -> None:
        assert self.process.stdin is not None
        await self.process.stdin.send(json.dumps(message).encode() + b"\n")

    async def listen(self) -> None:
        """Hand every line of the server to whom it answers, until the server closes its output."""
        assert self.process.stdout is not None
        rest = b""
        async for chunk in self.process.stdout:
            at = time.time()
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                self._take(line, at)
        for slot in self._slots.values():
            slot.arrived.set()

    def _take(self, line: bytes, at: float) -> None:
        if not line.strip():
            return
        number = json.loads(line).get("id")
        slot = self._slots.pop(number, None)
        if slot is None:
            self.notifications += 1
            return
        slot.reply = Reply(line, at)
        slot.arrived.set()


@asynccontextmanager
async def connected(
    command: list[str], env: dict[str, str], *, greet: bool = True
) -> AsyncIterator[StdioClient]:
    """A server started for the block, with its handshake done if `greet`; ended when the block is left."""
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryDirectory() as directory:
        async with (
            await anyio.open_process(
                command, env=env, cwd=directory, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
            ) as process,
            anyio.create_task_group() as group,
        ):
            client = StdioClient(process)
            group.start_soon(client.listen)
            try:
                if greet:
                    await client.greet()
                yield client
            finally:
                with suppress(ProcessLookupError):
                    process.kill()
                group.cancel_scope.cancel()
