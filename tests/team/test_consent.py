"""What a person agrees to over HTTP: one caller's, for one call, once, on whichever process it comes in."""

from __future__ import annotations

from typing import Any

import pytest

from calling import MakeSettings, agreed
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import HttpSettings, Settings

from .conftest import SECRET, Serve, post

ONE, OTHER = "wsk_the_key_of_one", "wsk_the_key_of_another"
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
}


@pytest.fixture
def asking(make_settings: MakeSettings, sandbox: Sandbox) -> Settings:
    """A server that has the person asked about every run."""
    sandbox.key = None
    return make_settings(api_key="", output_dir=None, confirm_above=0.0)


async def generate(url: str, key: str, **more: Any) -> dict[str, Any]:
    """One round of a call, as a client of the newer era makes it; the result or the error."""
    arguments = {"model": "sandbox/paint", "input": {"prompt": more.pop("prompt", "a fox")}}
    params = {"name": "generate", "arguments": arguments, "_meta": META, **more}
    headers = {
        "X-API-Key": key,
        "MCP-Protocol-Version": "2026-07-28",
        "Mcp-Method": "tools/call",
        "Mcp-Name": "generate",
    }
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    answer = await post(url, headers, json=request)
    found: dict[str, Any] = answer.json()
    told: dict[str, Any] = found.get("result") or found["error"]
    return told


async def test_a_yes_buys_once(serve: Serve, asking: Settings, sandbox: Sandbox) -> None:
    async with serve(asking) as url:
        question = await generate(url, ONE)
        assert not sandbox.submissions
        bought = await generate(url, ONE, **agreed(question))
        assert bought["structuredContent"]["status"] == "completed"
        again = await generate(url, ONE, **agreed(question))
        assert "bought with this same answer before" in str(again)
    assert len(sandbox.submissions) == 1


async def test_a_yes_is_its_callers_and_for_its_call(
    serve: Serve, asking: Settings, sandbox: Sandbox
) -> None:
    async with serve(asking) as url:
        question = await generate(url, ONE)
        assert "requestState" in (await generate(url, OTHER, **agreed(question)))["message"]
        assert "requestState" in (await generate(url, ONE, prompt="a hen", **agreed(question)))["message"]
    assert not sandbox.submissions


async def test_a_yes_is_good_after_a_restart_with_the_same_secret_alone(
    serve: Serve, asking: Settings, sandbox: Sandbox
) -> None:
    async with serve(asking) as url:
        question = await generate(url, ONE)
    async with serve(asking, HttpSettings("another secret that is as long as it should be")) as url:
        assert "requestState" in (await generate(url, ONE, **agreed(question)))["message"]
    async with serve(asking, HttpSettings(SECRET)) as url:
        assert "completed" in str(await generate(url, ONE, **agreed(question)))
    assert len(sandbox.submissions) == 1
