"""A submit whose answer was lost: its task is found in the history, or the agent is told how to look."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from mcp.client import Client

from calling import Json, ask, call, cut_off, refusal, text_of
from wavespeed_mcp_server.api.connection import Connection
from wavespeed_mcp_server.runs import recovery
from wavespeed_mcp_server.sandbox import Fault, Sandbox
from wavespeed_mcp_server.sandbox.account import paging
from wavespeed_mcp_server.sandbox.predictions import Prediction

from .ledgers import change, ids, states

MODEL = "sandbox/paint"
CAT = {"prompt": "a cat", "enable_sync_mode": False}
PAINT = {"model": MODEL, "input": {"prompt": "a cat"}, "wait_seconds": 20}


@pytest.fixture
def foreign(sandbox: Sandbox) -> Callable[..., Prediction]:
    """Makes a task that this machine did not ask for, as somebody else with the same key does."""

    def make(inputs: Json, model: str = MODEL) -> Prediction:
        known = sandbox.models[model]
        return sandbox.start(known, sent=inputs, inputs=inputs, price=0.0, webhook="")

    return make


def without_inputs(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A history that does not give inputs, whatever is asked."""
    from wavespeed_mcp_server.sandbox import listings

    def bare(sandbox: Sandbox, prediction: Prediction, _with_inputs: bool) -> Json:
        return prediction.shown(sandbox.url)

    monkeypatch.setattr(listings, "shown_in_history", bare)


async def lose(client: Client, sandbox: Sandbox, kind: str = "drop_after") -> str:
    """What a call says whose answer is lost while the history shows nothing new."""
    sandbox.history_lag = 3600.0
    sandbox.faults.append(Fault(at="submit", kind=kind))
    return await refusal(client, "generate", **PAINT)


async def test_the_one_match_is_adopted_as_if_nothing_had_happened(client: Client, sandbox: Sandbox) -> None:
    sandbox.faults.append(Fault(at="submit", kind="drop_after"))
    done = await call(client, "generate", **PAINT)
    assert done["status"] == "completed"
    assert [done["id"]] == list(sandbox.predictions)
    assert len(sandbox.submissions) == 1


async def test_tasks_of_others_with_other_inputs_are_not_adopted(
    client: Client, sandbox: Sandbox, foreign: Callable[..., Prediction], tmp_path: Path
) -> None:
    sandbox.faults.append(Fault(at="submit", kind="drop_before"))
    sandbox.hold("submit")
    text = await while_held(
        client, sandbox, lambda: [foreign({"prompt": "a dog"}), foreign({"prompt": "a cow", "seed": 1})]
    )
    assert "may exist" in text
    assert "shows no such task, which is no proof yet" in text
    assert (len(sandbox.submissions), states(tmp_path / "state")) == (1, ["unknown"])


async def test_the_own_task_is_found_among_those_of_others(
    client: Client, sandbox: Sandbox, foreign: Callable[..., Prediction], tmp_path: Path
) -> None:
    sandbox.faults.append(Fault(at="submit", kind="drop_after"))
    sandbox.hold("submit")
    text = await while_held(client, sandbox, lambda: [foreign({"prompt": "a dog"}) for _ in range(150)])
    (own,) = ids(tmp_path / "state")
    assert own == sandbox.submissions[0].prediction
    assert own in text


async def test_the_own_task_is_found_below_many_newer_ones(
    client: Client, sandbox: Sandbox, foreign: Callable[..., Prediction]
) -> None:
    await lose(client, sandbox)
    (own,) = sandbox.predictions
    for number in range(250):
        foreign({"prompt": f"{number}"})
    sandbox.history_lag = 0.0
    assert (await call(client, "generate", **PAINT))["id"] == own


async def test_a_page_shorter_than_asked_for_is_not_the_last(
    client: Client, sandbox: Sandbox, foreign: Callable[..., Prediction], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "wavespeed_mcp_server.sandbox.listings.paging",
        lambda query: (paging(query)[0], min(2, paging(query)[1])),
    )
    monkeypatch.setattr(recovery, "SETTLED_SECONDS", -5.0)
    await lose(client, sandbox)
    (own,) = sandbox.predictions
    for number in range(5):
        foreign({"prompt": f"{number}"})
    sandbox.history_lag = 0.0
    assert (await call(client, "generate", **PAINT))["id"] == own


async def test_a_history_that_is_not_newest_first_is_read_to_its_end(
    client: Client, sandbox: Sandbox, foreign: Callable[..., Prediction], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "wavespeed_mcp_server.sandbox.listings.paging",
        lambda query: (paging(query)[0], min(2, paging(query)[1])),
    )
    monkeypatch.setattr(recovery, "SETTLED_SECONDS", -5.0)
    await lose(client, sandbox)
    (own,) = sandbox.predictions
    # Made last, and shown first.
    for number in range(3):
        foreign({"prompt": f"{number}"}).created_ns -= (number + 60) * 1_000_000_000
    sandbox.history_lag = 0.0
    assert (await call(client, "generate", **PAINT))["id"] == own


async def test_while_the_apis_clock_is_not_known_a_history_proves_nothing(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "api_time", None)
    monkeypatch.setattr(recovery, "SETTLED_SECONDS", -5.0)
    sandbox.faults.append(Fault(at="submit", kind="drop_before"))
    await refusal(client, "generate", **PAINT)
    assert "again: true buys another" in await refusal(client, "generate", **PAINT)
    assert len(sandbox.submissions) == 1


async def test_of_two_candidates_none_is_adopted_and_both_are_named(
    client: Client, sandbox: Sandbox, foreign: Callable[..., Prediction], tmp_path: Path
) -> None:
    sandbox.faults.append(Fault(at="submit", kind="drop_after"))
    sandbox.hold("submit")
    text = await while_held(client, sandbox, lambda: [foreign(CAT)])
    assert "may exist and be charged; nothing was sent again" in text
    assert all(one in text for one in sandbox.predictions)
    assert (len(sandbox.submissions), ids(tmp_path / "state")) == (1, [])


async def test_a_repeat_with_two_candidates_names_them_until_another_is_asked_for(
    client: Client, sandbox: Sandbox, foreign: Callable[..., Prediction]
) -> None:
    sandbox.faults.append(Fault(at="submit", kind="drop_after"))
    sandbox.hold("submit")
    await while_held(client, sandbox, lambda: [foreign(CAT)])
    for _ in range(2):
        text = await refusal(client, "generate", **PAINT)
        assert all(one in text for one in sandbox.predictions)
        assert "again: true buys another" in text
    assert len(sandbox.submissions) == 1
    assert (await call(client, "generate", **PAINT, again=True))["status"] == "completed"
    assert len(sandbox.submissions) == 2


async def test_without_inputs_in_the_history_the_only_new_task_of_the_model_is_adopted(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, foreign: Callable[..., Prediction]
) -> None:
    without_inputs(sandbox, monkeypatch)
    sandbox.faults.append(Fault(at="submit", kind="drop_after"))
    sandbox.hold("submit")
    text = await while_held(client, sandbox, lambda: [foreign({"prompt": "a dog"}, "sandbox/write")])
    own = sandbox.submissions[0].prediction
    assert own is not None
    assert own in text
    assert '"status":"completed"' in text


async def test_without_inputs_in_the_history_two_new_tasks_of_the_model_are_only_named(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, foreign: Callable[..., Prediction]
) -> None:
    without_inputs(sandbox, monkeypatch)
    sandbox.faults.append(Fault(at="submit", kind="drop_after"))
    sandbox.hold("submit")
    text = await while_held(client, sandbox, lambda: [foreign({"prompt": "a dog"})])
    assert "may exist" in text
    assert all(one in text for one in sandbox.predictions)


async def test_an_older_task_with_equal_inputs_is_not_adopted(
    client: Client, sandbox: Sandbox, foreign: Callable[..., Prediction], tmp_path: Path
) -> None:
    older = foreign(CAT)
    older.created_ns -= 60_000_000_000
    sandbox.faults.append(Fault(at="submit", kind="drop_before"))
    assert "may exist" in await refusal(client, "generate", **PAINT)
    assert ids(tmp_path / "state") == []


async def test_defaults_that_the_api_filled_in_compare_equal(client: Client, sandbox: Sandbox) -> None:
    sandbox.history_fills_defaults = True
    sandbox.faults.append(Fault(at="submit", kind="drop_after"))
    assert (await call(client, "generate", **PAINT))["status"] == "completed"
    assert len(sandbox.predictions) == 1


@pytest.mark.parametrize("hours", [-7, -1, 1, 7])
async def test_the_clock_of_the_api_may_be_hours_off(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, hours: int
) -> None:
    """Everything the API says about time is shifted: its `Date` header and the creation times."""
    shift_clock(monkeypatch, hours)
    older = await call(client, "generate", **PAINT)
    change(tmp_path / "state", "DELETE FROM tasks")
    sandbox.predictions[older["id"]].created_ns -= 30_000_000_000
    sandbox.faults.append(Fault(at="submit", kind="drop_after"))
    done = await call(client, "generate", **PAINT)
    assert done["id"] != older["id"]
    assert len(sandbox.predictions) == 2


async def test_a_history_that_lags_is_asked_again(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.history_lag = 3600.0
    sandbox.faults.append(Fault(at="submit", kind="drop_after"))
    monkeypatch.setattr(recovery, "LOOK_PAUSES", (0.01,) * 500)
    async with anyio.create_task_group() as group:

        async def catch_up() -> None:
            await sandbox.seen("history", 3)
            sandbox.history_lag = 0.0

        group.start_soon(catch_up)
        done = await call(client, "generate", **PAINT)
    assert done["status"] == "completed"
    assert len(sandbox.submissions) == 1


async def test_a_history_that_is_down_for_a_while_is_asked_again(client: Client, sandbox: Sandbox) -> None:
    sandbox.faults += [Fault(at="submit", kind="drop_after"), Fault(at="history", kind="503", times=7)]
    assert (await call(client, "generate", **PAINT))["status"] == "completed"
    assert len(sandbox.submissions) == 1


async def test_nothing_found_says_that_it_may_exist_and_the_repeat_looks_first(
    client: Client, sandbox: Sandbox, tmp_path: Path
) -> None:
    text = await lose(client, sandbox)
    assert "The task may exist and be charged; nothing was sent again." in text
    assert "check_status without ids" in text
    assert (len(sandbox.submissions), states(tmp_path / "state")) == (1, ["unknown"])
    sandbox.history_lag = 0.0
    done = await call(client, "generate", **PAINT)
    assert "nothing was bought again" in done["next"]
    assert [done["id"]] == list(sandbox.predictions)
    assert len(sandbox.submissions) == 1


@pytest.mark.parametrize("filled", [False, True])
async def test_check_status_without_ids_finds_it_later(
    client: Client, sandbox: Sandbox, filled: bool
) -> None:
    sandbox.history_fills_defaults = filled
    await lose(client, sandbox)
    (shown,) = (await call(client, "check_status"))["predictions"]
    assert shown["status"] == "unknown"
    sandbox.history_lag = 0.0
    (shown,) = (await call(client, "check_status"))["predictions"]
    assert [shown["id"]] == list(sandbox.predictions)


async def test_a_repeat_whose_earlier_task_is_proved_never_to_have_been_buys_anew_and_says_so(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.faults.append(Fault(at="submit", kind="drop_before"))
    await refusal(client, "generate", **PAINT)
    assert "no proof yet" in await refusal(client, "generate", **PAINT)
    assert len(sandbox.submissions) == 1
    monkeypatch.setattr(recovery, "SETTLED_SECONDS", -5.0)
    done = await call(client, "generate", **PAINT)
    assert "submitted anew" in done["next"]
    assert (len(sandbox.submissions), len(sandbox.predictions)) == (2, 1)
    # The purchase settles the lost one: nobody hears of it again.
    sandbox.history_lag = 3600.0
    assert "submitted anew" not in (await call(client, "generate", **PAINT)).get("next", "")
    assert len(sandbox.submissions) == 3


@pytest.mark.parametrize("refusal_of_history", ["403", "404", "401"])
async def test_a_history_that_refuses_proves_nothing(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, refusal_of_history: str
) -> None:
    monkeypatch.setattr(recovery, "SETTLED_SECONDS", -5.0)
    await lose(client, sandbox, "drop_before")
    sandbox.faults.append(Fault(at="history", kind=refusal_of_history, times=None))
    assert "again: true buys another" in await refusal(client, "generate", **PAINT)
    assert len(sandbox.submissions) == 1


@pytest.mark.parametrize("pages", [1, 2])
async def test_a_history_with_more_pages_than_are_read_proves_nothing(
    client: Client,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    foreign: Callable[..., Prediction],
    pages: int,
) -> None:
    monkeypatch.setattr(recovery, "SETTLED_SECONDS", -5.0)
    monkeypatch.setattr(recovery, "MAX_PAGES", pages)
    sandbox.faults.append(Fault(at="submit", kind="drop_before"))
    await refusal(client, "generate", **PAINT)
    for number in range(100 * pages):
        foreign({"prompt": f"{number}"})
    assert "again: true buys another" in await refusal(client, "generate", **PAINT)
    assert len(sandbox.submissions) == 1


async def test_what_the_api_filled_in_or_drew_is_named_and_not_bought_again(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from wavespeed_mcp_server.sandbox import listings

    shown = listings.shown_in_history

    def rewritten(sandbox: Sandbox, prediction: Prediction, with_inputs: bool) -> Any:
        item = shown(sandbox, prediction, with_inputs)
        inputs = {"prompt": "  a cat\n", "seed": 99, "size": "1024*1024", "steps": 28}
        return {**item, "inputs": inputs, "input": inputs}

    monkeypatch.setattr(listings, "shown_in_history", rewritten)
    monkeypatch.setattr(recovery, "SETTLED_SECONDS", -5.0)
    sandbox.faults.append(Fault(at="submit", kind="drop_after"))
    for _ in range(2):
        text = await refusal(client, "generate", **PAINT)
        (task,) = sandbox.predictions
        assert task in text
    assert len(sandbox.submissions) == 1


async def test_a_repeat_does_not_buy_while_the_history_cannot_be_read(
    client: Client, sandbox: Sandbox
) -> None:
    sandbox.faults += [Fault(at="submit", kind="drop_after"), Fault(at="history", kind="502", times=None)]
    await refusal(client, "generate", **PAINT)
    text = await refusal(client, "generate", **PAINT)
    assert "502" in text
    assert "nothing was sent again" in text
    assert len(sandbox.submissions) == 1
    sandbox.faults.clear()
    done = await call(client, "generate", **PAINT)
    assert [done["id"]] == list(sandbox.predictions)


async def test_a_repeat_does_not_buy_while_the_history_stays_silent(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "LOOK_SECONDS", 0.2)
    sandbox.faults += [Fault(at="submit", kind="drop_after"), Fault(at="history", kind="hang", times=None)]
    await refusal(client, "generate", **PAINT)
    text = await refusal(client, "generate", **PAINT)
    assert "gave no answer in time" in text
    assert "nothing was sent again" in text
    assert len(sandbox.submissions) == 1


async def test_a_repeat_that_was_refused_leaves_the_lost_task_to_the_next(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The history lags for longer than it is believed to, and the purchase in its place does not happen."""
    await lose(client, sandbox)
    sandbox.faults.append(Fault(at="submit", kind="402"))
    monkeypatch.setattr(recovery, "SETTLED_SECONDS", -5.0)
    assert "credit" in await refusal(client, "generate", **PAINT)
    sandbox.history_lag = 0.0
    done = await call(client, "generate", **PAINT)
    assert "nothing was bought again" in done["next"]
    assert [done["id"]] == list(sandbox.predictions)


async def test_a_repeat_waits_for_another_run_that_is_just_being_sent_where_inputs_are_not_shown(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task in the history may be that run's, whose answer tells; then it is the lost one's."""
    without_inputs(sandbox, monkeypatch)
    monkeypatch.setattr(recovery, "LOOK_PAUSES", (0.01,) * 500)
    monkeypatch.setattr(recovery, "SETTLED_SECONDS", -5.0)
    await lose(client, sandbox)
    (lost,) = sandbox.predictions
    sandbox.history_lag = 0.0
    sandbox.hold("submit")
    picked_up: list[str] = []

    async def repeat() -> None:
        picked_up.append((await call(client, "generate", **PAINT))["id"])

    async with anyio.create_task_group() as group:
        group.start_soon(partial(client.call_tool, "generate", PAINT | {"input": {"prompt": "a dog"}}))
        await sandbox.seen("submit", 2)
        group.start_soon(repeat)
        await sandbox.seen("history", sandbox.counts["history"] + 3)
        sandbox.release("submit")
    assert picked_up == [lost]
    assert len(sandbox.predictions) == 2


async def test_another_run_with_other_inputs_that_is_just_being_sent_keeps_nobody_waiting(
    client: Client, sandbox: Sandbox
) -> None:
    await lose(client, sandbox)
    (lost,) = sandbox.predictions
    sandbox.history_lag = 0.0
    sandbox.hold("submit")
    async with anyio.create_task_group() as group:
        group.start_soon(partial(client.call_tool, "generate", PAINT | {"input": {"prompt": "a dog"}}))
        await sandbox.seen("submit", 2)
        assert (await call(client, "generate", **PAINT))["id"] == lost
        sandbox.release("submit")
    assert len(sandbox.predictions) == 2


async def test_without_inputs_in_the_history_no_lost_run_takes_what_may_be_another_ones(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_inputs(sandbox, monkeypatch)
    await lose(client, sandbox, "drop_before")
    sandbox.faults.append(Fault(at="submit", kind="drop_after"))
    dog = PAINT | {"input": {"prompt": "a dog"}}
    await refusal(client, "generate", **dog)
    (task,) = sandbox.predictions
    sandbox.history_lag = 0.0
    assert task in await refusal(client, "generate", **PAINT)
    assert len(sandbox.predictions) == 1


async def test_a_repeat_does_not_buy_when_the_history_falls_silent_after_a_look(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "LOOK_SECONDS", 1.0)
    monkeypatch.setattr(recovery, "LOOK_PAUSES", (0.01,) * 5)
    await lose(client, sandbox)
    sandbox.faults.append(Fault(at="history", kind="hang", times=None, after=1))
    assert "gave no answer in time" in await refusal(client, "generate", **PAINT)
    assert len(sandbox.submissions) == 1


async def test_a_young_task_that_neither_result_nor_history_shows_yet_is_not_bought_again(
    client: Client, sandbox: Sandbox
) -> None:
    prediction = await cut_off(client, sandbox, **PAINT)
    sandbox.finish(prediction)
    sandbox.history_lag = 3600.0
    sandbox.faults.append(Fault(at="poll", kind="404"))
    assert (await call(client, "generate", **PAINT))["id"] == prediction
    assert len(sandbox.submissions) == 1


async def test_every_request_of_a_batch_hears_of_its_own_candidates(client: Client, sandbox: Sandbox) -> None:
    requests = [{"model": MODEL, "input": {"prompt": prompt}} for prompt in ("cat", "cat", "dog", "dog")]
    batch = {"requests": requests, "wait_seconds": 20}
    sandbox.hold("submit", after_work=True)
    async with anyio.create_task_group() as group:
        group.start_soon(partial(client.call_tool, "generate_batch", batch))
        await sandbox.seen("submit", 4)
        while len(sandbox.predictions) < 4:
            await anyio.lowlevel.checkpoint()
        group.cancel_scope.cancel()
    sandbox.release("submit")
    told = (await call(client, "generate_batch", **batch))["predictions"]
    assert [one["status"] for one in told] == ["unknown"] * 4
    assert all(any(task in one["error"] for one in told) for task in sandbox.predictions)
    assert len(sandbox.submissions) == 4


async def test_a_lost_one_in_a_batch_is_looked_for_by_its_repeat(client: Client, sandbox: Sandbox) -> None:
    sandbox.history_lag = 3600.0
    sandbox.faults.append(Fault(at="submit", kind="drop_after", when=lambda one: b"cat 2" in one.body))
    requests = [{"model": MODEL, "input": {"prompt": f"cat {number}"}} for number in range(4)]
    done = await call(client, "generate_batch", requests=requests, wait_seconds=20)
    assert [one["status"] for one in done["predictions"]] == [
        "completed",
        "completed",
        "unknown",
        "completed",
    ]
    sandbox.history_lag = 0.0
    again = await call(client, "generate", **requests[2], wait_seconds=20)
    assert "nothing was bought again" in again["next"]
    assert len(sandbox.submissions) == 4


async def test_a_rival_being_sent_keeps_the_match_for_itself(
    client: Client, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two equal wishes side by side, the first one's answer lost before anything was created."""
    monkeypatch.setattr(recovery, "LOOK_PAUSES", (0.01,) * 500)
    sandbox.faults.append(Fault(at="submit", kind="drop_before"))
    answers: list[str] = []

    async def wish() -> None:
        answers.append(text_of(await ask(client, "generate", **PAINT)))

    async with anyio.create_task_group() as group:
        group.start_soon(wish)
        await sandbox.seen("history")
        sandbox.hold("submit", after_work=True)
        group.start_soon(wish)
        # The rival's task exists now, its answer is on the way; the loser looks some more times.
        await sandbox.seen("submit", 2)
        await sandbox.seen("history", sandbox.counts["history"] + 3)
        assert ids(tmp_path / "state") == []
        sandbox.release("submit")
        await sandbox.seen("poll")
        # Let the loser's search come to its end.
        monkeypatch.setattr(recovery, "SETTLED_SECONDS", -5.0)
    assert len(sandbox.predictions) == 1
    assert sorted("may exist" in text for text in answers) == [False, True]
    assert ids(tmp_path / "state") == list(sandbox.predictions)


async def test_a_picked_up_id_that_is_not_found_once_is_not_bought_again(
    client: Client, sandbox: Sandbox
) -> None:
    prediction = await cut_off(client, sandbox, **PAINT)
    sandbox.finish(prediction)
    sandbox.faults.append(Fault(at="poll", kind="404"))
    assert (await call(client, "generate", **PAINT))["id"] == prediction
    assert len(sandbox.submissions) == 1


async def while_held(client: Client, sandbox: Sandbox, others: Callable[[], Any]) -> str:
    """What `generate` says when others make tasks while its submit is on the way."""
    said: list[str] = []

    async def wish() -> None:
        said.append(text_of(await ask(client, "generate", **PAINT)))

    async with anyio.create_task_group() as group:
        group.start_soon(wish)
        await sandbox.seen("submit")
        others()
        sandbox.release("submit")
    return said[0]


def shift_clock(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    """The API lives `hours` ahead of this machine."""
    from wavespeed_mcp_server.api.answer import Answer
    from wavespeed_mcp_server.api.transport import Transport
    from wavespeed_mcp_server.sandbox import predictions

    ahead = hours * 3600
    printed = predictions.printed_time
    monkeypatch.setattr(predictions, "printed_time", lambda ns: printed(ns + ahead * 1_000_000_000))
    send = Transport.send

    async def shifted(transport: Transport, request: Any, seconds: float) -> Any:
        answer = await send(transport, request, seconds)
        date = format_datetime(datetime.fromtimestamp(time.time() + ahead, UTC), usegmt=True)
        others = [field for field in answer.fields if field[0].lower() != b"date"]
        return Answer(answer.status, [*others, (b"date", date.encode())], answer.body)

    monkeypatch.setattr(Transport, "send", shifted)


HOLLOW: list[Json] = [
    {},
    {"items": None},
    {"items": {}},
    {"items": [], "total": 3},
    {"items": "none"},
    {"items": [None]},
    {"page": 1, "predictions": []},
]


@pytest.mark.parametrize("page", HOLLOW, ids=str)
async def test_a_history_without_a_list_or_with_less_than_it_counts_proves_nothing(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, page: Json
) -> None:
    from wavespeed_mcp_server.sandbox.wire import Answer, Call, success

    async def hollow(_sandbox: Sandbox, _call: Call) -> Answer:
        return success(page)

    monkeypatch.setattr(recovery, "SETTLED_SECONDS", -5.0)
    await lose(client, sandbox)
    sandbox.answers["history"] = hollow
    text = await refusal(client, "generate", **PAINT)
    assert "may exist" in text and "again: true" in text
    assert len(sandbox.submissions) == 1
