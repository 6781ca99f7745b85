"""What was submitted, what became of it, what it cost: the ledger as the rest of the server uses it.

Where the file cannot be opened or written, the ledger says so once and goes on in memory, so that runs
in this process keep their promises among themselves; only a budget cannot be kept that way.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Any, TypeVar

import anyio

from .alive import Alive
from .rows import Row
from .steps import Steps
from .store import Scope, Store

logger = logging.getLogger(__name__)
UPLOAD_REUSE_SECONDS = 24 * 3600.0
T = TypeVar("T")


class LedgerUnavailable(Exception):
    """A budget was asked for and the ledger file cannot be used: `fault` says why."""

    def __init__(self, fault: str) -> None:
        super().__init__(f"A daily budget is set and cannot be kept without the ledger: {fault}.")


class Ledger:
    """The tasks of one account, shared by every server process with the same state directory.

    `fault` says why the file is not in use, or is empty. No method but `begin` and `hold` ever fails.
    """

    def __init__(self, directory: Path, scope: Scope) -> None:
        self._directory = directory
        self._scope = scope
        self._store: Store | None = None
        self._alive: Alive | None = None
        self._steps = Steps()
        self.fault = ""

    @property
    def path(self) -> Path:
        """The ledger's file."""
        return self._directory / "ledger.sqlite3"

    async def aclose(self) -> None:
        """Close the file and let go of this process's lock."""
        with anyio.CancelScope(shield=True):
            await self._steps.run(self._close)

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None
        if self._alive is not None:
            self._alive.close()
            self._alive = None

    def _open(self) -> Store:
        """The store, opened on first use; in memory after a fault."""
        if self._store is None:
            self._store = self._on_disk() or self._in_memory()
        return self._store

    def _in_memory(self) -> Store:
        mine = self._alive.token if self._alive is not None else "here"
        return Store(None, self._scope, mine, lambda token: token == mine)

    def _on_disk(self) -> Store | None:
        if self.fault:
            return None
        try:
            self._alive = self._alive or Alive(self._directory / "live")
            return Store(self.path, self._scope, self._alive.token, self._alive.holds, self._alive.sweep)
        except (OSError, sqlite3.Error) as error:
            self._degrade(error)
            return None

    def _degrade(self, error: Exception) -> None:
        self.fault = f"{self.path} cannot be used: {error}"
        logger.warning(
            "%s. Runs go on without it: a restart forgets them, and runs under a budget are refused.",
            self.fault,
        )
        broken, self._store = self._store, None
        if broken is not None:
            # What can still be read goes on being known: calls under way hold keys of these rows.
            with suppress(sqlite3.Error):
                kept = self._in_memory()
                kept.take_over(broken)
                self._store = kept
            broken.close()

    async def _do(self, step: Callable[[Store], T], *, shielded: bool = False) -> T:
        """Run one step in a worker thread, again in memory if the file fails under it."""

        def run() -> T:
            try:
                return step(self._open())
            except (OSError, sqlite3.Error) as error:
                if self.fault:
                    raise
                self._degrade(error)
                return step(self._open())

        result: list[T] = []
        with anyio.CancelScope(shield=shielded):
            result.append(await self._steps.run(run))
        return result[0]

    async def _under_budget(self, step: Callable[[Store], T]) -> T:
        result = await self._do(lambda store: None if self.fault else step(store), shielded=True)
        if result is None:
            raise LedgerUnavailable(self.fault)
        return result

    async def begin(
        self,
        model: str,
        inputs: dict[str, Any],
        *,
        cost: float | None,
        quoted: bool = False,
        budget: float | None = None,
        hold: int | None = None,
    ) -> int:
        """Note an attempt before it is sent; returns its row's key.

        `cost` (USD) is a quote, or else what the catalog says; `budget` is USD in 24 hours.

        Raises:
            OverBudget: the budget has no room; nothing was noted.
            LedgerUnavailable: there is a budget and no file to keep it in.
        """
        if budget is None:
            return await self._do(
                lambda store: store.begin(model, inputs, cost, quoted, None, None), shielded=True
            )
        return await self._under_budget(lambda store: store.begin(model, inputs, cost, quoted, budget, hold))

    async def hold(self, amount: float, budget: float) -> int:
        """Set `amount` USD of the budget aside. Raises as `begin` does."""
        return await self._under_budget(lambda store: store.hold(amount, budget))

    async def unhold(self, hold: int) -> None:
        """Give back what is left of a hold."""
        await self._do(lambda store: store.unhold(hold), shielded=True)

    async def spent(self) -> float:
        """USD taken in the last 24 hours."""
        return await self._do(lambda store: store.spent())

    async def pick_up(self, model: str, inputs: dict[str, Any], passed: Collection[int] = ()) -> Row | None:
        """The earlier row that this request repeats, now this process's; see `Store.pick_up`."""
        return await self._do(lambda store: store.pick_up(model, inputs, passed), shielded=True)

    async def submitted(self, key: int, prediction_id: str) -> bool:
        """The id of an attempt is known; False where another row owns that prediction."""
        return await self._do(lambda store: store.submitted(key, prediction_id), shielded=True)

    async def rivals(self, key: int, model: str, inputs: dict[str, Any] | None) -> tuple[int, int]:
        """How many other attempts may own a task found for this one; see `Store.rivals`."""
        return await self._do(lambda store: store.rivals(key, model, inputs))

    async def refused(self, key: int) -> None:
        """An attempt created nothing."""
        await self._do(lambda store: store.refused(key), shielded=True)

    async def lost(self, key: int) -> None:
        """An attempt's answer was lost, and the history shows no task of it."""
        await self._do(lambda store: store.lost(key), shielded=True)

    async def ended(self, prediction_id: str, state: str, seconds: float | None = None) -> None:
        """A task ended as the API says."""
        await self._do(lambda store: store.ended(prediction_id, state, seconds), shielded=True)

    async def charged(self, prediction_id: str, price: float) -> None:
        """A task's real charge, USD."""
        await self._do(lambda store: store.charged(prediction_id, price))

    async def release(self, keys: Iterable[int]) -> None:
        """These rows' call is over without its caller having seen them."""
        listed = list(keys)
        if listed:
            await self._do(lambda store: store.release(listed), shielded=True)

    async def deliver(self, keys: Iterable[int]) -> None:
        """The caller has seen these rows."""
        listed = list(keys)
        if listed:
            await self._do(lambda store: store.deliver(listed), shielded=True)

    async def by_ids(self, prediction_ids: Iterable[str]) -> dict[str, Row]:
        """The rows of these predictions, by id."""
        listed = list(prediction_ids)
        return await self._do(lambda store: store.by_ids(listed))

    async def open_rows(self) -> list[Row]:
        """What an agent should hear about unasked; see `Store.open_rows`."""
        return await self._do(lambda store: store.open_rows())

    async def run_times(self) -> list[tuple[str, float]]:
        """(model, seconds) of past runs, oldest first."""
        return await self._do(lambda store: store.run_times())

    async def recall_upload(self, sha256: str) -> tuple[str, str, int] | None:
        """(url, media type, bytes) of an upload of these bytes in the last 24 hours."""
        since = time() - UPLOAD_REUSE_SECONDS
        return await self._do(lambda store: store.recall_upload(sha256, since))

    async def knows_upload_of(self, size_bytes: int) -> bool:
        """Whether anything of this size was uploaded in the last 24 hours."""
        since = time() - UPLOAD_REUSE_SECONDS
        return await self._do(lambda store: store.knows_upload_of(size_bytes, since))

    async def remember_upload(self, sha256: str, url: str, media_type: str, size_bytes: int) -> None:
        """These bytes were uploaded to `url`."""
        await self._do(lambda store: store.remember_upload(sha256, url, media_type, size_bytes))
