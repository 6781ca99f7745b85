"""Waiting for a task: no failed look ends it, and its end is seen."""

from __future__ import annotations

from collections import Counter

import anyio
import pytest

from wavespeed_mcp_server.api.client import WaveSpeed
from wavespeed_mcp_server.api.run_times import POLLERS, RunTimes
from wavespeed_mcp_server.api.schedule import LONGEST_GAP, Span
from wavespeed_mcp_server.api.waiting import CLOSELY, LOOKS_LEFT_OUT, Looks, Waiting, Watch
from wavespeed_mcp_server.sandbox import Fault, Sandbox

SOON = 600.0


async def begun(api: WaveSpeed, sandbox: Sandbox) -> Watch:
    """A task that ends only when the test says so."""
    sandbox.run_seconds = lambda _model, _inputs: None
    task = await api.submit("sandbox/paint", {"prompt": "a cat"})
    return Watch(task, anyio.current_time())


async def nothing(watch: Watch) -> None:
    """A report that nobody reads."""


FAILING = ["429", "500", "502", "503", "504", "html", "garbage", "empty", "drop_before", "drop_after", "404"]


@pytest.mark.parametrize("kind", [*FAILING, "truncated", "missing_fields", "unknown_status", "null_outputs"])
async def test_no_failed_look_ends_the_wait(api: WaveSpeed, sandbox: Sandbox, kind: str) -> None:
    watch = await begun(api, sandbox)
    # A model of short runs is looked at often.
    run_times = RunTimes()
    run_times.learn("sandbox/paint", Span.around(0.05))
    sandbox.faults.append(Fault("poll", kind, times=2))
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            group.start_soon(Waiting(api, run_times).until_ended, watch, anyio.current_time() + SOON, nothing)
            await sandbox.seen("poll", 3)
            sandbox.finish(watch.prediction.id)
    assert watch.prediction.status == "completed"
    assert watch.prediction.outputs
    assert watch.fault is None


async def test_a_key_that_was_revoked_ends_the_wait_with_the_reason(api: WaveSpeed, sandbox: Sandbox) -> None:
    watch = await begun(api, sandbox)
    sandbox.faults.append(Fault("poll", "401", times=None))
    with anyio.fail_after(60):
        await Waiting(api, RunTimes()).until_ended(watch, anyio.current_time() + SOON, nothing)
    assert not watch.prediction.ended
    assert "WAVESPEED_API_KEY" in str(watch.fault)


async def test_time_up_leaves_the_task_as_it_was_last_seen(api: WaveSpeed, sandbox: Sandbox) -> None:
    watch = await begun(api, sandbox)
    with anyio.fail_after(30):
        await Waiting(api, RunTimes()).until_ended(watch, anyio.current_time(), nothing)
    assert watch.prediction.id in sandbox.predictions
    assert not watch.prediction.ended


async def test_every_look_is_reported(api: WaveSpeed, sandbox: Sandbox) -> None:
    watch = await begun(api, sandbox)
    reported: list[str] = []

    async def report(watch: Watch) -> None:
        reported.append(watch.prediction.status)
        if len(reported) == 3:
            sandbox.finish(watch.prediction.id)

    with anyio.fail_after(30):
        await Waiting(api, RunTimes()).until_ended(watch, anyio.current_time() + SOON, report)
    assert reported[-1] == "completed"
    assert len(reported) == sandbox.counts["poll"]


async def test_how_long_a_model_takes_is_learned(api: WaveSpeed, sandbox: Sandbox) -> None:
    run_times = RunTimes()
    waiting = Waiting(api, run_times)
    assert run_times.usual("sandbox/paint") is None
    watch = await begun(api, sandbox)
    async with anyio.create_task_group() as group:
        group.start_soon(waiting.until_ended, watch, anyio.current_time() + SOON, nothing)
        await sandbox.seen("poll")
        sandbox.finish(watch.prediction.id)
    assert watch.seconds is not None
    assert run_times.usual("sandbox/paint") == watch.seconds


def polls_of(sandbox: Sandbox, watches: list[Watch]) -> list[int]:
    """How often each task was looked at."""
    seen = Counter(request.path.split("/")[-2] for request in sandbox.requests if request.at == "poll")
    return [seen[watch.prediction.id] for watch in watches]


async def test_of_many_first_runs_a_few_look_for_the_end_and_the_others_hear_of_it(
    api: WaveSpeed, sandbox: Sandbox
) -> None:
    waiting = Waiting(api, RunTimes())
    watches = [await begun(api, sandbox) for _ in range(20)]
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            for watch in watches:
                group.start_soon(waiting.until_ended, watch, anyio.current_time() + SOON, nothing)
            await sandbox.seen("poll", POLLERS)
            assert not any(polls_of(sandbox, watches)[POLLERS:])
            for watch in watches:
                sandbox.finish(watch.prediction.id)
    assert all(watch.prediction.status == "completed" for watch in watches)
    assert polls_of(sandbox, watches)[POLLERS:] == [1] * (len(watches) - POLLERS)
    # Only who looked before knows how long it took.
    assert any(watch.seconds for watch in watches[:POLLERS])
    assert all(watch.seconds is None for watch in watches[POLLERS:])


async def test_a_run_whose_pollers_were_given_up_is_seen_to_end_all_the_same(
    api: WaveSpeed, sandbox: Sandbox
) -> None:
    waiting = Waiting(api, RunTimes())
    watches = [await begun(api, sandbox) for _ in range(POLLERS + 1)]
    left = watches[-1]
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group, anyio.create_task_group() as given_up:
            for watch in watches[:-1]:
                given_up.start_soon(waiting.until_ended, watch, anyio.current_time() + SOON, nothing)
            await sandbox.seen("poll", POLLERS)
            group.start_soon(waiting.until_ended, left, anyio.current_time() + SOON, nothing)
            given_up.cancel_scope.cancel()
            sandbox.finish(left.prediction.id)
    assert left.prediction.status == "completed"


async def test_one_run_that_failed_tells_the_others_nothing(api: WaveSpeed, sandbox: Sandbox) -> None:
    run_times = RunTimes()
    waiting = Waiting(api, run_times)
    watches = [await begun(api, sandbox) for _ in range(POLLERS + 1)]
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            for watch in watches:
                group.start_soon(waiting.until_ended, watch, anyio.current_time() + SOON, nothing)
            await sandbox.seen("poll", POLLERS)
            sandbox.fail(watches[0].prediction.id)
            await sandbox.seen("poll", 2 * POLLERS)
            assert run_times.usual("sandbox/paint") is None
            for watch in watches[1:]:
                sandbox.finish(watch.prediction.id)
    assert [watch.prediction.status for watch in watches] == ["failed"] + ["completed"] * POLLERS


async def test_a_wait_too_short_for_hearing_of_an_end_looks_for_itself(
    api: WaveSpeed, sandbox: Sandbox
) -> None:
    waiting = Waiting(api, RunTimes())
    watches = [await begun(api, sandbox) for _ in range(POLLERS + 1)]
    sandbox.finish(watches[-1].prediction.id)
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            for watch in watches[:-1]:
                group.start_soon(waiting.until_ended, watch, anyio.current_time() + SOON, nothing)
            await sandbox.seen("poll")
            await waiting.until_ended(watches[-1], anyio.current_time() + LONGEST_GAP - 0.1, nothing)
            group.cancel_scope.cancel()
    assert watches[-1].prediction.status == "completed"


async def test_nothing_is_kept_of_first_runs_that_nobody_waits_for_any_more(
    api: WaveSpeed, sandbox: Sandbox
) -> None:
    run_times = RunTimes()
    waiting = Waiting(api, run_times)
    watches = [await begun(api, sandbox) for _ in range(POLLERS + 1)]
    async with anyio.create_task_group() as group:
        for watch in watches:
            group.start_soon(waiting.until_ended, watch, anyio.current_time() + SOON, nothing)
        await sandbox.seen("poll")
        assert run_times.first_runs
        group.cancel_scope.cancel()
    assert not run_times.first_runs


async def test_word_that_a_task_ended_is_looked_into_at_once(api: WaveSpeed, sandbox: Sandbox) -> None:
    watch = await begun(api, sandbox)
    watch.wake.promised = True
    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(
                Waiting(api, RunTimes()).until_ended, watch, anyio.current_time() + SOON, nothing
            )
            await anyio.wait_all_tasks_blocked()
            sandbox.finish(watch.prediction.id)
            watch.wake.ring()
    assert watch.prediction.status == "completed"
    assert sandbox.counts["poll"] == 1


async def test_word_that_came_before_the_wait_is_not_lost(api: WaveSpeed, sandbox: Sandbox) -> None:
    watch = await begun(api, sandbox)
    watch.wake.promised = True
    sandbox.finish(watch.prediction.id)
    watch.wake.ring()
    with anyio.fail_after(5):
        await Waiting(api, RunTimes()).until_ended(watch, anyio.current_time() + SOON, nothing)
    assert sandbox.counts["poll"] == 1


async def test_word_of_an_end_that_is_none_costs_a_few_looks_and_the_end_is_seen_all_the_same(
    api: WaveSpeed, sandbox: Sandbox
) -> None:
    watch = await begun(api, sandbox)
    watch.wake.promised = True
    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            group.start_soon(
                Waiting(api, RunTimes()).until_ended, watch, anyio.current_time() + SOON, nothing
            )
            for looks in (1, 1 + len(CLOSELY) + 1):
                watch.wake.ring()
                await sandbox.seen("poll", looks)
            sandbox.finish(watch.prediction.id)
    assert watch.prediction.status == "completed"


async def test_where_word_is_promised_one_look_in_ten_is_taken(api: WaveSpeed) -> None:
    """By the arithmetic of the waits themselves, for models known and not."""
    run_times = RunTimes()
    run_times.learn("known/model", Span.around(30.0))
    waiting = Waiting(api, run_times)
    for model in ("known/model", "new/model"):
        ordinary = looks_until(waiting, Looks(model, 0.0), 120.0)
        relying = looks_until(waiting, Looks(model, 0.0, relies=True), 120.0)
        assert relying == ordinary[LOOKS_LEFT_OUT - 1 :: LOOKS_LEFT_OUT], model
        assert relying, model


def looks_until(waiting: Waiting, looks: Looks, end: float) -> list[float]:
    """When a task is looked at that never ends, seconds after its submit."""
    found = []
    while (at := waiting.next_look(looks)) < end:
        looks.asked_at = at
        found.append(round(at, 6))
    return found
