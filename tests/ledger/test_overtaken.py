"""Of a process that was out of touch with the database, others free what it had prepared and set aside."""

from __future__ import annotations

from pathlib import Path

import pytest

from wavespeed_mcp_server.ledger import OverBudget, Overtaken

from .conftest import POSTGRESQL
from .wishes import CAT, MODEL, callers

pytestmark = pytest.mark.usefixtures("shared_stores")
ON_POSTGRESQL = pytest.mark.parametrize("backend", [POSTGRESQL], indirect=True)


@ON_POSTGRESQL
async def test_what_another_replica_took_for_abandoned_is_not_sent(tmp_path: Path) -> None:
    async with callers(tmp_path, 2) as (slow, other):
        key = await slow.wish()
        assert isinstance(key, int)
        await other.store.run(lambda tx: tx.remove(key))
        with pytest.raises(Overtaken):
            await slow.ledger.attempt(key, CAT, MODEL, cost=1.0)
        assert await other.store.run(lambda tx: tx.row(key)) is None


async def test_what_was_set_aside_and_is_gone_is_taken_from_the_budget_anew(tmp_path: Path) -> None:
    async with callers(tmp_path, 2) as (slow, other):
        hold = await slow.ledger.hold(2.0, budget=3.0)
        await other.ledger.unhold(hold)
        await other.buy(cost=2.0)
        key = await slow.wish(again=True)
        assert isinstance(key, int)
        with pytest.raises(OverBudget):
            await slow.ledger.attempt(key, CAT, MODEL, cost=2.0, budget=3.0, hold=hold)
