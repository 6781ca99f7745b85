"""Every implementation of the ledger's interfaces, so that one suite holds for all of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from anyio.from_thread import start_blocking_portal

from wavespeed_mcp_server.ledger.owners import LockFiles, Owners
from wavespeed_mcp_server.ledger.sqlite import SqliteStore
from wavespeed_mcp_server.ledger.store import Store

from . import wishes

OpenOwners = Callable[[], Owners]
OpenStore = Callable[[Owners], Store]


SQLITE = "sqlite"
UNDONE_ONCE = "sqlite, where each step is undone once"
POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.ci)
EVERY_STORE = pytest.mark.parametrize("backend", [SQLITE, UNDONE_ONCE, POSTGRESQL], indirect=True)
"""For rules, which hold whatever becomes of a transaction."""


class HeldSession:
    """`Owners` of PostgreSQL: a session that a thread keeps, and a store that asks about the others."""

    def __init__(self, url: str) -> None:
        from wavespeed_mcp_server.ledger.postgres import PostgresStore
        from wavespeed_mcp_server.ledger.postgres_session import PostgresSession

        self.token = uuid4().hex
        self._store = PostgresStore(url, self.token)
        self._session = PostgresSession(url, self.token, lambda word: None)
        self._portal = start_blocking_portal()
        self._loop = self._portal.__enter__()
        self._task = self._loop.start_task_soon(self._session.run)
        assert self._loop.call(self._session.held, 30.0)

    def lives(self, token: str) -> bool:
        """See `Owners`."""
        with self._store.transaction() as tx:
            return tx.owner_lives(token)

    def sweep(self) -> None:
        """The database sweeps by itself."""

    def close(self) -> None:
        """See `Owners`."""
        if not self._task.done():
            self._loop.call(self._session.leave)
            self._task.result(30)
            self._portal.__exit__(None, None, None)
            self._store.close()


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def backend(request: pytest.FixtureRequest) -> str:
    """The address of a database, or nothing for files."""
    if request.param in {SQLITE, UNDONE_ONCE}:
        return ""
    return str(request.getfixturevalue("database_url"))


@pytest.fixture
def open_owners(backend: str, tmp_path: Path) -> Iterator[OpenOwners]:
    """Opens the sign of life of one more process on the same store."""
    with ExitStack() as stack:

        def opened() -> Owners:
            owners = HeldSession(backend) if backend else LockFiles(tmp_path / "live")
            return stack.enter_context(closing(owners))

        yield opened


@pytest.fixture
def open_store(backend: str, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens the same store once more, as another process does."""
    with ExitStack() as stack:

        def opened(owners: Owners) -> Store:
            if not backend:
                return stack.enter_context(closing(SqliteStore(tmp_path / "ledger.sqlite3", owners)))
            from wavespeed_mcp_server.ledger.postgres import PostgresStore

            return stack.enter_context(closing(PostgresStore(backend, owners.token)))

        yield opened


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """Every connection to a file that is opened from now on."""
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def noted(*given: Any, **options: Any) -> sqlite3.Connection:
        opened.append(connect(*given, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", noted)
    return opened


@pytest.fixture
def store(open_store: OpenStore, open_owners: OpenOwners) -> Store:
    """One open store."""
    return open_store(open_owners())


@pytest.fixture
def shared_stores(request: pytest.FixtureRequest, backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`wishes.callers` share a file, one whose every step is undone once, and then a database."""
    if request.node.callspec.params["backend"] == UNDONE_ONCE:
        monkeypatch.setattr(wishes, "open_shared", wishes.Twice)
    elif backend:
        from wavespeed_mcp_server.ledger.shared_database import SharedDatabase

        monkeypatch.setattr(wishes, "open_shared", partial(SharedDatabase, backend))
