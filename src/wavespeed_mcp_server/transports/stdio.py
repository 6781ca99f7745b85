"""The process's own standard streams as an MCP transport.

The SDK fixes the protocol era by the first request, but some hosts probe with `server/discover` and then
send `initialize`: a loop that has only been probed is retired and a second one started on the same state.
An answer is written before the ledger hears that it was delivered, so that a crash in between costs nothing.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import anyio
import anyio.to_thread
import mcp.types as types
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server.runner import serve_dual_era_loop
from mcp.shared.message import SessionMessage

from ..accounts import one_account
from ..runs import OwnedRows
from ..server import build_server
from ..server.sdk import lowlevel_server
from ..settings import Settings
from ..tools.call import AppState
from .greeting import Greeter
from .greeting.streams import write_line
from .incoming import Unreadable, read_message

GIVEN_UP_KEPT = 1000
Feed = MemoryObjectSendStream[SessionMessage | Exception]


def end_on_signals() -> None:
    """SIGINT and SIGTERM end the process at once.

    A thread that reads standard input cannot be interrupted; the ledger is safe at any instant, and tasks go
    on at the API.
    """

    def leave(number: int, _frame: object) -> None:
        sys.stderr.flush()
        os._exit(128 + number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)


class WireReceipts:
    """Which rows wait for which answer to be written."""

    def __init__(self) -> None:
        self._waiting: dict[str, OwnedRows] = {}
        self._given_up: deque[str] = deque(maxlen=GIVEN_UP_KEPT)

    def expect(self, request_id: str | int, rows: OwnedRows) -> bool:
        """See `tools.call.Receipts`."""
        if str(request_id) in self._given_up:
            return False
        self._waiting[str(request_id)] = rows
        return True

    async def written(self, message: types.JSONRPCMessage) -> None:
        """This message has reached the wire."""
        if isinstance(message, types.JSONRPCResponse):
            rows = self._waiting.pop(str(message.id), None)
            if rows is not None:
                await rows.deliver()

    async def cancelled(self, message: types.JSONRPCMessage) -> None:
        """The caller may have given up on an answer that was on its way."""
        if isinstance(message, types.JSONRPCNotification) and message.method == "notifications/cancelled":
            request_id = str((message.params or {}).get("requestId", ""))
            self._given_up.append(request_id)
            rows = self._waiting.pop(request_id, None)
            if rows is not None:
                await rows.release()


class Wire:
    """One client on the standard streams, from its first line to the end of its input."""

    def __init__(self, settings: Settings, greeter: Greeter) -> None:
        self._receipts = WireReceipts()
        self._server = lowlevel_server(build_server(settings, one_account(settings), receipts=self._receipts))
        self._greeter = greeter
        self._greeted = greeter.answered
        self._writing = anyio.Lock()

    async def serve(self) -> None:
        """Serve until the input ends or nobody reads the output any more."""
        async with self._server.lifespan(self._server) as state, anyio.create_task_group() as group:
            feed = await self._start_loop(group, state)
            probed_only = True
            probed = False
            async for item in self._messages():
                message = item.message
                await self._receipts.cancelled(message)
                if isinstance(message, types.JSONRPCRequest):
                    if message.method == "initialize" and probed and probed_only:
                        await feed.aclose()
                        feed = await self._start_loop(group, state)
                    probed = probed or message.method == "server/discover"
                    probed_only = probed_only and message.method == "server/discover"
                await feed.send(item)
            await feed.aclose()
            group.cancel_scope.cancel()

    async def _start_loop(self, group: TaskGroup, state: AppState) -> Feed:
        feed, inbox = anyio.create_memory_object_stream[SessionMessage | Exception]()
        outbox, answers = anyio.create_memory_object_stream[SessionMessage]()

        async def loop() -> None:
            await serve_dual_era_loop(self._server, inbox, outbox, lifespan_state=state)

        group.start_soon(loop)
        group.start_soon(self._pump, answers, group.cancel_scope.cancel)
        return feed

    async def _messages(self) -> AsyncIterator[SessionMessage]:
        async for line in self._greeter.lines():
            if not line.strip():
                continue
            try:
                message = read_message(line)
            except Unreadable as error:
                if error.answer is not None:
                    with suppress(OSError):
                        await self._write(error.answer)
            else:
                yield SessionMessage(message)

    async def _pump(
        self, answers: MemoryObjectReceiveStream[SessionMessage], stop: Callable[[], None]
    ) -> None:
        async with answers:
            async for answer in answers:
                try:
                    await self._write(answer.message)
                except OSError:
                    stop()
                    return
                await self._receipts.written(answer.message)

    async def _write(self, message: types.JSONRPCMessage) -> None:
        if isinstance(message, types.JSONRPCResponse | types.JSONRPCError) and message.id in self._greeted:
            self._greeted.remove(message.id)
            return
        line = message.model_dump_json(by_alias=True, exclude_unset=True).encode()
        async with self._writing:
            await anyio.to_thread.run_sync(write_line, self._greeter.outgoing, line)


async def serve_stdio(settings: Settings, greeter: Greeter) -> None:
    """Serve the account in `settings` to the client that `greeter` has begun to listen to."""
    await Wire(settings, greeter).serve()
