"""Every protocol version on the raw wire."""

from __future__ import annotations

import json

import pytest

from calling import Json
from wavespeed_mcp_server.sandbox import Sandbox

from .wire import CLIENT, MODERN, Wire, modern, started

HANDSHAKE_VERSIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"]
PAINT = {"name": "generate", "arguments": {"model": "sandbox/paint", "input": {"prompt": "a cat"}}}


def facts(result: Json) -> Json:
    """The facts of a tool's result, which are the same in both of its channels."""
    assert not result.get("isError"), result
    found: Json = json.loads(result["content"][0]["text"])
    assert result.get("structuredContent", found) == found
    return found


@pytest.mark.parametrize("version", HANDSHAKE_VERSIONS)
async def test_a_handshake_keeps_the_version_that_the_client_asked_for(wire: Wire, version: str) -> None:
    hello = await wire.initialize(version)
    assert hello["protocolVersion"] == version
    assert hello["serverInfo"]["name"] == "wavespeed"
    assert "list_models" in hello["instructions"]
    tools = (await wire.request("tools/list"))["tools"]
    assert {"list_models", "generate", "check_status"} <= {tool["name"] for tool in tools}
    assert facts(await wire.request("tools/call", PAINT))["status"] == "completed"


async def test_an_unknown_version_is_answered_with_one_that_the_server_speaks(wire: Wire) -> None:
    hello = await wire.initialize("1999-12-31")
    assert hello["protocolVersion"] in HANDSHAKE_VERSIONS
    assert facts(await wire.request("tools/call", PAINT))["status"] == "completed"


async def test_the_modern_era_needs_no_handshake(wire: Wire) -> None:
    about = await wire.request("server/discover", modern())
    assert MODERN in about["supportedVersions"]
    tools = (await wire.request("tools/list", modern()))["tools"]
    assert {"list_models", "generate", "check_status"} <= {tool["name"] for tool in tools}
    assert facts(await wire.request("tools/call", modern(PAINT)))["status"] == "completed"


async def test_the_modern_era_may_begin_with_a_call(wire: Wire) -> None:
    assert facts(await wire.request("tools/call", modern(PAINT)))["status"] == "completed"


async def test_a_probe_may_be_followed_by_a_handshake(wire: Wire) -> None:
    """Some hosts ask what the server speaks, and then shake hands in the older way."""
    await wire.request("server/discover", modern())
    hello = await wire.initialize("2025-11-25")
    assert hello["protocolVersion"] == "2025-11-25"
    assert facts(await wire.request("tools/call", PAINT))["status"] == "completed"


async def test_both_eras_may_be_spoken_on_one_connection(wire: Wire) -> None:
    """Each request is answered in its own: a host that probes late, or shakes hands late, loses nothing."""
    await wire.request("tools/list", modern())
    hello = await wire.initialize("2025-11-25")
    assert hello["protocolVersion"] == "2025-11-25"
    assert MODERN in (await wire.request("server/discover", modern()))["supportedVersions"]
    for params in (PAINT, modern(PAINT), PAINT):
        assert facts(await wire.request("tools/call", params))["status"] == "completed"


async def test_a_cancelled_probe_holds_nothing_up(wire: Wire) -> None:
    probe = await wire.ask("server/discover", modern())
    await wire.send({"method": "notifications/cancelled", "params": {"requestId": probe}})
    await wire.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT})
    assert {(await wire.read())["id"] for _ in range(2)} == {probe, probe + 1}


@pytest.mark.parametrize("era", ["handshake", "modern"])
async def test_a_cancel_reaches_the_era_of_its_call(wire: Wire, sandbox: Sandbox, era: str) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    await wire.initialize("2025-11-25")
    await wire.request("server/discover", modern())
    number = await wire.ask("tools/call", PAINT if era == "handshake" else modern(PAINT))
    await sandbox.seen("poll")
    await wire.send({"method": "notifications/cancelled", "params": {"requestId": number}})
    (prediction,) = sandbox.predictions
    found = facts(await wire.request("tools/call", {"name": "check_status"}))
    assert [one["id"] for one in found["predictions"]] == [prediction]


@pytest.mark.parametrize("era", ["handshake", "modern"])
async def test_progress_reaches_the_client_while_it_waits(wire: Wire, era: str) -> None:
    if era == "handshake":
        await wire.initialize("2025-06-18")
        await wire.request("tools/call", {**PAINT, "_meta": {"progressToken": "mine"}})
    else:
        await wire.request("tools/call", modern(PAINT, progressToken="mine"))
    told = [note["params"] for note in wire.notices if note["method"] == "notifications/progress"]
    assert told
    assert {note["progressToken"] for note in told} == {"mine"}
    values = [note["progress"] for note in told]
    assert values == sorted(set(values))


@pytest.mark.parametrize("era", ["handshake", "modern"])
async def test_an_error_of_a_tool_is_a_result_that_the_model_reads(wire: Wire, era: str) -> None:
    params: Json = {"name": "generate", "arguments": {"model": "sandbox/pant", "input": {}}}
    if era == "handshake":
        await wire.initialize("2025-11-25")
    result = await wire.request("tools/call", params if era == "handshake" else modern(params))
    assert result["isError"] is True
    assert "sandbox/paint" in result["content"][0]["text"]


async def test_a_line_that_is_no_message_ends_nothing(wire: Wire) -> None:
    await wire.initialize("2025-11-25")
    for line in (b"not json", b"", b"[]", b'{"jsonrpc":"2.0"', b"\xff\xfe", b'"text"', b"7"):
        await wire.write(line)
    number = await wire.ask("tools/call", PAINT)
    while True:
        message = await wire.read()
        if message.get("id") == number:
            break
        assert "error" in message
    assert facts(message["result"])["status"] == "completed"


async def test_an_unknown_method_is_an_error_and_ends_nothing(wire: Wire) -> None:
    await wire.initialize("2025-11-25")
    assert (await wire.refused("no/such/method"))["code"] == -32601
    assert await wire.request("ping") == {}


async def test_a_cancelled_call_gives_no_answer_and_leaves_the_task(wire: Wire, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    await wire.initialize("2025-11-25")
    number = await wire.ask("tools/call", PAINT)
    await sandbox.seen("poll")
    await wire.send({"method": "notifications/cancelled", "params": {"requestId": number}})
    (prediction,) = sandbox.predictions
    found = facts(await wire.request("tools/call", {"name": "check_status"}))
    assert [one["id"] for one in found["predictions"]] == [prediction]


async def test_many_calls_of_one_connection_are_answered_as_they_end(given: dict[str, str]) -> None:
    async with started(given) as wire:
        await wire.initialize("2025-11-25")
        numbers = [await wire.ask("tools/call", {"name": "get_balance"}) for _ in range(50)]
        answered: set[int] = set()
        while len(answered) < 50:
            message = await wire.read()
            assert facts(message["result"])["currency"] == "USD"
            answered.add(message["id"])
        assert answered == set(numbers)
