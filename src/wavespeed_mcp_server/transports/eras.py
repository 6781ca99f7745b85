"""One connection that speaks both protocol eras: each message goes to a loop of the SDK that serves its era.

A loop of the SDK keeps to the era of its first request. Hosts probe with `server/discover` and then shake
hands in the older way, or shake hands and then send requests that carry their version with them; neither
order loses an answer here, because no message ever reaches a loop of the other era.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, TypeVar

import anyio
import mcp.types as types
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server.lowlevel import Server
from mcp.server.runner import serve_dual_era_loop
from mcp.shared.message import SessionMessage

from .greeting.shapes import enveloped

State = TypeVar("State")
Feed = MemoryObjectSendStream[SessionMessage | Exception]

AT_ONCE = {
    "initialize",
    "server/discover",
    "ping",
    "tools/list",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
}
"""Requests that wait for nothing. Each is answered before the next message is read, so that an opening that
is written in one go is answered in its order."""
AT_ONCE_SECONDS = 5.0


class Era(Enum):
    """How a request says which protocol version it is of."""

    HANDSHAKE = "by the handshake before it"
    ENVELOPE = "by itself"


@dataclass
class _Open:
    era: Era
    answered: anyio.Event = field(default_factory=anyio.Event)


class Eras(Generic[State]):
    """The loops of one client. `answer` is given every message for it, one at a time for each era."""

    def __init__(
        self,
        server: Server[State],
        state: State,
        group: TaskGroup,
        answer: Callable[[types.JSONRPCMessage], Awaitable[None]],
    ) -> None:
        self._server = server
        self._state = state
        self._group = group
        self._answer = answer
        self._feeds: dict[Era, Feed] = {}
        self._open: dict[str | int, _Open] = {}

    async def receive(self, message: types.JSONRPCMessage) -> None:
        """Hand a message of the client to the loop that it is for."""
        era = self._era(message)
        if era not in self._feeds:
            self._feeds[era] = self._start(era)
        if not isinstance(message, types.JSONRPCRequest):
            await self._feeds[era].send(SessionMessage(message))
            return
        request = self._open[message.id] = _Open(era)
        await self._feeds[era].send(SessionMessage(message))
        if message.method in AT_ONCE:
            with anyio.move_on_after(AT_ONCE_SECONDS):
                await request.answered.wait()

    def _era(self, message: types.JSONRPCMessage) -> Era:
        if isinstance(message, types.JSONRPCRequest):
            by_itself = message.method != "initialize" and enveloped(message.params)
            return Era.ENVELOPE if by_itself else Era.HANDSHAKE
        if isinstance(message, types.JSONRPCNotification) and message.method == "notifications/cancelled":
            request = self._open.pop((message.params or {}).get("requestId", ""), None)
            if request is not None:
                return request.era
        return Era.ENVELOPE if self._feeds.keys() == {Era.ENVELOPE} else Era.HANDSHAKE

    def _start(self, era: Era) -> Feed:
        feed, inbox = anyio.create_memory_object_stream[SessionMessage | Exception]()
        outbox, answers = anyio.create_memory_object_stream[SessionMessage]()

        async def loop() -> None:
            await serve_dual_era_loop(self._server, inbox, outbox, lifespan_state=self._state)

        self._group.start_soon(loop, name=f"MCP, version {era.value}")
        self._group.start_soon(self._pump, answers)
        return feed

    async def _pump(self, answers: MemoryObjectReceiveStream[SessionMessage]) -> None:
        async with answers:
            async for answer in answers:
                message = answer.message
                if isinstance(message, types.JSONRPCResponse | types.JSONRPCError) and message.id is not None:
                    request = self._open.pop(message.id, None)
                    if request is not None:
                        request.answered.set()
                await self._answer(message)
