"""Tokens: issued once, kept hashed, each with a budget, and nothing of one is another's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from time import time
from typing import Any

import anyio
import pytest
from mcp.client import Client
from mcp.types import CallToolResult

from calling import MakeSettings, call, refusal
from wavespeed_mcp_server.ledger import SharedStore, Token, Tokens
from wavespeed_mcp_server.ledger import tokens as kept_tokens
from wavespeed_mcp_server.sandbox import Fault, Sandbox
from wavespeed_mcp_server.settings import Settings
from wavespeed_mcp_server.transports.http import door

from .conftest import Serve, as_caller, post, rpc

Issue = Callable[..., Awaitable[str]]
FOX = {"model": "sandbox/paint", "input": {"prompt": "a fox"}}


@pytest.fixture
def settings_with_key(make_settings: MakeSettings) -> Settings:
    """A server with the operator's key."""
    return make_settings(output_dir=None)


@pytest.fixture
async def tokens(settings_with_key: Settings) -> AsyncIterator[Tokens]:
    """What the command `tokens` works on, beside a running server."""
    assert settings_with_key.state_dir is not None
    store = SharedStore(settings_with_key.state_dir)
    yield Tokens(store)
    await store.aclose()


@pytest.fixture
def issue(tokens: Tokens) -> Issue:
    """`await issue("ana", daily_budget=1.0)`: the token."""

    def issued(name: str, **limits: Any) -> Awaitable[str]:
        return tokens.add(Token("", name, time(), **limits))

    return issued


@pytest.fixture
async def url(serve: Serve, settings_with_key: Settings) -> AsyncIterator[str]:
    """A server whose operator issues tokens."""
    async with serve(settings_with_key) as url:
        yield url


async def test_a_token_calls_with_the_operators_key_and_is_never_passed_on(
    url: str, issue: Issue, sandbox: Sandbox, mode: str
) -> None:
    token = await issue("ana")
    async with as_caller(url, token, mode) as client:
        assert (await call(client, "generate", **FOX))["status"] == "completed"
    for seen in sandbox.requests:
        assert token not in str(seen)


async def test_expired_and_revoked_tokens_are_refused(url: str, issue: Issue, tokens: Tokens) -> None:
    expired, valid = await issue("old", expires_at=time() - 1), await issue("ana", expires_at=time() + 60)
    assert (await post(url, {"X-API-Key": expired})).status_code == 401
    assert (await post(url, {"X-API-Key": valid})).status_code == 200
    assert await tokens.revoke("ana")
    answer = await post(url, {"X-API-Key": valid})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_tokens_behind_one_address_are_no_strangers(
    serve: Serve, settings_with_key: Settings, issue: Issue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "STRANGERS_AT_ONCE", 3.0)
    monkeypatch.setattr(door, "STRANGERS_A_SECOND", 0.001)
    async with serve(settings_with_key) as url:
        for number in range(6):
            assert (await post(url, {"X-API-Key": await issue(f"t{number}")})).status_code == 200


@pytest.mark.parametrize("end", ["revoked", "expired"])
async def test_a_token_that_ends_while_a_batch_runs_buys_nothing_more(
    url: str, issue: Issue, tokens: Tokens, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    token = await issue("ana", expires_at=time() + 3600)
    requests = [{"model": "sandbox/paint", "input": {"prompt": "a fox"}, "vary": {"seed": list(range(6))}}]
    asked = rpc("tools/call", name="generate_batch", arguments={"requests": requests, "max_in_flight": 2})
    told: list[str] = []

    async def batch() -> None:
        told.append((await post(url, {"X-API-Key": token}, json=asked)).text)

    async with anyio.create_task_group() as group:
        group.start_soon(batch)
        await sandbox.seen("poll", 2)
        if end == "revoked":
            await tokens.revoke("ana")
        else:
            monkeypatch.setattr(kept_tokens, "time", lambda: time() + 7200)
        for prediction in list(sandbox.predictions):
            sandbox.finish(prediction)
    assert len(sandbox.submissions) == 2
    assert '"completed":2' in told[0]
    assert "revoked meanwhile" in told[0]


async def test_without_the_operators_key_no_token_works(
    serve: Serve, make_settings: MakeSettings, issue: Issue
) -> None:
    async with serve(make_settings(api_key="")) as url:
        assert (await post(url, {"X-API-Key": await issue("ana")})).status_code == 401


async def test_a_token_sees_and_uses_its_tools_alone(url: str, issue: Issue, mode: str) -> None:
    async with as_caller(url, await issue("ana", tools=("list_models", "get_balance")), mode) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} == {"list_models", "get_balance"}
        assert "There is no tool 'generate'" in await refusal(client, "generate", **FOX)
    async with as_caller(url, await issue("bo"), mode) as client:
        assert "generate" in {tool.name for tool in (await client.list_tools()).tools}


class World:
    """What two tokens did: `mine` are runs of the one that asks, `theirs` of the other."""

    def __init__(self, client: Client, mine: str, theirs: str) -> None:
        self.client = client
        self.mine = mine
        self.theirs = theirs


@pytest.fixture
async def world(url: str, issue: Issue, mode: str) -> AsyncIterator[World]:
    """A token beside another one that has bought the very same."""
    async with as_caller(url, await issue("bo"), mode) as bo:
        theirs = (await call(bo, "generate", **FOX))["id"]
    async with as_caller(url, await issue("ana", daily_budget=1.0), mode) as client:
        yield World(client, (await call(client, "generate", **FOX))["id"], theirs)


async def test_equal_requests_of_two_tokens_are_two_tasks(world: World) -> None:
    assert world.mine != world.theirs


async def test_the_history_is_ones_own(world: World) -> None:
    listed = await call(world.client, "list_predictions")
    assert [row["id"] for row in listed["predictions"]] == [world.mine]
    assert listed["total"] == 1
    assert listed["predictions"][0]["outputs"]


async def test_the_status_of_anothers_run_is_not_told(world: World) -> None:
    told = await call(world.client, "check_status", ids=[world.theirs, world.mine])
    assert [row["status"] for row in told["predictions"]] == ["not_found", "completed"]
    assert "outputs" not in told["predictions"][0]


async def test_anothers_run_is_not_deleted(world: World, sandbox: Sandbox) -> None:
    assert (await call(world.client, "delete_predictions", ids=[world.theirs]))["deleted"] == []
    assert (await call(world.client, "delete_predictions", ids=[world.theirs, world.mine]))["deleted"] == [
        world.mine
    ]
    assert list(sandbox.predictions) == [world.theirs]


async def test_anothers_output_is_not_shown(world: World) -> None:
    result = await world.client.call_tool("view_output", {"id": world.theirs})
    assert isinstance(result, CallToolResult)
    assert not [block for block in result.content if block.type == "image"]


async def test_usage_and_charges_are_ones_own(world: World) -> None:
    used = await call(world.client, "get_usage")
    assert used["total_requests"] == 1
    assert [one["count"] for one in used["models"]] == [1]
    charged = await call(world.client, "get_usage", ids=[world.theirs, world.mine])
    assert {line["id"] for line in charged["charges"]} <= {world.mine}
    assert world.theirs in charged["unbooked"]


async def test_the_balance_of_a_token_is_what_is_left_of_its_budget(world: World, sandbox: Sandbox) -> None:
    (mine,) = [one for one in sandbox.account.bills if one.prediction.id == world.mine]
    left = await call(world.client, "get_balance")
    assert left["balance"] == pytest.approx(1.0 - abs(mine.amount))


async def test_without_a_budget_a_token_is_told_no_balance(url: str, issue: Issue) -> None:
    async with as_caller(url, await issue("cy")) as client:
        assert "operator" in await refusal(client, "get_balance")


async def test_resources_and_completions_are_held_to_it(world: World) -> None:
    assert await world.client.read_resource(f"wavespeed://predictions/{world.mine}")
    with pytest.raises(Exception, match="No prediction"):
        await world.client.read_resource(f"wavespeed://predictions/{world.theirs}")


@pytest.mark.parametrize("method", ["tasks/get", "tasks/cancel"])
async def test_background_tasks_are_held_to_it(url: str, issue: Issue, method: str, sandbox: Sandbox) -> None:
    ana, bo = await issue("ana"), await issue("bo")
    async with as_caller(url, bo) as client:
        theirs = (await call(client, "generate", **FOX))["id"]
    answers = []
    for token, task in ((ana, theirs), (bo, theirs), (ana, "sandboxnonesuch")):
        meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {
                "extensions": {"io.modelcontextprotocol/tasks": {}}
            },
        }
        headers = {
            "X-API-Key": token,
            "MCP-Protocol-Version": "2026-07-28",
            "Mcp-Method": method,
            "Mcp-Name": task,
        }
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"taskId": task, "_meta": meta}}
        answers.append((await post(url, headers, json=request)).json())
    assert "result" in answers[1], answers
    assert "Unknown task" in answers[0]["error"]["message"]
    assert answers[0]["error"]["code"] == answers[2]["error"]["code"]


async def test_an_unfinished_run_is_open_to_its_token_alone(url: str, issue: Issue, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    async with as_caller(url, await issue("ana")) as ana, as_caller(url, await issue("bo")) as bo:
        mine = await call(ana, "generate", **FOX, wait_seconds=0)
        theirs = await call(bo, "generate", **FOX, wait_seconds=0)
        again = await call(ana, "generate", **FOX, wait_seconds=0)
        assert mine["id"] == again["id"] != theirs["id"]
        assert [row["id"] for row in (await call(bo, "check_status"))["predictions"]] == [theirs["id"]]


@pytest.mark.ci
async def test_a_lost_answer_adopts_no_task_of_another_token(
    url: str, issue: Issue, sandbox: Sandbox
) -> None:
    async with as_caller(url, await issue("bo")) as bo:
        theirs = (await call(bo, "generate", **FOX))["id"]
    async with as_caller(url, await issue("ana")) as ana:
        sandbox.faults.append(Fault(at="submit", kind="drop_before"))
        said = await ana.call_tool("generate", FOX)
        assert theirs not in str(said)


@pytest.mark.parametrize("shared", [False, True])
async def test_a_budget_is_exact_when_many_calls_race_for_it(
    url: str, serve: Serve, make_settings: MakeSettings, issue: Issue, sandbox: Sandbox, shared: bool
) -> None:
    """`shared`: the operator's own budget, for which several tokens race."""
    async with as_caller(url, await issue("cy")) as client:
        price = (await call(client, "estimate_price", **FOX))["price"]
    budget = 5 * price
    settings = make_settings(output_dir=None, daily_budget=budget if shared else None)
    keys = [await issue(f"t{number}", daily_budget=None if shared else budget) for number in range(3)]
    refused: list[str] = []

    async def one(client: Client, prompt: str) -> None:
        result = await client.call_tool("generate", {"model": "sandbox/paint", "input": {"prompt": prompt}})
        if isinstance(result, CallToolResult) and result.is_error:
            refused.append(str(result.content))

    async with serve(settings) as other:
        for key in keys:
            async with as_caller(other, key) as client, anyio.create_task_group() as group:
                for number in range(10):
                    group.start_soon(one, client, f"fox {number}")
    bought = len([one for one in sandbox.submissions if not one.refused])
    assert bought == (5 if shared else 15)
    assert all("24 hours" in text and "Nothing was submitted" in text for text in refused)
    # What the others spent is none of its business.
    assert all(("operator" in text and f"${budget:.2f}" not in text) == shared for text in refused)


async def test_the_limits_of_a_token_hold(url: str, issue: Issue, sandbox: Sandbox) -> None:
    async with as_caller(url, await issue("ana", max_price=0.000001)) as client:
        assert "over the" in await refusal(client, "generate", **FOX)
    async with as_caller(url, await issue("bo", confirm_above=0.000001), "legacy") as client:
        said = await refusal(client, "generate", **FOX)
        assert "WAVESPEED_CONFIRM_ABOVE" in said
    assert not sandbox.submissions


def command(settings: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    """A command of the operator's."""
    return subprocess.run(
        [sys.executable, "-m", "wavespeed_mcp_server", *words, "--state-dir", str(settings.state_dir)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_the_operator_issues_lists_and_revokes_them(
    url: str, settings_with_key: Settings, sandbox: Sandbox
) -> None:
    run = partial(anyio.to_thread.run_sync, abandon_on_cancel=True)

    async def operator(*words: str) -> subprocess.CompletedProcess[str]:
        return await run(partial(command, settings_with_key, *words))

    nobody = await operator("usage", "--by", "token")
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "usage without --by" in nobody.stderr
    issued = await operator("tokens", "add", "ana", "--daily-budget", "2", "--expires", "2999-01-01")
    token = issued.stdout.strip()
    assert (issued.returncode, issued.stdout, issued.stderr) == (0, f"{token}\n", "")
    assert token.startswith("wst_")
    async with as_caller(url, token) as client:
        assert (await call(client, "get_balance"))["balance"] == 2.0
        await call(client, "generate", **FOX)
    listed = await operator("tokens", "list")
    assert "ana" in listed.stdout
    assert token not in listed.stdout
    assert (await operator("tokens", "add", "ana")).returncode == 1
    for by in ("token", "model", "day"):
        used = await operator("usage", "--by", by, "--json")
        assert used.returncode == 0, used.stderr
        assert '"quoted": 0.0' in used.stdout
    assert "ana" in (await operator("usage", "--by", "token")).stdout
    assert (await operator("tokens", "revoke", "ana")).returncode == 0
    assert (await operator("tokens", "revoke", "ana")).returncode == 1
    assert (await post(url, {"X-API-Key": token})).status_code == 401
    assert settings_with_key.state_dir is not None
    for path in Path(settings_with_key.state_dir).rglob("*"):
        if path.is_file():
            assert token.encode() not in path.read_bytes(), path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("zo\N{LATIN SMALL LETTER E WITH DIAERESIS}",), "NAME has"),
        (("a\nb",), "NAME has"),
        (("\x1b[31mred",), "NAME has"),
        (("ana", "--daily-budget", "nan"), "must be USD"),
        (("ana", "--expires", "2999-13-01"), "ISO date"),
        (("ana", "--tools", "upload_file"), "'upload_file' over HTTP. Tools: list_models, get_model"),
    ],
)
async def test_a_token_that_cannot_be_is_refused_and_nothing_is_printed(
    settings_with_key: Settings, words: tuple[str, ...], said: str
) -> None:
    refused = await anyio.to_thread.run_sync(command, settings_with_key, "tokens", "add", *words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert said in refused.stderr
    assert "\x1b" not in refused.stderr


async def test_a_past_date_is_taken_and_the_token_refused(url: str, settings_with_key: Settings) -> None:
    issued = await anyio.to_thread.run_sync(
        command, settings_with_key, "tokens", "add", "old", "--expires", "2020-01-01"
    )
    assert issued.returncode == 0
    assert (await post(url, {"X-API-Key": issued.stdout.strip()})).status_code == 401
