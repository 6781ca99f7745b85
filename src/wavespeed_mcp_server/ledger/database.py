"""Opening a SQLite file that several processes may make at the same moment."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from time import monotonic, sleep

BUSY_SECONDS = 10.0
BUSY_PAUSE_SECONDS = 0.02


def connect(path: Path | None) -> sqlite3.Connection:
    """The file at `path`, with a write-ahead log; a database in memory where `path` is None. Blocks.

    Raises:
        OSError, sqlite3.Error: it cannot be used.
    """
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
