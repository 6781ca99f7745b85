"""Steps asked for at the same time go to the thread together, and each stays its own caller's."""

from __future__ import annotations

import threading
from typing import Any

import anyio
import pytest

from held import Held
from wavespeed_mcp_server.ledger.batched_thread import BatchedThread


async def test_what_is_asked_for_at_once_is_done_in_that_order_on_one_thread() -> None:
    steps, done, threads = BatchedThread(), list[int](), set[int]()

    async def ask(number: int) -> None:
        def step() -> int:
            threads.add(threading.get_ident())
            done.append(number)
            return number

        assert await steps.run(step) == number

    async with anyio.create_task_group() as group:
        for number in range(50):
            group.start_soon(ask, number)
    assert done == list(range(50))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_what_waits_meanwhile_is_done_in_one_go() -> None:
    steps, first = BatchedThread(), Held()
    alone: list[bool] = []

    def later() -> None:
        # Nobody has been answered between two steps of one go.
        alone.append(not answered)

    answered: list[int] = []

    async def ask(number: int) -> None:
        await steps.run(later)
        answered.append(number)

    async with anyio.create_task_group() as group:
        group.start_soon(steps.run, first)
        await first.begun.wait()
        for number in range(10):
            group.start_soon(ask, number)
        await anyio.wait_all_tasks_blocked()
        first.go_on.set()
    assert alone == [True] * 10


async def test_a_step_that_fails_fails_for_its_own_caller_alone() -> None:
    steps = BatchedThread()
    outcomes: list[object] = []

    def broken() -> None:
        raise LookupError("mine")

    async def ask(number: int) -> None:
        if number == 3:
            with pytest.raises(LookupError, match="mine"):
                await steps.run(broken)
        else:
            outcomes.append(await steps.run(lambda: number))

    async with anyio.create_task_group() as group:
        for number in range(6):
            group.start_soon(ask, number)
    assert outcomes == [0, 1, 2, 4, 5]


async def test_where_no_thread_can_start_the_next_caller_takes_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps, first, outcomes, done = BatchedThread(), Held(), list[object](), list[int]()
    run_sync = anyio.to_thread.run_sync
    refusals: list[RuntimeError] = []

    async def scarce(*arguments: Any, **options: Any) -> Any:
        if refusals:
            raise refusals.pop()
        return await run_sync(*arguments, **options)

    monkeypatch.setattr(anyio.to_thread, "run_sync", scarce)

    def step(number: int) -> int:
        done.append(number)
        return number

    async def ask(number: int) -> None:
        try:
            outcomes.append(await steps.run(lambda: step(number)))
        except RuntimeError as error:
            outcomes.append(str(error))

    async with anyio.create_task_group() as group:
        group.start_soon(steps.run, first)
        await first.begun.wait()
        refusals.append(RuntimeError("can't start new thread"))
        for number in range(3):
            group.start_soon(ask, number)
        await anyio.wait_all_tasks_blocked()
        first.go_on.set()
    assert outcomes == ["can't start new thread", 1, 2]
    assert done == [1, 2]


async def test_a_caller_that_is_cancelled_leaves_the_others_their_answers() -> None:
    steps, first = BatchedThread(), Held()
    outcomes: list[int] = []

    async def ask(number: int) -> None:
        outcomes.append(await steps.run(lambda: number))

    async with anyio.create_task_group() as group:
        async with anyio.create_task_group() as cancelled:
            cancelled.start_soon(steps.run, first)
            await first.begun.wait()
            cancelled.start_soon(ask, 0)
            group.start_soon(ask, 1)
            await anyio.wait_all_tasks_blocked()
            cancelled.cancel_scope.cancel()
            first.go_on.set()
        group.start_soon(ask, 2)
    assert outcomes == [1, 2]
