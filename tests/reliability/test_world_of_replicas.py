"""The world of `test_world` with the ledger in PostgreSQL: every rule holds there, too."""

from __future__ import annotations

import uuid
from contextlib import closing
from time import monotonic, sleep

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from postgres import Postgres
from wavespeed_mcp_server.ledger import SharedStore

from .test_world import World

pytestmark = pytest.mark.ci
GONE_SECONDS = 30.0


def test_the_world_on_a_database(postgres: Postgres) -> None:
    from wavespeed_mcp_server.ledger.postgres import PostgresStore
    from wavespeed_mcp_server.ledger.shared_database import SharedDatabase

    class Replicas(World):
        """Processes that share a database, new for each world."""

        def __init__(self) -> None:
            super().__init__()
            self._url = postgres.named("world")

        def store_of_one_more(self) -> SharedStore:
            store = SharedDatabase(self._url, self._directory)
            self._stack.enter_context(self._portal.wrap_async_context_manager(store.joined()))
            return store

        def until_gone(self, owner: str) -> None:
            """The database hears of the end of a process a moment later."""
            until = monotonic() + GONE_SECONDS
            with closing(PostgresStore(self._url, uuid.uuid4().hex)) as watching:
                while monotonic() < until:
                    with watching.transaction() as tx:
                        if not tx.owner_lives(owner):
                            return
                    sleep(0.005)
            raise AssertionError(f"{owner} still counts as alive")

    run_state_machine_as_test(
        Replicas,
        settings=settings(
            max_examples=60,
            stateful_step_count=30,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
