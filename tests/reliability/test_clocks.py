"""A machine's clock is set between a call and its repeat, on real processes: nothing is hidden or lost."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from calling import Json
from wavespeed_mcp_server.sandbox import Sandbox

from .ledgers import ids, states
from .process import environment, server
from .test_killed import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the processes are spoken to as on POSIX")
PAINT: Json = {"model": "sandbox/paint", "input": {"prompt": "a cat"}, "wait_seconds": 60}
DAY = 24 * 3600
MORE_STEPS = [
    ("0", "-600"),
    ("-90", "0"),
    ("11000", "0"),
    ("=86400", "0"),
    ("0", "=3"),
    ("0", f"{400 * DAY}"),
]
STEPS = [
    *(("0", "7200"), ("=0", "0"), (f"{30 * DAY}", "0")),
    *(pytest.param(*one, marks=pytest.mark.ci) for one in MORE_STEPS),
]


@pytest.mark.parametrize(("before", "after"), STEPS)
async def test_a_lost_submit_is_found_by_the_repeat(
    sandbox: Sandbox, tmp_path: Path, before: str, after: str
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    clock, stderr = tmp_path / "clock", tmp_path / "stderr"
    settings = environment(sandbox.url, tmp_path, STEPPED_CLOCK=str(clock))
    clock.write_text(before)
    sandbox.hold("submit", after_work=True)
    async with server(settings, stderr, module="reliability.stepped") as process:
        await process.start("generate", PAINT)
        await until(lambda: bool(sandbox.predictions))
        process.kill()
        await process.ended()
    sandbox.release("submit")
    (prediction,) = sandbox.predictions
    clock.write_text(after)
    async with server(settings, stderr, module="reliability.stepped") as process:
        (shown,) = (await process.call("check_status"))["predictions"]
        assert shown["id"] == prediction
        again = await process.call("generate", **PAINT | {"wait_seconds": 0})
        assert again["id"] == prediction
    assert len(sandbox.submissions) == 1


@pytest.mark.parametrize(("before", "after"), STEPS)
async def test_a_call_that_was_cut_off_is_followed_by_its_repeat(
    sandbox: Sandbox, tmp_path: Path, before: str, after: str
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    clock, stderr = tmp_path / "clock", tmp_path / "stderr"
    settings = environment(sandbox.url, tmp_path, STEPPED_CLOCK=str(clock))
    clock.write_text(before)
    async with server(settings, stderr, module="reliability.stepped") as process:
        request = await process.start("generate", PAINT)
        await sandbox.seen("poll")
        await until(lambda: states(tmp_path / "state") == ["submitted"])
        clock.write_text(after)
        await process.cancel(request)
        (prediction,) = sandbox.predictions
        sandbox.finish(prediction)
        assert (await process.call("generate", **PAINT))["id"] == prediction
        clock.write_text(before)
        other = await process.start("generate", PAINT | {"input": {"prompt": "a dog"}})
        await sandbox.seen("submit", 2)
        await until(lambda: len(ids(tmp_path / "state")) == 2)
        process.kill()
        await process.ended()
        assert other
    clock.write_text(after)
    async with server(settings, stderr, module="reliability.stepped") as process:
        open_ones = {one["id"] for one in (await process.call("check_status"))["predictions"]}
        assert set(sandbox.predictions) - {prediction} <= open_ones
        dog = await process.call("generate", **PAINT | {"input": {"prompt": "a dog"}, "wait_seconds": 0})
        assert dog["id"] in set(sandbox.predictions) - {prediction}
    assert len(sandbox.submissions) == 2


async def test_a_run_without_limits_on_a_machine_at_1970_counts_against_a_neighbours_budget(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    clock, stderr = tmp_path / "clock", tmp_path / "stderr"
    settings = environment(sandbox.url, tmp_path, STEPPED_CLOCK=str(clock))
    clock.write_text("=5000")
    async with server(settings, stderr, module="reliability.stepped") as process:
        await process.call("generate", **PAINT)
        clock.write_text("0")
        async with server(settings | {"WAVESPEED_DAILY_BUDGET": "0.03"}, stderr) as neighbour:
            dog = PAINT | {"input": {"prompt": "a dog"}}
            assert "WAVESPEED_DAILY_BUDGET" in await neighbour.refusal("generate", **dog)
    assert len(sandbox.submissions) == 1
