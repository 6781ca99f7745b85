"""The ledger's store in PostgreSQL, which many replicas share. Blocking.

One lock for all decisions, as SQLite's file has: taken by the statement that begins a transaction, so that
under READ COMMITTED every later one sees what was decided before it. Each that changes something leaves a
mark of its own in its process's row of `commits`: where a commit's answer is lost, that tells what became of
it. (The database's own numbers of transactions do not: after a crash it gives the same number again.)
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from os import dup
from time import monotonic
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import InterfaceError, InternalError, OperationalError

from .absorbing import absorb
from .postgres_schema import BUCKET_SECONDS, KNOWN, OPEN, SCHEMA
from .sql_transaction import SqlTransaction, slots
from .sqlite import SqliteStore
from .store import StoreFault

APPLICATION = "wavespeed-mcp-server"
DECISIONS = 0x57617665
"""The key of the advisory lock that every decision takes, and of the one for the tables."""
TABLES = DECISIONS + 1
CONNECT = {
    "application_name": APPLICATION,
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
LIMITS = (
    "SET idle_in_transaction_session_timeout = '5s'; SET lock_timeout = '10s'; SET statement_timeout = '30s';"
    " SET synchronous_commit = on; SET default_transaction_isolation = 'read committed';"
    " SET client_min_messages = warning; SET timezone = 'UTC'"
)
BEGIN = f"BEGIN; SELECT pg_advisory_xact_lock({DECISIONS})"
MARK = (
    "INSERT INTO commits VALUES (%s, %s) ON CONFLICT (owner)"
    " DO UPDATE SET mark = excluded.mark, committed_at = excluded.committed_at"
)
MARKS_KEPT = "1 day"
RESTARTED_SECONDS = 60.0


class CommitUnknown(StoreFault):
    """Whether a transaction was committed is not known: its answer was lost. `mark` is its own."""

    def __init__(self, text: str, mark: str) -> None:
        super().__init__(text)
        self.mark = mark


def lock_of(owner: str) -> int:
    """The key of the advisory lock that the process of this name holds as long as it lives."""
    return int(owner[:16], 16) - (1 << 63)


class _Connection:
    """psycopg's connection as `sql_transaction` asks for it. `changed`: something was not only read."""

    def __init__(self, db: psycopg.Connection) -> None:
        self._db = db
        self.changed = False

    def execute(self, query: str, values: Sequence[object] = (), /) -> Any:
        self.changed = self.changed or not query.startswith("SELECT")
        return self._db.execute(_in_dialect(query), [_storable(value) for value in values])


@lru_cache(maxsize=512)
def _in_dialect(query: str) -> bytes:
    nothing = "IN (SELECT NULL::text WHERE FALSE)"
    return query.replace("%", "%%").replace("?", "%s").replace("IN ()", nothing).encode()


def _storable(value: object) -> object:
    """No text of PostgreSQL's holds a NUL or half a surrogate pair."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return value


class PostgresTransaction(SqlTransaction):
    """The primitives of `store.Transaction` in PostgreSQL's dialect."""

    OPEN = OPEN
    DAY = "to_char(to_timestamp(attempted_at), 'YYYY-MM-DD')"

    def __init__(self, connection: _Connection, owner: str, age: float) -> None:
        super().__init__(connection)
        self._lives[owner] = True
        self._age = age

    def holds(self, origins: Collection[str]) -> list[tuple[int, str, float]]:
        """See `Transaction`. Just after the database has started no process holds its lock for an instant:
        until they are surely back, what they set aside counts.
        """
        found = super().holds(origins)
        if self._age < RESTARTED_SECONDS:
            self._lives.update({owner: True for _, owner, _ in found})
        return found

    def _cost(self, column: str, names: Collection[str], since: float, without: Collection[str]) -> float:
        """The sums of whole spans of time, and the rows of the one that `since` is in."""
        first = int(since // BUCKET_SECONDS) + 1
        those = f"{column} IN ({slots(names)}) AND state NOT IN ({slots(without)})"
        query = (
            f"SELECT coalesce((SELECT sum(amount) FROM costs WHERE {those} AND bucket >= ?), 0)::float8"
            f" + coalesce((SELECT sum(coalesce(charged, cost)) FROM tasks WHERE {those}"
            " AND attempted_at > ? AND attempted_at < ?), 0)"
        )
        values = (*names, *without, first, *names, *without, since, float(first * BUCKET_SECONDS))
        return float(self._db.execute(query, values).fetchone()[0])

    def _ask_whether_lives(self, token: str) -> bool:
        """Whoever asks shares the lock, so that two who ask at once do not take each other for its holder.

        In doubt it is dead: a row that was freed too early is not bought (`Overtaken`), one that was freed
        too late may be bought twice.
        """
        if len(token) != 32:
            return False
        query = "SELECT pg_try_advisory_xact_lock_shared(?)"
        return not self._db.execute(query, (lock_of(token),)).fetchone()[0]


class PostgresStore:
    """One connection to the database at `url`, for the process named `owner`.

    Raises:
        StoreFault: the database cannot be used now.
    """

    def __init__(self, url: str, owner: str) -> None:
        self._owner = owner
        with _faults():
            self._db = psycopg.connect(url, autocommit=True, **CONNECT)  # type: ignore[arg-type]
            try:
                self._db.execute(LIMITS)
                self._prepare()
                started = "SELECT extract(epoch FROM clock_timestamp() - pg_postmaster_start_time())::float8"
                (age,) = self._db.execute(started).fetchone() or (0.0,)
                self._started_at = monotonic() - age
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        with self._db.transaction():
            self._db.execute(f"SELECT pg_advisory_xact_lock({TABLES})")
            self._db.execute(KNOWN)
            digest = hashlib.sha256(SCHEMA.encode()).hexdigest()
            added = self._db.execute(
                "INSERT INTO ledger_schemas VALUES (%s) ON CONFLICT DO NOTHING", (digest,)
            )
            if added.rowcount:
                self._db.execute(SCHEMA.encode())
            self._db.execute(f"DELETE FROM commits WHERE committed_at < now() - INTERVAL '{MARKS_KEPT}'")

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def abort(self) -> None:
        """End whatever is waited for on this connection, from another thread."""
        with suppress(OSError, psycopg.Error), socket.socket(fileno=dup(self._db.fileno())) as connected:
            connected.shutdown(socket.SHUT_RDWR)

    def absorb(self, memory: SqliteStore, *, everything: bool = False) -> None:
        """Take over what was decided in `memory` while the database was away. Raises `StoreFault`."""
        with self.transaction() as mine:
            absorb(mine, memory.unguarded(), everything=everything)

    def notify(self, channel: str, text: str) -> None:
        """Send word to every process that listens."""
        with _faults():
            self._db.execute("SELECT pg_notify(%s, %s)", (channel, text))

    def was_committed(self, mark: str) -> bool:
        """Whether this process's last transaction was the one of `mark`. Raises `StoreFault`.

        It holds the lock of all decisions until it has ended, so that this waits for it.
        """
        with self.transaction():
            found = self._db.execute("SELECT mark FROM commits WHERE owner = %s", (self._owner,)).fetchone()
        return found == (mark,)

    @contextmanager
    def transaction(self) -> Iterator[PostgresTransaction]:
        """See `Store`; takes the lock of all decisions at once."""
        with _faults():
            self._db.execute(BEGIN)
            connection, mark = _Connection(self._db), uuid4().hex
            try:
                yield PostgresTransaction(connection, self._owner, monotonic() - self._started_at)
                if connection.changed:
                    self._db.execute(MARK, (self._owner, mark))
            except BaseException:
                with suppress(psycopg.Error):
                    self._db.execute("ROLLBACK")
                raise
            try:
                self._db.execute("COMMIT")
            except OperationalError as error:
                raise CommitUnknown(str(error), mark) from error


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, InternalError) as error:
        raise StoreFault(str(error).strip() or type(error).__name__) from error
