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


SHOE = {"model": "sandbox/enlarge", "input": {"target_resolution": "2k"}}


@pytest.fixture
def pictures(tmp_path: Path, picture: bytes) -> Path:
    """A folder of three pictures, of which two are PNG by name, and a text."""
    folder = tmp_path / "in" / "Shoes"
    folder.mkdir(parents=True)
    for name in ("a 2.png", "a 10.PNG", "b.jpg", ".hidden.png"):
        (folder / name).write_bytes(picture + name.encode())
    (folder / "read me.txt").write_text("hello")
    return folder


@pytest.mark.parametrize(
    ("written", "runs"),
    [
        ("@{}/", 3),
        ("@{}", 3),
        (["@{}/"], 3),
        ("@{}/*.png", 2),
        (["@{}/b.jpg", "@{}/*.png"], 3),
        ('["@{}/"]', 3),
    ],
)
async def test_a_folder_in_vary_is_a_run_for_each_of_its_files(
    client: Client, sandbox: Sandbox, pictures: Path, written: Any, runs: int
) -> None:
    given = json.loads(json.dumps(written).replace("{}", str(pictures)))
    done = await call(client, "generate_batch", requests=[{**SHOE, "vary": {"image": given}}])
    assert (done["total"], done["completed"]) == (runs, runs)
    assert json.dumps(done).count(f"stands for {2 if '*' in json.dumps(written) else 3} image files") == 1
    assert len({dict(one.body or {})["image"] for one in sandbox.submissions}) == runs


async def test_a_pattern_is_a_list_of_files_and_a_hint_elsewhere(
    client: Client, sandbox: Sandbox, pictures: Path
) -> None:
    made = {"prompt": "x", "images": f"@{pictures}/*.PNG"}
    assert (await call(client, "generate", model="sandbox/edit", input=made))["status"] == "completed"
    assert len(dict(sandbox.submissions[0].body or {})["images"]) == 2
    for one in (f"@{pictures}/*.png", f"@{pictures}/"):
        refused = await refusal(client, "generate", model="sandbox/enlarge", input={"image": one})
        assert "vary of generate_batch" in refused
    none = {**SHOE, "vary": {"image": f"@{pictures}/*.gif"}}
    assert "no image files called *.gif" in await refusal(client, "generate_batch", requests=[none])
    assert sandbox.counts["submit"] == 1


@pytest.mark.parametrize(
    ("key", "written", "values"),
    [
        ("seed", "1,2,3", [1, 2, 3]),
        ("seed", "1, 2 and 3", [1, 2, 3]),
        ("seed", "1-3", [1, 2, 3]),
        ("seed", ["1 to 3"], [1, 2, 3]),
        ("seed", "-1", [-1]),
        ("num_images", "2 images", [2]),
        ("size", "1:1, 2:1", ["512*512", "736*368"]),
        ("prompt", "red, green", ["red, green"]),
    ],
)
async def test_several_values_may_stand_in_one_text_of_vary(
    client: Client, sandbox: Sandbox, key: str, written: Any, values: list[Any]
) -> None:
    request = {"model": "sandbox/paint", "input": {"prompt": "a cat"}, "vary": {key: written}}
    done = await call(client, "generate_batch", requests=[request])
    assert done["completed"] == len(values)
    assert sorted(str(dict(one.body or {})[key]) for one in sandbox.submissions) == sorted(map(str, values))


@pytest.mark.parametrize("written", ["all", ["All"], "Ada, Ben and Cleo"])
async def test_a_choice_may_be_varied_over_all_of_them(
    client: Client, sandbox: Sandbox, written: Any
) -> None:
    request = {"model": "sandbox/speak", "text": "hi", "vary": {"voice_id": written}}
    assert (await call(client, "generate_batch", requests=[request]))["completed"] == 3
    assert len({dict(one.body or {})["voice_id"] for one in sandbox.submissions}) == 3


async def test_what_may_be_no_list_is_refused_as_the_value_that_it_is(client: Client) -> None:
    for written in ("1-3000", "1,2,x", "9-1"):
        request = {"model": "sandbox/paint", "input": {"prompt": "x"}, "vary": {"seed": written}}
        assert "seed must be" in await refusal(client, "generate_batch", requests=[request])


async def test_several_values_where_one_is_wanted_lead_to_vary(client: Client) -> None:
    seeds = {"prompt": "a cat", "seed": [1, 2]}
    assert "vary of generate_batch" in await refusal(client, "generate", model="sandbox/paint", input=seeds)
    refused = await refusal(client, "generate", model="sandbox/paint", input={}, vary={"seed": [1, 2]})
    assert "generate_batch takes it" in refused


@pytest.mark.parametrize(
    "row",
    [
        {"model": "sandbox/paint", "prompt": "a cat", "size": "1024x512"},
        {"model_id": "sandbox/paint", "input": '{"prompt": "a cat", "size": "1024x512"}'},
        {"model": "sandbox/paint", "input": {"prompt": "a cat"}, "size": "1024x512"},
        '{"model": "sandbox/paint", "prompt": "a cat", "size": "1024*512"}',
        {"model": "paint", "prompt": "a cat", "vary": '{"size": ["1024x512"]}'},
    ],
)
async def test_a_request_may_be_flat_or_text(client: Client, sandbox: Sandbox, row: Any) -> None:
    for requests in ([row], row, json.dumps([row])):
        done = await call(client, "generate_batch", requests=requests)
        assert done["completed"] == 1
    assert all(dict(one.body or {})["size"] == "1024*512" for one in sandbox.submissions)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"model": "sandbox/paint", "promt": "a cat"}, "did you mean prompt?"),
        (
            {"model": "sandbox/paint", "prompt": "a cat", "agian": True},
            "a run is {model, input, vary, again}",
        ),
        ({"model": "sandbox/paint", "input": {"prompt": "a"}, "prompt": "b"}, "a run is {model, input"),
    ],
)
async def test_what_is_misspelled_in_a_flat_request_is_refused(
    client: Client, sandbox: Sandbox, row: Any, said: str
) -> None:
    assert said in await refusal(client, "generate_batch", requests=[row])
    assert sandbox.counts["submit"] == 0
