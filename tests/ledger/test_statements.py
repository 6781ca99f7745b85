"""What SQLite is asked for again is not planned again."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from .wishes import CAT, MODEL, Caller, callers


async def a_run(me: Caller, number: int) -> None:
    """Every step of a run from its wish to the answer."""
    rows = me.call()
    key = await me.wish(rows, CAT | {"seed": number})
    assert isinstance(key, int)
    await me.ledger.attempt(key, CAT, MODEL, cost=0.25)
    await me.ledger.submitted(key, f"task-{number}", 0.1)
    await me.ledger.quoted(key, 0.5)
    await me.ledger.ended(f"task-{number}", "completed", 3.0, urls=[f"https://example.com/{number}.png"])
    rows.ends.add(key)
    await rows.answered()


async def test_another_run_takes_no_new_plan(tmp_path: Path, connections: list[sqlite3.Connection]) -> None:
    planned: list[tuple[object, ...]] = []

    def plan(*what: object) -> int:
        planned.append(what)
        return sqlite3.SQLITE_OK

    async with callers(tmp_path, 1) as (me,):
        await a_run(me, 1)
        connections[-1].set_authorizer(plan)
        # Setting it makes every statement be planned once more.
        await a_run(me, 2)
        assert planned
        planned.clear()
        await a_run(me, 3)
        assert planned == []
