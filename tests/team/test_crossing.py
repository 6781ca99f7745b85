"""Nothing crosses over: each tool and request, asked for what another caller has, tells and changes nothing.

The tools are those that the server lists: one that is new here has to be asked, too.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from calling import MakeSettings
from wavespeed_mcp_server.ledger import SharedStore, Token, Tokens
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.server.resources import PREDICTION_URI

from .conftest import Serve, post, rpc

pytestmark = pytest.mark.ci
MODEL = "sandbox/paint"
MODERN = "2026-07-28"
TASKS = "io.modelcontextprotocol/tasks"
THEIRS = "of the other one alone"


def asked_for(theirs: str) -> dict[str, list[dict[str, Any]]]:
    """For each tool, the arguments that could lead to the run `theirs`."""
    found: dict[str, Any] = {"prompt": THEIRS}
    return {
        "list_models": [{"query": THEIRS}],
        "get_model": [{"model": MODEL}],
        "estimate_price": [{"model": MODEL, "input": found}],
        "generate": [{"model": MODEL, "input": found, "wait_seconds": 0}],
        "generate_batch": [{"requests": [{"model": MODEL, "input": found}], "wait_seconds": 0}],
        "check_status": [{"ids": [theirs], "wait_seconds": 0}, {"wait_seconds": 0}],
        "list_predictions": [{}, {"model": MODEL}, {"status": "processing"}, {"page": 2}],
        "delete_predictions": [{"ids": [theirs]}],
        "create_upload": [{"name": theirs}],
        "view_output": [{"id": theirs}, {"ids": [theirs]}],
        "get_balance": [{}],
        "get_usage": [{}, {"ids": [theirs]}, {"model": MODEL}],
    }


class Caller:
    """Requests of one caller, complete in themselves, in either era."""

    def __init__(self, url: str, key: str, era: str) -> None:
        self._url = url
        self._key = key
        self._modern = era == "auto"

    async def request(self, method: str, name: str = "", /, **params: Any) -> dict[str, Any]:
        """The whole answer, result or error."""
        headers = {"X-API-Key": self._key}
        if self._modern:
            headers |= {"MCP-Protocol-Version": MODERN, "Mcp-Method": method}
            headers |= {"Mcp-Name": name} if name else {}
            params["_meta"] = {
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {"extensions": {TASKS: {}}},
            }
        answer = await post(self._url, headers, json=rpc(method, **params))
        found: dict[str, Any] = json.loads(answer.text.strip().rpartition("data: ")[2])
        return found

    async def tool(self, name: str, /, **arguments: Any) -> dict[str, Any]:
        """The whole answer to a tool call."""
        return await self.request("tools/call", name, name=name, arguments=arguments)

    async def bought(self, prompt: str) -> str:
        """The id of a run, as `generate` gives it."""
        told = await self.tool("generate", model=MODEL, input={"prompt": prompt}, wait_seconds=0)
        return str(told["result"]["structuredContent"]["id"])


@pytest.fixture(params=["token, token", "key, key", "token, key", "key, token"])
async def two(
    request: pytest.FixtureRequest, serve: Serve, make_settings: MakeSettings, sandbox: Sandbox, mode: str
) -> AsyncIterator[tuple[Caller, Caller]]:
    """One that asks, and another one. Tokens share the operator's key; any other key has its own account."""
    sandbox.key, sandbox.run_seconds = None, lambda _model, _inputs: None
    settings = make_settings(output_dir=None)
    assert settings.state_dir is not None
    store = SharedStore(settings.state_dir)
    async with serve(settings) as url:
        found = []
        for name, kind in zip(("ana", "bo"), request.param.split(", "), strict=True):
            token = await Tokens(store).add(Token("", name, 0.0, daily_budget=100.0))
            found.append(Caller(url, token if kind == "token" else f"wsk_of_{name}", mode))
        yield found[0], found[1]
    await store.aclose()


async def answers(asks: Caller, theirs: str) -> AsyncIterator[tuple[str, str]]:
    """What was asked for, in each way that could lead to the run `theirs`, and the whole answer."""
    for name, ways in asked_for(theirs).items():
        for arguments in ways:
            yield f"{name} {arguments}", json.dumps(await asks.tool(name, **arguments))
    uri = f"wavespeed://predictions/{theirs}"
    yield uri, json.dumps(await asks.request("resources/read", uri, uri=uri))
    for method in ("tasks/get", "tasks/cancel"):
        yield f"{method} {theirs}", json.dumps(await asks.request(method, theirs, taskId=theirs))
    typed = {"ref": {"type": "ref/resource", "uri": PREDICTION_URI}, "argument": {"name": "id", "value": "s"}}
    yield "completion", json.dumps(await asks.request("completion/complete", **typed))
    for method in ("prompts/list", "resources/list", "resources/templates/list"):
        yield method, json.dumps(await asks.request(method))


async def test_no_tool_and_no_request_leads_to_a_run_of_another(
    two: tuple[Caller, Caller], sandbox: Sandbox
) -> None:
    asks, other = two
    mine, running, ended = await asks.bought("a fox"), await other.bought(THEIRS), await other.bought("done")
    sandbox.finish(ended)
    listed = (await asks.request("tools/list"))["result"]["tools"]
    assert {tool["name"] for tool in listed} == set(asked_for(ended))
    for theirs in (running, ended):
        async for about, told in answers(asks, theirs):
            # What was asked for may be repeated; what belongs to it may not.
            assert f"/outputs/{ended}" not in told, (about, told)
            for one in (running, ended):
                assert one in about or one not in told, (about, told)
    # The other's runs are as they were, and its own.
    assert {running, ended} <= set(sandbox.predictions)
    assert await other.bought(THEIRS) == running
    status = await other.tool("check_status", ids=[running, ended], wait_seconds=0)
    rows = status["result"]["structuredContent"]["predictions"]
    assert [row["status"] for row in rows] == ["processing", "completed"]
    assert mine not in json.dumps(await other.tool("list_predictions"))


async def test_what_one_has_spent_and_has_left_is_not_told_to_another(two: tuple[Caller, Caller]) -> None:
    asks, other = two
    before = [await asks.tool("get_balance"), await asks.tool("get_usage")]
    for number in range(3):
        await other.bought(f"fox {number}")
    after = [await asks.tool("get_balance"), await asks.tool("get_usage")]
    assert [one["result"].get("structuredContent") for one in after] == [
        one["result"].get("structuredContent") for one in before
    ]
    assert (await asks.tool("check_status", wait_seconds=0))["result"]["structuredContent"].get(
        "predictions", []
    ) == []
