"""Writes down what a running server says to the usual first requests, for its next start."""

from __future__ import annotations

import logging
from typing import Any, TypeVar

import anyio
import anyio.to_thread
import mcp.types as types
from mcp.server.lowlevel import Server
from mcp.server.runner import serve_dual_era_loop
from mcp.shared.message import SessionMessage
from mcp.types.version import HANDSHAKE_PROTOCOL_VERSIONS

from .evidence import ChangedMeanwhile, loaded, unchanged_since
from .records import Record
from .shapes import META, MODERN

logger = logging.getLogger(__name__)
State = TypeVar("State")

CLIENT = {"name": "recorder", "version": "1"}
ID = 1
BEFORE_RESULT = '{"jsonrpc":"2.0","id":1,"result":'


def openings() -> dict[str, list[dict[str, Any]]]:
    """The usual first messages of a client, for every protocol version."""
    later: list[dict[str, Any]] = [{"method": "ping"}, {"method": "tools/list"}]
    found: dict[str, list[dict[str, Any]]] = {}
    for version in HANDSHAKE_PROTOCOL_VERSIONS:
        params = {"protocolVersion": version, "capabilities": {}, "clientInfo": CLIENT}
        found[version] = [
            {"method": "initialize", "params": params},
            {"method": "notifications/initialized"},
            *later,
        ]
    meta = {
        META + "protocolVersion": MODERN,
        META + "clientInfo": CLIENT,
        META + "clientCapabilities": dict[str, Any](),
    }
    discover: dict[str, Any] = {"method": "server/discover"}
    found[MODERN] = [{**one, "params": {"_meta": meta}} for one in (discover, *later)]
    return found


async def converse(server: Server[State], state: State, messages: list[dict[str, Any]]) -> dict[str, str]:
    """What `server` answers to `messages`: result texts by method, exactly as they go out. No errors."""
    feed, inbox = anyio.create_memory_object_stream[SessionMessage | Exception]()
    outbox, answers = anyio.create_memory_object_stream[SessionMessage]()
    found: dict[str, str] = {}
    async with anyio.create_task_group() as group, feed, inbox, outbox, answers:

        async def loop() -> None:
            await serve_dual_era_loop(server, inbox, outbox, lifespan_state=state)

        group.start_soon(loop)
        for message in messages:
            notification = message["method"].startswith("notifications/")
            whole = {"jsonrpc": "2.0", **message, **({} if notification else {"id": ID})}
            await feed.send(SessionMessage(types.jsonrpc_message_adapter.validate_python(whole)))
            if not notification:
                text = (await answers.receive()).message.model_dump_json(by_alias=True, exclude_unset=True)
                if text.startswith(BEFORE_RESULT):
                    found[message["method"]] = text.removeprefix(BEFORE_RESULT)[:-1]
        group.cancel_scope.cancel()
    return found


async def rehearse(server: Server[State], state: State) -> None:
    """Let `server` refuse a call of no tool: what every call needs is loaded and built by then."""
    call = {"method": "tools/call", "params": {"name": "", "arguments": {}}}
    opening = openings()[HANDSHAKE_PROTOCOL_VERSIONS[-1]]
    await converse(server, state, [*opening[:2], call])


async def usual_answers(server: Server[State], state: State) -> tuple[list[str], dict[str, int]]:
    """The results and the index of `Answers`; equal results stand once."""
    results: list[str] = []
    index: dict[str, int] = {}
    for version, messages in openings().items():
        for method, result in (await converse(server, state, messages)).items():
            if result not in results:
                results.append(result)
            index[f"{method} {version}"] = results.index(result)
    return results, index


async def record(server: Server[State], state: State, place: Record) -> None:
    """Write down at `place` what `server` says.

    What cannot be written down is not: the next start is a slow one again.
    """
    results, index = await usual_answers(server, state)

    def write() -> None:
        names, files = loaded()
        unchanged_since(place.started_ns, files)
        place.write(results, index, names, files)

    try:
        await anyio.to_thread.run_sync(write)
    except (OSError, ValueError, ChangedMeanwhile) as error:
        logger.debug("The first answers could not be recorded: %s", error)
