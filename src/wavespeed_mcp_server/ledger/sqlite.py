"""The ledger's store as one SQLite file with a write-ahead log, which many processes share. Blocking."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep, time
from typing import Any, Unpack

from .owners import Owners
from .rows import Row
from .store import RowChanges, StoreFault

BUSY_SECONDS = 10.0
BUSY_PAUSE_SECONDS = 0.02
VIEW_BUSY_SECONDS = 2.0
VIEW_KEYS = 500
KEPT_SECONDS = 7 * 24 * 3600.0
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
COLUMNS = (
    *(
        "key",
        "origin",
        "account",
        "fingerprint",
        "model",
        "inputs",
        "state",
        "id",
        "attempted_at",
        "ended_at",
    ),
    *("delivered", "owner", "cost", "quoted", "charged", "seconds"),
)
SELECT = f"SELECT {', '.join(COLUMNS)} FROM tasks"


class SqliteStore:
    """One open ledger file; in memory where `path` is None.

    Whether a process lives is asked inside write transactions only: asking takes that process's lock for an
    instant, and two who ask at once would take each other for the one they ask about.

    Raises:
        StoreFault: the file cannot be used.
    """

    def __init__(self, path: Path | None, owners: Owners) -> None:
        self._owners = owners
        with _faults():
            self._db = _connect(path)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise StoreFault(f"written by a newer version ({version})")
        with self.transaction():
            for statement in SCHEMA.split(";"):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version={VERSION}")
            old = time() - KEPT_SECONDS
            self._db.execute("DELETE FROM tasks WHERE attempted_at < ?", (old,))
            self._db.execute("DELETE FROM uploads WHERE uploaded_at < ?", (old,))
            for (owner,) in self._db.execute("SELECT DISTINCT owner FROM holds").fetchall():
                if not self._owners.lives(owner):
                    self._db.execute("DELETE FROM holds WHERE owner = ?", (owner,))
            self._owners.sweep()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def copy_from(self, other: SqliteStore) -> None:
        """Begin with everything that is in `other`, as far as that can still be read. Raises `StoreFault`."""
        with _faults():
            other._db.rollback()
            other._db.backup(self._db)

    @contextmanager
    def transaction(self) -> Iterator[SqliteTransaction]:
        """See `Store`; takes the file's write lock at once."""
        with _faults():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteTransaction(self._db, self._owners)
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


class SqliteTransaction:
    """The primitives of `store.Transaction` in SQL."""

    def __init__(self, db: sqlite3.Connection, owners: Owners) -> None:
        self._db = db
        self._owners = owners

    def insert(self, row: Row) -> int:
        """See `Transaction`."""
        names = COLUMNS[1:]
        values = [_stored(getattr(row, name)) for name in names]
        marks = ", ".join("?" * len(names))
        cursor = self._db.execute(f"INSERT INTO tasks ({', '.join(names)}) VALUES ({marks})", values)
        return cursor.lastrowid or 0

    def update(self, key: int, **changes: Unpack[RowChanges]) -> None:
        """See `Transaction`."""
        sets = ", ".join(f"{name} = ?" for name in changes)
        values = [_stored(value) for value in changes.values()]
        self._db.execute(f"UPDATE tasks SET {sets} WHERE key = ?", (*values, key))

    def remove(self, key: int) -> None:
        """See `Transaction`."""
        self._db.execute("DELETE FROM tasks WHERE key = ?", (key,))

    def row(self, key: int) -> Row | None:
        """See `Transaction`."""
        return next(iter(self._rows("WHERE key = ?", key)), None)

    def by_id(self, account: str, prediction_id: str) -> Row | None:
        """See `Transaction`."""
        return next(iter(self._rows("WHERE account = ? AND id = ?", account, prediction_id)), None)

    def equal(self, account: str, fingerprint: str) -> list[Row]:
        """See `Transaction`."""
        return self._rows("WHERE account = ? AND fingerprint = ? ORDER BY key", account, fingerprint)

    def undelivered_or_in(self, account: str, states: Collection[str]) -> list[Row]:
        """See `Transaction`."""
        where = f"WHERE account = ? AND (state IN ({_marks(states)}) OR delivered = 0) ORDER BY key"
        return self._rows(where, account, *states)

    def without_id(self, account: str, model: str) -> list[Row]:
        """See `Transaction`."""
        return self._rows("WHERE account = ? AND model = ? AND id = ''", account, model)

    def cost_since(self, origin: str, since: float, without: Collection[str]) -> float:
        """See `Transaction`."""
        query = (
            "SELECT coalesce(sum(coalesce(charged, cost)), 0) FROM tasks"
            f" WHERE origin = ? AND attempted_at > ? AND state NOT IN ({_marks(without)})"
        )
        return float(self._db.execute(query, (origin, since, *without)).fetchone()[0])

    def run_times(self) -> list[tuple[str, float]]:
        """See `Transaction`."""
        return self._db.execute("SELECT model, seconds FROM tasks WHERE seconds > 0 ORDER BY key").fetchall()

    def add_hold(self, origin: str, owner: str, amount: float) -> int:
        """See `Transaction`."""
        query = "INSERT INTO holds (origin, owner, amount) VALUES (?, ?, ?)"
        return self._db.execute(query, (origin, owner, amount)).lastrowid or 0

    def take_from_hold(self, hold: int, amount: float) -> None:
        """See `Transaction`."""
        self._db.execute("UPDATE holds SET amount = max(0, amount - ?) WHERE key = ?", (amount, hold))

    def remove_hold(self, hold: int) -> None:
        """See `Transaction`."""
        self._db.execute("DELETE FROM holds WHERE key = ?", (hold,))

    def holds(self, origin: str) -> list[tuple[str, float]]:
        """See `Transaction`."""
        return self._db.execute("SELECT owner, amount FROM holds WHERE origin = ?", (origin,)).fetchall()

    def recall_upload(self, account: str, sha256: str, since: float) -> tuple[str, str, int] | None:
        """See `Transaction`."""
        query = (
            "SELECT url, media_type, size_bytes FROM uploads"
            " WHERE account = ? AND sha256 = ? AND uploaded_at > ?"
        )
        found: tuple[str, str, int] | None = self._db.execute(query, (account, sha256, since)).fetchone()
        return found

    def knows_upload_of(self, account: str, size_bytes: int, since: float) -> bool:
        """See `Transaction`."""
        query = "SELECT 1 FROM uploads WHERE account = ? AND size_bytes = ? AND uploaded_at > ? LIMIT 1"
        return self._db.execute(query, (account, size_bytes, since)).fetchone() is not None

    def remember_upload(
        self, account: str, sha256: str, url: str, media_type: str, size_bytes: int, at: float
    ) -> None:
        """See `Transaction`."""
        values = (account, sha256, url, media_type, size_bytes, at)
        self._db.execute("INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?, ?, ?)", values)

    def owner_lives(self, token: str) -> bool:
        """See `Transaction`."""
        return self._owners.lives(token)

    def _rows(self, where: str, *values: object) -> list[Row]:
        return [_row(columns) for columns in self._db.execute(f"{SELECT} {where}", values)]


def _row(columns: Iterable[Any]) -> Row:
    named = dict(zip(COLUMNS, columns, strict=True))
    named["inputs"] = json.loads(named["inputs"])
    named["delivered"], named["quoted"] = bool(named["delivered"]), bool(named["quoted"])
    return Row(**named)


def _stored(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict) else value


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise StoreFault(str(error)) from error


def _connect(path: Path | None) -> sqlite3.Connection:
    """The file at `path`, which several processes may make at the same moment."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    opened = sqlite3.connect(
        path or ":memory:", timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        _keep_a_log(opened)
        opened.execute("PRAGMA synchronous=NORMAL")
    except BaseException:
        opened.close()
        raise
    return opened


def _keep_a_log(opened: sqlite3.Connection) -> None:
    """While another process does the same SQLite refuses at once, however long its timeout is."""
    patience = monotonic() + BUSY_SECONDS
    while True:
        try:
            opened.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or monotonic() > patience:
                raise
        sleep(BUSY_PAUSE_SECONDS)


class SqliteView:
    """The ledger's file for somebody who only looks: another process's rows, and no way to write.

    A page that shows them must not own, deliver or settle any of them. Columns of a newer or older version
    that are not there read as empty.

    Raises:
        StoreFault: from any of its methods, where the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        with _faults():
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=VIEW_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
            )
            self._db.execute("PRAGMA query_only=1")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def version(self) -> int:
        """A number that is another one after somebody else has written."""
        with _faults():
            return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def rows(self, origin: str, columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """These columns of every row of an origin."""
        with _faults():
            return self._db.execute(
                f"SELECT {self._those(columns)} FROM tasks WHERE origin = ?", (origin,)
            ).fetchall()

    def rows_of(self, keys: Sequence[int], columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """These columns of the rows with these keys."""
        found: list[tuple[Any, ...]] = []
        with _faults():
            for start in range(0, len(keys), VIEW_KEYS):
                some = keys[start : start + VIEW_KEYS]
                marks = ",".join("?" * len(some))
                found += self._db.execute(
                    f"SELECT {self._those(columns)} FROM tasks WHERE key IN ({marks})", some
                ).fetchall()
        return found

    def _those(self, columns: Sequence[str]) -> str:
        there = {row[1] for row in self._db.execute("PRAGMA table_info(tasks)")}
        return ", ".join(name if name in there else f"NULL AS {name}" for name in columns)
