"""What an answer says: runs told apart, what they cost, how long they take, and filters understood."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from mcp.client import Client

from calling import Json, call, refusal
from wavespeed_mcp_server.sandbox import Fault, Sandbox
from wavespeed_mcp_server.sandbox.account import Account

CAT = {"model": "sandbox/paint", "input": {"prompt": "a cat " + "on a roof " * 20, "seed": 1}}


def never_ending(sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None


async def rows_of(client: Client, tool: str) -> list[Json]:
    rows: list[Json] = (await call(client, tool))["predictions"]
    return rows


@pytest.mark.parametrize("tool", ["check_status", "list_predictions"])
async def test_rows_are_told_apart_by_their_time_and_the_beginning_of_their_prompt(
    client: Client, sandbox: Sandbox, tool: str
) -> None:
    never_ending(sandbox)
    await call(client, "generate", **CAT, wait_seconds=0)
    (row,) = await rows_of(client, tool)
    assert row["prompt"].startswith("a cat on a roof")
    assert len(row["prompt"]) == 80
    age = datetime.now(UTC) - datetime.fromisoformat(row["created_at"])
    assert timedelta(seconds=-2) < age < timedelta(minutes=5)


async def test_whatever_has_not_ended_is_processing(client: Client, sandbox: Sandbox) -> None:
    never_ending(sandbox)
    begun = await call(client, "generate", **CAT, wait_seconds=0)
    assert begun["status"] == "processing"
    assert begun["usually_seconds"] > 0
    for status in ("processing", "running", "PENDING", "in_progress"):
        found = await call(client, "list_predictions", status=status)
        assert [(row["id"], row["status"]) for row in found["predictions"]] == [(begun["id"], "processing")]
        assert found["total"] == 1


async def test_a_finished_run_says_what_it_costs_and_one_quote_serves_equal_prices(
    client: Client, sandbox: Sandbox
) -> None:
    first = await call(client, "generate", **CAT)
    second = await call(client, "generate", model="sandbox/paint", input={"prompt": "another"})
    assert first["price"] == second["price"] > 0
    assert sandbox.counts["price"] == 1
    dearer = await call(client, "generate", model="sandbox/paint", input={"prompt": "x", "num_images": 2})
    assert dearer["price"] > first["price"]
    assert sandbox.counts["price"] == 2


async def test_nobody_waits_for_a_price(client: Client, sandbox: Sandbox) -> None:
    sandbox.hold("price")
    done = await call(client, "generate", **CAT)
    assert done["status"] == "completed"
    assert "price" not in done
    sandbox.release("price")


async def test_a_run_that_this_ledger_does_not_know_says_what_it_was_charged(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.hold("price")
    done = await call(client, "generate", **CAT)
    (row,) = (await call(client, "check_status", ids=[done["id"]]))["predictions"]
    assert row["charged"] > 0
    sandbox.release("price")


async def test_a_batch_says_its_sum_and_varies_one_request(client: Client, sandbox: Sandbox) -> None:
    vary = {"seed": [1, 2], "prompt": ["a cat", "a dog"]}
    done = await call(client, "generate_batch", requests=[{"model": "sandbox/paint", "vary": vary}])
    assert done["total"] == done["completed"] == 4
    assert done["price"] == pytest.approx(sum(row["price"] for row in done["predictions"]))
    assert [row["prompt"] for row in done["predictions"]] == ["a cat", "a dog", "a cat", "a dog"]
    assert sorted(one.inputs["seed"] for one in sandbox.predictions.values()) == [1, 1, 2, 2]


async def test_more_runs_than_a_batch_takes_are_counted_before_anything_is_bought(
    client: Client, sandbox: Sandbox
) -> None:
    vary = {"seed": list(range(51)), "prompt": ["a cat", "a dog"]}
    text = await refusal(client, "generate_batch", requests=[{"model": "sandbox/paint", "vary": vary}])
    assert "102 runs" in text
    assert not sandbox.counts["submit"]


async def test_a_date_means_its_whole_day(client: Client) -> None:
    await call(client, "generate", **CAT)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for tool in ("list_predictions", "get_usage"):
        assert await call(client, tool, since=today, until=today)
    assert (await call(client, "list_predictions", since=today, until=today))["total"] >= 1
    assert (await call(client, "get_usage", since=today, until=today))["total_cost"] > 0


@pytest.mark.parametrize("status", ["done", "Succeeded", "completed"])
async def test_other_words_for_a_status_are_understood(client: Client, status: str) -> None:
    await call(client, "generate", **CAT)
    assert (await call(client, "list_predictions", status=status))["total"] == 1


async def test_one_id_is_a_list_of_one_and_today_is_a_day(client: Client) -> None:
    done = await call(client, "generate", **CAT)
    for tool in ("check_status", "get_usage", "download_outputs", "delete_predictions"):
        assert await call(client, tool, ids=done["id"])
    assert (await call(client, "list_predictions", since="yesterday", until="today"))["total"] == 0


async def test_a_model_is_shown_priced_and_run_by_the_end_of_its_id(client: Client) -> None:
    assert (await call(client, "get_model", model="paint"))["model_id"] == "sandbox/paint"
    assert (await call(client, "estimate_price", model="paint", input={}))["model"] == "sandbox/paint"
    made = await call(client, "generate", model="paint", input={"prompt": "x"})
    assert made["model"] == "sandbox/paint"
    assert "'paint' was taken as sandbox/paint" in made["next"]


async def test_a_status_that_is_none_is_refused_with_those_there_are(client: Client) -> None:
    text = await refusal(client, "list_predictions", status="complted")
    assert "Did you mean completed?" in text


@pytest.mark.parametrize("tool", ["list_predictions", "get_usage"])
async def test_a_shortened_model_id_is_understood_or_refused_with_the_closest(
    client: Client, tool: str
) -> None:
    await call(client, "generate", **CAT)
    found = await call(client, tool, model="paint")
    assert found.get("predictions") or found["total_cost"] > 0
    text = await refusal(client, tool, model="sandbox/pant")
    assert "sandbox/paint" in text


async def test_a_charge_that_is_not_booked_is_not_zero(client: Client, sandbox: Sandbox) -> None:
    known = (await call(client, "generate", **CAT))["id"]
    sandbox.account = Account(10.0)
    found = await call(client, "get_usage", ids=[known])
    assert found["unbooked"] == [known]
    assert found["charges"] == []
    assert "total_cost" not in found


async def test_a_run_that_nobody_watched_to_its_end_does_not_say_how_long_it_ran(
    client: Client, sandbox: Sandbox
) -> None:
    never_ending(sandbox)
    begun = await call(client, "generate", **CAT, wait_seconds=0)
    sandbox.finish(begun["id"])
    (row,) = (await call(client, "check_status", ids=[begun["id"]]))["predictions"]
    assert row["status"] == "completed"
    assert "elapsed_seconds" not in row
    assert "usually_seconds" not in row


async def test_a_run_refused_by_moderation_says_why_what_it_cost_and_is_left_to_the_person(
    client: Client, sandbox: Sandbox
) -> None:
    text = await refusal(
        client, "generate", model="sandbox/flaky", input={"prompt": "x", "outcome": "moderated"}
    )
    assert "content moderation (code 1200)" in text
    assert "The API's reason: " in text
    assert "not charged" in text
    assert "do not reword" in text
    assert sandbox.counts["submit"] == 1
    (row,) = (await call(client, "list_predictions"))["predictions"]
    assert "Tell the person" in row["error"]


@pytest.mark.parametrize("kind", ["400", "403", "500", "envelope_error"])
async def test_a_submit_refused_by_moderation_buys_nothing_and_is_left_to_the_person(
    client: Client, sandbox: Sandbox, kind: str
) -> None:
    sandbox.faults.append(Fault("submit", kind, code=1200, message="the prompt names a real person"))
    text = await refusal(client, "generate", **CAT)
    assert "content moderation (code 1200)" in text
    assert "The API's reason: the prompt names a real person." in text
    assert "Nothing was submitted, nothing is charged." in text
    assert "do not reword" in text
    assert (await call(client, "check_status"))["predictions"] == []
    assert sandbox.counts["submit"] == 1


async def test_what_moderation_refused_in_a_batch_is_not_to_be_sent_again(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.faults.append(Fault("submit", "400", code=1200, message="no", model="sandbox/write"))
    requests = [CAT, {"model": "sandbox/write", "input": {"prompt": "x"}}]
    done = await call(client, "generate_batch", requests=requests)
    assert [row["status"] for row in done["predictions"]] == ["completed", "not_submitted"]
    assert "do not reword" in done["predictions"][1]["error"]
    assert "next" not in done


SWEEP = {"model": "sandbox/paint", "input": {"prompt": "a cat"}}


async def test_the_rows_of_a_sweep_say_what_varied_in_them(client: Client, sandbox: Sandbox) -> None:
    sizes = ["512*512", "1024*1024"]
    vary = {"seed": [1, 2], "size": sizes}
    done = await call(client, "generate_batch", requests=[{**SWEEP, "vary": vary}])
    assert [row["vary"] for row in done["predictions"]] == [
        {"seed": seed, "size": size} for seed in (1, 2) for size in sizes
    ]
    listed = await rows_of(client, "list_predictions")
    assert {row["id"]: row["vary"] for row in listed} == {
        row["id"]: row["vary"] for row in done["predictions"]
    }


async def test_open_rows_that_look_alike_say_in_what_they_differ(client: Client, sandbox: Sandbox) -> None:
    never_ending(sandbox)
    requests = [{**SWEEP, "vary": {"seed": [1, 2]}}, {"model": "sandbox/paint", "input": {"prompt": "b"}}]
    await call(client, "generate_batch", requests=requests, wait_seconds=0)
    rows = await rows_of(client, "check_status")
    assert sorted(row.get("vary", {}).get("seed", 0) for row in rows) == [0, 1, 2]


async def test_long_values_are_told_apart_by_where_they_differ(client: Client, sandbox: Sandbox) -> None:
    common = "a studio photo of a shoe on a white table, soft light from the left, 85 mm lens, in "
    vary = {"prompt": [common + colour for colour in ("red", "green")]}
    done = await call(client, "generate_batch", requests=[{"model": "sandbox/paint", "vary": vary}])
    assert [row["vary"] for row in done["predictions"]] == [{"prompt": "…red"}, {"prompt": "…green"}]
