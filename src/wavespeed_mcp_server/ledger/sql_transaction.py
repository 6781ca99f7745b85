"""What the ledger's rules ask of a store, in the SQL that SQLite and PostgreSQL share.

What they do not share is small, and each dialect's own: see `SqlTransaction.OPEN` and `DAY`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from typing import Any, ClassVar, Protocol, Unpack

from .rows import REFUNDED, Row, RowChanges, Spending, Wanted
from .tokens import Token

COLUMNS = tuple(one.name for one in fields(Row))
TOKEN_COLUMNS = tuple(one.name for one in fields(Token))
FLAGS = tuple(one.name for one in fields(Row) if one.type == "bool")
PUT = f"INSERT INTO tasks ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
PUT += f" ON CONFLICT (key) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS[1:])}"
SELECT = f"SELECT {', '.join(COLUMNS)} FROM tasks"


class Connection(Protocol):
    """What is asked of an open database here."""

    def execute(self, query: str, values: Sequence[object] = (), /) -> Any:
        """Run one statement; returns its cursor."""


class SqlTransaction:
    """The primitives of `store.Transaction` in SQL.

    `OPEN` is true of rows that are unfinished or were not delivered, as the index of open rows has it; `DAY`
    is the day (ISO, UTC) of an attempt.
    """

    OPEN: ClassVar[str]
    DAY: ClassVar[str]

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._lives: dict[str, bool] = {}

    def put(self, row: Row) -> None:
        """See `Transaction`."""
        values = [_stored(getattr(row, name)) for name in COLUMNS]
        self._db.execute(PUT, values)

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
        # Where a value itself is compared, SQLite plans anew for each, as some indexes hold for one of them.
        where = f"WHERE id = CAST(? AS TEXT) AND id <> '' AND account IN ({slots(accounts)})"
        return next(iter(self._rows(where, prediction_id, *accounts)), None)

    def equal(self, accounts: Collection[str], request: str, fingerprints: Collection[str]) -> list[Row]:
        """See `Transaction`."""
        own = f"account IN ({slots(accounts)}) AND {self.OPEN}"
        found = self._rows(f"WHERE request = ? AND {own}", request, *accounts)
        if fingerprints:
            first_release = f"WHERE request IS NULL AND fingerprint IN ({slots(fingerprints)}) AND {own}"
            found += self._rows(first_release, *fingerprints, *accounts)
        return sorted(found, key=lambda row: row.key)

    def open_rows(self, accounts: Collection[str], caller: str, limit: int) -> tuple[list[Row], int]:
        """See `Transaction`."""
        told = "EXISTS (SELECT 1 FROM shown WHERE task = tasks.key AND caller = ?)"
        unfinished = "state IN ('attempt', 'submitted', 'unknown')"
        own = f"account IN ({slots(accounts)}) AND {self.OPEN} AND state <> 'preparing'"
        where = f"WHERE {own} AND ({unfinished} OR NOT {told})"
        values = (*accounts, caller)
        count = self._db.execute(f"SELECT count(*) FROM tasks {where}", values).fetchone()[0]
        return self._rows(f"{where} ORDER BY key DESC LIMIT ?", *values, limit), count

    def without_id(self, accounts: Collection[str], model: str) -> list[Row]:
        """See `Transaction`."""
        states = "state IN ('preparing', 'attempt', 'submitted', 'unknown')"
        where = f"WHERE account IN ({slots(accounts)}) AND model = ? AND id = '' AND {states}"
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
        # One step of the index for each account, however many rows it has.
        query = (
            "WITH RECURSIVE found(account) AS (SELECT min(account) FROM tasks WHERE origin = ? UNION ALL"
            " SELECT (SELECT min(account) FROM tasks WHERE origin = ? AND account > found.account) FROM found"
            " WHERE found.account IS NOT NULL) SELECT account FROM found WHERE account IS NOT NULL"
        )
        return [account for one in origins for (account,) in self._db.execute(query, (one, one))]

    def history(self, accounts: Collection[str], wanted: Wanted) -> tuple[list[Row], int]:
        """See `Transaction`."""
        where = f"WHERE account IN ({slots(accounts)}) AND state <> 'preparing'"
        where += " AND attempted_at >= ? AND attempted_at < ?"
        values: list[object] = [*accounts, wanted.since, wanted.until]
        if wanted.model:
            where += " AND model = ?"
            values.append(wanted.model)
        if wanted.states:
            where += f" AND state IN ({slots(wanted.states)})"
            values += wanted.states
        count = self._db.execute(f"SELECT count(*) FROM tasks {where}", values).fetchone()[0]
        page = f"{where} ORDER BY attempted_at DESC, key DESC LIMIT ? OFFSET ?"
        return self._rows(page, *values, wanted.limit, wanted.offset), count

    def spending(self, accounts: Collection[str], since: float, until: float) -> list[Spending]:
        """See `Transaction`."""
        spent = f"CASE WHEN state NOT IN ({slots(REFUNDED)}) THEN"
        query = (
            f"SELECT account, model, {self.DAY} AS day, count(*),"
            f" count(CASE WHEN state = 'completed' THEN 1 END), sum({spent} coalesce(cost, 0) ELSE 0 END),"
            " coalesce(sum(charged), 0.0), count(charged),"
            f" sum({spent} coalesce(charged, cost, 0) ELSE 0 END) FROM tasks"
            f" WHERE account IN ({slots(accounts)}) AND attempted_at >= ? AND attempted_at < ?"
            " AND state <> 'preparing' GROUP BY account, model, day ORDER BY day, account, model"
        )
        values = (*REFUNDED, *REFUNDED, *accounts, since, until)
        return [Spending(*columns) for columns in self._db.execute(query, values)]

    def cost_of(self, accounts: Collection[str], since: float, without: Collection[str]) -> float:
        """See `Transaction`."""
        return self._cost("account", accounts, since, without)

    def cost_since(self, origins: Collection[str], since: float, without: Collection[str]) -> float:
        """See `Transaction`."""
        return self._cost("origin", origins, since, without)

    def _cost(self, column: str, names: Collection[str], since: float, without: Collection[str]) -> float:
        query = (
            "SELECT coalesce(sum(coalesce(charged, cost)), 0) FROM tasks"
            f" WHERE {column} IN ({slots(names)}) AND attempted_at > ? AND state NOT IN ({slots(without)})"
        )
        return float(self._db.execute(query, (*names, since, *without)).fetchone()[0])

    def put_token(self, token: Token) -> None:
        """See `Transaction`."""
        values = {name: getattr(token, name) for name in TOKEN_COLUMNS} | {"tools": " ".join(token.tools)}
        sets = ", ".join(f"{name} = excluded.{name}" for name in values)
        query = (
            f"INSERT INTO tokens ({', '.join(values)}) VALUES ({slots(values)})"
            f" ON CONFLICT (digest) DO UPDATE SET {sets}"
        )
        self._db.execute(query, tuple(values.values()))

    def tokens(self, digest: str = "") -> list[Token]:
        """See `Transaction`."""
        query = f"SELECT {', '.join(TOKEN_COLUMNS)} FROM tokens WHERE ? IN ('', digest) ORDER BY created_at"
        found = (dict(zip(TOKEN_COLUMNS, row, strict=True)) for row in self._db.execute(query, (digest,)))
        return [Token(**one | {"tools": tuple(one["tools"].split())}) for one in found]

    def run_times(self, model: str, limit: int) -> list[float]:
        """See `Transaction`."""
        query = "SELECT seconds FROM tasks WHERE model = ? AND seconds > 0 ORDER BY key DESC LIMIT ?"
        return [seconds for (seconds,) in self._db.execute(query, (model, limit))][::-1]

    def show(self, key: int, caller: str, *, seen: bool, at: float) -> None:
        """See `Transaction`."""
        query = (
            "INSERT INTO shown VALUES (?, ?, ?, ?) ON CONFLICT (task, caller)"
            " DO UPDATE SET seen = shown.seen OR excluded.seen, shown_at = excluded.shown_at"
        )
        self._db.execute(query, (key, caller, seen, at))

    def unshow(self, key: int, caller: str) -> None:
        """See `Transaction`."""
        self._db.execute("DELETE FROM shown WHERE task = ? AND caller = ?", (key, caller))

    def was_seen(self, key: int, caller: str) -> bool:
        """See `Transaction`."""
        query = "SELECT 1 FROM shown WHERE task = ? AND caller = ? AND seen"
        return bool(self._db.execute(query, (key, caller)).fetchall())

    def spend(self, nonce: str, at: float) -> bool:
        """See `Transaction`."""
        added = self._db.execute("INSERT INTO spent VALUES (?, ?) ON CONFLICT DO NOTHING", (nonce, at))
        return bool(added.rowcount)

    def names_of(self, account: str) -> tuple[str, ...]:
        """See `Transaction`."""
        query = "SELECT name FROM accounts WHERE same_as = (SELECT same_as FROM accounts WHERE name = ?)"
        names = {name for (name,) in self._db.execute(query, (account,))}
        return tuple(sorted(names | {account}))

    def join_accounts(self, account: str, other: str) -> None:
        """See `Transaction`."""
        names = {*self.names_of(account), *self.names_of(other)}
        query = (
            "INSERT INTO accounts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET same_as = excluded.same_as"
        )
        for name in names:
            self._db.execute(query, (name, min(names)))

    def add_hold(self, origin: str, owner: str, amount: float) -> int:
        """See `Transaction`."""
        key = secrets.randbits(62)
        query = "INSERT INTO holds (key, origin, owner, amount) VALUES (?, ?, ?, ?)"
        self._db.execute(query, (key, origin, owner, amount))
        return key

    def take_from_hold(self, hold: int, amount: float) -> bool:
        """See `Transaction`."""
        query = "UPDATE holds SET amount = CASE WHEN amount > ? THEN amount - ? ELSE 0 END WHERE key = ?"
        return bool(self._db.execute(query, (amount, amount, hold)).rowcount)

    def remove_hold(self, hold: int) -> None:
        """See `Transaction`."""
        self._db.execute("DELETE FROM holds WHERE key = ?", (hold,))

    def holds(self, origins: Collection[str]) -> list[tuple[int, str, float]]:
        """See `Transaction`."""
        query = f"SELECT key, owner, amount FROM holds WHERE origin IN ({slots(origins)})"
        return list(self._db.execute(query, tuple(origins)))

    def recall_upload(
        self, accounts: Collection[str], sha256: str, since: float
    ) -> tuple[str, str, int] | None:
        """See `Transaction`."""
        query = (
            f"SELECT url, media_type, size_bytes FROM uploads WHERE account IN ({slots(accounts)})"
            " AND sha256 = ? AND uploaded_at > ? ORDER BY uploaded_at DESC"
        )
        found: tuple[str, str, int] | None = self._db.execute(query, (*accounts, sha256, since)).fetchone()
        return found

    def knows_upload_of(self, accounts: Collection[str], size_bytes: int, since: float) -> bool:
        """See `Transaction`."""
        query = (
            f"SELECT 1 FROM uploads WHERE account IN ({slots(accounts)}) AND size_bytes = ?"
            " AND uploaded_at > ? LIMIT 1"
        )
        return self._db.execute(query, (*accounts, size_bytes, since)).fetchone() is not None

    def remember_upload(
        self, account: str, sha256: str, url: str, media_type: str, size_bytes: int, at: float
    ) -> None:
        """See `Transaction`."""
        values = (account, sha256, url, media_type, size_bytes, at)
        query = (
            "INSERT INTO uploads VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (account, sha256) DO UPDATE SET"
            " url = excluded.url, media_type = excluded.media_type, size_bytes = excluded.size_bytes,"
            " uploaded_at = excluded.uploaded_at"
        )
        self._db.execute(query, values)

    def note_made(self, account: str, marks: Collection[str], prediction_id: str, at: float) -> None:
        """See `Transaction`."""
        for mark in marks:
            query = "INSERT INTO made VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
            self._db.execute(query, (account, mark, prediction_id, at))

    def makers(self, accounts: Collection[str], marks: Collection[str]) -> list[str]:
        """See `Transaction`."""
        those = f"account IN ({slots(accounts)}) AND mark IN ({slots(marks)})"
        query = f"SELECT DISTINCT id FROM made WHERE {those} ORDER BY id"
        return [one for (one,) in self._db.execute(query, (*accounts, *marks))]

    def purge(self, origins: Collection[str], before: float) -> None:
        """See `Transaction`."""
        old = f"origin IN ({slots(origins)}) AND attempted_at < ?"
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

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Every row of a query without values."""
        return list(self._db.execute(query))

    def owner_lives(self, token: str) -> bool:
        """See `Transaction`."""
        if token not in self._lives:
            self._lives[token] = self._ask_whether_lives(token)
        return self._lives[token]

    def _ask_whether_lives(self, token: str) -> bool:
        raise NotImplementedError

    def _rows(self, where: str, *values: object) -> list[Row]:
        return [_row(columns) for columns in self._db.execute(f"{SELECT} {where}", values)]


def _row(columns: Iterable[Any]) -> Row:
    # A frozen dataclass sets its thirty fields one by one, which takes ten times as long.
    row = object.__new__(Row)
    named = vars(row)
    named.update(zip(COLUMNS, columns, strict=True))
    named["inputs"] = json.loads(named["inputs"])
    named["parents"] = tuple(named["parents"].split())
    for name in FLAGS:
        named[name] = bool(named[name])
    return row


def _stored(value: object) -> object:
    if isinstance(value, tuple):
        return " ".join(value)
    return json.dumps(value) if isinstance(value, dict) else value


def slots(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))
