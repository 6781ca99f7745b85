"""Looking into a ledger's file from outside, as another process would."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio

from wavespeed_mcp_server.ledger import Asked, Buy, Follow, Ledger, OverBudget, OwnedRows, fingerprint


def states(state_dir: Path) -> list[str]:
    """The states of all tasks in the ledger below `state_dir`, oldest first."""
    return [state for (state,) in select(state_dir, "SELECT state FROM tasks ORDER BY key")]


def ids(state_dir: Path) -> list[str]:
    """The prediction ids in the ledger below `state_dir`, oldest first."""
    return [one for (one,) in select(state_dir, "SELECT id FROM tasks WHERE id != '' ORDER BY key")]


def select(state_dir: Path, query: str) -> list[tuple[Any, ...]]:
    """The answer to any query; nothing where there is no ledger."""
    path = state_dir / "ledger.sqlite3"
    if not path.exists():
        return []
    with closing(sqlite3.connect(path, timeout=10)) as db:
        return db.execute(query).fetchall()


def change(state_dir: Path, statement: str) -> None:
    """Change the file behind the server's back."""
    with closing(sqlite3.connect(state_dir / "ledger.sqlite3", timeout=10)) as db, db:
        db.execute(statement)


def asked(model: str, inputs: dict[str, Any], *, again: bool = False) -> Asked:
    """A request as the ledger knows it."""
    return Asked(model, fingerprint(model, inputs), again=again)


def new_rows(ledger: Ledger, caller: str = "") -> OwnedRows:
    """A call that comes in now, by default from the ledger's own process."""
    return OwnedRows(ledger, caller or ledger.process, anyio.current_time())


async def buy(
    ledger: Ledger,
    model: str,
    inputs: dict[str, Any],
    *,
    cost: float | None = None,
    budget: float | None = None,
    rows: OwnedRows | None = None,
) -> int:
    """Note an attempt that nothing equal stands in the way of; returns its row's key."""
    decision = await ledger.begin(asked(model, inputs, again=True), rows or new_rows(ledger))
    assert isinstance(decision, Buy)
    try:
        await ledger.attempt(decision.key, inputs, model, cost=cost, quoted=True, budget=budget)
    except OverBudget:
        await ledger.refused(decision.key)
        raise
    return decision.key


async def followed(ledger: Ledger, model: str, inputs: dict[str, Any], caller: str = "") -> int | None:
    """The row that a request made now follows; None where it would buy."""
    rows = new_rows(ledger, caller)
    decision = await ledger.begin(asked(model, inputs), rows)
    if isinstance(decision, Follow):
        return decision.row.key
    await rows.answered()
    return None
