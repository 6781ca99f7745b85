"""The API tells of ends: who waits is woken, nothing delivered is believed, and polls stay as the net."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import anyio
import anyio.lowlevel
import httpx
import pytest
from mcp.client import Client

from calling import Json, call
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.webhooks import MODES
from wavespeed_mcp_server.settings import HttpSettings, Settings
from wavespeed_mcp_server.team.secret import ServerSecret
from wavespeed_mcp_server.transports.http.webhooks import (
    MAX_BYTES,
    PATH,
    VALID_SECONDS,
    Webhooks,
    reaches_us,
)
from wavespeed_mcp_server.wakeups import LocalWakeups

from .conftest import SECRET, Serve, as_caller

KEY = "wsk_of_one"
FOX = {"model": "sandbox/paint", "input": {"prompt": "a fox"}}
SOON = 15.0
"""Less than until the first look that nothing wakes."""


@pytest.fixture
async def told(serve: Serve, team_settings: Settings) -> AsyncIterator[str]:
    """The URL of a server that the API can tell of ends."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    http = HttpSettings(SECRET, public_url=f"http://127.0.0.1:{port}")
    async with serve(team_settings, http, port=port) as url:
        yield url


@pytest.fixture
async def client(told: str) -> AsyncIterator[Client]:
    """A caller of that server."""
    async with as_caller(told, KEY) as connected:
        yield connected


async def submitted(sandbox: Sandbox, count: int = 1) -> str:
    """The id of the task of this submit, once the API has made it."""
    await sandbox.seen("submit", count)
    while not (prediction := sandbox.submissions[count - 1].prediction):
        await anyio.lowlevel.checkpoint()
    return prediction


async def ended_by_hand(client: Client, sandbox: Sandbox, **arguments: object) -> Json:
    """The answer to a run that ends as soon as it is known."""
    sandbox.run_seconds = lambda _model, _inputs: None
    before = len(sandbox.submissions)
    answers: list[Json] = []

    async def run() -> None:
        answers.append(await call(client, "generate", **FOX, **arguments, wait_seconds=300))

    with anyio.fail_after(SOON):
        async with anyio.create_task_group() as group:
            group.start_soon(run)
            sandbox.finish(await submitted(sandbox, before + 1))
    return answers[0]


async def deliver(url: str, body: object = None, **headers: str) -> httpx.Response:
    """One delivery, as anybody could send it."""
    async with httpx.AsyncClient(timeout=60) as http:
        return await http.post(url, content=json.dumps(body).encode(), headers=headers)


async def test_a_wait_is_woken_by_the_apis_word_and_looks_once(client: Client, sandbox: Sandbox) -> None:
    answer = await ended_by_hand(client, sandbox)
    assert answer["status"] == "completed"
    assert sandbox.counts["poll"] == 1
    assert [delivery.status for delivery in sandbox.deliveries] == [204]


async def test_a_repeat_that_follows_and_a_look_by_id_are_woken_too(client: Client, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    first = await call(client, "generate", **FOX, wait_seconds=0)
    answers: list[Json] = []

    async def follow() -> None:
        answers.append(await call(client, "generate", **FOX, wait_seconds=300))

    async def look() -> None:
        found = await call(client, "check_status", ids=[first["id"]], wait_seconds=300)
        answers.append(found["predictions"][0])

    with anyio.fail_after(SOON):
        async with anyio.create_task_group() as group:
            group.start_soon(follow)
            group.start_soon(look)
            # Each looks once to begin with, and then at what it is told.
            await sandbox.seen("poll", 2)
            await anyio.sleep(0.5)
            sandbox.finish(str(first["id"]))
    assert [answer["status"] for answer in answers] == ["completed"] * 2
    assert len(sandbox.submissions) == 1
    assert sandbox.counts["poll"] == 4


async def test_word_that_comes_before_the_submits_answer_is_not_lost(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: 0.0
    sandbox.hold("submit", after_work=True)
    answers: list[Json] = []

    async def run() -> None:
        answers.append(await call(client, "generate", **FOX, wait_seconds=300))

    with anyio.fail_after(SOON):
        async with anyio.create_task_group() as group:
            group.start_soon(run)
            while not sandbox.deliveries:
                await anyio.lowlevel.checkpoint()
            sandbox.release("submit")
    assert answers[0]["status"] == "completed"
    assert sandbox.counts["poll"] == 1


async def test_a_webhook_of_the_callers_own_wins_and_its_run_is_polled(
    client: Client, sandbox: Sandbox
) -> None:
    own = "http://127.0.0.1:9/mine"
    answer = await ended_by_hand(client, sandbox, webhook_url=own)
    assert answer["status"] == "completed"
    assert [one.webhook for one in sandbox.submissions] == [own]


async def test_requests_are_equal_whatever_their_webhooks(client: Client, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    first = await call(client, "generate", **FOX, wait_seconds=0)
    own = "https://example.org/mine"
    second = await call(client, "generate", **FOX, wait_seconds=0, webhook_url=own)
    assert first["id"] == second["id"]
    assert len(sandbox.submissions) == 1


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode])
async def test_whatever_goes_wrong_with_webhooks_the_end_is_seen_and_nothing_else_believed(
    client: Client, sandbox: Sandbox, mode: str
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: 0.5
    # How long runs take is known from here on, so that looking without word is soon done.
    await call(client, "generate", **FOX, again=True)
    sandbox.webhook_mode, sandbox.webhook_delay = mode, 1.0
    with anyio.fail_after(SOON):
        answer = await call(client, "generate", **FOX, again=True, wait_seconds=300)
    assert answer["status"] == "completed"
    assert answer["outputs"] == sandbox.predictions[answer["id"]].outputs
    assert len(sandbox.submissions) == 2


async def test_what_does_not_prove_itself_is_refused_in_a_sentence_and_costs_no_look(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    arguments = {**FOX, "wait_seconds": 300}
    async with anyio.create_task_group() as group:
        group.start_soon(client.call_tool, "generate", arguments)
        prediction = await submitted(sandbox)
        url = sandbox.submissions[0].webhook
        subject, _, code = url.rpartition(".")
        key, _, made = subject.rpartition(".")
        others = Webhooks(url.partition(PATH)[0], ServerSecret("another secret"), LocalWakeups())
        wrong = {
            "another code": f"{subject}.{code[:-1]}{'A' if code[-1] != 'A' else 'B'}",
            "no code": subject,
            "another row": f"{key}1.{made}.{code}",
            "another time": f"{key}.{made}0.{code}",
            "another server": others.address(int(key.rpartition("/")[2], 16)),
            "more after it": f"{url}/more",
            "not ASCII": f"{subject}.é",
            "long": url + "A" * 4000,
        }
        told = {
            "id": prediction,
            "status": "completed",
            "outputs": ["https://x.example"],
        }
        for what, address in wrong.items():
            refused = await deliver(address, told)
            assert refused.status_code == 404, what
            assert refused.json()["error"]["message"].count(".") == 1, what
        old = {"webhook-timestamp": str(int(time.time()) - 301)}
        for stale in (old, {"webhook-timestamp": "soon"}, {"webhook-timestamp": "9" * 50}):
            assert (await deliver(url, told, **stale)).status_code == 400
        async with httpx.AsyncClient() as http:
            assert (await http.get(url)).status_code == 405
            assert (await http.post(url, headers={"Host": "elsewhere.example"})).status_code == 421
        assert sandbox.counts["poll"] == 0
        # One that is too large has proved itself all the same: it costs a look, as word does.
        assert (await deliver(url, "x" * MAX_BYTES)).status_code == 413
        await sandbox.seen("poll", 1)
        group.cancel_scope.cancel()


async def test_a_made_up_end_at_the_true_address_is_looked_into_and_not_believed(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    answers: list[Json] = []

    async def run() -> None:
        answers.append(await call(client, "generate", **FOX, wait_seconds=300))

    with anyio.fail_after(SOON):
        async with anyio.create_task_group() as group:
            group.start_soon(run)
            prediction = await submitted(sandbox)
            told = {"id": prediction, "status": "completed", "outputs": ["https://forged.example/x.png"]}
            assert (await deliver(sandbox.submissions[0].webhook, told)).status_code == 204
            await sandbox.seen("poll", 1)
            assert not answers
            sandbox.finish(prediction)
    assert answers[0]["outputs"] == sandbox.predictions[str(answers[0]["id"])].outputs


async def test_an_address_is_good_for_as_long_as_its_task_is_kept() -> None:
    now = [1_700_000_000.0]
    wakeups, outcomes = LocalWakeups(), list[str]()
    hooks = Webhooks("https://x.example", ServerSecret("s"), wakeups, outcomes.append, lambda: now[0])
    address = hooks.address(7)
    assert address.startswith("https://x.example/webhooks/7.")
    wake = wakeups.of(7)
    transport = httpx.ASGITransport(hooks)
    async with httpx.AsyncClient(transport=transport) as http:
        for after, status in ((0, 204), (VALID_SECONDS, 204), (VALID_SECONDS + 1, 410), (-301, 410)):
            now[0] = 1_700_000_000.0 + after
            answer = await http.post(address)
            assert answer.status_code == status, after
    assert wake.count == 2
    assert outcomes == ["taken", "taken", "refused", "refused"]


async def test_no_two_addresses_are_equal_and_none_shows_the_secret() -> None:
    hooks = Webhooks("https://x.example", ServerSecret(SECRET), LocalWakeups())
    addresses = {hooks.address(key) for key in range(100)}
    assert len(addresses) == 100
    assert not any(SECRET in address for address in addresses)


@pytest.mark.parametrize(
    ("public", "api", "reached"),
    [
        ("https://mcp.example", "https://api.wavespeed.ai", True),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8787", True),
        ("http://localhost:8000", "https://api.wavespeed.ai", False),
        ("", "https://api.wavespeed.ai", False),
    ],
)
def test_the_api_is_given_addresses_that_it_can_reach(public: str, api: str, reached: bool) -> None:
    assert reaches_us(public, api) is reached


async def test_without_a_public_url_no_webhook_is_asked_for(
    serve: Serve, team_settings: Settings, sandbox: Sandbox
) -> None:
    async with serve(replace(team_settings)) as url, as_caller(url, KEY) as client:
        await call(client, "generate", **FOX)
    assert [one.webhook for one in sandbox.submissions] == [""]
