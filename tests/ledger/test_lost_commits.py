"""A commit whose answer is lost: its step was done, or is done again, and never neither or both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import anyio
import anyio.to_thread
import pytest
from anyio.abc import SocketAttribute, SocketStream

from postgres import Postgres
from wavespeed_mcp_server.ledger.postgres import PostgresStore
from wavespeed_mcp_server.ledger.shared_database import SharedDatabase

pytestmark = pytest.mark.ci

Lose = Callable[[SocketStream, bytes], Awaitable[None]]


class Network:
    """What lies between a process and its database at `url`; `lose` is done in place of one commit."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._database = (str(parts.hostname), int(parts.port or 0))
        self._url = url
        self.lose: Lose | None = None

    @asynccontextmanager
    async def carrying(self) -> AsyncIterator[str]:
        """The address at which the database is reached through it."""
        async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
            near, far = listener.extra(SocketAttribute.local_port), self._database[1]
            async with anyio.create_task_group() as group:
                group.start_soon(listener.serve, self._carry)
                yield self._url.replace(f":{far}/", f":{near}/")
                group.cancel_scope.cancel()

    async def _carry(self, near: SocketStream) -> None:
        async with near, await anyio.connect_tcp(*self._database) as far, anyio.create_task_group() as group:

            async def answer() -> None:
                async for data in far:
                    await near.send(data)

            group.start_soon(answer)
            async for data in near:
                if b"COMMIT" in data and self.lose is not None:
                    lose, self.lose = self.lose, None
                    group.cancel_scope.cancel()
                    with anyio.CancelScope(shield=True):
                        await lose(far, data)
                    return
                await far.send(data)
            group.cancel_scope.cancel()


async def spend_twice(url: str, directory: Path, lose: Lose) -> list[bool]:
    """Whether a thing that can be spent once was, by a step whose commit's answer is lost and by another."""
    network = Network(url)
    async with network.carrying() as address:
        store = SharedDatabase(address, directory)
        try:
            await store.run(lambda tx: tx.names_of("nobody"))
            network.lose = lose
            spent = [await store.run(lambda tx: tx.spend("a yes", 1.0), on_disk=True) for _ in range(2)]
            return spent
        finally:
            await store.aclose()


async def test_a_step_whose_commit_arrived_is_not_done_again(database_url: str, tmp_path: Path) -> None:
    async def carry_it_and_lose_the_answer(far: SocketStream, data: bytes) -> None:
        await far.send(data)
        await far.receive()

    assert await spend_twice(database_url, tmp_path, carry_it_and_lose_the_answer) == [True, False]


async def test_a_step_whose_commit_never_arrived_is_done_again(database_url: str, tmp_path: Path) -> None:
    async def lose_it(_far: SocketStream, _data: bytes) -> None:
        pass

    assert await spend_twice(database_url, tmp_path, lose_it) == [True, False]


async def test_a_step_that_a_crash_undid_is_done_again_though_another_process_commits_first(
    postgres: Postgres, database_url: str, tmp_path: Path
) -> None:
    """After the crash the database numbers that process's transaction as it had numbered the one undone."""

    def crash_and_commit_elsewhere() -> None:
        postgres.crash()
        postgres.start()
        with closing(PostgresStore(database_url, uuid4().hex)) as other, other.transaction() as tx:
            tx.spend("another yes", 1.0)

    async def crash(_far: SocketStream, _data: bytes) -> None:
        await anyio.to_thread.run_sync(crash_and_commit_elsewhere)

    assert await spend_twice(database_url, tmp_path, crash) == [True, False]
