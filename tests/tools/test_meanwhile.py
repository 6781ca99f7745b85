"""While a call lasts: progress, cancelling, and many calls at once."""

from __future__ import annotations

import json

import anyio
import anyio.lowlevel
import pytest
from mcp.client import Client
from mcp.types import CallToolResult

from calling import Json, call, cut_off
from wavespeed_mcp_server.sandbox import Sandbox

PAINT = {"model": "sandbox/paint", "input": {"prompt": "a cat"}}


class Heard:
    """The progress messages of one call."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self.messages: list[str] = []
        self._enough: dict[int, anyio.Event] = {}

    async def __call__(self, progress: float, total: float | None, message: str | None) -> None:
        self.values.append(progress)
        self.messages.append(message or "")
        for count, event in self._enough.items():
            if len(self.messages) >= count:
                event.set()

    async def wait_for(self, count: int) -> None:
        """Until so many messages have come."""
        event = self._enough.setdefault(count, anyio.Event())
        if len(self.messages) >= count:
            event.set()
        await event.wait()


async def test_progress_comes_at_every_poll_with_the_id_in_its_first_message(
    client: Client, sandbox: Sandbox
) -> None:
    """A host that gives up on the call still has the id."""
    sandbox.run_seconds = lambda _model, _inputs: None
    heard = Heard()
    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:

            async def end() -> None:
                await heard.wait_for(4)
                (prediction,) = sandbox.predictions
                sandbox.finish(prediction)

            group.start_soon(end)
            result = await client.call_tool("generate", PAINT, progress_callback=heard)
    assert isinstance(result, CallToolResult)
    assert result.structured_content is not None
    prediction = result.structured_content["id"]
    assert prediction in heard.messages[0]
    assert all(prediction in message for message in heard.messages)
    # One for the submit, one for each poll.
    assert len(heard.messages) == sandbox.counts["poll"] + 1
    assert heard.values == sorted(set(heard.values))


async def test_the_first_message_comes_before_the_first_poll(client: Client, sandbox: Sandbox) -> None:
    sandbox.hold("poll")
    heard = Heard()
    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(wait_for_end, client, PAINT, heard)
            await sandbox.seen("poll")
            (prediction,) = sandbox.predictions
            assert prediction in heard.messages[0]
            sandbox.release("poll")


async def wait_for_end(client: Client, arguments: Json, heard: Heard) -> None:
    """A run to its end, in a task of its own."""
    await client.call_tool("generate", arguments, progress_callback=heard)


async def test_a_call_whose_host_does_not_want_progress_works(client: Client) -> None:
    assert (await call(client, "generate", **PAINT))["status"] == "completed"


def working() -> set[str]:
    """What runs in this process besides the stand-in's own requests, which uvicorn leaves without a name."""
    tasks = [task for task in anyio.get_running_tasks() if not (task.name or "Task-").startswith("Task-")]
    return {f"{task.id} {task.name}" for task in tasks}


@pytest.mark.parametrize("place", ["submit", "poll", "price"])
async def test_a_cancelled_call_frees_everything_at_once(
    client: Client, sandbox: Sandbox, place: str
) -> None:
    """The request under way is dropped, not waited for: the stand-in would hold it for ever."""
    await call(client, "list_models", limit=1)
    before = working()
    sandbox.run_seconds = lambda _model, _inputs: None
    sandbox.hold(place)
    arguments = {**PAINT, "max_price": 1} if place == "price" else PAINT
    with anyio.fail_after(30):
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "generate", arguments)
            await sandbox.seen(place, sandbox.counts[place] + 1)
            group.cancel_scope.cancel()
        while working() - before:
            await anyio.wait_all_tasks_blocked()
            await anyio.lowlevel.checkpoint()
    sandbox.release(place)
    assert (await call(client, "get_balance"))["currency"] == "USD"


async def test_a_task_whose_call_was_cancelled_goes_on_and_is_found(client: Client, sandbox: Sandbox) -> None:
    prediction = await cut_off(client, sandbox, **PAINT)
    found = await call(client, "check_status")
    assert [one["id"] for one in found["predictions"]] == [prediction]
    sandbox.finish(prediction)
    done = await call(client, "generate", **PAINT)
    assert done["id"] == prediction
    assert "nothing was bought again" in done["next"]
    assert sandbox.counts["submit"] == 1


async def test_a_hundred_runs_on_one_connection_are_submitted_at_once(
    client: Client, sandbox: Sandbox
) -> None:
    """None waits for another: all hundred submits are at the API before the first is answered."""
    await call(client, "list_models", limit=1)
    sandbox.hold("submit")
    results: list[Json] = []

    async def one(seed: int) -> None:
        given = {"prompt": "a cat", "seed": seed}
        results.append(await call(client, "generate", model="sandbox/paint", input=given))

    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            for seed in range(100):
                group.start_soon(one, seed)
            await sandbox.seen("submit", 100)
            sandbox.release("submit")
    assert {result["status"] for result in results} == {"completed"}
    assert len({result["id"] for result in results}) == 100


async def test_a_hundred_waiting_calls_do_not_keep_another_from_its_answer(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None

    async def one(seed: int) -> None:
        given = {"prompt": "a cat", "seed": seed}
        await client.call_tool("generate", {"model": "sandbox/paint", "input": given})

    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            for seed in range(100):
                group.start_soon(one, seed)
            await sandbox.seen("poll", 100)
            assert (await call(client, "get_balance"))["currency"] == "USD"
            group.cancel_scope.cancel()


async def test_a_result_is_the_same_facts_in_both_channels_for_every_tool(client: Client) -> None:
    made = await call(client, "generate", **PAINT)
    ids = [made["id"]]
    calls: list[tuple[str, Json]] = [
        ("list_models", {"limit": 2}),
        ("get_model", {"model": "sandbox/paint"}),
        ("estimate_price", PAINT),
        ("generate_batch", {"requests": [PAINT]}),
        ("check_status", {"ids": ids}),
        ("list_predictions", {}),
        ("download_outputs", {"ids": ids}),
        ("get_balance", {}),
        ("get_usage", {"ids": ids}),
        ("delete_predictions", {"ids": ids}),
    ]
    for tool, arguments in calls:
        result = await client.call_tool(tool, arguments)
        assert isinstance(result, CallToolResult)
        (block,) = result.content
        assert json.loads(block.text) == result.structured_content, tool  # type: ignore[union-attr]
