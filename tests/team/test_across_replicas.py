"""What one of two replicas was let do the other is not let do again: budgets at their edge, a yes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import time

import anyio
import anyio.to_thread
import httpx
import psycopg
import pytest

from calling import agreed
from wavespeed_mcp_server.ledger import Token, Tokens
from wavespeed_mcp_server.ledger.shared_database import SharedDatabase
from wavespeed_mcp_server.sandbox import Sandbox

from .conftest import ACCEPT, SECRET, StartTeam, TeamProcess, rpc
from .test_consent import generate

pytestmark = pytest.mark.ci

OPERATORS = "wsk_of_the_operator"
ONE = "wsk_of_one"
PRICE = 0.018
RACING = 40
AFFORDED = 5
EDGES = 20
Pair = tuple[TeamProcess, TeamProcess]
StartPair = Callable[..., Awaitable[Pair]]


@pytest.fixture
def start_pair(start_team: StartTeam, sandbox: Sandbox, tmp_path: Path, database_url: str) -> StartPair:
    """Starts two replicas of one environment, as on two machines; returns when both are ready."""
    sandbox.key = None

    async def start(**environment: str) -> Pair:
        shared = {"WAVESPEED_SERVER_SECRET": SECRET, "WAVESPEED_DATABASE_URL": database_url, **environment}
        first, second = (start_team(**shared, WAVESPEED_STATE_DIR=str(tmp_path / name)) for name in "ab")
        for one in (first, second):
            await one.ready()
        return first, second

    return start


def tokens_add(database_url: str, directory: Path, *words: str) -> str:
    """The operator's command on a third machine; the token."""
    done = subprocess.run(
        [sys.executable, "-m", "wavespeed_mcp_server", "tokens", "add", *words],
        env={
            "WAVESPEED_SERVER_SECRET": SECRET,
            "WAVESPEED_DATABASE_URL": database_url,
            "WAVESPEED_STATE_DIR": str(directory / "operator"),
            "HOME": str(directory),
        },
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep(0.03); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE UPDATE ON tasks FOR EACH ROW WHEN (NEW.state = 'attempt') EXECUTE FUNCTION slow();
"""
"""Between the sum that a budget looks at and the commit there is time for the other replica."""


def make_slow(database_url: str) -> None:
    """See `SLOW`."""
    with psycopg.connect(database_url) as db:
        db.execute(SLOW)


@pytest.mark.parametrize("whose", ["token", "operator"])
async def test_a_budget_is_exact_over_two_replicas(
    start_pair: StartPair, sandbox: Sandbox, database_url: str, tmp_path: Path, whose: str
) -> None:
    budget = f"{AFFORDED * PRICE:.3f}"
    shared = {"WAVESPEED_DAILY_BUDGET": budget} if whose == "operator" else {}
    words = ("--daily-budget", budget) if whose == "token" else ()
    both = await start_pair(WAVESPEED_API_KEY=OPERATORS, **shared)
    token = await anyio.to_thread.run_sync(tokens_add, database_url, tmp_path, "ana", *words)
    await anyio.to_thread.run_sync(make_slow, database_url)
    refused = await race(both, [token] * RACING)
    assert len([run for run in sandbox.submissions if run.prediction]) == AFFORDED
    assert len(refused) == RACING - AFFORDED
    assert all("24 hours" in text and "Nothing was submitted" in text for text in refused)


async def test_each_of_many_budgets_is_exact_at_its_edge(
    start_pair: StartPair, sandbox: Sandbox, database_url: str, tmp_path: Path
) -> None:
    both = await start_pair(WAVESPEED_API_KEY=OPERATORS)
    store = SharedDatabase(database_url, tmp_path / "operator")
    names = [f"t{number}" for number in range(EDGES)]
    keys = [await Tokens(store).add(Token("", name, time(), daily_budget=PRICE)) for name in names]
    await store.aclose()
    # The two calls that race for one budget come to both replicas, one after the other.
    await anyio.to_thread.run_sync(make_slow, database_url)
    refused = await race(both, [key for key in keys for _ in both])
    assert len([run for run in sandbox.submissions if run.prediction]) == EDGES
    assert len(refused) == EDGES


async def race(both: Pair, keys: list[str]) -> list[str]:
    """One run for each of the keys, all at once and in turn at both replicas; what was refused."""
    refused: list[str] = []

    async def one(number: int, key: str) -> None:
        wanted = {"model": "sandbox/paint", "input": {"prompt": f"fox {number}"}}
        request = rpc("tools/call", name="generate", arguments=wanted)
        answer = await http.post(both[number % 2].url, headers={"X-API-Key": key}, json=request)
        result = json.loads(answer.text.strip().rpartition("data: ")[2])["result"]
        if result.get("isError"):
            refused.append(result["content"][0]["text"])

    async with (
        httpx.AsyncClient(headers={"Accept": ACCEPT}, timeout=60) as http,
        anyio.create_task_group() as group,
    ):
        for number, key in enumerate(keys):
            group.start_soon(one, number, key)
    return refused


async def test_a_yes_given_to_one_replica_buys_once_at_whichever_takes_it_up(
    start_pair: StartPair, sandbox: Sandbox
) -> None:
    both = await start_pair(WAVESPEED_CONFIRM_ABOVE="0")
    question = await generate(both[0].url, ONE)
    assert not sandbox.submissions
    told: list[str] = []

    async def say_yes(at: TeamProcess) -> None:
        told.append(str(await generate(at.url, ONE, **agreed(question))))

    async with anyio.create_task_group() as group:
        for number in range(6):
            group.start_soon(say_yes, both[(number + 1) % 2])
    assert len(told) == 6
    assert len(sandbox.submissions) == 1


@pytest.mark.parametrize(
    ("scheme", "secret", "said"),
    [("postgresql", "", "WAVESPEED_SERVER_SECRET"), ("mysql", SECRET, "WAVESPEED_DATABASE_URL")],
)
async def test_a_server_that_replicas_could_not_share_does_not_start(
    start_team: StartTeam, scheme: str, secret: str, said: str
) -> None:
    url = f"{scheme}://server:hemlich@127.0.0.1:1/ledger"
    server = start_team(WAVESPEED_DATABASE_URL=url, WAVESPEED_SERVER_SECRET=secret)
    assert await server.ended() == 2
    told = server.errors.read_text()
    assert said in told
    assert "hemlich" not in told
    assert "Traceback" not in told
