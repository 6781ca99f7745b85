"""Rule 6 of the ledger: what counts against a budget, and at how much."""

from __future__ import annotations

from pathlib import Path

import pytest

from wavespeed_mcp_server.ledger import ConsentSpent, Ledger, OverBudget, Scope
from wavespeed_mcp_server.ledger.budget import charges

from .conftest import EVERY_STORE
from .wishes import CAT, MODEL, callers

pytestmark = [pytest.mark.usefixtures("shared_stores"), EVERY_STORE]


def test_the_lines_of_a_prediction_add_up_and_a_refund_is_taken_off() -> None:
    lines = [
        ("a", "deduct", 1.5),
        ("a", "deduct", -0.1),
        ("b", "", 0.5),
        ("b", "refund", 0.5),
        ("c", "refund", 0.2),
        ("d", "gift", 7.0),
        ("", "deduct", 9.0),
    ]
    assert charges(lines) == {"a": pytest.approx(1.6), "b": 0.0}


@pytest.mark.parametrize(("state", "counts"), [("completed", 0.5), ("deleted", 0.5), ("failed", 0.0)])
async def test_a_task_counts_until_the_api_gives_its_money_back(
    tmp_path: Path, state: str, counts: float
) -> None:
    async with callers(tmp_path, 1) as (me,):
        key = await me.buy(cost=0.5)
        assert await me.ledger.spent() == 0.5
        await me.end(key, state)
        assert await me.ledger.spent() == counts


async def test_a_run_counts_at_its_charge_else_its_quote_else_the_catalogs_price(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        key = await me.buy(cost=0.5)
        await me.ledger.billed([("", "deduct", 9.0)])
        assert await me.ledger.spent() == 0.5
        await me.ledger.attempt(key, CAT, MODEL, cost=0.5, quoted=False)
        await me.ledger.submitted(key, "task-1")
        await me.ledger.quoted(key, 0.7)
        await me.ledger.quoted(key, 0.9)
        assert await me.ledger.spent() == 0.7
        await me.ledger.billed([("task-1", "deduct", 1.5), ("task-1", "deduct", 0.1)])
        assert await me.ledger.spent() == pytest.approx(1.6)


async def test_a_budget_is_shared_under_every_name_of_an_api(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        await me.buy(cost=0.5)
        other = Ledger(me.store, Scope("http://other", "b", ("https://api.example.com",)), me.clock)
        assert await other.spent() == 0.5
        with pytest.raises(OverBudget):
            await other.hold(0.6, 1.0)


async def test_a_run_whose_answer_first_told_the_time_counts_whatever_this_machines_clock_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with callers(tmp_path, 1) as (me,):
        monkeypatch.setattr("wavespeed_mcp_server.ledger.account_rows.time", lambda: 5000.0)
        me.clock.known = False
        key = await me.wish()
        assert isinstance(key, int)
        await me.ledger.attempt(key, CAT, MODEL, cost=0.5)
        me.clock.known = True
        assert await me.ledger.spent() == 0.0
        await me.ledger.submitted(key, "task-1", 2.0)
        assert await me.ledger.spent() == 0.5


async def test_a_yes_is_spent_with_the_attempt_and_not_without_it(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        first, second, third = [await me.wish(me.call(later=0.1)) for _ in range(3)]
        assert isinstance(first, int) and isinstance(second, int) and isinstance(third, int)
        with pytest.raises(OverBudget):
            await me.ledger.attempt(first, CAT, MODEL, cost=5.0, budget=1.0, consent="yes")
        await me.ledger.attempt(second, CAT, MODEL, cost=0.5, budget=1.0, consent="yes")
        with pytest.raises(ConsentSpent):
            await me.ledger.attempt(third, CAT, MODEL, cost=0.1, budget=1.0, consent="yes")
        assert await me.ledger.spent() == 0.5
