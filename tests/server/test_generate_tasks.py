from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from mcp import MCPError
from mcp.client import Client
from mcp.types import INVALID_PARAMS, METHOD_NOT_FOUND, CallToolResult

from calling import Connect, MakeSettings, call, refusal, text_of
from wavespeed_mcp_server.sandbox import Sandbox
from wavespeed_mcp_server.sandbox.faults import Fault
from wavespeed_mcp_server.server.task_extension import LIFETIME_MS, TASKS
from wavespeed_mcp_server.settings import Settings

from .asking import KnowsTasks, Promise, look, promised, send, start

IMAGE = "sandbox/paint"
INPUT = {"prompt": "a lighthouse"}


@pytest.fixture
def slow(sandbox: Sandbox) -> Sandbox:
    """Tasks that end only when told to."""
    sandbox.run_seconds = lambda _model, _inputs: None
    return sandbox


@pytest.fixture
async def knowing(connect: Connect, settings: Settings) -> AsyncIterator[Client]:
    """A client that declares the extension."""
    async with connect(settings, extensions=[KnowsTasks()]) as client:
        yield client


async def test_a_run_is_answered_at_once_by_a_task_that_has_the_predictions_id(
    slow: Sandbox, knowing: Client
) -> None:
    task = await promised(knowing, model=IMAGE, input=INPUT)
    assert task.status == "working"
    assert list(slow.predictions) == [task.task_id]
    assert (task.ttl_ms, task.poll_interval_ms) == (LIFETIME_MS, 2000)


async def test_a_task_works_until_its_run_ends_and_then_has_what_generate_would_have_answered(
    slow: Sandbox, knowing: Client
) -> None:
    task = await promised(knowing, model=IMAGE, input=INPUT)
    working = await look(knowing, task.task_id)
    assert working["status"] == "working" and "result" not in working
    assert working["createdAt"] == task.created_at
    slow.finish(task.task_id)
    ended = await look(knowing, task.task_id)
    result = CallToolResult.model_validate(ended["result"])
    assert ended["status"] == "completed" and not result.is_error
    assert result.structured_content is not None
    assert result.structured_content["id"] == task.task_id
    assert result.structured_content["outputs"]
    assert json.loads(text_of(result)) == result.structured_content


async def test_a_failed_run_is_a_completed_task_with_generates_error(slow: Sandbox, knowing: Client) -> None:
    task = await promised(knowing, model=IMAGE, input=INPUT)
    slow.fail(task.task_id, code=1200, message="not allowed")
    ended = await look(knowing, task.task_id)
    result = CallToolResult.model_validate(ended["result"])
    assert ended["status"] == "completed" and result.is_error
    assert task.task_id in text_of(result) and "content moderation" in text_of(result)


async def test_another_process_without_the_ledger_answers_for_a_task(
    slow: Sandbox, knowing: Client, connect: Connect, make_settings: MakeSettings, tmp_path: Path
) -> None:
    task = await promised(knowing, model=IMAGE, input=INPUT)
    elsewhere = make_settings(state_dir=tmp_path / "elsewhere")
    async with connect(elsewhere, extensions=[KnowsTasks()]) as other:
        assert (await look(other, task.task_id))["status"] == "working"
        slow.finish(task.task_id)
        assert (await look(other, task.task_id))["result"]["structuredContent"]["outputs"]


async def test_the_end_of_a_task_shown_is_not_told_again_as_open(slow: Sandbox, knowing: Client) -> None:
    task = await promised(knowing, model=IMAGE, input=INPUT)
    assert (await call(knowing, "check_status"))["predictions"][0]["id"] == task.task_id
    slow.finish(task.task_id)
    await look(knowing, task.task_id)
    assert (await call(knowing, "check_status"))["predictions"] == []


async def test_an_equal_request_after_a_task_follows_it_until_its_end_was_told(
    slow: Sandbox, knowing: Client
) -> None:
    """Only `tasks/get` tells an end: what acknowledges an update or a cancel tells nothing."""
    first = await promised(knowing, model=IMAGE, input=INPUT)
    assert (await promised(knowing, model=IMAGE, input=INPUT)).task_id == first.task_id
    other = await promised(knowing, model=IMAGE, input=INPUT, again=True)
    assert other.task_id != first.task_id


async def test_a_client_that_does_not_know_tasks_gets_none(
    slow: Sandbox, connect: Connect, make_settings: MakeSettings, mode: str
) -> None:
    async with connect(make_settings(wait_seconds=0.0), mode) as client:
        assert (await call(client, "generate", model=IMAGE, input=INPUT))["status"] != "completed"


async def test_an_agent_that_says_how_long_to_wait_gets_a_plain_answer(
    slow: Sandbox, knowing: Client
) -> None:
    answer = await start(knowing, model=IMAGE, input=INPUT, wait_seconds=0)
    assert isinstance(answer, CallToolResult)
    assert answer.structured_content is not None and "check_status" in answer.structured_content["next"]


async def test_what_is_refused_before_the_submit_is_no_task(slow: Sandbox, knowing: Client) -> None:
    assert "promt" in await refusal(knowing, "generate", model=IMAGE, input={"promt": "a lighthouse"})
    assert "max_price" in await refusal(knowing, "generate", model=IMAGE, input=INPUT, max_price=0)
    assert not slow.submissions


async def test_switched_off_the_extension_is_neither_told_of_nor_served(
    slow: Sandbox, connect: Connect, make_settings: MakeSettings
) -> None:
    settings = make_settings(tasks=False, wait_seconds=0.0)
    async with connect(settings, extensions=[KnowsTasks()]) as client:
        assert TASKS not in (client.server_capabilities.extensions or {})
        assert isinstance(await start(client, model=IMAGE, input=INPUT), CallToolResult)
        with pytest.raises(MCPError) as refused:
            await look(client, "a" * 32)
        assert refused.value.error.code == METHOD_NOT_FOUND


async def test_switched_on_the_extension_is_told_of(knowing: Client) -> None:
    assert TASKS in (knowing.server_capabilities.extensions or {})


@pytest.mark.parametrize("task_id", ["0123456789abcdef0123456789abcdef", "../balance", ""])
@pytest.mark.parametrize("method", ["tasks/get", "tasks/cancel", "tasks/update"])
async def test_an_unknown_task_is_a_wrong_parameter(knowing: Client, method: str, task_id: str) -> None:
    more: dict[str, Any] = {"inputResponses": {}} if method == "tasks/update" else {}
    with pytest.raises(MCPError) as refused:
        await send(knowing, method, taskId=task_id, **more)
    assert refused.value.error.code == INVALID_PARAMS


@pytest.mark.parametrize("kind", ["500", "429", "drop_before", "html_502", "garbage"])
async def test_a_look_that_fails_leaves_the_task_working(slow: Sandbox, knowing: Client, kind: str) -> None:
    task = await promised(knowing, model=IMAGE, input=INPUT)
    slow.finish(task.task_id)
    fault = Fault(at="poll", kind=kind, times=None)
    slow.faults.append(fault)
    assert (await look(knowing, task.task_id))["status"] == "working"
    slow.faults.remove(fault)
    assert (await look(knowing, task.task_id))["status"] == "completed"


async def test_a_task_that_the_api_does_not_show_yet_is_working(slow: Sandbox, knowing: Client) -> None:
    task = await promised(knowing, model=IMAGE, input=INPUT)
    slow.faults.append(Fault(at="poll", kind="404"))
    assert (await look(knowing, task.task_id))["status"] == "working"


async def test_a_refused_key_is_an_error_and_not_a_failed_task(slow: Sandbox, knowing: Client) -> None:
    task = await promised(knowing, model=IMAGE, input=INPUT)
    slow.faults.append(Fault(at="poll", kind="401"))
    with pytest.raises(MCPError, match="WAVESPEED_API_KEY"):
        await look(knowing, task.task_id)
    assert (await look(knowing, task.task_id))["status"] == "working"


async def test_cancelling_is_acknowledged_and_the_run_goes_on(slow: Sandbox, knowing: Client) -> None:
    task = await promised(knowing, model=IMAGE, input=INPUT)
    acknowledged = await send(knowing, "tasks/cancel", taskId=task.task_id)
    assert "status" not in acknowledged and acknowledged["resultType"] == "complete"
    assert (await look(knowing, task.task_id))["status"] == "working"
    slow.finish(task.task_id)
    assert (await look(knowing, task.task_id))["status"] == "completed"


async def test_answers_to_a_run_that_asked_nothing_are_acknowledged(slow: Sandbox, knowing: Client) -> None:
    task = await promised(knowing, model=IMAGE, input=INPUT)
    acknowledged = await send(knowing, "tasks/update", taskId=task.task_id, inputResponses={"x": {}})
    assert "status" not in acknowledged


async def test_outputs_asked_to_be_saved_are_saved_once_and_told_each_time(
    slow: Sandbox, knowing: Client, tmp_path: Path
) -> None:
    task = await promised(knowing, model=IMAGE, input=INPUT, save=True)
    slow.finish(task.task_id)
    told = [(await look(knowing, task.task_id))["result"]["structuredContent"] for _ in range(2)]
    assert told[0] == told[1]
    assert [str(path) for path in (tmp_path / "out").glob("*.png")] == told[0]["saved"]


async def test_after_a_restart_a_task_has_its_urls_and_saves_nothing(
    slow: Sandbox, connect: Connect, settings: Settings, tmp_path: Path
) -> None:
    async with connect(settings, extensions=[KnowsTasks()]) as client:
        task = await promised(client, model=IMAGE, input=INPUT, save=True)
    slow.finish(task.task_id)
    async with connect(settings, extensions=[KnowsTasks()]) as client:
        told = (await look(client, task.task_id))["result"]["structuredContent"]
    assert told["outputs"] and "saved" not in told
    assert "download_outputs" in told["next"]
    assert not (tmp_path / "out").exists()


async def test_a_video_is_asked_about_less_often(slow: Sandbox, knowing: Client) -> None:
    models = await call(knowing, "list_models", type="text-to-video", limit=1)
    answer = await start(knowing, model=models["models"][0]["model_id"], input=INPUT)
    assert isinstance(answer, Promise)
    assert answer.poll_interval_ms == 5000
