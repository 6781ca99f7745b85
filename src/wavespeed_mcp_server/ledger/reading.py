"""Looking at the ledger from outside: what changed since the last look, and nothing is ever written.

Everything here blocks.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

from .rows import REFUNDED
from .sqlite import SqliteView
from .store import StoreFault

DAY = 24 * 3600.0
SHORT = ("key", "id", "state", "attempted_at", "ended_at", "cost", "quoted", "charged", "seconds")
LONG = ("key", "model", "inputs", "project", "parents")


@dataclass(frozen=True)
class Record:
    """A row of the ledger as a reader sees it. Times are Unix seconds, amounts USD.

    `expected` is the quote or, where none was asked for, the catalog's price. `project` is empty where nobody
    noted it; `parents` are the predictions whose outputs went into it.
    """

    key: int
    id: str
    model: str
    inputs: dict[str, Any]
    state: str
    attempted_at: float
    ended_at: float | None
    expected: float | None
    quoted: bool
    charged: float | None
    seconds: float | None
    project: str = ""
    parents: tuple[str, ...] = ()


@dataclass(frozen=True)
class Changes:
    """Rows that are new or different since the last look, and the keys of those that are gone."""

    records: list[Record]
    gone: list[int]


NOTHING = Changes([], [])


class LedgerReader:
    """The rows of one origin in the ledger's file, which need not exist yet.

    `fault` says why the last look failed; the next one tries again.
    """

    def __init__(self, path: Path, origin: str) -> None:
        self._path = path
        self._origin = origin
        self._view: SqliteView | None = None
        self._version = 0
        self._file = 0
        self._known: dict[int, tuple[Any, ...]] = {}
        self.fault = ""

    def close(self) -> None:
        """Close the file."""
        if self._view is not None:
            self._view.close()
            self._view = None

    def changes(self) -> Changes:
        """What is different since the last call."""
        try:
            view = self._opened()
            if view is None:
                self.fault = ""
                return NOTHING
            version = view.version()
            found = NOTHING if version == self._version else self._different(view)
        except StoreFault as error:
            self.fault = f"The ledger cannot be read: {error}."
            self.close()
            return NOTHING
        self._version, self.fault = version, ""
        return found

    def _opened(self) -> SqliteView | None:
        try:
            file = self._path.stat().st_ino
        except OSError:
            return None
        if self._view is not None and file != self._file:
            # The file was set aside and a new one took its place.
            self.close()
        if self._view is None:
            self._view, self._version, self._file = SqliteView(self._path), 0, file
        return self._view

    def _different(self, view: SqliteView) -> Changes:
        rows = {row[0]: row for row in view.rows(self._origin, SHORT)}
        fresh = [key for key, row in rows.items() if self._known.get(key) != row]
        gone = [key for key in self._known if key not in rows]
        texts = {key: rest for key, *rest in view.rows_of(fresh, LONG)}
        self._known = rows
        return Changes([_record(rows[key], texts[key]) for key in fresh if key in texts], gone)

    def spent(self) -> float:
        """USD that the last 24 hours took, as a budget counts them, as of the last look."""
        since = time() - DAY
        total = 0.0
        for _, _, state, attempted_at, _, cost, _, charged, _ in self._known.values():
            if attempted_at > since and state not in REFUNDED:
                total += charged if charged is not None else cost or 0.0
        return total


def _record(row: tuple[Any, ...], texts: list[Any]) -> Record:
    key, prediction_id, state, attempted_at, ended_at, cost, quoted, charged, seconds = row
    model, inputs, project, parents = texts
    return Record(
        key=key,
        id=prediction_id or "",
        model=model,
        inputs=_object(inputs),
        state=state,
        attempted_at=attempted_at,
        ended_at=ended_at,
        expected=cost,
        quoted=bool(quoted),
        charged=charged,
        seconds=seconds,
        project=project or "",
        parents=tuple((parents or "").split()),
    )


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
