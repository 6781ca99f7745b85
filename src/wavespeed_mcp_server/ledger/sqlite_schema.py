"""The tables of the ledger's SQLite file.

The first release's file is taken over as it is: its columns keep their meaning and their version number, and
new ones stand beside them, so that a process of that release may go on writing to it.
"""

from __future__ import annotations

from .rows import REFUNDED

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
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, same_as TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS costs (
    origin TEXT NOT NULL,
    account TEXT NOT NULL,
    part INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (origin, part, account)
) WITHOUT ROWID
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
    "webhook": "INTEGER NOT NULL DEFAULT 0",
}
OPEN = "(state IN ('preparing', 'attempt', 'submitted', 'unknown') OR delivered = 0)"
INDEXES = f"""
CREATE INDEX IF NOT EXISTS tasks_by_id ON tasks (id);
CREATE INDEX IF NOT EXISTS tasks_by_request ON tasks (request, account);
CREATE INDEX IF NOT EXISTS open_tasks ON tasks (account, key) WHERE {OPEN};
CREATE INDEX IF NOT EXISTS tasks_without_id ON tasks (account, model) WHERE id = '';
CREATE INDEX IF NOT EXISTS tasks_by_cost ON tasks (origin, attempted_at, state, charged, cost);
CREATE INDEX IF NOT EXISTS accounts_at ON tasks (origin, account);
CREATE INDEX IF NOT EXISTS tasks_of_account ON tasks (account, attempted_at, state, charged, cost);
CREATE INDEX IF NOT EXISTS newest_tasks ON tasks (origin, account, key) WHERE id <> '';
CREATE INDEX IF NOT EXISTS run_times ON tasks (model, key, seconds) WHERE seconds > 0;
CREATE INDEX IF NOT EXISTS uploads_by_size ON uploads (account, size_bytes);
CREATE INDEX IF NOT EXISTS costs_of_account ON costs (account, part, amount)
"""
# What the rows of each five minutes cost together, so that a budget need not add up a day of them. Triggers
# keep it, whichever version writes to the file. In billionths of a USD, which add up exactly: an amount that
# no run can cost is cut to a million USD, so that taking it off again leaves the others as they were.
COSTS_SECONDS = 300
_PART = f"CAST({{0}}attempted_at / {COSTS_SECONDS} AS INTEGER)"
_AMOUNT = (
    f"CASE WHEN {{0}}state IN {REFUNDED} THEN 0"
    " ELSE CAST(round(max(-1e6, min(1e6, coalesce({0}charged, {0}cost, 0))) * 1e9) AS INTEGER) END"
)
_COUNTED = "{0}origin, {0}account, " + _PART + ", {1}(" + _AMOUNT + ")"
COSTS_FILLED = "INSERT INTO costs SELECT " + _COUNTED.format("", "sum") + " FROM tasks GROUP BY 1, 2, 3"


def _kept(event: str, *sides: str, when: str = "") -> str:
    added = "INSERT INTO costs SELECT " + _COUNTED + " WHERE coalesce({0}charged, {0}cost, 0) <> 0"
    added += " ON CONFLICT (origin, part, account) DO UPDATE SET amount = amount + excluded.amount;"
    steps = " ".join(added.format(f"{side}.", "-" if side == "OLD" else "") for side in sides)
    return f"AFTER {event} ON tasks {when} BEGIN {steps} END"


# What takes the place of another text under its name: names stay, so that an older version adds none of its
# own beside it.
RENEWED = {
    ("INDEX", "tasks_by_fingerprint"): "ON tasks (fingerprint) WHERE request IS NULL",
    ("TRIGGER", "costs_insert"): _kept("INSERT", "NEW"),
    ("TRIGGER", "costs_update"): _kept(
        "UPDATE OF origin, account, attempted_at, state, charged, cost",
        *("OLD", "NEW"),
        when=f"WHEN ({_COUNTED.format('OLD.', '')}) IS NOT ({_COUNTED.format('NEW.', '')})",
    ),
    ("TRIGGER", "costs_delete"): _kept("DELETE", "OLD"),
}
_NOTED = (("tasks", "key", "''"), ("holds", "key", "''"), ("shown", "task", "{}.caller"))
NOTES = "CREATE TEMP TABLE changed (what TEXT, key INTEGER, caller TEXT, PRIMARY KEY (what, key, caller))"
for _table, _key, _caller in _NOTED:
    for _event, _side in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        NOTES += (
            f"\nCREATE TEMP TRIGGER {_table}_{_event} AFTER {_event} ON {_table} BEGIN INSERT OR IGNORE"
            f" INTO changed VALUES ('{_table}', {_side}.{_key}, {_caller.format(_side)}); END"
        )
