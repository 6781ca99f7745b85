"""Looking into a ledger's file from outside, as another process would."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any


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
