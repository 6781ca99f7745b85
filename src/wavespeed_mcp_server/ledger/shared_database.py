"""The store of a process that shares a PostgreSQL database with other replicas."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

import anyio

from .postgres import CommitUnknown, PostgresStore
from .postgres_session import CHANNEL, Pooled, PostgresSession, without_password
from .shared_store import LedgerUnavailable, SharedStore
from .store import StoreFault

PATIENCE_SECONDS = 10.0
"""How long a step waits for a database that is starting again."""
PAUSE_SECONDS = 0.2
AGAIN_SECONDS = 1.0
"""How often a database that is away is tried."""
AWAY = "The server's database, in which every run is noted, cannot be reached"
logger = logging.getLogger(__name__)


class SharedDatabase(SharedStore):
    """As `SharedStore`, at `url`. While it is away nothing is bought, and what ends is noted in memory.

    `heard` is told the key of a row of whose end word came to another replica.
    """

    must_hold = True

    def __init__(self, url: str, directory: Path, heard: Callable[[int], None] = lambda key: None) -> None:
        super().__init__(directory)
        self._url = url
        self._tried_at = float("-inf")
        self._last = ""
        self._heard = heard
        self._session: PostgresSession | None = None

    @asynccontextmanager
    async def joined(self) -> AsyncIterator[None]:
        """Be seen as alive by the other replicas, and hear from them, for as long as the block lasts.

        Raises:
            Pooled: the database is behind a pooler.
        """
        session = PostgresSession(self._url, self.owner, lambda word: self._heard(int(word)), self._abort)
        failed: list[Pooled] = []

        async def hold() -> None:
            try:
                await session.run()
            except Pooled as error:
                failed.append(error)
                group.cancel_scope.cancel()

        async with anyio.create_task_group() as group:
            group.start_soon(hold)
            group.start_soon(self._come_back)
            self._session = session
            if await session.held(PATIENCE_SECONDS):
                # The tables are made now, and not by the first call.
                await self._thread.run(self._usable)
            yield
            group.cancel_scope.cancel()
        if failed:
            raise failed[0]

    async def _come_back(self) -> None:
        """Whoever sends calls here waits for `/ready`, so that no call would find the database back."""
        while True:
            await anyio.sleep(AGAIN_SECONDS)
            if self.fault and self._session is not None and self._session.is_held:
                await self._thread.run(self._usable)

    @property
    def is_away(self) -> bool:
        """As `SharedStore.is_away`; known from the session too, where no call has asked for anything."""
        return bool(self.fault) or (self._session is not None and not self._session.is_held)

    @property
    def where(self) -> str:
        """The database, without what may be secret in its address."""
        parts = urlsplit(self._url)
        name = parts.path.strip("/") or "of WAVESPEED_DATABASE_URL"
        return f"The database {name} at {parts.hostname or 'its host'}"

    async def _reached(self) -> None:
        """A database that is starting again is waited for."""
        if self._session is not None and not self._session.is_held and not self.fault:
            await self._session.held(PATIENCE_SECONDS)

    async def aclose(self) -> None:
        """As `SharedStore.aclose`."""
        if self._session is not None:
            await self._session.leave()
        await super().aclose()

    async def notify(self, key: int) -> None:
        """Send word about a row to every replica; lost where the database is away."""

        def step() -> None:
            # This replica may not have needed the database yet, or have lost its connection since.
            for _ in range(2):
                store = self._usable()
                if not isinstance(store, PostgresStore):
                    return
                try:
                    store.notify(CHANNEL, str(key))
                    return
                except StoreFault as error:
                    self._fall_back(error, give_up=False)

        await self._thread.run(step)

    def _abort(self) -> None:
        """The database does not answer: nothing must wait for it."""
        if isinstance(self._file, PostgresStore):
            self._file.abort()

    def _opened(self, busy: float) -> PostgresStore:
        """Tried for a while, as a database that starts again is away for some seconds."""
        if self.fault and monotonic() - self._tried_at < AGAIN_SECONDS:
            raise StoreFault(self._last)
        until = monotonic() + (0.0 if self.fault else PATIENCE_SECONDS)
        while True:
            self._tried_at = monotonic()
            try:
                if self._session is not None and not self._session.is_held:
                    raise StoreFault(self._session.fault or "it does not answer")
                return PostgresStore(self._url, self.owner)
            except StoreFault as error:
                self._last = str(error)
                if monotonic() > until:
                    raise
            sleep(PAUSE_SECONDS)

    def _fall_back(self, error: StoreFault, *, give_up: bool) -> bool:
        """A new connection, and the question what became of the last step; memory where there is none."""
        while True:
            broken, self._file = self._file, None
            if isinstance(broken, PostgresStore):
                broken.close()
            if give_up:
                self._tried_at, self._last = monotonic(), str(error)
                self._note_fault(error)
                return False
            opened = self._file = self._open_file()
            if not isinstance(opened, PostgresStore) or not isinstance(error, CommitUnknown):
                return False
            with suppress(StoreFault):
                return opened.was_committed(error.mark)

    def _note_fault(self, error: Exception) -> None:
        """Where the database is concerns the operator alone, and not who calls."""
        if not self.fault:
            why = without_password(str(error), self._url)
            logger.warning("%s cannot be used: %s. Nothing is bought until it can.", self.where, why)
        self.fault = AWAY

    def _unavailable(self) -> LedgerUnavailable:
        return LedgerUnavailable(f"{self.fault}: make the same call again in a minute.")
