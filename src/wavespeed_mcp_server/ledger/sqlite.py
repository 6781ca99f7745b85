"""The ledger's store as one SQLite file with a write-ahead log, which many processes share. Blocking.

The first release's file is taken over as it is: its columns keep their meaning and their version number, and
new ones stand beside them, so that a process of that release may go on writing to it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Unpack

from ..private import close_file, private_directory, private_file
from .owners import Owners
from .rows import ATTEMPT, PREPARING, REFUNDED, Row, RowChanges, Spending, Wanted, progress
from .store import StoreFault
from .tokens import Token

BUSY_SECONDS = 10.0
BUSY_PAUSE_SECONDS = 0.02
VIEW_BUSY_SECONDS = 2.0
VIEW_KEYS = 500
VERSION = 1

TABLES = """
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
CREATE TABLE IF NOT EXISTS shown (
    task INTEGER NOT NULL,
    caller TEXT NOT NULL,
    seen INTEGER NOT NULL,
    shown_at REAL NOT NULL,
    PRIMARY KEY (task, caller)
);
CREATE TABLE IF NOT EXISTS made (
    account TEXT NOT NULL,
    mark TEXT NOT NULL,
    id TEXT NOT NULL,
    made_at REAL NOT NULL,
    PRIMARY KEY (account, mark)
);
CREATE TABLE IF NOT EXISTS spent (nonce TEXT PRIMARY KEY, spent_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    digest TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at REAL NOT NULL,
    expires_at REAL,
    revoked_at REAL,
    daily_budget REAL,
    max_price REAL,
    confirm_above REAL,
    tools TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, same_as TEXT NOT NULL)
"""
NEW_COLUMNS = {
    "request": "TEXT",
    "begun_at": "REAL",
    "dated": "INTEGER NOT NULL DEFAULT 0",
    "cut_at": "REAL",
    "missed_at": "REAL",
    "caller": "TEXT",
    "call": "TEXT",
    "answered": "INTEGER NOT NULL DEFAULT 0",
    "again": "INTEGER NOT NULL DEFAULT 0",
    "followers": "INTEGER NOT NULL DEFAULT 0",
    "project": "TEXT NOT NULL DEFAULT ''",
    "parents": "TEXT NOT NULL DEFAULT ''",
}
OPEN = "(state IN ('preparing', 'attempt', 'submitted', 'unknown') OR delivered = 0)"
INDEXES = f"""
CREATE INDEX IF NOT EXISTS tasks_by_fingerprint ON tasks (fingerprint);
CREATE INDEX IF NOT EXISTS tasks_by_id ON tasks (id);
CREATE INDEX IF NOT EXISTS tasks_by_request ON tasks (request, account);
CREATE INDEX IF NOT EXISTS open_tasks ON tasks (account, key) WHERE {OPEN};
CREATE INDEX IF NOT EXISTS tasks_without_id ON tasks (account, model) WHERE id = '';
CREATE INDEX IF NOT EXISTS tasks_by_cost ON tasks (origin, attempted_at, state, charged, cost);
CREATE INDEX IF NOT EXISTS accounts_at ON tasks (origin, account);
CREATE INDEX IF NOT EXISTS tasks_of_account ON tasks (account, attempted_at, state, charged, cost);
CREATE INDEX IF NOT EXISTS newest_tasks ON tasks (origin, account, key) WHERE id <> '';
CREATE INDEX IF NOT EXISTS run_times ON tasks (model, key, seconds) WHERE seconds > 0;
CREATE INDEX IF NOT EXISTS uploads_by_size ON uploads (account, size_bytes)
"""
_NOTED = (("tasks", "key", "''"), ("holds", "key", "''"), ("shown", "task", "{}.caller"))
NOTES = "CREATE TEMP TABLE changed (what TEXT, key INTEGER, caller TEXT, PRIMARY KEY (what, key, caller))"
for _table, _key, _caller in _NOTED:
    for _event, _side in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        NOTES += (
            f"\nCREATE TEMP TRIGGER {_table}_{_event} AFTER {_event} ON {_table} BEGIN INSERT OR IGNORE"
            f" INTO changed VALUES ('{_table}', {_side}.{_key}, {_caller.format(_side)}); END"
        )
COLUMNS = tuple(one.name for one in fields(Row))
TOKEN_COLUMNS = tuple(one.name for one in fields(Token))
FLAGS = tuple(one.name for one in fields(Row) if one.type == "bool")
SELECT = f"SELECT {', '.join(COLUMNS)} FROM tasks"


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
            self._run_all(TABLES)
            known = {name for _, name, *_ in self._db.execute("PRAGMA table_info(tasks)")}
            for name in NEW_COLUMNS.keys() - known:
                self._db.execute(f"ALTER TABLE tasks ADD COLUMN {name} {NEW_COLUMNS[name]}")
            self._run_all(INDEXES)
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
            theirs = SqliteTransaction(memory._db, self._owners)
            chosen = "SELECT key FROM tasks" if everything else "SELECT key FROM changed WHERE what = 'tasks'"
            for (key,) in memory._db.execute(chosen).fetchall():
                _absorb_row(mine, theirs, key)
            for table in ("shown", "uploads", "made", "spent", "accounts"):
                rows = memory._db.execute(f"SELECT * FROM {table}").fetchall()
                if rows:
                    query = f"INSERT OR IGNORE INTO {table} VALUES ({_marks(rows[0])})"
                    self._db.executemany(query, rows)
            if not everything:
                gone = "what = 'holds' AND key NOT IN (SELECT key FROM holds)"
                keys = memory._db.execute(f"SELECT key FROM changed WHERE {gone}").fetchall()
                self._db.executemany("DELETE FROM holds WHERE key = ?", keys)
                gone = "what = 'shown' AND (key, caller) NOT IN (SELECT task, caller FROM shown)"
                keys = memory._db.execute(f"SELECT key, caller FROM changed WHERE {gone}").fetchall()
                self._db.executemany("DELETE FROM shown WHERE task = ? AND caller = ?", keys)

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
        self._lives: dict[str, bool] = {}

    def put(self, row: Row) -> None:
        """See `Transaction`."""
        values = [_stored(getattr(row, name)) for name in COLUMNS]
        query = f"INSERT OR REPLACE INTO tasks ({', '.join(COLUMNS)}) VALUES ({_marks(COLUMNS)})"
        self._db.execute(query, values)

    def update(self, key: int, **changes: Unpack[RowChanges]) -> None:
        """See `Transaction`."""
        sets = ", ".join(f"{name} = ?" for name in changes)
        values = [_stored(value) for value in changes.values()]
        self._db.execute(f"UPDATE tasks SET {sets} WHERE key = ?", (*values, key))

    def remove(self, key: int) -> None:
        """See `Transaction`."""
        self._db.execute("DELETE FROM tasks WHERE key = ?", (key,))
        self._db.execute("DELETE FROM shown WHERE task = ?", (key,))

    def row(self, key: int) -> Row | None:
        """See `Transaction`."""
        return next(iter(self._rows("WHERE key = ?", key)), None)

    def by_id(self, accounts: Collection[str], prediction_id: str) -> Row | None:
        """See `Transaction`."""
        where = f"WHERE id = ? AND id <> '' AND account IN ({_marks(accounts)})"
        return next(iter(self._rows(where, prediction_id, *accounts)), None)

    def equal(self, accounts: Collection[str], request: str, fingerprints: Collection[str]) -> list[Row]:
        """See `Transaction`."""
        own = f"account IN ({_marks(accounts)}) AND {OPEN}"
        found = self._rows(f"WHERE request = ? AND {own}", request, *accounts)
        if fingerprints:
            first_release = f"WHERE request IS NULL AND fingerprint IN ({_marks(fingerprints)}) AND {own}"
            found += self._rows(first_release, *fingerprints, *accounts)
        return sorted(found, key=lambda row: row.key)

    def open_rows(self, accounts: Collection[str], caller: str, limit: int) -> tuple[list[Row], int]:
        """See `Transaction`."""
        told = "EXISTS (SELECT 1 FROM shown WHERE task = tasks.key AND caller = ?)"
        unfinished = "state IN ('attempt', 'submitted', 'unknown')"
        own = f"account IN ({_marks(accounts)}) AND {OPEN} AND state <> 'preparing'"
        where = f"WHERE {own} AND ({unfinished} OR NOT {told})"
        values = (*accounts, caller)
        count = self._db.execute(f"SELECT count(*) FROM tasks {where}", values).fetchone()[0]
        return self._rows(f"{where} ORDER BY key DESC LIMIT ?", *values, limit), count

    def without_id(self, accounts: Collection[str], model: str) -> list[Row]:
        """See `Transaction`."""
        states = "state IN ('preparing', 'attempt', 'submitted', 'unknown')"
        where = f"WHERE account IN ({_marks(accounts)}) AND model = ? AND id = '' AND {states}"
        return self._rows(where, *accounts, model)

    def newest_of_others(self, origins: Collection[str], accounts: Collection[str]) -> list[Row]:
        """See `Transaction`."""
        found: list[Row] = []
        for origin in origins:
            after = ""
            while True:
                # One step of the index for each account, however many rows it has.
                query = "SELECT min(account) FROM tasks WHERE origin = ? AND account > ? AND id <> ''"
                (after,) = self._db.execute(query, (origin, after)).fetchone()
                if after is None:
                    break
                if after not in accounts:
                    where = "WHERE origin = ? AND account = ? AND id <> '' ORDER BY key DESC LIMIT 1"
                    found += self._rows(where, origin, after)
        return found

    def accounts_at(self, origins: Collection[str]) -> list[str]:
        """See `Transaction`."""
        found: list[str] = []
        for origin in origins:
            account: str | None = ""
            while account is not None:
                # One step of the index for each account, however many rows it has.
                query = "SELECT min(account) FROM tasks WHERE origin = ? AND account > ?"
                (account,) = self._db.execute(query, (origin, account)).fetchone()
                found += [account] if account is not None else []
        return found

    def history(self, accounts: Collection[str], wanted: Wanted) -> tuple[list[Row], int]:
        """See `Transaction`."""
        where = f"WHERE account IN ({_marks(accounts)}) AND state <> 'preparing'"
        where += " AND attempted_at >= ? AND attempted_at < ?"
        values: list[object] = [*accounts, wanted.since, wanted.until]
        if wanted.model:
            where += " AND model = ?"
            values.append(wanted.model)
        if wanted.states:
            where += f" AND state IN ({_marks(wanted.states)})"
            values += wanted.states
        count = self._db.execute(f"SELECT count(*) FROM tasks {where}", values).fetchone()[0]
        page = f"{where} ORDER BY attempted_at DESC, key DESC LIMIT ? OFFSET ?"
        return self._rows(page, *values, wanted.limit, wanted.offset), count

    def spending(self, accounts: Collection[str], since: float, until: float) -> list[Spending]:
        """See `Transaction`."""
        spent = f"CASE WHEN state NOT IN ({_marks(REFUNDED)}) THEN"
        query = (
            "SELECT account, model, date(attempted_at, 'unixepoch') AS day, count(*),"
            f" sum(state = 'completed'), sum({spent} coalesce(cost, 0) ELSE 0 END),"
            " coalesce(sum(charged), 0.0), count(charged),"
            f" sum({spent} coalesce(charged, cost, 0) ELSE 0 END) FROM tasks"
            f" WHERE account IN ({_marks(accounts)}) AND attempted_at >= ? AND attempted_at < ?"
            " AND state <> 'preparing' GROUP BY account, model, day ORDER BY day, account, model"
        )
        values = (*REFUNDED, *REFUNDED, *accounts, since, until)
        return [Spending(*columns) for columns in self._db.execute(query, values)]

    def cost_of(self, accounts: Collection[str], since: float, without: Collection[str]) -> float:
        """See `Transaction`."""
        query = (
            "SELECT coalesce(sum(coalesce(charged, cost)), 0) FROM tasks"
            f" WHERE account IN ({_marks(accounts)})"
            f" AND attempted_at > ? AND state NOT IN ({_marks(without)})"
        )
        return float(self._db.execute(query, (*accounts, since, *without)).fetchone()[0])

    def put_token(self, token: Token) -> None:
        """See `Transaction`."""
        values = {name: getattr(token, name) for name in TOKEN_COLUMNS} | {"tools": " ".join(token.tools)}
        query = f"INSERT OR REPLACE INTO tokens ({', '.join(values)}) VALUES ({_marks(values)})"
        self._db.execute(query, tuple(values.values()))

    def tokens(self, digest: str = "") -> list[Token]:
        """See `Transaction`."""
        query = f"SELECT {', '.join(TOKEN_COLUMNS)} FROM tokens WHERE ? IN ('', digest) ORDER BY created_at"
        found = (dict(zip(TOKEN_COLUMNS, row, strict=True)) for row in self._db.execute(query, (digest,)))
        return [Token(**one | {"tools": tuple(one["tools"].split())}) for one in found]

    def cost_since(self, origins: Collection[str], since: float, without: Collection[str]) -> float:
        """See `Transaction`."""
        query = (
            "SELECT coalesce(sum(coalesce(charged, cost)), 0) FROM tasks"
            f" WHERE origin IN ({_marks(origins)}) AND attempted_at > ? AND state NOT IN ({_marks(without)})"
        )
        return float(self._db.execute(query, (*origins, since, *without)).fetchone()[0])

    def run_times(self, model: str, limit: int) -> list[float]:
        """See `Transaction`."""
        query = "SELECT seconds FROM tasks WHERE model = ? AND seconds > 0 ORDER BY key DESC LIMIT ?"
        return [seconds for (seconds,) in self._db.execute(query, (model, limit))][::-1]

    def show(self, key: int, caller: str, *, seen: bool, at: float) -> None:
        """See `Transaction`."""
        query = (
            "INSERT INTO shown VALUES (?, ?, ?, ?) ON CONFLICT (task, caller)"
            " DO UPDATE SET seen = max(seen, excluded.seen), shown_at = excluded.shown_at"
        )
        self._db.execute(query, (key, caller, seen, at))

    def unshow(self, key: int, caller: str) -> None:
        """See `Transaction`."""
        self._db.execute("DELETE FROM shown WHERE task = ? AND caller = ?", (key, caller))

    def was_seen(self, key: int, caller: str) -> bool:
        """See `Transaction`."""
        query = "SELECT 1 FROM shown WHERE task = ? AND caller = ? AND seen"
        return self._db.execute(query, (key, caller)).fetchone() is not None

    def spend(self, nonce: str, at: float) -> bool:
        """See `Transaction`."""
        return self._db.execute("INSERT OR IGNORE INTO spent VALUES (?, ?)", (nonce, at)).rowcount == 1

    def names_of(self, account: str) -> tuple[str, ...]:
        """See `Transaction`."""
        query = "SELECT name FROM accounts WHERE same_as = (SELECT same_as FROM accounts WHERE name = ?)"
        names = {name for (name,) in self._db.execute(query, (account,))}
        return tuple(sorted(names | {account}))

    def join_accounts(self, account: str, other: str) -> None:
        """See `Transaction`."""
        names = {*self.names_of(account), *self.names_of(other)}
        rows = [(name, min(names)) for name in names]
        self._db.executemany("INSERT OR REPLACE INTO accounts VALUES (?, ?)", rows)

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

    def holds(self, origins: Collection[str]) -> list[tuple[int, str, float]]:
        """See `Transaction`."""
        query = f"SELECT key, owner, amount FROM holds WHERE origin IN ({_marks(origins)})"
        return self._db.execute(query, tuple(origins)).fetchall()

    def recall_upload(
        self, accounts: Collection[str], sha256: str, since: float
    ) -> tuple[str, str, int] | None:
        """See `Transaction`."""
        query = (
            f"SELECT url, media_type, size_bytes FROM uploads WHERE account IN ({_marks(accounts)})"
            " AND sha256 = ? AND uploaded_at > ? ORDER BY uploaded_at DESC"
        )
        found: tuple[str, str, int] | None = self._db.execute(query, (*accounts, sha256, since)).fetchone()
        return found

    def knows_upload_of(self, accounts: Collection[str], size_bytes: int, since: float) -> bool:
        """See `Transaction`."""
        query = (
            f"SELECT 1 FROM uploads WHERE account IN ({_marks(accounts)}) AND size_bytes = ?"
            " AND uploaded_at > ? LIMIT 1"
        )
        return self._db.execute(query, (*accounts, size_bytes, since)).fetchone() is not None

    def remember_upload(
        self, account: str, sha256: str, url: str, media_type: str, size_bytes: int, at: float
    ) -> None:
        """See `Transaction`."""
        values = (account, sha256, url, media_type, size_bytes, at)
        self._db.execute("INSERT OR REPLACE INTO uploads VALUES (?, ?, ?, ?, ?, ?)", values)

    def note_made(self, account: str, marks: Collection[str], prediction_id: str, at: float) -> None:
        """See `Transaction`."""
        rows = [(account, mark, prediction_id, at) for mark in marks]
        self._db.executemany("INSERT OR IGNORE INTO made VALUES (?, ?, ?, ?)", rows)

    def makers(self, accounts: Collection[str], marks: Collection[str]) -> list[str]:
        """See `Transaction`."""
        those = f"account IN ({_marks(accounts)}) AND mark IN ({_marks(marks)})"
        query = f"SELECT DISTINCT id FROM made WHERE {those} ORDER BY id"
        return [one for (one,) in self._db.execute(query, (*accounts, *marks))]

    def purge(self, origins: Collection[str], before: float) -> None:
        """See `Transaction`."""
        old = f"origin IN ({_marks(origins)}) AND attempted_at < ?"
        unfinished = "state IN ('preparing', 'attempt', 'submitted', 'unknown')"
        done = f"NOT {unfinished} AND coalesce(ended_at, 0) < ? AND coalesce(cut_at, 0) < ?"
        # The API keeps nothing for longer, so that no look could find it.
        lost = "state = 'unknown' AND dated"
        query = f"DELETE FROM tasks WHERE {old} AND (({done}) OR ({lost}))"
        self._db.execute(query, (*origins, before, before, before))
        self._db.execute("DELETE FROM uploads WHERE uploaded_at < ?", (before,))
        # A saved file may be used long after its URL is gone.
        self._db.execute("DELETE FROM made WHERE made_at < ? AND mark NOT LIKE 'sha256:%'", (before,))
        self._db.execute("DELETE FROM spent WHERE spent_at < ?", (before,))
        self._db.execute("DELETE FROM shown WHERE shown_at < ?", (before,))

    def free_key(self) -> int:
        """A key that no row has."""
        (highest,) = self._db.execute("SELECT coalesce(max(key), 0) FROM tasks").fetchone()
        return int(highest) + 1

    def owner_lives(self, token: str) -> bool:
        """See `Transaction`."""
        if token not in self._lives:
            self._lives[token] = self._owners.lives(token)
        return self._lives[token]

    def _rows(self, where: str, *values: object) -> list[Row]:
        return [_row(columns) for columns in self._db.execute(f"{SELECT} {where}", values)]


def _absorb_row(mine: SqliteTransaction, theirs: SqliteTransaction, key: int) -> None:
    """Rows only go forward: what is further on one side is so on the other."""
    row, known = theirs.row(key), mine.row(key)
    if row is None:
        if known is not None and known.state in {PREPARING, ATTEMPT}:
            mine.remove(key)
        return
    if known is not None and (known.request, known.begun_at) != (row.request, row.begun_at):
        # The keys of the first release are small numbers, which another file gives to other tasks.
        row, known = replace(row, key=mine.free_key()), None
    owned = mine.by_id([row.account], row.id)
    if owned is not None and owned.key != row.key:
        return
    if known is None or progress(row) >= progress(known):
        mine.put(row)


def _row(columns: Iterable[Any]) -> Row:
    named = dict(zip(COLUMNS, columns, strict=True))
    named["inputs"] = json.loads(named["inputs"])
    named["parents"] = tuple(named["parents"].split())
    return Row(**named | {name: bool(named[name]) for name in FLAGS})


def _stored(value: object) -> object:
    if isinstance(value, tuple):
        return " ".join(value)
    return json.dumps(value) if isinstance(value, dict) else value


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


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
                marks = ",".join("?" * len(some))
                found += self._db.execute(
                    f"SELECT {self._those(columns)} FROM tasks WHERE key IN ({marks})", some
                ).fetchall()
        return found

    def _those(self, columns: Sequence[str]) -> str:
        there = {row[1] for row in self._db.execute("PRAGMA table_info(tasks)")}
        return ", ".join(name if name in there else f"NULL AS {name}" for name in columns)
