"""Two replicas on one database, as processes of two machines: what one was asked the other can take up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from time import time

import anyio
import anyio.lowlevel
import httpx
import pytest

from calling import Json, call
from wavespeed_mcp_server.ledger import Token, Tokens
from wavespeed_mcp_server.ledger.shared_database import SharedDatabase
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.media import png

from .conftest import SECRET, StartTeam, TeamProcess, as_caller

pytestmark = pytest.mark.ci

OPERATORS = "wsk_of_the_operator"
ONE = "wsk_of_one"
FOX = {"model": "sandbox/paint", "input": {"prompt": "a fox"}}
PICTURE = png.card(16, 16, bytes(32))
SOON = 15.0
"""Less than until the first look that nothing wakes."""


class Replicas:
    """Two of them; the API's word of ends always goes to the `first`."""

    def __init__(self, start: StartTeam, directory: Path, database_url: str) -> None:
        self._shared = {
            "WAVESPEED_API_KEY": OPERATORS,
            "WAVESPEED_SERVER_SECRET": SECRET,
            "WAVESPEED_DATABASE_URL": database_url,
        }
        self._start = start
        self._directory = directory
        self.first = self._one("first")
        public_url = self.first.url.removesuffix("/mcp")
        self.second = self._one("second", WAVESPEED_PUBLIC_URL=public_url)
        self.both = (self.first, self.second)

    def _one(self, name: str, **environment: str) -> TeamProcess:
        state = str(self._directory / name)
        return self._start(**self._shared, **environment, WAVESPEED_STATE_DIR=state)


@pytest.fixture
async def replicas(
    start_team: StartTeam, sandbox: Sandbox, tmp_path: Path, database_url: str
) -> AsyncIterator[Replicas]:
    """See `Replicas`; both are ready."""
    sandbox.key = None
    made = Replicas(start_team, tmp_path, database_url)
    for one in made.both:
        await one.ready()
    yield made


@pytest.fixture
async def tokens(tmp_path: Path, database_url: str) -> AsyncIterator[Tokens]:
    """What the command `tokens` works on, on a third machine."""
    store = SharedDatabase(database_url, tmp_path / "operator")
    yield Tokens(store)
    await store.aclose()


async def put(url: str, at: TeamProcess) -> httpx.Response:
    """One PUT to an upload address, which a proxy leads to this replica."""
    async with httpx.AsyncClient(timeout=60) as http:
        return await http.put(
            at.url.removesuffix("/mcp") + "/files/" + url.partition("/files/")[2], content=PICTURE
        )


async def address_for(key: str, at: TeamProcess) -> str:
    """An upload address that this replica gave."""
    async with as_caller(at.url, key) as client:
        return str((await call(client, "create_upload", name="a cat.png"))["url"])


async def test_an_upload_address_of_a_token_works_once_at_any_replica(
    replicas: Replicas, tokens: Tokens, sandbox: Sandbox
) -> None:
    token = await tokens.add(Token("", "ana", time()))
    for given_at, taken_at in (replicas.both, replicas.both[::-1]):
        url = await address_for(token, given_at)
        answer = await put(url, taken_at)
        assert answer.status_code == 200, answer.text
        for again in replicas.both:
            assert (await put(url, again)).status_code == 404
    url = await address_for(token, replicas.first)
    await tokens.revoke("ana")
    assert (await put(url, replicas.second)).status_code == 403
    assert sandbox.counts["upload_ticket"] == 2


async def test_of_puts_at_both_replicas_at_once_one_is_served(replicas: Replicas, tokens: Tokens) -> None:
    url = await address_for(await tokens.add(Token("", "ana", time())), replicas.first)
    statuses: list[int] = []

    async def one(at: TeamProcess) -> None:
        statuses.append((await put(url, at)).status_code)

    async with anyio.create_task_group() as group:
        for number in range(8):
            group.start_soon(one, replicas.both[number % 2])
    assert sorted(statuses) == [200, *[404] * 7]


async def test_a_replica_that_has_not_seen_the_callers_key_says_so_and_takes_nothing(
    replicas: Replicas, sandbox: Sandbox
) -> None:
    url = await address_for(ONE, replicas.first)
    refused = await put(url, replicas.second)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
    assert "took nothing" in refused.json()["error"]["message"]
    assert not sandbox.counts["upload_ticket"]
    # From the caller's next call there on it knows the key.
    await address_for(ONE, replicas.second)
    assert (await put(url, replicas.second)).status_code == 200
    assert (await put(url, replicas.first)).status_code == 404
    assert ONE not in url


async def test_a_webhook_that_comes_to_the_wrong_replica_wakes_who_waits_at_the_other(
    replicas: Replicas, sandbox: Sandbox
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    answers: list[Json] = []
    answered = anyio.Event()

    async def run() -> None:
        async with as_caller(replicas.second.url, ONE) as client:
            answers.append(await call(client, "generate", **FOX, wait_seconds=300))
            answered.set()

    async with anyio.create_task_group() as group:
        group.start_soon(run)
        await sandbox.seen("submit")
        while not (prediction := sandbox.submissions[0].prediction):
            await anyio.lowlevel.checkpoint()
        assert sandbox.submissions[0].webhook.startswith(replicas.first.url.removesuffix("/mcp"))
        with anyio.fail_after(SOON):
            sandbox.finish(prediction)
            await answered.wait()
    assert answers[0]["status"] == "completed"
    assert [delivery.status for delivery in sandbox.deliveries] == [204]
    assert sandbox.counts["poll"] == 1


async def test_a_forged_delivery_at_either_replica_costs_no_look(
    replicas: Replicas, sandbox: Sandbox
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    async with as_caller(replicas.second.url, ONE) as client, anyio.create_task_group() as group:
        group.start_soon(lambda: client.call_tool("generate", {**FOX, "wait_seconds": 300}))
        await sandbox.seen("submit")
        path = "/webhooks/" + sandbox.submissions[0].webhook.partition("/webhooks/")[2]
        async with httpx.AsyncClient(timeout=60) as http:
            for one in replicas.both:
                basis = one.url.removesuffix("/mcp")
                assert (await http.post(f"{basis}{path}x")).status_code == 404
            assert not sandbox.counts["poll"]
            # The true address works at whichever replica, and costs one look.
            assert (await http.post(replicas.second.url.removesuffix("/mcp") + path)).status_code == 204
        await sandbox.seen("poll")
        group.cancel_scope.cancel()
