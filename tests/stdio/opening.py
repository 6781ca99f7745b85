"""What clients send first, and what the SDK answers to it when it is asked directly."""

from __future__ import annotations

import json
from collections.abc import Sequence

import anyio
import mcp.types as types

from calling import Json
from wavespeed_mcp_server.accounts import one_account
from wavespeed_mcp_server.server import build_server
from wavespeed_mcp_server.server.sdk import lowlevel_server
from wavespeed_mcp_server.settings import Settings
from wavespeed_mcp_server.transports.eras import Eras
from wavespeed_mcp_server.transports.greeting import Answers
from wavespeed_mcp_server.transports.greeting.recorder import usual_answers
from wavespeed_mcp_server.transports.incoming import Unreadable, read_message

from .wire import CLIENT, modern

VERSIONS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
INITIALIZED: Json = {"method": "notifications/initialized"}


def handshake(version: str, number: int | str = 1) -> Json:
    """The first request of the older eras."""
    params = {"protocolVersion": version, "capabilities": {}, "clientInfo": CLIENT}
    return {"id": number, "method": "initialize", "params": params}


def request(method: str, number: int | str, params: Json | None = None) -> Json:
    """A request of the older eras."""
    return {"id": number, "method": method, **({} if params is None else {"params": params})}


def enveloped(method: str, number: int | str, params: Json | None = None) -> Json:
    """A request of 2026-07-28."""
    return {"id": number, "method": method, "params": modern(params)}


def line(message: Json) -> bytes:
    """A message as it is sent."""
    return json.dumps({"jsonrpc": "2.0", **message}).encode()


class Live:
    """A server in this process; every `answers` is a connection of its own."""

    def __init__(self, settings: Settings) -> None:
        self.server = lowlevel_server(build_server(settings, one_account(settings)))
        self._usual: tuple[list[str], dict[str, int]] | None = None

    async def recorded(self) -> Answers:
        """What a start of this server records, for one client."""
        if self._usual is None:
            async with self.server.lifespan(self.server) as state:
                self._usual = await usual_answers(self.server, state)
        return Answers(*self._usual)

    async def answers(self, lines: Sequence[bytes]) -> list[bytes]:
        """Every line that the server writes when these are sent to it one after the other."""
        written: list[bytes] = []

        async def write(message: types.JSONRPCMessage) -> None:
            written.append(message.model_dump_json(by_alias=True, exclude_unset=True).encode())

        async with (
            self.server.lifespan(self.server) as state,
            anyio.create_task_group() as group,
        ):
            eras = Eras(self.server, state, group, write)
            for one in lines:
                try:
                    message = read_message(one)
                except Unreadable:
                    continue
                await eras.receive(message)
            group.cancel_scope.cancel()
        return written
