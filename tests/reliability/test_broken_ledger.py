"""Without a usable ledger: said once, runs go on, budgets are refused."""

from __future__ import annotations

import logging
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import pytest

from calling import Connect, MakeSettings, call, refusal
from held import Held
from starting import run_process
from wavespeed_mcp_server.ledger import (
    Buy,
    Ledger,
    LedgerUnavailable,
    OverBudget,
    Row,
    Scope,
    SharedStore,
    sql_transaction,
)
from wavespeed_mcp_server.ledger.owners import Alone
from wavespeed_mcp_server.ledger.sqlite import SqliteStore
from wavespeed_mcp_server.ledger.sqlite_schema import VERSION
from wavespeed_mcp_server.ledger.store import StoreFault
from wavespeed_mcp_server.sandbox import Fault, Sandbox

from .ledgers import asked, buy, new_rows
from .process import environment

SCOPE = Scope("https://api.example.com", "account")
CAT = {"prompt": "a cat"}
PAINT = {"model": "sandbox/paint", "input": CAT, "wait_seconds": 20}


def a_file_in_its_place(state: Path) -> None:
    state.write_text("not a directory", encoding="utf-8")


def no_right_to_write(state: Path) -> None:
    state.mkdir()
    state.chmod(0o500)
    if os.access(state, os.W_OK):
        pytest.skip("this user may write everywhere")


def a_directory_as_the_file(state: Path) -> None:
    (state / "ledger.sqlite3").mkdir(parents=True)


def garbage(state: Path) -> None:
    state.mkdir()
    (state / "ledger.sqlite3").write_bytes(b"this was never a database" * 1000)


def a_torn_header(state: Path) -> None:
    a_newer_version(state)
    path = state / "ledger.sqlite3"
    path.write_bytes(path.read_bytes()[:100] + b"\xff" * 4000)


def a_newer_version(state: Path) -> None:
    state.mkdir()
    with closing(sqlite3.connect(state / "ledger.sqlite3")) as db, db:
        db.execute("CREATE TABLE tasks (something TEXT)")
        db.execute(f"PRAGMA user_version={VERSION + 1}")


def other_tables(state: Path) -> None:
    state.mkdir()
    with closing(sqlite3.connect(state / "ledger.sqlite3")) as db, db:
        db.execute("CREATE TABLE tasks (something TEXT)")


BROKEN = [
    *(a_file_in_its_place, no_right_to_write, a_directory_as_the_file),
    *(garbage, a_torn_header, a_newer_version, other_tables),
]


@pytest.mark.parametrize("broken", BROKEN)
async def test_runs_go_on_and_it_is_said_once(
    sandbox: Sandbox,
    connect: Connect,
    make_settings: MakeSettings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    broken: Callable[[Path], None],
) -> None:
    broken(tmp_path / "state")
    async with connect(make_settings()) as client:
        first = await call(client, "generate", **PAINT)
        second = await call(client, "generate", **PAINT)
        await call(client, "check_status")
    assert first["id"] != second["id"]
    assert len(sandbox.predictions) == 2
    said = [one for one in caplog.records if one.name.startswith("wavespeed_mcp_server.ledger")]
    assert [one.levelno for one in said] == [logging.WARNING]
    assert "cannot be used" in said[0].getMessage()


@pytest.mark.parametrize("broken", BROKEN)
async def test_a_budget_is_refused_without_a_ledger(
    sandbox: Sandbox,
    connect: Connect,
    make_settings: MakeSettings,
    tmp_path: Path,
    broken: Callable[[Path], None],
) -> None:
    broken(tmp_path / "state")
    batch = {"requests": [{"model": "sandbox/paint", "input": CAT}]}
    async with connect(make_settings(daily_budget=5)) as client:
        for tool, arguments in (("generate", PAINT), ("generate_batch", batch)):
            text = await refusal(client, tool, **arguments)
            assert "cannot be used" in text
            assert "othing was submitted" in text
    assert sandbox.counts["submit"] == 0


async def test_within_one_process_the_promises_hold_in_memory(
    sandbox: Sandbox, connect: Connect, make_settings: MakeSettings, tmp_path: Path
) -> None:
    a_file_in_its_place(tmp_path / "state")
    sandbox.history_lag = 3600.0
    sandbox.faults.append(Fault(at="submit", kind="drop_after"))
    async with connect(make_settings()) as client:
        assert "may exist" in await refusal(client, "generate", **PAINT)
        sandbox.history_lag = 0.0
        done = await call(client, "generate", **PAINT)
    assert [done["id"]] == list(sandbox.predictions)
    assert len(sandbox.submissions) == 1


async def test_a_disk_that_fills_up_in_the_middle_of_a_run_loses_nothing_of_this_process(
    sandbox: Sandbox,
    connect: Connect,
    make_settings: MakeSettings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    """The file may not grow any more: SQLite then says what it says of a full disk."""
    make_room = full_at(monkeypatch, tmp_path / "state" / "ledger.sqlite3", pages=3)
    sandbox.run_seconds = lambda _model, _inputs: None
    ids = set()
    async with connect(make_settings()) as client:
        for number in range(30):
            # The prompts are long, so that some run meets the end of the file.
            given = {"prompt": f"{number} " * 150}
            started = await call(client, "generate", model="sandbox/paint", input=given, wait_seconds=0)
            ids.add(started["id"])
        shown = (await call(client, "check_status"))["predictions"]
        assert {one["id"] for one in shown} == ids == set(sandbox.predictions)
        make_room()
        await call(client, "check_status")
    # What is small may still fit, and brings the file back into use: each turn of events is said once.
    said = [one.getMessage() for one in caplog.records]
    turns = [
        "full" if "full" in text else "again" for text in said if "full" in text or "in use again" in text
    ]
    assert turns and turns == ["full", "again"] * (len(turns) // 2)
    async with connect(make_settings()) as later:
        shown = (await call(later, "check_status"))["predictions"]
    assert {one["id"] for one in shown} == ids


async def test_a_budget_ends_with_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full_at(monkeypatch, tmp_path / "ledger.sqlite3", pages=3)
    store = SharedStore(tmp_path)
    ledger = Ledger(store, SCOPE)
    with pytest.raises(LedgerUnavailable, match="full"), anyio.fail_after(20):
        for number in range(200):
            await buy(ledger, "vendor/model", {"prompt": f"{number} " * 150}, cost=0.0, budget=1.0)
    await store.aclose()


async def test_an_attempt_that_was_noted_counts_though_the_file_breaks_right_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[Row]:
        raise sqlite3.OperationalError("disk I/O error")

    store = SharedStore(tmp_path)
    ledger = Ledger(store, SCOPE)
    first = Held()
    noted: list[int] = []

    async def begin() -> None:
        await ledger.attempt(key, CAT, "vendor/model", cost=0.5, budget=1.0)
        noted.append(key)

    async def break_it() -> None:
        with pytest.raises(StoreFault):
            await ledger.rivals(0, "vendor/model", None)

    monkeypatch.setattr(sql_transaction.SqlTransaction, "without_id", broken)
    with anyio.fail_after(20):
        assert await ledger.spent() == 0.0
        decision = await ledger.begin(asked("vendor/model", CAT), new_rows(ledger))
        assert isinstance(decision, Buy)
        key = decision.key
        # Both wait for the same way to the thread.
        async with anyio.create_task_group() as group:
            group.start_soon(store.run, lambda _: first())
            await first.begun.wait()
            group.start_soon(begin)
            await anyio.wait_all_tasks_blocked()
            group.start_soon(break_it)
            await anyio.wait_all_tasks_blocked()
            first.go_on.set()
        assert await ledger.spent() == 0.5
        with pytest.raises(OverBudget):
            await buy(ledger, "vendor/model", {"prompt": "a dog"}, cost=0.6, budget=1.0)
        await store.aclose()
    assert noted == [key]


async def test_the_doctor_says_what_is_wrong_with_the_ledger(sandbox: Sandbox, tmp_path: Path) -> None:
    garbage(tmp_path / "state")
    program = [sys.executable, "-m", "wavespeed_mcp_server", "doctor"]
    settings = {**os.environ, **environment(sandbox.url, tmp_path)}
    with anyio.fail_after(60):
        done = await run_process(program, env=settings)
    said = done.stdout.decode()
    (line,) = [line for line in said.splitlines() if " ledger " in line]
    assert line.startswith("FAIL")
    assert "file is not a database" in line
    assert done.returncode == 1


def full_at(monkeypatch: pytest.MonkeyPatch, path: Path, *, pages: int) -> Callable[[], None]:
    """The ledger's file grows by no more than so many pages, until the returned function is called."""
    SqliteStore(path, Alone()).close()
    connect = sqlite3.connect
    with closing(connect(path)) as made:
        limit = [made.execute("PRAGMA page_count").fetchone()[0] + pages]

    def limited(path: Any, **options: Any) -> sqlite3.Connection:
        opened: sqlite3.Connection = connect(path, **options)
        if path != ":memory:" and limit != [0]:
            opened.execute(f"PRAGMA max_page_count={limit[0]}")
        return opened

    monkeypatch.setattr(sqlite3, "connect", limited)

    def make_room() -> None:
        limit[:] = [0]

    return make_room
