"""A process's sign of life in PostgreSQL, and its ear for word from the others.

A session of its own holds an advisory lock, which the database drops with the session: at once where the
process died, and within `SILENT_SECONDS` where it was stopped. It asks for nothing else than news.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import unquote, urlsplit

import anyio
import psycopg
from psycopg import AsyncConnection

from .postgres import CONNECT, lock_of
from .store import StoreRefused

logger = logging.getLogger(__name__)
CHANNEL = "wavespeed_wake"
SILENT_SECONDS = 15
BEAT_SECONDS = 5.0
ANSWER_SECONDS = 5.0
LEAVING_SECONDS = 1.0
PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 2.0
POOLED = (
    "WAVESPEED_DATABASE_URL leads to a pooler that shares sessions (PgBouncer in transaction mode), where "
    "locks and word between replicas are lost. Give it the address of PostgreSQL itself."
)


class Pooled(StoreRefused):
    """The database is behind a pooler that gives each transaction another session."""


class PostgresSession:
    """Holds the lock of the process named `owner` from `run` on, and tells `heard` what the others send.

    `lost` is called when the database stopped answering.
    """

    def __init__(
        self, url: str, owner: str, heard: Callable[[str], None], lost: Callable[[], None] = lambda: None
    ) -> None:
        self._url = url
        self._lock = lock_of(owner)
        self._heard = heard
        self._lost = lost
        self._held = anyio.Event()
        self._running: anyio.CancelScope | None = None
        self._over = anyio.Event()
        self.fault = ""

    async def leave(self) -> None:
        """Let go; once this returns the process counts as ended, where the database answers."""
        if self._running is None:
            return
        self._running.cancel()
        with anyio.move_on_after(2 * LEAVING_SECONDS):
            await self._over.wait()

    @property
    def is_held(self) -> bool:
        """This process's lock is held: the others see that it lives."""
        return self._held.is_set()

    async def held(self, seconds: float) -> bool:
        """Wait for the lock for so long; whether it is held."""
        with anyio.move_on_after(seconds):
            await self._held.wait()
        return self.is_held

    async def run(self) -> None:
        """Hold the lock, again and again where the session is lost, until cancelled or left.

        Raises:
            Pooled: sessions are shared.
        """
        try:
            with anyio.CancelScope() as self._running:
                await self._hold_on()
        finally:
            self._over.set()

    async def _hold_on(self) -> None:
        pause = PAUSE_SECONDS
        while True:
            try:
                await self._hold()
            except (psycopg.Error, OSError, TimeoutError) as error:
                self._note(str(error).strip() or "it does not answer")
            if self.is_held:
                pause = PAUSE_SECONDS
                self._held = anyio.Event()
                self._lost()
            await anyio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _note(self, fault: str) -> None:
        fault = without_password(fault, self._url)
        if fault != self.fault:
            logger.warning("The database of WAVESPEED_DATABASE_URL cannot be used: %s", fault)
        self.fault = fault

    async def _hold(self) -> None:
        session = await self._connected()
        try:
            with anyio.fail_after(ANSWER_SECONDS):
                await session.execute(f"SET idle_session_timeout = '{SILENT_SECONDS}s'")
                await session.execute("SELECT pg_advisory_lock(%s)", (self._lock,))
                await session.execute(f"LISTEN {CHANNEL}")
                await self._is_direct(session)
            self.fault = ""
            self._held.set()
            while True:
                async for word in session.notifies(timeout=BEAT_SECONDS):
                    self._heard(word.payload)
                with anyio.fail_after(ANSWER_SECONDS):
                    await session.execute("SELECT 1")
        finally:
            await self._let_go(session)

    async def _let_go(self, session: AsyncConnection) -> None:
        """The database notices a closed socket in its own time, so the lock is given back before."""
        with anyio.move_on_after(LEAVING_SECONDS, shield=True), suppress(psycopg.Error):
            await session.execute("SELECT pg_advisory_unlock(%s)", (self._lock,))
        session.pgconn.finish()

    async def _connected(self) -> AsyncConnection:
        with anyio.fail_after(ANSWER_SECONDS):
            return await AsyncConnection.connect(self._url, autocommit=True, **CONNECT)  # type: ignore[arg-type]

    async def _is_direct(self, session: AsyncConnection) -> None:
        """Two connections have two sessions, and what one has locked the other cannot. Raises `Pooled`."""
        async with await self._connected() as other:
            for _ in range(3):
                first = await (await session.execute("SELECT pg_backend_pid()")).fetchone()
                second = await (await other.execute("SELECT pg_backend_pid()")).fetchone()
                taken = await (
                    await other.execute("SELECT pg_try_advisory_lock(%s)", (self._lock,))
                ).fetchone()
                if first == second or taken == (True,):
                    raise Pooled(POOLED)


def without_password(text: str, url: str) -> str:
    """A database's fault without what the address has between its user and its host."""
    for secret in re.split("[:@]", urlsplit(url).netloc.rpartition("@")[0])[1:]:
        if secret:
            text = text.replace(secret, "...").replace(unquote(secret), "...")
    return text
