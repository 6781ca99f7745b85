"""Waiting for a task, and what is known of how long it takes."""

from __future__ import annotations

import anyio

from wavespeed_mcp_server.accounts import open_account
from wavespeed_mcp_server.runs import Account, RunOptions, prepare, run
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.settings import Settings


async def test_a_run_that_nobody_has_seen_takes_as_long_as_its_type(account: Account) -> None:
    await account.catalog.search(limit=1)
    assert await account.watching.usual("sandbox/paint") == 14


async def test_a_model_that_nobody_knows_has_no_usual_time(account: Account) -> None:
    assert await account.watching.usual("nobody/knows") is None


async def test_run_times_outlive_the_process_that_saw_them(settings: Settings, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: 0.3
    async with open_account(settings) as account, account.own_rows() as rows:
        request = await prepare(account, rows, "sandbox/paint", {"prompt": "a cat"})
        await run(account, request, RunOptions(30), rows)
        seen = await account.watching.usual("sandbox/paint")
    async with open_account(settings) as later:
        assert await later.watching.usual("sandbox/paint") == seen


async def test_every_look_is_told_with_the_tasks_id(account: Account, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    told: list[str] = []

    async def progress(message: str, share: float | None = None) -> None:
        told.append(message)

    async with account.own_rows() as rows:
        request = await prepare(account, rows, "sandbox/paint", {"prompt": "a cat"})
        with anyio.fail_after(30):
            outcome = await run(account, request, RunOptions(0.0), rows, progress)
    assert told
    assert all(outcome.id in message for message in told)
