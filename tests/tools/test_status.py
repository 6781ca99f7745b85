"""What became of runs: by id, everything open, the history; and deleting."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from mcp.client import Client

from calling import Connect, Json, MakeSettings, call, refusal
from wavespeed_mcp_server.sandbox import Fault, Sandbox

UNKNOWN_ID = "sandbox0123456789abcdef"


async def start(client: Client, seed: int = 0) -> str:
    """A task that was started and not waited for."""
    given = {"prompt": "a cat", "seed": seed}
    begun = await call(client, "generate", model="sandbox/paint", input=given, wait_seconds=0)
    return str(begun["id"])


async def done(client: Client, seed: int = 0) -> Json:
    """A run to its end."""
    return await call(client, "generate", model="sandbox/paint", input={"prompt": "a cat", "seed": seed})


async def test_several_tasks_are_shown_together(client: Client, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    one, two, three = [await start(client, seed) for seed in range(3)]
    sandbox.finish(one)
    sandbox.fail(two, code=1200, message="flagged")
    found = await call(client, "check_status", ids=[one, two, three, one], wait_seconds=0)
    shown = {prediction["id"]: prediction for prediction in found["predictions"]}
    assert list(shown) == [one, two, three]
    assert shown[one]["outputs"]
    assert shown[two]["status"] == "failed"
    assert "flagged" in shown[two]["error"]
    assert shown[three]["status"] in {"created", "processing"}
    assert found["next"] == f'Still running: check_status with ids ["{three}"].'
    assert "next" not in shown[three]


async def test_a_status_with_ids_waits_until_all_have_ended(client: Client, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    one, two = await start(client, 1), await start(client, 2)
    async with anyio.create_task_group() as group:

        async def end() -> None:
            await sandbox.seen("poll", sandbox.counts["poll"] + 2)
            sandbox.finish(one)
            await sandbox.seen("poll", sandbox.counts["poll"] + 2)
            sandbox.finish(two)

        group.start_soon(end)
        found = await call(client, "check_status", ids=[one, two], wait_seconds=60)
    assert [prediction["status"] for prediction in found["predictions"]] == ["completed", "completed"]
    assert "next" not in found


async def test_an_unknown_id_is_not_found_and_spoils_nothing(client: Client) -> None:
    known = (await done(client))["id"]
    found = await call(client, "check_status", ids=[UNKNOWN_ID, known])
    first, second = found["predictions"]
    assert first["status"] == "not_found"
    assert "list_predictions" in first["error"]
    assert second["status"] == "completed"


async def test_without_ids_everything_unfinished_is_shown(client: Client, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    one, two = await start(client, 1), await start(client, 2)
    sandbox.finish(one)
    found = await call(client, "check_status")
    assert {prediction["id"] for prediction in found["predictions"]} == {one, two}
    again = await call(client, "check_status")
    assert [prediction["id"] for prediction in again["predictions"]] == [two]


async def test_without_ids_and_without_work_it_says_that_nothing_is_open(client: Client) -> None:
    await done(client)
    found = await call(client, "check_status")
    assert found["predictions"] == []
    assert "Nothing is open" in found["next"]


async def test_a_new_server_shows_what_an_earlier_one_left_running(
    connect: Connect, make_settings: MakeSettings, sandbox: Sandbox, mode: str
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    async with connect(make_settings(), mode) as client:
        one = await start(client)
    sandbox.finish(one)
    async with connect(make_settings(), mode) as client:
        found = await call(client, "check_status")
    assert [prediction["id"] for prediction in found["predictions"]] == [one]
    assert found["predictions"][0]["outputs"]


async def test_the_history_is_newest_first_and_paged(client: Client) -> None:
    ids = [(await done(client, seed))["id"] for seed in range(3)]
    first = await call(client, "list_predictions", limit=2)
    assert [prediction["id"] for prediction in first["predictions"]] == [ids[2], ids[1]]
    assert "page 2" in first["next"]
    second = await call(client, "list_predictions", limit=2, page=2)
    assert [prediction["id"] for prediction in second["predictions"]] == [ids[0]]
    assert "next" not in second


async def test_the_history_keeps_to_a_model_a_status_and_a_time(client: Client) -> None:
    await done(client)
    spoken = await call(client, "generate", model="sandbox/speak", input={"text": "hello"})
    await refusal(client, "generate", model="sandbox/flaky", input={"prompt": "x"})
    only = await call(client, "list_predictions", model="sandbox/speak")
    assert [prediction["id"] for prediction in only["predictions"]] == [spoken["id"]]
    failed = await call(client, "list_predictions", status="failed")
    assert [prediction["model"] for prediction in failed["predictions"]] == ["sandbox/flaky"]
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    assert len((await call(client, "list_predictions", since=yesterday))["predictions"]) == 3
    assert not (await call(client, "list_predictions", until=yesterday))["predictions"]


async def test_every_id_of_a_delete_is_told_about(client: Client, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, inputs: None if inputs["seed"] == 9 else 0.0
    ended, running = (await done(client))["id"], await start(client, 9)
    gone = await call(client, "delete_predictions", ids=[ended, running, ended, UNKNOWN_ID])
    assert gone["deleted"] == [ended]
    assert {one["id"]: one["reason"].split(";")[0] for one in gone["not_deleted"]} == {
        running: "still running",
        UNKNOWN_ID: "no such prediction on this account: give the whole id (runs are kept 7 days)",
    }
    assert set(sandbox.predictions) == {running}


@pytest.mark.parametrize("tool", ["check_status", "delete_predictions", "download_outputs"])
async def test_more_ids_than_a_call_takes_are_refused(client: Client, tool: str) -> None:
    text = await refusal(client, tool, ids=[f"sandbox{number:04}" for number in range(101)])
    assert "at most 100 items" in text


async def test_a_task_of_a_model_that_left_the_catalog_is_shown_all_the_same(
    connect: Connect, make_settings: MakeSettings, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with connect(make_settings()) as client:
        known = (await done(client))["id"]
    document = json.loads(sandbox.catalog)
    document["data"] = [one for one in document["data"] if one["model_id"] != "sandbox/paint"]
    sandbox.catalog = json.dumps(document).encode()
    async with connect(make_settings(state_dir=tmp_path / "another")) as client:
        found = await call(client, "check_status", ids=[known])
    assert found["predictions"][0]["outputs"]


async def test_a_look_never_waits_for_the_catalog(
    connect: Connect, make_settings: MakeSettings, sandbox: Sandbox, tmp_path: Path
) -> None:
    async with connect(make_settings()) as client:
        known = (await done(client))["id"]
    sandbox.hold("models")
    async with connect(make_settings(state_dir=tmp_path / "another")) as client:
        found = await call(client, "check_status", ids=[known], wait_seconds=0)
    sandbox.release("models")
    assert found["predictions"][0]["status"] == "completed"


async def test_a_deleted_task_is_told_once_and_then_left_alone(
    client: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    known = await start(client)
    sandbox.finish(known)
    assert (await call(client, "delete_predictions", ids=[known]))["deleted"] == [known]
    with sqlite3.connect(tmp_path / "state" / "ledger.sqlite3") as ledger:
        ledger.execute("UPDATE tasks SET attempted_at = attempted_at - 61")
    ledger.close()
    (shown,) = (await call(client, "check_status"))["predictions"]
    assert (shown["id"], shown["status"]) == (known, "not_found")
    assert (await call(client, "check_status"))["predictions"] == []


async def test_a_look_without_a_key_is_refused(connect: Connect, make_settings: MakeSettings) -> None:
    async with connect(make_settings(api_key="")) as client:
        text = await refusal(client, "check_status", ids=[UNKNOWN_ID])
    assert "WAVESPEED_API_KEY" in text


async def test_a_page_of_long_texts_takes_the_room_of_few(client: Client, sandbox: Sandbox) -> None:
    sandbox.outputs_for = lambda _model, _inputs: ["word " * 6000]
    for seed in range(30):
        await done(client, seed)
    found = await call(client, "list_predictions", limit=100)
    assert len(found["predictions"]) == 30
    assert all("download_outputs saves the whole text" in one["outputs"][0] for one in found["predictions"])
    assert len(json.dumps(found)) < 50_000
    (alone,) = (await call(client, "list_predictions", limit=1))["predictions"]
    assert len(alone["outputs"][0]) > 20_000


async def test_a_batch_of_long_texts_takes_the_room_of_few(client: Client, sandbox: Sandbox) -> None:
    sandbox.outputs_for = lambda _model, _inputs: ["word " * 6000]
    requests = [{"model": "sandbox/paint", "input": {"prompt": "a cat", "seed": n}} for n in range(20)]
    found = await call(client, "generate_batch", requests=requests, max_in_flight=20)
    assert found["completed"] == 20
    assert len(json.dumps(found)) < 50_000
    ids = [one["id"] for one in found["predictions"]]
    assert len(json.dumps(await call(client, "check_status", ids=ids))) < 50_000


async def test_without_ids_a_hundred_are_shown_and_the_rest_is_counted(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    for first in (0, 60):
        given = [{"prompt": "a cat", "seed": seed} for seed in range(first, first + 60)]
        requests = [{"model": "sandbox/paint", "input": one} for one in given]
        await call(client, "generate_batch", requests=requests, max_in_flight=60, wait_seconds=0)
    found = await call(client, "check_status")
    assert len(found["predictions"]) == 100
    assert "20 more are open" in found["next"]


async def test_one_404_does_not_hide_a_task_that_the_history_still_shows(
    client: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    known = await start(client)
    with sqlite3.connect(tmp_path / "state" / "ledger.sqlite3") as ledger:
        ledger.execute("UPDATE tasks SET attempted_at = attempted_at - 61")
    ledger.close()
    sandbox.faults.append(Fault(at="poll", kind="404", times=1))
    (shown,) = (await call(client, "check_status"))["predictions"]
    assert shown["status"] == "not_found"
    (shown,) = (await call(client, "check_status"))["predictions"]
    assert (shown["id"], shown["status"] in {"created", "processing"}) == (known, True)
