"""Hosts that give up on a call, each in its own way, and make it again: real processes, one purchase."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

from wavespeed_mcp_server.runs.patience import HostPatience
from wavespeed_mcp_server.sandbox import Sandbox

from .ledgers import select
from .process import META, environment, program, server
from .test_killed import until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the processes are spoken to as on POSIX")
PAINT = {"model": "sandbox/paint", "input": {"prompt": "a cat"}, "wait_seconds": 60}


async def test_a_host_that_gives_up_without_a_word_and_repeats_follows_the_running_task(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    async with server(environment(sandbox.url, tmp_path), tmp_path / "stderr") as process:
        await process.start("generate", PAINT)
        await sandbox.seen("poll")
        await process.start("generate", PAINT)
        await sandbox.seen("poll", sandbox.counts["poll"] + 2)
        (prediction,) = sandbox.predictions
        followed = await process.call("generate", **PAINT | {"wait_seconds": 0})
        assert followed["id"] == prediction
        assert "nothing was bought again" in followed["next"] and "again: true" in followed["next"]
        other = await process.call("generate", **PAINT | {"wait_seconds": 0, "again": True})
    assert other["id"] != prediction
    assert len(sandbox.submissions) == 2


@pytest.mark.ci
@pytest.mark.parametrize("meta", [None, META], ids=["2025", "2026"])
async def test_a_host_that_always_gives_up_at_one_age_is_answered_before_it_from_the_third_call_on(
    sandbox: Sandbox, tmp_path: Path, meta: dict[str, Any] | None
) -> None:
    patience = 4.3
    sandbox.run_seconds = lambda _model, _inputs: None
    async with server(environment(sandbox.url, tmp_path), tmp_path / "stderr", meta=meta) as process:
        for _ in range(3):
            await process.start("generate", PAINT)
            await anyio.sleep(patience)
        answered = await process.call("generate", **PAINT)
        assert [answered["id"]] == list(sandbox.predictions)
        assert answered["status"] == "processing"
        assert "nothing was bought again" in answered["next"]
    assert len(sandbox.submissions) == 1


async def test_a_host_of_the_newer_era_that_gives_up_without_a_word_follows_too(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    async with server(environment(sandbox.url, tmp_path), tmp_path / "stderr", meta=META) as process:
        await process.start("generate", PAINT)
        await sandbox.seen("poll")
        followed = await process.call("generate", **PAINT | {"wait_seconds": 0})
        assert [followed["id"]] == list(sandbox.predictions)
    assert len(sandbox.submissions) == 1


async def test_a_command_that_was_interrupted_is_followed_by_the_next_and_again_buys_another(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    settings, said = environment(sandbox.url, tmp_path), tmp_path / "stderr"
    words = ["generate", "a cat", "--model", "sandbox/paint", "--json", "--timeout"]
    async with program([*words, "60"], settings, said) as first:
        await sandbox.seen("poll")
        first.send_signal(signal.SIGINT)
        await first.wait()
    async with program([*words, "0"], settings, said) as second:
        await second.wait()
    (prediction,) = sandbox.predictions
    async with program([*words, "0", "--again"], settings, said) as third:
        await third.wait()
    assert len(sandbox.submissions) == 2
    sandbox.finish(prediction)


@pytest.mark.parametrize("looks_first", [True, False])
async def test_after_a_change_of_the_key_an_open_task_of_the_account_is_followed(
    sandbox: Sandbox, tmp_path: Path, looks_first: bool
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    sandbox.key = None
    sandbox.accounts |= {"old-key-1234": sandbox.account, "new-key-1234": sandbox.account}
    stderr = tmp_path / "stderr"
    async with server(environment(sandbox.url, tmp_path, "old-key-1234"), stderr) as process:
        await process.start("generate", PAINT)
        await sandbox.seen("poll")
    (prediction,) = sandbox.predictions
    async with server(environment(sandbox.url, tmp_path, "new-key-1234"), stderr) as process:
        if looks_first:
            (shown,) = (await process.call("check_status"))["predictions"]
            assert shown["id"] == prediction
        assert (await process.call("generate", **PAINT | {"wait_seconds": 0}))["id"] == prediction
    async with server(environment(sandbox.url, tmp_path, "somebody-else"), stderr) as process:
        assert not looks_first or (await process.call("check_status"))["predictions"] == []
        assert (await process.call("generate", **PAINT | {"wait_seconds": 0}))["id"] != prediction
    assert len(sandbox.submissions) == 2


async def test_a_cancel_that_crosses_the_written_answer_takes_it_back(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    async with server(environment(sandbox.url, tmp_path), tmp_path / "stderr") as process:
        request = await process.start("generate", PAINT)
        answer = await process.answer(request)
        assert not answer["result"].get("isError")
        await until(lambda: select(tmp_path / "state", "SELECT seen FROM shown") == [(1,)])
        await process.cancel(request)
        again = await process.call("generate", **PAINT)
        assert [again["id"]] == list(sandbox.predictions)
        # That answer was read: the next equal call is another wish.
        await until(lambda: select(tmp_path / "state", "SELECT seen FROM shown") == [(1,)])
        assert (await process.call("generate", **PAINT))["id"] != again["id"]
    assert len(sandbox.submissions) == 2


async def test_what_another_hosts_agent_was_shown_is_not_seen(sandbox: Sandbox, tmp_path: Path) -> None:
    settings, stderr = environment(sandbox.url, tmp_path), tmp_path / "stderr"
    sandbox.run_seconds = lambda _model, _inputs: None
    async with server(settings, stderr) as process, server(settings, stderr) as other:
        request = await process.start("generate", PAINT)
        await sandbox.seen("poll")
        await process.cancel(request)
        (prediction,) = sandbox.predictions
        sandbox.finish(prediction)
        assert (await other.call("check_status", ids=[prediction]))["predictions"][0]["status"] == "completed"
        assert (await other.call("list_predictions"))["predictions"]
        assert (await process.call("generate", **PAINT))["id"] == prediction
    assert len(sandbox.submissions) == 1


async def test_a_batch_made_again_follows_what_it_bought_and_buys_the_rest(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    requests = [{"model": "sandbox/paint", "input": {"prompt": prompt}} for prompt in ("cat", "cat", "dog")]
    async with server(environment(sandbox.url, tmp_path), tmp_path / "stderr") as process:
        batch = {"requests": requests, "wait_seconds": 60}
        await process.start("generate_batch", batch)
        await sandbox.seen("poll", 3)
        first = set(sandbox.predictions)
        more = {"requests": [*requests, requests[0]], "wait_seconds": 0}
        again = await process.call("generate_batch", **more)
    assert len(first) == 3
    assert first < {one["id"] for one in again["predictions"]}
    assert len(sandbox.submissions) == 4


def test_a_host_that_gave_up_twice_at_about_one_age_is_answered_a_second_sooner() -> None:
    patience = HostPatience()
    patience.repeated("call 1", 5.3)
    assert patience.seconds is None
    patience.repeated("call 1", 5.3)
    assert patience.seconds is None
    patience.repeated("call 2", 5.0)
    assert patience.seconds == pytest.approx(4.0)


@pytest.mark.parametrize("ages", [(3.9, 3.9), (5.0, 9.0)])
def test_other_repeats_teach_nothing_about_the_host(ages: tuple[float, float]) -> None:
    patience = HostPatience()
    for number, age in enumerate(ages):
        patience.repeated(f"call {number}", age)
    assert patience.seconds is None
