"""Replicas that are killed and stopped, a database that goes away: nothing is lost, nothing bought twice."""

from __future__ import annotations

import json
import signal
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from time import time
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest

from postgres import Postgres
from wavespeed_mcp_server.ledger import Token, Tokens
from wavespeed_mcp_server.ledger.postgres import PostgresStore
from wavespeed_mcp_server.ledger.shared_database import SharedDatabase
from wavespeed_mcp_server.sandbox import Sandbox

from .conftest import ACCEPT, SECRET, StartTeam, TeamProcess, rpc

pytestmark = pytest.mark.ci

CALLERS = 20
RUNS_OF_EACH = 12
KILL_SECONDS = 4.0
AGAIN_SECONDS = 0.3
ALL_SECONDS = 400.0
SOON_SECONDS = 60.0
FREED_SECONDS = 25.0
ONE = "wsk_of_one"
ASKING = ("get_balance", "get_usage", "list_predictions", "check_status")
FOX = {"model": "sandbox/paint", "input": {"prompt": "a fox"}}


class ToolRefused(Exception):
    """A tool answered with an error."""


async def until(true: Callable[[], Awaitable[bool]], seconds: float = SOON_SECONDS) -> None:
    """Returns once it is true, which it must be in time."""
    with anyio.fail_after(seconds):
        while not await true():  # noqa: ASYNC110 - another process does not tell
            await anyio.sleep(0.1)


class Fleet:
    """Replicas on one database; one that was killed is started anew in its place."""

    def __init__(
        self, start: StartTeam, directory: Path, database_url: str, count: int, **environment: str
    ) -> None:
        shared = {"WAVESPEED_SERVER_SECRET": SECRET, "WAVESPEED_DATABASE_URL": database_url}
        self._start = partial(start, **shared, **environment)
        self._directory = directory
        self.running = [self._on_machine(number) for number in range(count)]
        self.http = httpx.AsyncClient(timeout=120)

    def _on_machine(self, number: int) -> TeamProcess:
        return self._start(WAVESPEED_STATE_DIR=str(self._directory / f"machine-{number}"))

    async def kill(self, number: int) -> None:
        """SIGKILL, and another one starts at once; returns when that is ready, or as good as."""
        self.running[number].running.kill()
        self.running[number].running.wait()
        self.running[number] = self._on_machine(number)
        with anyio.move_on_after(SOON_SECONDS):
            await self.running[number].ready()

    async def status(self, number: int, path: str = "/ready") -> int:
        """What one replica says of itself."""
        return (await self.http.get(self.running[number].url.replace("/mcp", path))).status_code

    async def until(self, number: int, status: int) -> None:
        """Returns once one replica says so."""
        await until(lambda: self._says(number, status))

    async def _says(self, number: int, status: int) -> bool:
        return await self.status(number) == status

    async def ask(self, number: int, key: str, tool: str, **arguments: Any) -> dict[str, Any]:
        """One tool call at one replica.

        Raises:
            ToolRefused: the tool's error.
            httpx.HTTPError, ValueError: there was no answer.
        """
        answer = await self.http.post(
            self.running[number].url,
            headers={"Authorization": f"Bearer {key}", "Accept": ACCEPT},
            json=rpc("tools/call", name=tool, arguments=arguments),
        )
        answer.raise_for_status()
        # A stream where it waited for long, else JSON alone.
        result = json.loads(answer.text.strip().rpartition("data: ")[2])["result"]
        if result.get("isError"):
            raise ToolRefused(result["content"][0]["text"])
        found: dict[str, Any] = result["structuredContent"]
        return found


class Watching(ExitStack):
    """Sees whether the database takes the process of the one run there is for alive."""

    def __init__(self, database_url: str) -> None:
        import psycopg

        super().__init__()
        self._store = self.enter_context(closing(PostgresStore(database_url, uuid.uuid4().hex)))
        with psycopg.connect(database_url) as db:
            (self._owner,) = db.execute("SELECT owner FROM tasks").fetchone() or ("",)

    async def lives(self) -> bool:
        """It does."""
        with self._store.transaction() as tx:
            return tx.owner_lives(self._owner)

    async def is_gone(self) -> bool:
        """It does not."""
        return not await self.lives()


@pytest.fixture
async def fleet(
    start_team: StartTeam, sandbox: Sandbox, tmp_path: Path, database_url: str
) -> AsyncIterator[Callable[[int], Fleet]]:
    """Starts so many replicas."""
    sandbox.key = None
    made: list[Fleet] = []

    def start(count: int) -> Fleet:
        made.append(Fleet(start_team, tmp_path, database_url, count))
        return made[-1]

    yield start
    for one in made:
        await one.http.aclose()


def texts_in(database_url: str) -> str:
    """Everything that is in the database, as text."""
    import psycopg

    with psycopg.connect(database_url) as db:
        tables = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [db.execute(f'SELECT t::text FROM "{name}" t').fetchall() for (name,) in tables]
    return "\n".join(text for found in rows for (text,) in found)


def bought(sandbox: Sandbox) -> Counter[str]:
    """How many tasks the API made of each prompt."""
    return Counter(one.body["prompt"] for one in sandbox.submissions if one.prediction)


async def test_240_runs_over_two_replicas_that_are_killed_in_turn_while_the_database_crashes(
    fleet: Callable[[int], Fleet], sandbox: Sandbox, postgres: Postgres, database_url: str
) -> None:
    sandbox.run_seconds = lambda _model, inputs: 1.0 + len(inputs["prompt"]) % 3
    replicas = fleet(2)
    for one in replicas.running:
        await one.ready()
    answers: dict[str, dict[str, Any]] = {}

    async def call_on(caller: int) -> None:
        for number in range(RUNS_OF_EACH):
            prompt = f"{caller} {'x' * number}"
            at = caller
            while prompt not in answers:
                at += 1
                wanted: dict[str, Any] = {"model": "sandbox/paint", "input": {"prompt": prompt}}
                try:
                    answer = await replicas.ask(at % 2, f"wsk_of_caller_{caller}", "generate", **wanted)
                    if answer["status"] == "completed":
                        answers[prompt] = answer
                except (ToolRefused, httpx.HTTPError, ValueError, KeyError):
                    await anyio.sleep(AGAIN_SECONDS)

    async def kill_on() -> None:
        turn = 0
        while True:
            await anyio.sleep(KILL_SECONDS)
            await replicas.kill(turn % 2)
            turn += 1

    async def crash_once() -> None:
        await anyio.sleep(2.5 * KILL_SECONDS)
        await anyio.to_thread.run_sync(postgres.crash)
        await anyio.to_thread.run_sync(postgres.start)

    with anyio.fail_after(ALL_SECONDS):
        async with anyio.create_task_group() as disturbing:
            disturbing.start_soon(kill_on)
            async with anyio.create_task_group() as calling:
                calling.start_soon(crash_once)
                for caller in range(CALLERS):
                    calling.start_soon(call_on, caller)
            disturbing.cancel_scope.cancel()
    assert len(answers) == CALLERS * RUNS_OF_EACH
    twice = {prompt: count for prompt, count in bought(sandbox).items() if count != 1}
    assert not twice
    made_by = {one.prediction: one.body["prompt"] for one in sandbox.submissions}
    assert all(made_by[answer["id"]] == prompt for prompt, answer in answers.items())
    assert "wsk_" not in texts_in(database_url)


async def test_while_the_database_is_away_nothing_is_bought_and_the_rest_is_served(
    fleet: Callable[[int], Fleet], sandbox: Sandbox, postgres: Postgres
) -> None:
    replicas = fleet(1)
    await replicas.running[0].ready()
    before = await replicas.ask(0, ONE, "generate", **FOX)
    await anyio.to_thread.run_sync(postgres.stop)
    try:
        await replicas.until(0, 503)
        assert await replicas.status(0, "/health") == 200
        with pytest.raises(ToolRefused, match="Nothing was submitted") as refused:
            await replicas.ask(0, ONE, "generate", model="sandbox/paint", input={"prompt": "a hen"})
        assert "127.0.0.1" not in str(refused.value)
        assert (await replicas.ask(0, ONE, "list_models"))["total"]
        shown = await replicas.ask(0, ONE, "check_status", ids=[before["id"]])
        assert shown["predictions"][0]["status"] == "completed"
    finally:
        await anyio.to_thread.run_sync(postgres.start)
    await replicas.until(0, 200)
    await replicas.ask(0, ONE, "generate", model="sandbox/paint", input={"prompt": "a hen"})
    assert bought(sandbox) == {"a fox": 1, "a hen": 1}


async def test_while_the_database_is_away_a_token_seen_before_is_served_what_needs_no_ledger(
    start_team: StartTeam, sandbox: Sandbox, postgres: Postgres, tmp_path: Path, database_url: str
) -> None:
    sandbox.key = None
    replicas = Fleet(start_team, tmp_path, database_url, 2, WAVESPEED_API_KEY="wsk_of_the_operator")
    for one in replicas.running:
        await one.ready()
    store = SharedDatabase(database_url, tmp_path / "operator")
    token = await Tokens(store).add(Token("", "ana", time(), daily_budget=5.0))
    await store.aclose()
    run = await replicas.ask(0, token, "generate", **FOX)
    await anyio.to_thread.run_sync(postgres.stop)
    try:
        for number in range(2):
            await replicas.until(number, 503)
        assert (await replicas.ask(0, token, "list_models"))["total"]
        for tool, arguments in [*((tool, {}) for tool in ASKING), ("check_status", {"ids": [run["id"]]})]:
            with pytest.raises(ToolRefused, match="cannot be reached: make the same call again"):
                await replicas.ask(0, token, tool, **arguments)
        with pytest.raises(ToolRefused, match="Nothing was submitted"):
            await replicas.ask(0, token, "generate", **FOX)
        with pytest.raises(httpx.HTTPStatusError) as unseen:
            await replicas.ask(1, token, "generate", **FOX)
        assert unseen.value.response.status_code == 503
        assert "Nothing was submitted" in unseen.value.response.text
    finally:
        await anyio.to_thread.run_sync(postgres.start)
        await replicas.http.aclose()
    assert bought(sandbox) == {"a fox": 1}


async def test_what_ends_while_the_database_is_away_is_told_and_noted_once_it_is_back(
    fleet: Callable[[int], Fleet], sandbox: Sandbox, postgres: Postgres, database_url: str
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    replicas = fleet(2)
    for one in replicas.running:
        await one.ready()
    answers: list[dict[str, Any]] = []
    answered = anyio.Event()

    async def wait_for_it() -> None:
        answers.append(await replicas.ask(0, ONE, "generate", **FOX, wait_seconds=300))
        answered.set()

    async with anyio.create_task_group() as group:
        group.start_soon(wait_for_it)
        await sandbox.seen("poll")
        await anyio.to_thread.run_sync(postgres.crash)
        await replicas.until(0, 503)
        sandbox.finish(sandbox.submissions[0].prediction or "")
        await answered.wait()
        await anyio.to_thread.run_sync(postgres.start)
    assert answers[0]["status"] == "completed"
    for number in range(2):
        await replicas.until(number, 200)

    async def is_noted() -> bool:
        return ",completed," in texts_in(database_url)

    await until(is_noted)
    # Its end was told: the same call buys another, at whichever replica.
    again = await replicas.ask(1, ONE, "generate", **FOX, wait_seconds=0)
    assert again["id"] != answers[0]["id"]


async def test_a_repeat_of_what_a_killed_replica_bought_follows_it_at_another(
    fleet: Callable[[int], Fleet], sandbox: Sandbox, database_url: str
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    replicas = fleet(2)
    for one in replicas.running:
        await one.ready()
    async with anyio.create_task_group() as group:

        async def cut_off() -> None:
            with pytest.raises(httpx.HTTPError):
                await replicas.ask(0, ONE, "generate", **FOX, wait_seconds=300)

        group.start_soon(cut_off)
        await sandbox.seen("poll")
        with Watching(database_url) as watching:
            replicas.running[0].running.kill()
            await until(watching.is_gone)
    followed = await replicas.ask(1, ONE, "generate", **FOX, wait_seconds=0)
    assert followed["id"] == sandbox.submissions[0].prediction
    assert bought(sandbox) == {"a fox": 1}


async def test_a_replica_that_was_stopped_counts_as_dead_within_twenty_seconds_and_then_lives_again(
    fleet: Callable[[int], Fleet], sandbox: Sandbox, database_url: str
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    replicas = fleet(1)
    await replicas.running[0].ready()
    async with anyio.create_task_group() as group:
        group.start_soon(partial(replicas.ask, 0, ONE, "generate", **FOX, wait_seconds=300))
        await sandbox.seen("poll")
        with Watching(database_url) as watching:
            assert await watching.lives()
            replicas.running[0].running.send_signal(signal.SIGSTOP)
            try:
                await until(watching.is_gone, FREED_SECONDS)
            finally:
                replicas.running[0].running.send_signal(signal.SIGCONT)
            await until(watching.lives)
        sandbox.finish(sandbox.submissions[0].prediction or "")
    assert bought(sandbox) == {"a fox": 1}
