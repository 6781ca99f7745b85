"""Every implementation of the ledger's interfaces, so that one suite holds for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from wavespeed_mcp_server.ledger.owners import LockFiles, Owners
from wavespeed_mcp_server.ledger.sqlite import SqliteStore
from wavespeed_mcp_server.ledger.store import Store

OpenOwners = Callable[[], Owners]
OpenStore = Callable[[Owners], Store]


@pytest.fixture(params=["lock files"])
def open_owners(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenOwners]:
    """Opens the sign of life of one more process on the same store."""
    with ExitStack() as stack:

        def opened() -> Owners:
            return stack.enter_context(closing(LockFiles(tmp_path / "live")))

        yield opened


@pytest.fixture(params=["sqlite"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    """Opens the same store once more, as another process does."""
    with ExitStack() as stack:

        def opened(owners: Owners) -> Store:
            return stack.enter_context(closing(SqliteStore(tmp_path / "ledger.sqlite3", owners)))

        yield opened


@pytest.fixture
def store(open_store: OpenStore, open_owners: OpenOwners) -> Store:
    """One open store."""
    return open_store(open_owners())
