"""The ledger's store as one SQLite file with a write-ahead log, which many processes share. Blocking."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from ..private import close_file, private_directory, private_file
from .absorbing import absorb
from .owners import Owners
from .rows import REFUNDED
from .sql_transaction import SqlTransaction, slots
from .sqlite_schema import (
    COSTS_FILLED,
    COSTS_SECONDS,
    INDEXES,
    NEW_COLUMNS,
    NOTES,
    OPEN,
    RENEWED,
    TABLES,
    VERSION,
)
from .store import StoreFault

BUSY_SECONDS = 10.0
BUSY_PAUSE_SECONDS = 0.02
LOG_PAGES = 4000
"""After so many pages in the log, 4 KiB each, they are carried over into the file."""
VIEW_BUSY_SECONDS = 2.0
VIEW_KEYS = 500


class SqliteTransaction(SqlTransaction):
    """The primitives of `store.Transaction` in SQLite's dialect."""

    OPEN = OPEN
    DAY = "date(attempted_at, 'unixepoch')"

    def __init__(self, db: sqlite3.Connection, owners: Owners) -> None:
        super().__init__(db)
        self._owners = owners

    def _cost(self, column: str, names: Collection[str], since: float, without: Collection[str]) -> float:
        """The rows up to the next five minutes, and the kept sums from there on."""
        if set(without) != set(REFUNDED):
            return super()._cost(column, names, since, without)
        part = int(since // COSTS_SECONDS) + 1
        query = f"SELECT total(amount) FROM costs WHERE {column} IN ({slots(names)}) AND part >= ?"
        (kept,) = self._db.execute(query, (*names, part)).fetchone()
        query = (
            "SELECT coalesce(sum(coalesce(charged, cost)), 0) FROM tasks"
            f" WHERE {column} IN ({slots(names)}) AND attempted_at > ? AND attempted_at < ?"
            f" AND state NOT IN ({slots(without)})"
        )
        values = (*names, since, part * COSTS_SECONDS, *without)
        return float(self._db.execute(query, values).fetchone()[0] + kept / 1e9)

    def purge(self, origins: Collection[str], before: float) -> None:
        """See `Transaction`."""
        super().purge(origins, before)
        old = f"origin IN ({slots(origins)}) AND part < ?"
        self._db.execute(f"DELETE FROM costs WHERE {old}", (*origins, before // COSTS_SECONDS))

    def _ask_whether_lives(self, token: str) -> bool:
        return self._owners.lives(token)


class SqliteStore:
    """One open ledger file; in memory where `path` is None.

    Whether a process lives is asked inside write transactions only: asking takes that process's lock for an
    instant, and two who ask at once would take each other for the one they ask about.

    Raises:
        StoreFault: the file cannot be used.
    """

    def __init__(self, path: Path | None, owners: Owners, busy_seconds: float = BUSY_SECONDS) -> None:
        self._owners = owners
        self._path = path
        with _faults():
            self._db = _connect(path, busy_seconds)
            try:
                self._prepare()
                self._db.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000:.0f}")
                self._file = _identity(path)
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise StoreFault(f"written by a newer version ({version})")
        with self.transaction():
            texts = dict(self._db.execute("SELECT name, coalesce(sql, '') FROM sqlite_master"))
            self._run_all(TABLES)
            known = {name for _, name, *_ in self._db.execute("PRAGMA table_info(tasks)")}
            for name in NEW_COLUMNS.keys() - known:
                self._db.execute(f"ALTER TABLE tasks ADD COLUMN {name} {NEW_COLUMNS[name]}")
            self._run_all(INDEXES)
            if "costs" not in texts:
                self._db.execute(COSTS_FILLED)
            for (kind, name), text in RENEWED.items():
                if not texts.get(name, "").endswith(text):
                    self._db.execute(f"DROP {kind} IF EXISTS {name}")
                    self._db.execute(f"CREATE {kind} {name} {text}")
            self._db.execute(f"PRAGMA user_version={VERSION}")
            for (owner,) in self._db.execute("SELECT DISTINCT owner FROM holds").fetchall():
                if not self._owners.lives(owner):
                    self._db.execute("DELETE FROM holds WHERE owner = ?", (owner,))
            self._owners.sweep()

    def _run_all(self, statements: str) -> None:
        for statement in statements.split(";"):
            self._db.execute(statement)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def was_replaced(self) -> bool:
        """The file is not at its path any more: it was taken away, or another was put there."""
        return _identity(self._path) != self._file

    def copy_from(self, other: SqliteStore) -> None:
        """Begin with everything that is in `other`, as far as that can still be read. Raises `StoreFault`."""
        with _faults():
            other._db.execute("PRAGMA busy_timeout=0")
            if other._db.in_transaction:
                other._db.rollback()
            other._db.backup(self._db)
        self.note_changes()

    def note_changes(self) -> None:
        """From now on note which rows are changed, for `absorb`."""
        with _faults():
            for statement in NOTES.splitlines():
                self._db.execute(statement)

    def absorb(self, memory: SqliteStore, *, everything: bool = False) -> None:
        """Take over what was changed in `memory` since it began, or `everything` in it. Raises `StoreFault`.

        What another process knows better stays as it is.
        """
        with self.transaction() as mine, _faults():
            absorb(mine, memory.unguarded(), everything=everything)

    def unguarded(self) -> SqliteTransaction:
        """What can be read of it without its lock: of a store in memory, which one thread alone uses."""
        return SqliteTransaction(self._db, self._owners)

    def let_go(self) -> None:
        """Empty the write-ahead log, so that the file that took this one's place reads none of it."""
        with suppress(sqlite3.Error):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    @contextmanager
    def transaction(self) -> Iterator[SqliteTransaction]:
        """See `Store`; takes the file's write lock at once."""
        with _faults():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteTransaction(self._db, self._owners)
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        known = getattr(error, "sqlite_errorcode", None)
        corrupt = known is not None and known & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
        raise StoreFault(str(error), corrupt=corrupt) from error
    except (OSError, sqlite3.Error) as error:
        raise StoreFault(str(error)) from error


def _identity(path: Path | None) -> tuple[int, int] | None:
    """Which file is at `path`."""
    if path is None:
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _connect(path: Path | None, busy_seconds: float) -> sqlite3.Connection:
    """The file at `path`, which several processes may make at the same moment."""
    if path is not None:
        private_directory(path.parent)
        # The files beside it are made with its mode.
        private_file(path)
        for beside in ("-wal", "-shm"):
            close_file(path.with_name(path.name + beside))
    opened = sqlite3.connect(
        path or ":memory:", timeout=busy_seconds, isolation_level=None, check_same_thread=False
    )
    try:
        _keep_a_log(opened, busy_seconds)
        opened.execute("PRAGMA synchronous=NORMAL")
        opened.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
    except BaseException:
        opened.close()
        raise
    return opened


def _keep_a_log(opened: sqlite3.Connection, busy_seconds: float) -> None:
    """While another process does the same SQLite refuses at once, however long its timeout is."""
    patience = monotonic() + busy_seconds
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
                found += self._db.execute(
                    f"SELECT {self._those(columns)} FROM tasks WHERE key IN ({slots(some)})", some
                ).fetchall()
        return found

    def _those(self, columns: Sequence[str]) -> str:
        there = {row[1] for row in self._db.execute("PRAGMA table_info(tasks)")}
        return ", ".join(name if name in there else f"NULL AS {name}" for name in columns)
