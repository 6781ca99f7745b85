"""Limits and consent of a team are exact over all replicas."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from wavespeed_mcp_server.sandbox import Sandbox

from .conftest import StartTeam
from .test_outages import ONE, Fleet, ToolRefused, bought, until

pytestmark = pytest.mark.ci
PRICE = 0.018
ROOM = 7


@pytest.fixture
async def two(
    start_team: StartTeam, sandbox: Sandbox, tmp_path: Path, database_url: str
) -> AsyncIterator[Fleet]:
    """Two replicas, on which a day of one key may cost what seven runs cost."""
    sandbox.key = None
    limits = {"WAVESPEED_DAILY_BUDGET": str(ROOM * PRICE)}
    fleet = Fleet(start_team, tmp_path, database_url, 2, **limits)
    for one in fleet.running:
        await one.ready()
    yield fleet
    await fleet.http.aclose()


async def test_a_batch_holds_its_room_at_every_replica_until_it_is_done(two: Fleet, sandbox: Sandbox) -> None:
    requests = [{"model": "sandbox/paint", "input": {"prompt": f"fox {number}"}} for number in range(5)]
    answers: list[int] = []

    async def batch(at: int) -> None:
        try:
            answers.append((await two.ask(at, ONE, "generate_batch", requests=requests))["completed"])
        except ToolRefused:
            answers.append(0)

    async with anyio.create_task_group() as group:
        for at in range(2):
            group.start_soon(batch, at)
    assert sum(bought(sandbox).values()) <= ROOM
    assert max(answers) == len(requests)


async def test_a_repeat_at_another_replica_follows_and_what_ended_unseen_is_told_there(
    two: Fleet, sandbox: Sandbox
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    fox: dict[str, Any] = {"model": "sandbox/paint", "input": {"prompt": "a fox"}}
    first = await two.ask(0, ONE, "generate", **fox, wait_seconds=0)
    assert first["status"] == "processing"
    assert (await two.ask(1, ONE, "generate", **fox, wait_seconds=0))["id"] == first["id"]
    sandbox.finish(first["id"])
    told = await two.ask(1, ONE, "generate", **fox)
    assert (told["id"], told["status"]) == (first["id"], "completed")
    assert bought(sandbox) == {"a fox": 1}

    async def buys_another() -> bool:
        return bool((await two.ask(0, ONE, "generate", **fox, wait_seconds=0))["id"] != first["id"])

    # That it was told is noted when the answer has gone out.
    await until(buys_another)
    assert bought(sandbox) == {"a fox": 2}


async def test_twins_at_two_replicas_are_two_purchases(two: Fleet, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    fox: dict[str, Any] = {"model": "sandbox/paint", "input": {"prompt": "a fox"}}
    for at in range(2):
        # Both replicas know the key, so that neither call is later for asking the API about it.
        await two.ask(at, ONE, "check_status")

    async with anyio.create_task_group() as group:
        for at in range(2):
            group.start_soon(partial(two.ask, at, ONE, "generate", **fox, wait_seconds=600))
        while len(sandbox.submissions) < 2:
            await anyio.lowlevel.checkpoint()
        for one in sandbox.submissions:
            while not one.prediction:
                await anyio.lowlevel.checkpoint()
            sandbox.finish(one.prediction)
    assert bought(sandbox) == {"a fox": 2}
