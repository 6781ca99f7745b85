"""A ledger that the first release wrote is taken over as it is, also while it goes on writing."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from wavespeed_mcp_server.ledger import Asked, Buy, Follow, fingerprint
from wavespeed_mcp_server.ledger.sqlite_schema import TABLES

from .wishes import CAT, MODEL, SCOPE, Caller, callers

# What the first release did, word for word.
INSERT = (
    "INSERT INTO tasks (origin, account, fingerprint, model, inputs, state, attempted_at, owner,"
    " cost, quoted) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SUBMITTED = "UPDATE tasks SET id = ?, state = 'submitted' WHERE key = ?"
OPEN = "SELECT id FROM tasks WHERE state IN ('attempt', 'submitted', 'unknown') OR delivered = 0 ORDER BY key"
PICKED_UP = (
    "SELECT key FROM tasks WHERE account = ? AND fingerprint = ? AND delivered = 0"
    " AND state IN ('attempt', 'submitted', 'unknown')"
)
REMEMBER = "INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?, ?, ?)"
BODY = {**CAT, "enable_sync_mode": False}


class FirstRelease:
    """A server of the first release on the same file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(exist_ok=True)
        self.db = sqlite3.connect(path, isolation_level=None, timeout=10)
        self.db.execute("PRAGMA journal_mode=WAL")
        for statement in TABLES.split(";")[:3]:
            self.db.execute(statement)
        self.db.execute("PRAGMA user_version=1")

    def buy(self, owner: str | None, at: float, prediction: str = "old-1") -> int:
        """A task with an id."""
        values = (SCOPE.origin, SCOPE.account, fingerprint(MODEL, BODY), MODEL, json.dumps(BODY))
        cursor = self.db.execute(INSERT, (*values, "attempt", at, owner, 0.5, True))
        self.db.execute(SUBMITTED, (prediction, cursor.lastrowid))
        return cursor.lastrowid or 0


async def follows(caller: Caller) -> int | None:
    """The row that a request follows whose body the first release would have sent."""
    asked = Asked(MODEL, fingerprint(MODEL, CAT), (fingerprint(MODEL, BODY),))
    rows = caller.call()
    decision = await caller.ledger.begin(asked, rows)
    if isinstance(decision, Follow):
        return decision.row.key
    assert isinstance(decision, Buy)
    await rows.answered()
    return None


@pytest.mark.parametrize("owner", [None, "a process that is dead"])
async def test_an_unfinished_task_of_the_first_release_is_followed(tmp_path: Path, owner: str | None) -> None:
    async with callers(tmp_path, 1) as (me,):
        with closing(FirstRelease(me.store.path).db) as db:
            old = FirstRelease(me.store.path)
            key = old.buy(owner, me.clock.at)
            assert await follows(me) == key
            assert await me.ledger.spent() == pytest.approx(0.5)
            assert db.execute("PRAGMA user_version").fetchone() == (1,)
            old.db.close()


async def test_a_task_whose_end_the_first_release_told_buys_another(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        old = FirstRelease(me.store.path)
        key = old.buy(None, me.clock.at)
        old.db.execute("UPDATE tasks SET state='completed', ended_at=?, delivered=1", (me.clock.at,))
        assert await follows(me) is None
        old.db.execute("UPDATE tasks SET delivered=0 WHERE key = ?", (key,))
        assert await follows(me) == key
        old.db.close()


async def test_the_first_release_goes_on_writing_to_the_file_and_reads_the_new_rows(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        old = FirstRelease(me.store.path)
        rows = me.call()
        prepared = await me.wish(me.call(), {"prompt": "a dog"})
        key = await me.buy(rows)
        await rows.cut_off()
        assert [one for (one,) in old.db.execute(OPEN)] == [f"task-{me.store.owner[:8]}-1"]
        found = old.db.execute(PICKED_UP, (SCOPE.account, fingerprint(MODEL, CAT))).fetchall()
        assert found == [(key,)]
        old.db.execute(REMEMBER, (SCOPE.account, "digest", "https://u", "image/png", 5, me.clock.at))
        assert await me.ledger.recall_upload("digest") == ("https://u", "image/png", 5)
        later = old.buy(None, me.clock.at)
        assert await follows(me) in {key, later}
        assert prepared
        old.db.close()
