"""The server process killed with SIGKILL at each step of a run: nothing is lost, nothing is bought twice.

Ten chains of ten kills. Each chain is one wish, made again after every kill, as an agent does whose host
restarts the server; the moments are drawn by the chain's seed and told by what the API has seen, not by time.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import anyio.lowlevel
import pytest

from calling import Json
from wavespeed_mcp_server.sandbox import Fault, Sandbox

from .ledgers import ids, select, states
from .process import ServerProcess, environment, server

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a signal of POSIX")

# More than the pipe and the reader at its other end hold together, so that writing it cannot come to an end.
LONG_ANSWER = ["\N{CJK UNIFIED IDEOGRAPH-9577}" * 1500] * 100


@dataclass(frozen=True)
class Moment:
    """When to kill: once `at` has been seen `nth` times more.

    `fault` goes wrong meanwhile; `hold` keeps the request waiting, before its work or `after_work`, until the
    process is gone. The API then does its work all the same.
    """

    at: str
    nth: int = 1
    fault: str = ""
    hold: bool = True
    after_work: bool = False

    def prepare(self, sandbox: Sandbox) -> int:
        """Set the trap; returns the count of requests to wait for."""
        sandbox.faults.clear()
        if self.fault:
            sandbox.faults.append(Fault(at="submit", kind=self.fault, retry_after="30"))
        if self.hold:
            sandbox.hold(self.at, after_work=self.after_work)
        return sandbox.counts[self.at] + self.nth

    async def strike(self, sandbox: Sandbox, process: ServerProcess, count: int) -> None:
        """Wait for the moment, kill, and let the API go on."""
        await sandbox.seen(self.at, count)
        if self.after_work:
            await until(lambda: bool(sandbox.predictions))
        process.kill()
        await process.ended()
        sandbox.release(self.at)


# Each list is in the order in which a run comes by.
NOTHING_CREATED = [
    Moment("models"),
    Moment("upload_ticket"),
    Moment("upload_put"),
    Moment("upload_put", after_work=False, hold=False),
    Moment("price"),
    Moment("submit", fault="retry_after", hold=False),
    Moment("submit", fault="hang_before", hold=False),
]
CREATED = [
    Moment("submit"),
    Moment("submit", after_work=True),
    Moment("submit", fault="hang", hold=False),
    Moment("history", fault="drop_after"),
    Moment("history", fault="504"),
    Moment("poll"),
]
RUNNING = [Moment("poll"), *(Moment("poll", nth=n, hold=False) for n in (1, 2, 3, 7))]


async def until(condition: Callable[[], bool]) -> None:
    """Let the rest of this event loop go on until something is true."""
    with anyio.fail_after(10):
        while not condition():
            await anyio.lowlevel.checkpoint()


def drawn(seed: int) -> list[Moment]:
    """Nine moments in the order of a run: five before the task, one that makes it, three while it runs."""
    chance = random.Random(seed)
    early = sorted(chance.choices(NOTHING_CREATED, k=5), key=NOTHING_CREATED.index)
    return [*early, CREATED[seed % len(CREATED)], *chance.choices(RUNNING, k=3)]


def wish(directory: Path, picture: bytes) -> Json:
    """A call that goes through every step: a file to upload, a price to ask for, a task, a long answer."""
    (directory / "in").mkdir(exist_ok=True)
    path = directory / "in" / "cat.png"
    path.write_bytes(picture)
    given = {"images": [f"@{path}"], "prompt": "add a hat"}
    return {"model": "sandbox/edit", "input": given, "max_price": 1, "wait_seconds": 60}


async def killed_while_answering(
    sandbox: Sandbox, process: ServerProcess, prediction: str, call: Json
) -> None:
    """Kill it while it writes its answer: more than a pipe holds is on its way, of which little is read."""
    polls = sandbox.counts["poll"]
    await process.start("generate", call)
    await sandbox.seen("poll", polls + 1)
    if not sandbox.predictions[prediction].status:
        sandbox.finish(prediction)
    await process.some_output()
    process.kill()
    await process.ended()


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.ci) for seed in range(2, 10))])
async def test_a_wish_made_again_after_each_of_ten_kills_is_bought_once(
    sandbox: Sandbox, tmp_path: Path, picture: bytes, seed: int
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    sandbox.outputs_for = lambda _model, _inputs: list(LONG_ANSWER)
    call = wish(tmp_path, picture)
    settings, stderr = environment(sandbox.url, tmp_path), tmp_path / "stderr"
    for moment in drawn(seed):
        count = moment.prepare(sandbox)
        async with server(settings, stderr) as process:
            await process.start("generate", call)
            await moment.strike(sandbox, process, count)
    sandbox.faults.clear()
    (prediction,) = sandbox.predictions
    async with server(settings, stderr) as process:
        await killed_while_answering(sandbox, process, prediction, call)
    async with server(settings, stderr) as process:
        if seed % 2:
            open_ones = (await process.call("check_status"))["predictions"]
            assert [one["id"] for one in open_ones if one.get("id")] == [prediction]
        else:
            again = await process.call("generate", **call)
            assert (again["id"], again["status"]) == (prediction, "completed")
            assert "nothing was bought again" in again["next"]
    assert len(sandbox.predictions) == 1
    assert ids(tmp_path / "state") == [prediction]


@pytest.mark.parametrize("polls", [0, 5, 11])
async def test_a_batch_that_was_killed_is_shown_whole_and_picked_up_whole(
    sandbox: Sandbox, tmp_path: Path, polls: int
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    requests = [{"model": "sandbox/paint", "input": {"prompt": f"cat {number}"}} for number in range(8)]
    settings, stderr = environment(sandbox.url, tmp_path), tmp_path / "stderr"
    async with server(settings, stderr) as process:
        await process.start("generate_batch", {"requests": requests, "wait_seconds": 60})
        await sandbox.seen("submit", 8)
        await sandbox.seen("poll", polls)
        process.kill()
        await process.ended()
    # The server may have died between two submits of its own and their answers: the tasks are there.
    assert len(sandbox.submissions) == 8
    async with server(settings, stderr) as process:
        shown = (await process.call("check_status"))["predictions"]
        assert {one["id"] for one in shown if one.get("id")} == set(sandbox.predictions)
    for one in list(sandbox.predictions):
        sandbox.finish(one)
    async with server(settings, stderr) as process:
        again = await process.call("generate_batch", requests=requests, wait_seconds=20)
    assert again["completed"] == 8
    assert {one["id"] for one in again["predictions"]} == set(sandbox.predictions)
    assert len(sandbox.submissions) == 8


async def test_what_ended_while_no_server_ran_is_shown_by_the_next_one(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    settings, stderr = environment(sandbox.url, tmp_path), tmp_path / "stderr"
    async with server(settings, stderr) as process:
        await process.start("generate", {"model": "sandbox/paint", "input": {"prompt": "a cat"}})
        await sandbox.seen("poll")
    (prediction,) = sandbox.predictions
    sandbox.finish(prediction)
    async with server(settings, stderr) as process:
        (shown,) = (await process.call("check_status"))["predictions"]
        assert (shown["id"], shown["status"]) == (prediction, "completed")
        assert shown["outputs"]
        # Once listed, it is not news any more, and yet nobody has been told of it alone.
        await until(lambda: select(tmp_path / "state", "SELECT seen FROM shown") == [(0,)])
        assert (await process.call("check_status"))["predictions"] == []


async def test_a_call_that_its_host_cancels_goes_on_and_is_picked_up(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    call = {"model": "sandbox/paint", "input": {"prompt": "a cat"}, "wait_seconds": 60}
    async with server(environment(sandbox.url, tmp_path), tmp_path / "stderr") as process:
        request = await process.start("generate", call)
        await sandbox.seen("poll")
        await process.cancel(request)
        # The next call is answered after the notification was taken in.
        (shown,) = (await process.call("check_status"))["predictions"]
        (prediction,) = sandbox.predictions
        assert (shown["id"], states(tmp_path / "state")) == (prediction, ["submitted"])
        sandbox.finish(prediction)
        again = await process.call("generate", **call)
    assert again["id"] == prediction
    assert len(sandbox.submissions) == 1


async def test_two_equal_wishes_that_both_reached_their_caller_are_two_purchases(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    call = {"model": "sandbox/paint", "input": {"prompt": "a cat"}}
    async with server(environment(sandbox.url, tmp_path), tmp_path / "stderr") as process:
        first = await process.call("generate", **call)
        await until(lambda: select(tmp_path / "state", "SELECT delivered FROM tasks") == [(1,)])
        second = await process.call("generate", **call)
    assert first["id"] != second["id"]
    assert len(sandbox.predictions) == 2
