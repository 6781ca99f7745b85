"""The store of a process: opened when first needed, one thread's work, replaced by memory if it fails."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import anyio

from .batched_thread import BatchedThread
from .owners import Alone, LockFiles
from .sqlite import SqliteStore
from .store import StoreFault, Transaction

logger = logging.getLogger(__name__)
T = TypeVar("T")
Rule = Callable[[Transaction], T]


class LedgerUnavailable(Exception):
    """A budget was asked for and the ledger file cannot be used: `fault` says why."""

    def __init__(self, fault: str) -> None:
        super().__init__(f"A daily budget is set and cannot be kept without the ledger: {fault}.")


class SharedStore:
    """What every account of this process, and every process with the same directory, keeps its rows in.

    `fault` says why the file is not in use, or is empty.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._store: SqliteStore | None = None
        self._owners: LockFiles | None = None
        self._thread = BatchedThread()
        self.fault = ""

    @property
    def path(self) -> Path:
        """The ledger's file."""
        return self._directory / "ledger.sqlite3"

    @property
    def owner(self) -> str:
        """This process's own name among the owners of rows; known inside a rule."""
        return self._owners.token if self._owners is not None else "here"

    async def aclose(self) -> None:
        """Close the file and let go of this process's lock."""
        with anyio.CancelScope(shield=True):
            await self._thread.run(self._close)

    async def run(self, rule: Rule[T], *, shielded: bool = False, on_disk: bool = False) -> T:
        """What a rule decides in one transaction, again in memory if the file fails under it.

        Raises:
            LedgerUnavailable: it must be `on_disk`, and the file cannot be used.
        """

        def decide() -> T:
            try:
                return self._decide(rule, on_disk)
            except StoreFault as error:
                if self.fault:
                    raise
                self._degrade(error)
                return self._decide(rule, on_disk)

        result: list[T] = []
        with anyio.CancelScope(shield=shielded):
            result.append(await self._thread.run(decide))
        return result[0]

    def _decide(self, rule: Rule[T], on_disk: bool) -> T:
        store = self._open()
        if on_disk and self.fault:
            raise LedgerUnavailable(self.fault)
        with store.transaction() as transaction:
            return rule(transaction)

    def _open(self) -> SqliteStore:
        """The store, opened on first use; in memory after a fault."""
        if self._store is None:
            self._store = self._on_disk() or self._in_memory()
        return self._store

    def _on_disk(self) -> SqliteStore | None:
        if self.fault:
            return None
        try:
            self._owners = self._owners or LockFiles(self._directory / "live")
            return SqliteStore(self.path, self._owners)
        except (OSError, StoreFault) as error:
            self._degrade(error)
            return None

    def _in_memory(self) -> SqliteStore:
        return SqliteStore(None, Alone(self.owner))

    def _degrade(self, error: Exception) -> None:
        self.fault = f"{self.path} cannot be used: {error}"
        logger.warning(
            "%s. Runs go on without it: a restart forgets them, and runs under a budget are refused.",
            self.fault,
        )
        broken, self._store = self._store, None
        if broken is not None:
            # What can still be read goes on being known: calls under way hold keys of these rows.
            with suppress(StoreFault):
                memory = self._in_memory()
                memory.copy_from(broken)
                self._store = memory
            broken.close()

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
        if self._owners is not None:
            self._owners.close()
            self._owners = None
