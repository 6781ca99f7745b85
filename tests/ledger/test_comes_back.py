"""A file that cannot be used for a while is taken back into use, and nothing is forgotten meanwhile."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from wavespeed_mcp_server.ledger import LedgerUnavailable, shared_store, sqlite
from wavespeed_mcp_server.ledger.sql_transaction import SqlTransaction

from .wishes import CAT, MODEL, Caller, callers


@pytest.fixture(autouse=True)
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock is waited for for a moment only."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(shared_store, "BUSY_SECONDS", 0.05)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program holds the file's write lock."""
    with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def known(caller: Caller) -> set[str]:
    """The ids of the open tasks that a caller can see."""
    rows, _ = await caller.ledger.open_rows("nobody")
    return {row.id for row in rows}


async def test_a_lock_held_by_another_program_is_waited_out_in_memory(tmp_path: Path) -> None:
    async with callers(tmp_path, 2) as (me, later):
        before = await me.buy()
        prepared = await me.wish(me.call(), {"prompt": "a dog"})
        assert isinstance(prepared, int)
        with locked(me.store.path):
            await me.ledger.attempt(prepared, {"prompt": "a dog"}, MODEL, cost=0.25)
            assert "locked" in me.ledger.fault
            await me.ledger.submitted(prepared, "dog-1")
            await me.end(before)
            bought = await me.buy(me.call(later=1.0), again=True)
            with pytest.raises(LedgerUnavailable):
                await me.ledger.hold(0.1, 1.0)
            assert await me.wish(me.call(), {"prompt": "a dog"}) == f"follows {prepared}"
        assert "dog-1" in await known(me)
        assert me.ledger.fault == ""
        assert await me.ledger.hold(0.1, 1.0)
        await me.die()
        assert await known(later) == {f"task-{me.store.owner[:8]}-{number}" for number in (1, 2)} | {"dog-1"}
        assert await later.ledger.spent() == pytest.approx(0.25)
        assert bought


async def test_a_start_under_a_lock_misses_nothing_that_is_decided_meanwhile(tmp_path: Path) -> None:
    async with callers(tmp_path, 3) as (first, me, later):
        await first.buy()
        with locked(first.store.path):
            key = await me.buy()
            rows = me.call()
            assert await me.wish(rows) == f"follows {key}"
        await me.ledger.spent()
        assert me.ledger.fault == ""
        assert len(await known(later)) == 2


async def test_what_another_process_knows_better_stays(tmp_path: Path) -> None:
    async with callers(tmp_path, 2) as (me, other):
        key = await me.buy()
        task = f"task-{me.store.owner[:8]}-1"
        broken = me.store.path.with_name("elsewhere")
        with locked(me.store.path):
            await me.ledger.attempt(key, CAT, MODEL, cost=0.5)
            await me.ledger.submitted(key, task)
        await other.ledger.ended(task, "completed")
        await me.ledger.spent()
        (row,) = (await me.ledger.by_ids([task])).values()
        assert row.state == "completed"
        assert not broken.exists()


@pytest.mark.parametrize("how", ["taken away", "replaced by an empty one", "replaced by another ledger"])
async def test_a_file_that_was_replaced_gets_what_was_in_the_one_before(tmp_path: Path, how: str) -> None:
    async with callers(tmp_path / "a", 1) as (me,), callers(tmp_path / "b", 1) as (stranger,):
        await me.buy()
        prepared = await me.wish(me.call(), {"prompt": "a dog"})
        assert isinstance(prepared, int)
        theirs = set()
        if how == "taken away":
            me.store.path.unlink()
        elif how == "replaced by an empty one":
            (tmp_path / "empty").touch()
            (tmp_path / "empty").replace(me.store.path)
        else:
            await stranger.buy()
            theirs = await known(stranger)
            await stranger.die()
            stranger.store.path.replace(me.store.path)
        await me.ledger.attempt(prepared, {"prompt": "a dog"}, MODEL, cost=0.25)
        await me.ledger.submitted(prepared, "dog-1")
        assert me.ledger.fault == ""
        await me.die()
        async with callers(tmp_path / "a", 1) as (later,):
            assert await known(later) == {f"task-{me.store.owner[:8]}-1", "dog-1"} | theirs


async def test_a_damaged_file_is_set_aside_and_budgets_wait(tmp_path: Path) -> None:
    async with callers(tmp_path, 1) as (me,):
        await me.buy()
        await me.die()
    path = me.store.path
    content = path.read_bytes()
    path.write_bytes(b"this is no database" * 1000)
    async with callers(tmp_path, 2) as (me, other):
        assert isinstance(await me.buy(), int)
        (aside,) = tmp_path.glob("*.damaged-*[0-9]")
        assert aside.read_bytes().startswith(b"this is no database")
        assert "was damaged" in me.ledger.fault
        with pytest.raises(LedgerUnavailable, match="set aside"):
            await me.ledger.hold(0.1, 1.0)
        assert len(await known(other)) == 1
        with pytest.raises(LedgerUnavailable, match="set aside"):
            await other.ledger.hold(0.1, 1.0)
        await me.die()
    aside.unlink()
    async with callers(tmp_path, 1) as (me,):
        assert await me.ledger.hold(0.1, 1.0)
    assert content


async def test_a_file_that_is_damaged_in_the_middle_keeps_what_this_process_is_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with callers(tmp_path, 2) as (me, later):
        key = await me.wish()
        assert isinstance(key, int)
        put = SqlTransaction.update
        failures = ["once"]

        def torn(self: SqlTransaction, key: int, **changes: object) -> None:
            if failures:
                failures.clear()
                error = sqlite3.DatabaseError("database disk image is malformed")
                error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
                raise error
            put(self, key, **changes)  # type: ignore[arg-type]

        monkeypatch.setattr(SqlTransaction, "update", torn)
        await me.ledger.attempt(key, CAT, MODEL, cost=0.5)
        await me.ledger.submitted(key, "task-1")
        await me.die()
        assert "task-1" in await known(later)
