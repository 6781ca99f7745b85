"""Writes the recorded answers anew, as the SDK gives them.

`python -m wavespeed_mcp_server.transports.greeting.record`, after any change of tools or of the SDK.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import mcp.types as types
from mcp.server.runner import serve_dual_era_loop
from mcp.shared.message import SessionMessage
from mcp.types.version import HANDSHAKE_PROTOCOL_VERSIONS

from ... import __version__
from ...accounts import one_account
from ...server import build_server
from ...server.sdk import lowlevel_server
from ...settings import Settings
from .answers import FILE, META, MODERN, installed_versions

CLIENT = {"name": "recorder", "version": "1"}


def openings() -> dict[str, list[dict[str, Any]]]:
    """The usual first messages of a client, for every protocol version."""
    listing = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    initialized = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    found: dict[str, list[dict[str, Any]]] = {}
    for version in HANDSHAKE_PROTOCOL_VERSIONS:
        params = {"protocolVersion": version, "capabilities": {}, "clientInfo": CLIENT}
        first = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
        found[version] = [first, initialized, listing]
    meta = {
        META + "protocolVersion": MODERN,
        META + "clientInfo": CLIENT,
        META + "clientCapabilities": dict[str, Any](),
    }
    discover = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": meta}}
    found[MODERN] = [discover, {**listing, "params": {"_meta": meta}}]
    return found


async def converse(messages: list[dict[str, Any]]) -> dict[str, str]:
    """What the live server answers to `messages`: result texts by method."""
    server = lowlevel_server(build_server(Settings(), one_account(Settings())))
    feed, inbox = anyio.create_memory_object_stream[SessionMessage | Exception]()
    outbox, answers = anyio.create_memory_object_stream[SessionMessage]()
    found: dict[str, str] = {}
    async with (
        server.lifespan(server) as state,
        anyio.create_task_group() as group,
        feed,
        inbox,
        outbox,
        answers,
    ):

        async def loop() -> None:
            await serve_dual_era_loop(server, inbox, outbox, lifespan_state=state)

        group.start_soon(loop)
        for message in messages:
            await feed.send(SessionMessage(types.jsonrpc_message_adapter.validate_python(message)))
            if "id" in message:
                text = (await answers.receive()).message.model_dump_json(by_alias=True, exclude_unset=True)
                found[message["method"]] = json.dumps(
                    json.loads(text)["result"], ensure_ascii=False, separators=(",", ":")
                )
        group.cancel_scope.cancel()
    return found


async def record() -> dict[str, Any]:
    """Everything that `Answers` needs; equal results are kept once."""
    results: list[str] = []
    index: dict[str, int] = {}
    for era, messages in openings().items():
        for method, result in (await converse(messages)).items():
            if result not in results:
                results.append(result)
            index[f"{method} {era}"] = results.index(result)
    versions = {"wavespeed-mcp-server": __version__, **installed_versions()}
    return {"versions": versions, "index": index, "results": results}


if __name__ == "__main__":
    recorded = anyio.run(record)
    Path(FILE).write_text(json.dumps(recorded, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
