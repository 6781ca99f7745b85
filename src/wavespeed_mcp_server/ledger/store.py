"""The ledger's file: SQLite with a write-ahead log, every step one transaction. Blocking; see `Ledger`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

from .database import connect
from .rows import ATTEMPT, REFUNDED, SUBMITTED, UNFINISHED, UNKNOWN, Row, fingerprint, kept

DAY = 24 * 3600.0
KEPT_SECONDS = 7 * DAY
REPEAT_SECONDS = 15 * 60.0
VERSION = 1

SCHEMA = """
CREATE TABLE IF NOT EXISTS tasks (
    key INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    account TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    model TEXT NOT NULL,
    inputs TEXT NOT NULL,
    state TEXT NOT NULL,
    id TEXT NOT NULL DEFAULT '',
    attempted_at REAL NOT NULL,
    ended_at REAL,
    delivered INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    cost REAL,
    quoted INTEGER NOT NULL DEFAULT 0,
    charged REAL,
    seconds REAL
);
CREATE INDEX IF NOT EXISTS tasks_by_fingerprint ON tasks (fingerprint);
CREATE INDEX IF NOT EXISTS tasks_by_id ON tasks (id);
CREATE TABLE IF NOT EXISTS holds (
    key INTEGER PRIMARY KEY,
    origin TEXT NOT NULL,
    owner TEXT NOT NULL,
    amount REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS uploads (
    account TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    url TEXT NOT NULL,
    media_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    uploaded_at REAL NOT NULL,
    PRIMARY KEY (account, sha256)
);
"""
COLUMNS = "key, model, inputs, state, id, attempted_at, ended_at, delivered, cost, quoted, charged"


class OverBudget(Exception):
    """A budget would be exceeded: `spent` USD of `budget` are taken in the last 24 hours."""

    def __init__(self, spent: float, budget: float) -> None:
        super().__init__(f"{spent:g} of {budget:g}")
        self.spent = spent
        self.budget = budget


@dataclass(frozen=True)
class Scope:
    """Whose tasks these are: `origin` shares a budget, `account` (a digest, never the key) shares tasks."""

    origin: str
    account: str


class Store:
    """One open ledger file. Raises `sqlite3.Error` or `OSError` where the file cannot be used.

    Whether another process lives is asked only inside a write transaction: asking takes that process's lock
    for an instant, and two who ask at once would take each other for the one they ask about.
    """

    def __init__(
        self,
        path: Path | None,
        scope: Scope,
        owner: str,
        alive: Callable[[str], bool],
        sweep: Callable[[], None] = lambda: None,
    ) -> None:
        self._scope = scope
        self._owner = owner
        self._alive = alive
        self._sweep = sweep
        self._db = connect(path)
        try:
            self._prepare()
        except BaseException:
            self._db.close()
            raise

    def _prepare(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise sqlite3.DatabaseError(f"written by a newer version ({version})")
        with self._transaction():
            for statement in SCHEMA.split(";"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version={VERSION}")
            old = time() - KEPT_SECONDS
            self._db.execute("DELETE FROM tasks WHERE attempted_at < ?", (old,))
            self._db.execute("DELETE FROM uploads WHERE uploaded_at < ?", (old,))
            for (owner,) in self._db.execute("SELECT DISTINCT owner FROM holds").fetchall():
                if not self._alive(owner):
                    self._db.execute("DELETE FROM holds WHERE owner = ?", (owner,))
            self._sweep()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def take_over(self, other: Store) -> None:
        """Begin with everything that is in `other`."""
        other._db.rollback()
        other._db.backup(self._db)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def begin(
        self,
        model: str,
        inputs: dict[str, Any],
        cost: float | None,
        quoted: bool,
        budget: float | None,
        hold: int | None,
    ) -> int:
        """Note an attempt, taking `cost` from the budget or from a hold made before. Returns the row's key.

        Raises:
            OverBudget: the budget has no room for it; nothing is noted.
        """
        with self._transaction():
            if hold is not None:
                self._db.execute(
                    "UPDATE holds SET amount = max(0, amount - ?) WHERE key = ?", (cost or 0.0, hold)
                )
            elif budget is not None:
                self._make_room(cost or 0.0, budget)
            cursor = self._db.execute(
                "INSERT INTO tasks (origin, account, fingerprint, model, inputs, state, attempted_at, owner,"
                " cost, quoted)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    self._scope.origin,
                    self._scope.account,
                    fingerprint(model, inputs),
                    model,
                    json.dumps(kept(inputs)),
                    ATTEMPT,
                    time(),
                    self._owner,
                    cost,
                    quoted,
                ),
            )
            return cursor.lastrowid or 0

    def hold(self, amount: float, budget: float) -> int:
        """Set `amount` aside for a batch. Returns the hold's key.

        Raises:
            OverBudget: the budget has no room for it.
        """
        with self._transaction():
            self._make_room(amount, budget)
            cursor = self._db.execute(
                "INSERT INTO holds (origin, owner, amount) VALUES (?, ?, ?)",
                (self._scope.origin, self._owner, amount),
            )
            return cursor.lastrowid or 0

    def unhold(self, hold: int) -> None:
        """Give back what is left of a hold."""
        self._db.execute("DELETE FROM holds WHERE key = ?", (hold,))

    def _make_room(self, amount: float, budget: float) -> None:
        spent = self._spent()
        if spent + amount > budget + 1e-9:
            raise OverBudget(spent, budget)

    def spent(self) -> float:
        """USD taken in the last 24 hours: ended tasks, tasks in flight, and holds of live processes."""
        with self._transaction():
            return self._spent()

    def _spent(self) -> float:
        marks = ",".join("?" * len(REFUNDED))
        total = self._db.execute(
            "SELECT coalesce(sum(coalesce(charged, cost)), 0) FROM tasks"
            f" WHERE origin = ? AND attempted_at > ? AND state NOT IN ({marks})",
            (self._scope.origin, time() - DAY, *REFUNDED),
        ).fetchone()[0]
        held = self._db.execute(
            "SELECT owner, sum(amount) FROM holds WHERE origin = ? GROUP BY owner", (self._scope.origin,)
        ).fetchall()
        return float(total) + sum(float(amount) for owner, amount in held if self._alive(owner))

    def pick_up(self, model: str, inputs: dict[str, Any], passed: Collection[int]) -> Row | None:
        """The oldest equal request that is a repeat's to take, now owned by this process.

        Undelivered, belonging to no call still running, and unfinished or ended in the last 15 minutes.
        `passed` are the keys of rows that this caller has already looked at in vain.
        """
        marks = ",".join("?" * len(UNFINISHED))
        with self._transaction():
            found = self._db.execute(
                f"SELECT {COLUMNS}, owner FROM tasks WHERE account = ? AND fingerprint = ? AND delivered = 0"
                f" AND (state IN ({marks}) OR ended_at > ?) ORDER BY key",
                (
                    self._scope.account,
                    fingerprint(model, inputs),
                    *UNFINISHED,
                    time() - REPEAT_SECONDS,
                ),
            ).fetchall()
            for *columns, owner in found:
                if columns[0] not in passed and (owner is None or not self._alive(owner)):
                    self._db.execute("UPDATE tasks SET owner = ? WHERE key = ?", (self._owner, columns[0]))
                    return _row(columns)
        return None

    def submitted(self, key: int, prediction_id: str) -> bool:
        """The id is known. False, and nothing noted, where another row owns that prediction."""
        with self._transaction():
            taken = self._db.execute(
                "SELECT 1 FROM tasks WHERE account = ? AND id = ? AND key != ?",
                (self._scope.account, prediction_id, key),
            ).fetchone()
            if taken:
                return False
            self._db.execute(
                "UPDATE tasks SET id = ?, state = ? WHERE key = ?", (prediction_id, SUBMITTED, key)
            )
        return True

    def rivals(self, key: int, model: str, inputs: dict[str, Any] | None) -> tuple[int, int]:
        """How many other attempts at `model` are being sent by a live process, and how many were lost.

        Where the task's `inputs` are known only equal attempts count, and of lost ones none: each of those
        finds a task of its own.
        """
        equal = fingerprint(model, inputs) if inputs is not None else None
        with self._transaction():
            found = self._db.execute(
                "SELECT owner, state, fingerprint FROM tasks WHERE account = ? AND model = ? AND key != ?"
                " AND (state = ? OR (state = ? AND id = '' AND delivered = 0))",
                (self._scope.account, model, key, ATTEMPT, UNKNOWN),
            ).fetchall()
            sending = [
                owner for owner, state, mark in found if state == ATTEMPT and equal in (None, mark) and owner
            ]
            lost = sum(state == UNKNOWN for _, state, _ in found) if equal is None else 0
            return sum(1 for owner in sending if self._alive(owner)), lost

    def refused(self, key: int) -> None:
        """Nothing was created: the row goes."""
        self._db.execute("DELETE FROM tasks WHERE key = ?", (key,))

    def lost(self, key: int) -> None:
        """The answer was lost and the history shows no match."""
        self._db.execute("UPDATE tasks SET state = ? WHERE key = ? AND id = ''", (UNKNOWN, key))

    def ended(self, prediction_id: str, state: str, seconds: float | None) -> None:
        """The API's word for how a task ended; `seconds` is its run time where it was watched."""
        marks = ",".join("?" * len(UNFINISHED))
        self._db.execute(
            "UPDATE tasks SET state = ?, ended_at = ?, seconds = coalesce(?, seconds)"
            f" WHERE account = ? AND id = ? AND state IN ({marks})",
            (state, time(), seconds, self._scope.account, prediction_id, *UNFINISHED),
        )

    def charged(self, prediction_id: str, price: float) -> None:
        """What a task really cost, USD."""
        self._db.execute(
            "UPDATE tasks SET charged = ? WHERE account = ? AND id = ?",
            (price, self._scope.account, prediction_id),
        )

    def release(self, keys: Iterable[int]) -> None:
        """The call that these rows belonged to is over."""
        self._db.executemany(
            "UPDATE tasks SET owner = NULL WHERE key = ? AND owner = ?", [(key, self._owner) for key in keys]
        )

    def deliver(self, keys: Iterable[int]) -> None:
        """The caller has seen these rows' outcome or id."""
        self._db.executemany(
            "UPDATE tasks SET delivered = 1, owner = NULL WHERE key = ?", [(key,) for key in keys]
        )

    def by_ids(self, prediction_ids: Iterable[str]) -> dict[str, Row]:
        """The rows of these predictions."""
        found: dict[str, Row] = {}
        for one in prediction_ids:
            columns = self._db.execute(
                f"SELECT {COLUMNS} FROM tasks WHERE account = ? AND id = ?", (self._scope.account, one)
            ).fetchone()
            if columns:
                found[one] = _row(columns)
        return found

    def open_rows(self) -> list[Row]:
        """Everything unfinished, and what ended without its caller seeing it.

        Left out is what a call still running is about to tell its own caller: attempts and ended tasks.
        """
        marks = ",".join("?" * len(UNFINISHED))
        with self._transaction():
            found = self._db.execute(
                f"SELECT {COLUMNS}, owner FROM tasks WHERE account = ?"
                f" AND (state IN ({marks}) OR delivered = 0) ORDER BY key",
                (self._scope.account, *UNFINISHED),
            ).fetchall()
            return [
                _row(columns)
                for *columns, owner in found
                if columns[3] in {SUBMITTED, UNKNOWN} or owner is None or not self._alive(owner)
            ]

    def run_times(self) -> list[tuple[str, float]]:
        """(model, seconds) of past runs, oldest first."""
        return self._db.execute("SELECT model, seconds FROM tasks WHERE seconds > 0 ORDER BY key").fetchall()

    def recall_upload(self, sha256: str, since: float) -> tuple[str, str, int] | None:
        """(url, media type, bytes) of an upload of these bytes made after `since` (Unix seconds)."""
        found: tuple[str, str, int] | None = self._db.execute(
            "SELECT url, media_type, size_bytes FROM uploads"
            " WHERE account = ? AND sha256 = ? AND uploaded_at > ?",
            (self._scope.account, sha256, since),
        ).fetchone()
        return found

    def knows_upload_of(self, size_bytes: int, since: float) -> bool:
        """Whether an upload of this size was made after `since` (Unix seconds)."""
        found = self._db.execute(
            "SELECT 1 FROM uploads WHERE account = ? AND size_bytes = ? AND uploaded_at > ? LIMIT 1",
            (self._scope.account, size_bytes, since),
        ).fetchone()
        return found is not None

    def remember_upload(self, sha256: str, url: str, media_type: str, size_bytes: int) -> None:
        """These bytes are at `url` from now on."""
        self._db.execute(
            "INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?, ?, ?)",
            (self._scope.account, sha256, url, media_type, size_bytes, time()),
        )


def _row(columns: Iterable[Any]) -> Row:
    key, model, inputs, state, prediction_id, attempted_at, ended_at, delivered, cost, quoted, charged = (
        columns
    )
    return Row(
        key=key,
        model=model,
        inputs=json.loads(inputs),
        state=state,
        id=prediction_id,
        attempted_at=attempted_at,
        ended_at=ended_at,
        delivered=bool(delivered),
        price=charged if charged is not None else cost if quoted else None,
    )
