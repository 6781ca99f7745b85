"""Waiting for a task: no failed look ends it, and its end is seen."""

from __future__ import annotations

import anyio
import pytest

from wavespeed_mcp_server.api.client import WaveSpeed
from wavespeed_mcp_server.api.waiting import Waiting, Watch
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
    sandbox.faults.append(Fault("poll", kind, times=2))
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            group.start_soon(Waiting(api).until_ended, watch, anyio.current_time() + SOON, nothing)
            await sandbox.seen("poll", 3)
            sandbox.finish(watch.prediction.id)
    assert watch.prediction.status == "completed"
    assert watch.prediction.outputs
    assert watch.fault is None


async def test_a_key_that_was_revoked_ends_the_wait_with_the_reason(api: WaveSpeed, sandbox: Sandbox) -> None:
    watch = await begun(api, sandbox)
    sandbox.faults.append(Fault("poll", "401", times=None))
    with anyio.fail_after(60):
        await Waiting(api).until_ended(watch, anyio.current_time() + SOON, nothing)
    assert not watch.prediction.ended
    assert "WAVESPEED_API_KEY" in str(watch.fault)


async def test_time_up_leaves_the_task_as_it_was_last_seen(api: WaveSpeed, sandbox: Sandbox) -> None:
    watch = await begun(api, sandbox)
    with anyio.fail_after(30):
        await Waiting(api).until_ended(watch, anyio.current_time(), nothing)
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
        await Waiting(api).until_ended(watch, anyio.current_time() + SOON, report)
    assert reported[-1] == "completed"
    assert len(reported) == sandbox.counts["poll"]


async def test_how_long_a_model_takes_is_learned(api: WaveSpeed, sandbox: Sandbox) -> None:
    waiting = Waiting(api)
    assert waiting.usual("sandbox/paint") is None
    watch = await begun(api, sandbox)
    async with anyio.create_task_group() as group:
        group.start_soon(waiting.until_ended, watch, anyio.current_time() + SOON, nothing)
        await sandbox.seen("poll")
        sandbox.finish(watch.prediction.id)
    assert watch.seconds is not None
    assert waiting.usual("sandbox/paint") == watch.seconds
