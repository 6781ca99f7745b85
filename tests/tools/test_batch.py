"""Many runs in one call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client import Client

from calling import Connect, Json, MakeSettings, ask, call, refusal, text_of
from wavespeed_mcp_server.sandbox import Fault, Sandbox


def wishes(count: int) -> list[Json]:
    """So many different requests."""
    return [{"model": "sandbox/paint", "input": {"prompt": "a cat", "seed": seed}} for seed in range(count)]


async def test_a_batch_counts_what_became_of_its_runs(client: Client, sandbox: Sandbox) -> None:
    requests = [
        *wishes(2),
        {"model": "sandbox/write", "input": {"prompt": "hello"}},
        {"model": "sandbox/flaky", "input": {"prompt": "x", "outcome": "crashed"}},
    ]
    result = await ask(client, "generate_batch", requests=requests)
    done = result.structured_content
    assert done is not None
    assert not result.is_error
    assert json.loads(text_of(result)) == done
    assert {key: done[key] for key in ("total", "completed", "failed", "processing")} == {
        "total": 4,
        "completed": 3,
        "failed": 1,
        "processing": 0,
    }
    statuses = [one["status"] for one in done["predictions"]]
    assert statuses == ["completed", "completed", "completed", "failed"]
    assert "5000" in done["predictions"][3]["error"]
    assert sandbox.counts["submit"] == 4


async def test_outcomes_come_in_the_order_of_their_requests(client: Client, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, inputs: 0.2 - inputs["seed"] * 0.04
    done = await call(client, "generate_batch", requests=wishes(5))
    by_id = {one.prediction: one.body for one in sandbox.submissions}
    seeds = [by_id[one["id"]]["seed"] for one in done["predictions"]]
    assert seeds == [0, 1, 2, 3, 4]


async def test_what_was_put_into_another_notation_is_told_once(client: Client, sandbox: Sandbox) -> None:
    requests = [
        {"model": "sandbox/paint", "input": {"prompt": "a cat", "size": "1536x1024", "seed": seed}}
        for seed in range(3)
    ]
    result = await ask(client, "generate_batch", requests=requests)
    assert text_of(result).count("own notation") == 1
    assert {dict(one.body or {})["size"] for one in sandbox.submissions} == {"1536*1024"}


async def test_one_wrong_request_refuses_the_whole_batch(client: Client, sandbox: Sandbox) -> None:
    requests = [*wishes(3), {"model": "sandbox/paint", "input": {"promt": "x"}}]
    text = await refusal(client, "generate_batch", requests=requests)
    assert "did you mean prompt" in text
    assert "Nothing was submitted" in text
    assert sandbox.counts["submit"] == 0


def peak(sandbox: Sandbox) -> int:
    """How many tasks were in flight at once: created, and their end not yet told to the client."""
    moments = []
    for one in sandbox.predictions.values():
        assert one.seen_ended_at is not None
        moments += [(one.created_at, 1), (one.seen_ended_at, -1)]
    running = most = 0
    for _, step in sorted(moments):
        running += step
        most = max(most, running)
    return most


@pytest.mark.parametrize("at_once", [1, 3])
async def test_no_more_tasks_than_asked_for_are_in_flight(
    client: Client, sandbox: Sandbox, at_once: int
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: 0.05
    done = await call(client, "generate_batch", requests=wishes(7), max_in_flight=at_once)
    assert done["completed"] == 7
    assert peak(sandbox) == at_once


async def test_the_setting_holds_where_the_call_names_no_number(
    connect: Connect, make_settings: MakeSettings, sandbox: Sandbox, mode: str
) -> None:
    sandbox.run_seconds = lambda _model, _inputs: 0.05
    async with connect(make_settings(max_in_flight=2), mode) as client:
        assert (await call(client, "generate_batch", requests=wishes(6)))["completed"] == 6
    assert peak(sandbox) == 2


async def test_what_found_no_slot_in_time_was_not_bought(client: Client, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    done = await call(client, "generate_batch", requests=wishes(5), max_in_flight=2, wait_seconds=0)
    assert done["processing"] == 2
    assert done["completed"] == done["failed"] == 0
    statuses = [one["status"] for one in done["predictions"]]
    assert statuses.count("not_submitted") == 3
    assert sandbox.counts["submit"] == 2
    assert "check_status" in done["next"]
    assert "3 not_submitted" in done["next"]
    running = [one["id"] for one in done["predictions"] if "id" in one]
    assert set(running) == set(sandbox.predictions)
    assert "2 still running: check_status without ids" in done["next"]


async def test_sending_again_what_was_not_submitted_buys_only_that(client: Client, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    first = await call(client, "generate_batch", requests=wishes(3), max_in_flight=1, wait_seconds=0)
    left = [
        wish
        for wish, one in zip(wishes(3), first["predictions"], strict=True)
        if one["status"] == "not_submitted"
    ]
    sandbox.run_seconds = lambda _model, _inputs: 0.0
    second = await call(client, "generate_batch", requests=left)
    assert second["completed"] == 2
    seeds = [one.body["seed"] for one in sandbox.submissions if isinstance(one.body, dict)]
    assert sorted(seeds) == [0, 1, 2]


async def test_max_price_is_for_all_of_it(client: Client, sandbox: Sandbox) -> None:
    text = await refusal(client, "generate_batch", requests=wishes(3), max_price=0.05)
    assert "$0.054" in text
    assert "Nothing was submitted" in text
    assert sandbox.counts["submit"] == 0
    done = await call(client, "generate_batch", requests=wishes(3), max_price=0.054)
    assert done["completed"] == 3
    assert sum(one["price"] for one in done["predictions"]) == pytest.approx(0.054)


async def test_a_batch_saves_every_output(client: Client) -> None:
    done = await call(client, "generate_batch", requests=wishes(3), save=True)
    paths = [path for one in done["predictions"] for path in one["saved"]]
    assert len(set(paths)) == 3


async def test_one_refused_submit_does_not_spoil_the_others(client: Client, sandbox: Sandbox) -> None:
    sandbox.faults.append(Fault("submit", "403", after=1))
    done = await call(client, "generate_batch", requests=wishes(3), max_in_flight=1)
    assert [one["status"] for one in done["predictions"]] == ["completed", "not_submitted", "completed"]
    assert "403" in done["predictions"][1]["error"]


async def test_a_batch_tells_how_far_it_is(client: Client, sandbox: Sandbox) -> None:
    told: list[tuple[float, str]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message or ""))

    with anyio.fail_after(30):
        await client.call_tool("generate_batch", {"requests": wishes(3)}, progress_callback=hear)
    values = [progress for progress, _ in told]
    assert values == sorted(set(values))
    assert any("of 3 done" in message for _, message in told)


async def test_equal_requests_side_by_side_are_separate_purchases(client: Client, sandbox: Sandbox) -> None:
    """People ask for variations."""
    same: list[dict[str, Any]] = [{"model": "sandbox/paint", "input": {"prompt": "a cat"}}] * 3
    done = await call(client, "generate_batch", requests=same)
    assert len({one["id"] for one in done["predictions"]}) == 3


async def test_progress_rises_while_several_requests_upload(
    client: Client, tmp_path: Path, picture: bytes
) -> None:
    told: list[float] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append(progress)

    requests = []
    for number in range(3):
        (tmp_path / "in" / f"{number}.png").write_bytes(picture)
        given = {"prompt": "x", "images": [f"@{tmp_path / 'in' / f'{number}.png'}"]}
        requests.append({"model": "sandbox/edit", "input": given})
    await client.call_tool("generate_batch", {"requests": requests}, progress_callback=hear)
    assert told == sorted(set(told))
