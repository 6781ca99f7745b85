"""The account's money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from mcp.client import Client

from calling import Connect, MakeSettings, ask, call, refusal
from wavespeed_mcp_server.sandbox import Sandbox

PAINT = {"model": "sandbox/paint", "input": {"prompt": "a cat"}}


async def test_the_balance_goes_down_by_what_a_run_costs(client: Client) -> None:
    before = await call(client, "get_balance")
    assert before == {"balance": 10.0, "currency": "USD"}
    await call(client, "generate", **PAINT)
    assert (await call(client, "get_balance"))["balance"] == pytest.approx(10 - 0.018)


async def test_the_balance_says_what_is_left_of_the_daily_budget(
    connect: Connect, make_settings: MakeSettings
) -> None:
    async with connect(make_settings(daily_budget=0.05)) as client:
        for spent in (0.0, 0.018, 0.036):
            left = (await call(client, "get_balance"))["budget_left"]
            assert left == pytest.approx(0.05 - spent)
            await ask(client, "generate", model="sandbox/paint", input={"prompt": f"a cat {spent}"})


async def test_usage_sums_what_was_spent_by_model_and_day(client: Client) -> None:
    await call(client, "generate", **PAINT)
    await call(client, "generate", model="sandbox/speak", input={"text": "hello"})
    usage = await call(client, "get_usage")
    assert usage["total_cost"] == pytest.approx(0.018 + 0.01)
    assert usage["total_requests"] == 2
    assert {one["model"]: one["count"] for one in usage["models"]} == {"sandbox/paint": 1, "sandbox/speak": 1}
    assert sum(day["cost"] for day in usage["days"]) == pytest.approx(0.028)


async def test_usage_keeps_to_a_model_and_a_time(client: Client) -> None:
    await call(client, "generate", **PAINT)
    await call(client, "generate", model="sandbox/speak", input={"text": "hello"})
    only = await call(client, "get_usage", model="sandbox/speak")
    assert only["total_cost"] == pytest.approx(0.01)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    before = await call(client, "get_usage", until=yesterday.isoformat())
    assert before["total_cost"] == 0


async def test_usage_of_predictions_is_their_real_charge(client: Client) -> None:
    made = await call(client, "generate", **PAINT)
    usage = await call(client, "get_usage", ids=[made["id"]])
    assert usage["total_cost"] == pytest.approx(0.018)
    (charge,) = usage["charges"]
    assert (charge["id"], charge["model"]) == (made["id"], "sandbox/paint")


async def test_a_failed_run_is_given_back(client: Client, sandbox: Sandbox) -> None:
    await refusal(client, "generate", model="sandbox/flaky", input={"prompt": "x"})
    (prediction,) = sandbox.predictions
    usage = await call(client, "get_usage", ids=[prediction])
    assert usage["total_cost"] == pytest.approx(0)
    assert (await call(client, "get_balance"))["balance"] == pytest.approx(10.0)


@pytest.mark.parametrize(("since", "until"), [("2026-11-02", "2026-11-01"), ("2026-11-01", "2026-12-24")])
async def test_a_time_that_the_api_does_not_take_is_refused(client: Client, since: str, until: str) -> None:
    assert "at most 31 days" in await refusal(client, "get_usage", since=since, until=until)


async def test_an_account_without_a_top_up_is_told_so(client: Client, sandbox: Sandbox) -> None:
    sandbox.account_mode = "unactivated"
    assert "first top-up" in await refusal(client, "get_balance")


async def test_a_key_without_the_permission_is_told_so(client: Client, sandbox: Sandbox) -> None:
    sandbox.account_mode = "restricted"
    text = await refusal(client, "generate", **PAINT)
    assert "permission" in text
    assert "Nothing was submitted" in text


async def test_moments_at_the_ends_of_the_calendar_are_refused_in_words(client: Client) -> None:
    assert "is not an ISO date" in await refusal(client, "get_usage", since="0001-01-01T00:00+14:00")
    assert "is not an ISO date" in await refusal(client, "list_predictions", until="9999-12-31T23:59-14:00")
    assert "at most 31 days" in await refusal(client, "get_usage", until="0001-01-01")
