"""The process's own standard streams as an MCP transport.

What the greeting has said already is not said again, only compared; where nothing could be said, what the
server says is recorded for the next start. An answer is written before the ledger hears that it was
delivered, so that a crash in between costs nothing.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress

import anyio
import anyio.to_thread
import mcp.types as types

from ..accounts import one_account
from ..catalog import warm_up
from ..ledger import OwnedRows
from ..server import build_server
from ..server.sdk import lowlevel_server
from ..settings import Settings
from ..tools.call import AppState, RequestContext
from .eras import Eras
from .greeting import Greeter, Record
from .greeting.recorder import record, rehearse
from .greeting.streams import takes_at_once, write_line
from .incoming import Unreadable, read_message

logger = logging.getLogger(__name__)

GIVEN_UP_KEPT = 1000
ANSWERS_KEPT = 1000
RECORDING_SECONDS = 10.0
"""At the end of input; a third of a second where the machine has time, and a host that waits less ends it."""
QUIET_SECONDS = 2.0
LOADED_SECONDS = 1.0
"""From the first message on; a host has its first answers by then, and no model has called a tool yet."""


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
    """Which rows wait for which answer to be written, and what was written of the last thousand."""

    def __init__(self) -> None:
        self._waiting: dict[str, OwnedRows] = {}
        self._written: dict[str, OwnedRows] = {}
        self._given_up: deque[str] = deque(maxlen=GIVEN_UP_KEPT)

    def expect(self, context: RequestContext, rows: OwnedRows) -> bool:
        """See `tools.call.Receipts`."""
        request_id = str(context.request_id)
        if request_id in self._given_up:
            return False
        self._waiting[request_id] = rows
        return True

    async def written(self, message: types.JSONRPCMessage) -> None:
        """This message has reached the wire."""
        if isinstance(message, types.JSONRPCResponse):
            rows = self._waiting.pop(str(message.id), None)
            if rows is not None:
                await rows.answered()
                self._written[str(message.id)] = rows
                while len(self._written) > ANSWERS_KEPT:
                    self._written.pop(next(iter(self._written)))

    async def cancelled(self, message: types.JSONRPCMessage) -> None:
        """The caller may have given up on an answer that is on its way, or written and not yet read."""
        if isinstance(message, types.JSONRPCNotification) and message.method == "notifications/cancelled":
            request_id = str((message.params or {}).get("requestId", ""))
            self._given_up.append(request_id)
            rows = self._waiting.pop(request_id, None)
            if rows is not None:
                await rows.cut_off()
            elif (rows := self._written.pop(request_id, None)) is not None:
                await rows.taken_back()


class Wire:
    """One client on the standard streams, from its first line to the end of its input."""

    def __init__(self, settings: Settings, greeter: Greeter, place: Record) -> None:
        self._receipts = WireReceipts()
        self._tools = build_server(settings, one_account(settings), receipts=self._receipts)
        self._server = lowlevel_server(self._tools)
        self._greeter = greeter
        self._place = place
        self._recording = anyio.Lock()
        self._recorded = greeter.greets
        self._writing = anyio.Lock()

    async def serve(self) -> None:
        """Serve until the input ends or nobody reads the output any more."""
        async with self._server.lifespan(self._server) as state, anyio.create_task_group() as group:

            async def answer(message: types.JSONRPCMessage) -> None:
                try:
                    await self._write(message)
                except OSError:
                    group.cancel_scope.cancel()
                    return
                await self._receipts.written(message)

            eras = Eras(self._server, state, group, answer)
            group.start_soon(self._record_later, state)
            group.start_soon(self._get_ready, state)
            async for message in self._messages():
                await self._receipts.cancelled(message)
                await eras.receive(message)
                if isinstance(message, types.JSONRPCRequest) and message.method == "tools/list":
                    group.start_soon(self._record, state)
            with anyio.move_on_after(RECORDING_SECONDS):
                await self._record(state)
            group.cancel_scope.cancel()

    async def _record(self, state: AppState) -> None:
        """Once, and not before somebody has been answered: nobody waits for it."""
        async with self._recording:
            if not self._recorded:
                await record(self._server, state, self._place)
                self._recorded = True

    async def _record_later(self, state: AppState) -> None:
        """For clients that never list the tools."""
        await anyio.sleep(QUIET_SECONDS)
        await self._record(state)

    async def _get_ready(self, state: AppState) -> None:
        """What a first call would wait for is made while nobody waits."""
        await anyio.sleep(LOADED_SECONDS)
        await rehearse(self._server, state)
        await anyio.to_thread.run_sync(warm_up)
        await self._tools.make_tools()

    async def _messages(self) -> AsyncIterator[types.JSONRPCMessage]:
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
                yield message

    async def _write(self, message: types.JSONRPCMessage) -> None:
        line = message.model_dump_json(by_alias=True, exclude_unset=True).encode()
        if isinstance(message, types.JSONRPCResponse | types.JSONRPCError):
            said = self._greeter.said.get(message.id)
            if said:
                self._compare(said.pop(0), line)
                return
        outgoing = self._greeter.outgoing
        async with self._writing:
            if takes_at_once(outgoing, line):
                # The way to a thread and back costs more than writing does.
                write_line(outgoing, line)
            else:
                await anyio.to_thread.run_sync(write_line, outgoing, line)

    def _compare(self, said: bytes, line: bytes) -> None:
        if said != line:
            logger.error("An answer was recorded that this server does not give; the record is removed.")
            self._place.remove()


async def serve_stdio(settings: Settings, greeter: Greeter, place: Record) -> None:
    """Serve the account in `settings` to the client that `greeter` has begun to listen to.

    `place` is where the first answers are recorded for the next start.
    """
    await Wire(settings, greeter, place).serve()
