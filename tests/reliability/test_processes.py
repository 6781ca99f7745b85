"""Eight processes on one ledger: each works on it as a server does, at the same time as the others.

The processes are real and use the ledger's own interface; what they do is told them on standard input, so
that all of them begin at the same instant.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from threading import Barrier

import anyio
import pytest
from filelock import FileLock

from wavespeed_mcp_server.ledger import Ledger, Scope, SharedStore
from wavespeed_mcp_server.ledger.owners import Alone, LockFiles
from wavespeed_mcp_server.ledger.sqlite import SqliteStore

from .ledgers import buy, followed, select, states

WORKER = Path(__file__).with_name("ledger_worker.py")
PROCESSES = 8
SCOPE = Scope("https://api.example.com", "account")
CAT = {"prompt": "a cat"}


class Worker:
    """One process with the ledger open on demand. It does one thing a line, and answers with one line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def tell(self, what: str, *arguments: object) -> None:
        """Say what to do, without waiting for it."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([what, *arguments]) + "\n")
        self._process.stdin.flush()

    def heard(self) -> object:
        """Its answer."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "a process died"
        return json.loads(line)

    def kill(self) -> None:
        """SIGKILL where there is such a thing."""
        self._process.kill()
        self._process.wait()


@contextmanager
def workers(directory: Path, count: int = PROCESSES) -> Iterator[list[Worker]]:
    """So many processes, all of them started and waiting."""
    with ExitStack() as stack:
        started = []
        for _ in range(count):
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "reliability.ledger_worker", str(directory)],
                    cwd=WORKER.parents[1],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            stack.callback(process.kill)
            started.append(Worker(process))
        assert [one.heard() for one in started] == ["ready"] * count
        yield started


def at_once(all_of_them: Sequence[Worker], what: str, *arguments: object) -> list[object]:
    """What each answers when all are told the same."""
    for one in all_of_them:
        one.tell(what, *arguments)
    return [one.heard() for one in all_of_them]


def test_eight_processes_open_a_fresh_ledger_at_once(tmp_path: Path) -> None:
    with workers(tmp_path) as eight:
        assert at_once(eight, "begin", "vendor/model", CAT, 0.01, None) == ["noted"] * PROCESSES
        assert at_once(eight, "fault") == [""] * PROCESSES
    assert states(tmp_path) == ["attempt"] * PROCESSES


def test_the_last_cent_of_a_budget_is_sold_once(tmp_path: Path) -> None:
    with workers(tmp_path) as eight:
        for _ in range(12):
            answers = at_once(eight, "begin", "vendor/model", CAT, 0.01, 0.1)
            assert set(answers) <= {"noted", "over budget"}
        assert at_once(eight, "spent") == [pytest.approx(0.1)] * PROCESSES
    assert len(states(tmp_path)) == 10


def test_batches_and_single_runs_race_for_one_budget(tmp_path: Path) -> None:
    """A hold of 0.05 and single runs of 0.02: whatever wins, 0.10 is never passed."""
    with workers(tmp_path) as eight:
        for number, one in enumerate(eight):
            if number % 2:
                one.tell("hold", 0.05, 0.1)
            else:
                one.tell("begin", "vendor/model", CAT, 0.02, 0.1)
        answers = [one.heard() for one in eight]
        taken = 0.05 * answers.count("held") + 0.02 * answers.count("noted")
        assert "over budget" in answers
        assert taken <= 0.1 + 1e-9
        assert at_once(eight, "spent") == [pytest.approx(taken)] * PROCESSES


def test_a_dead_process_gives_its_hold_back(tmp_path: Path) -> None:
    with workers(tmp_path, 2) as (dying, other):
        dying.tell("hold", 0.1, 0.1)
        assert dying.heard() == "held"
        other.tell("begin", "vendor/model", CAT, 0.02, 0.1)
        assert other.heard() == "over budget"
        dying.kill()
        other.tell("begin", "vendor/model", CAT, 0.02, 0.1)
        assert other.heard() == "noted"


def test_equal_requests_side_by_side_are_separate_purchases(tmp_path: Path) -> None:
    with workers(tmp_path) as eight:
        assert at_once(eight, "begin", "vendor/model", CAT, 0.01, None) == ["noted"] * PROCESSES
        assert at_once(eight, "pick_up", "vendor/model", CAT) == [None] * PROCESSES


@pytest.mark.parametrize("rows", [1, 3])
def test_the_rows_of_a_dead_process_are_picked_up_by_exactly_one_each(tmp_path: Path, rows: int) -> None:
    with workers(tmp_path, PROCESSES + 1) as (dying, *eight):
        for _ in range(rows):
            dying.tell("begin", "vendor/model", CAT, 0.01, None)
            assert dying.heard() == "noted"
        assert at_once(eight, "pick_up", "vendor/model", CAT) == [None] * PROCESSES
        dying.kill()
        picked = at_once(eight, "pick_up", "vendor/model", CAT)
    found = [key for key in picked if key is not None]
    assert len(found) == len(set(map(str, found))) == rows


def test_looking_around_never_hides_a_dead_processs_row(tmp_path: Path) -> None:
    """Asking whether a process lives takes its lock for an instant: the asker must not pass for the dead."""
    with workers(tmp_path, PROCESSES + 1) as (dying, picking, *lookers):
        for _ in range(30):
            dying.tell("begin", "vendor/model", CAT, 0.01, None)
            assert dying.heard() == "noted"
        dying.kill()
        for one in lookers:
            one.tell("look", 100)
        picked = []
        for _ in range(30):
            picking.tell("pick_up", "vendor/model", CAT)
            picked.append(picking.heard())
        assert [one.heard() for one in lookers] == ["looked"] * len(lookers)
    assert None not in picked
    assert len(set(map(str, picked))) == 30


def test_whether_a_process_lives_is_asked_inside_a_write_transaction_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two who ask at once would find each other's lock, and take a dead process for a live one."""
    alone: list[bool] = []
    path = tmp_path / "ledger.sqlite3"

    def lives(_self: LockFiles, _token: str) -> bool:
        with closing(sqlite3.connect(path, timeout=0)) as other, suppress(sqlite3.OperationalError):
            other.execute("BEGIN IMMEDIATE")
            alone.append(False)
            return True
        alone.append(True)
        return True

    async def ask_everything() -> None:
        store = SharedStore(tmp_path)
        ledger = Ledger(store, SCOPE)
        key = await buy(ledger, "vendor/model", CAT, cost=0.01)
        await ledger.hold(0.01, 1.0)
        monkeypatch.setattr(LockFiles, "lives", lives)
        for question in (
            lambda: ledger.open_rows("me"),
            ledger.spent,
            lambda: ledger.rivals(key + 1, "vendor/model", None),
            lambda: ledger.hold(0.01, 1.0),
            lambda: followed(ledger, "vendor/model", CAT, "somebody"),
        ):
            alone.clear()
            await question()
            assert alone
            assert all(alone)
        await store.aclose()

    anyio.run(ask_everything)


def test_a_ledger_that_many_make_at_the_same_moment_is_one_file_for_all(tmp_path: Path) -> None:
    """SQLite locks each connection out like another process's; unless retried, one in forty failed."""
    for number in range(25):
        start = Barrier(PROCESSES)
        path = tmp_path / f"{number}" / "ledger.sqlite3"

        def make(_: int, start: Barrier = start, path: Path = path) -> int:
            start.wait()
            made = SqliteStore(path, Alone())
            with made.transaction() as transaction:
                key = transaction.add_hold("origin", "me", 0.01)
            made.close()
            return key

        with ThreadPoolExecutor(PROCESSES) as threads:
            keys = list(threads.map(make, range(PROCESSES)))
        # Whoever opens it frees what the dead held, so not all of them are left.
        left = [key for (key,) in select(path.parent, "SELECT key FROM holds")]
        assert left and set(left) <= set(keys)
        assert {one.name.partition("-")[0] for one in path.parent.iterdir()} == {path.name}


async def test_a_process_that_closed_its_ledger_counts_as_ended(tmp_path: Path) -> None:
    stores = SharedStore(tmp_path), SharedStore(tmp_path)
    first, second = (Ledger(store, SCOPE) for store in stores)
    with anyio.fail_after(20):
        key = await buy(first, "vendor/model", CAT, cost=0.01)
        assert await followed(second, "vendor/model", CAT) is None
        await stores[0].aclose()
        row = await followed(second, "vendor/model", CAT)
        await stores[1].aclose()
    assert row == key
    assert select(tmp_path, "SELECT count(*) FROM tasks") == [(1,)]


async def test_what_dead_processes_left_is_taken_away_when_the_ledger_opens(tmp_path: Path) -> None:
    old, young, mine = "a" * 32, "b" * 32, "c" * 32
    live = tmp_path / "live"
    first = SharedStore(tmp_path)
    assert await Ledger(first, SCOPE).hold(1.0, 10.0)
    await first.aclose()
    for token in (old, young):
        (live / f"{token}.lock").touch()
    os.utime(live / f"{old}.lock", (0, 0))
    held = FileLock(live / f"{mine}.lock", thread_local=False)
    held.acquire()
    os.utime(live / f"{mine}.lock", (0, 0))
    second = SharedStore(tmp_path)
    await Ledger(second, SCOPE).spent()
    left = {path.stem for path in live.iterdir()}
    assert old not in left and {young, mine} <= left
    with sqlite3.connect(second.path) as database:
        assert database.execute("SELECT count(*) FROM holds").fetchone() == (0,)
    database.close()
    await second.aclose()
    held.release()
