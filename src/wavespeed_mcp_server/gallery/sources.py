"""Keeps a collection up to date: the ledger and the disk all the time, the account while somebody looks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta

import anyio
import anyio.to_thread

from ..api.client import PAGE_SIZE, WaveSpeed
from ..api.errors import ApiError, NotFound
from ..api.wire import Charge
from ..ledger.reading import LedgerReader
from .collection import Collection
from .folder import Folder
from .run import PROCESSING, Money

LEDGER_SECONDS = 0.5
FOLDER_SECONDS = 1.0
SOONEST_SECONDS = 1.0
BUSY_SECONDS = 3.0
"""How often the account is asked while something runs; `IDLE_SECONDS` while nothing does."""
IDLE_SECONDS = 20.0
MONEY_SECONDS = 60.0
AFTER_FAULT_SECONDS = 30.0
WATCHED_SECONDS = 45.0
"""How long after its last question a page counts as open."""
MOST_PAGES = 200
HISTORY_DAYS = 7
MONEY_DAYS = 30


class Sources:
    """The sources of one account. `run` never returns; the others are for pages to call."""

    def __init__(
        self, collection: Collection, client: WaveSpeed, reader: LedgerReader, folder: Folder
    ) -> None:
        self.collection = collection
        self.reader = reader
        self._client = client
        self._folder = folder
        self._asked_at = float("-inf")
        self._asleep: set[anyio.Event] = set()
        self._history_behind = anyio.Event()
        self._whole_history = False
        self._looking: dict[str, anyio.Event] = {}
        self._disk = anyio.Lock()

    async def run(self) -> None:
        """Follow every source until cancelled."""
        async with anyio.create_task_group() as group:
            group.start_soon(self._every, LEDGER_SECONDS, self.look_at_ledger)
            group.start_soon(self._every, FOLDER_SECONDS, self.look_at_folder)
            group.start_soon(self._while_watched, self._follow_history)
            group.start_soon(self._while_watched, self._follow_money)

    def asked(self) -> None:
        """A page is open."""
        self._asked_at = anyio.current_time()
        for waiting in self._asleep:
            waiting.set()

    async def _every(self, seconds: float, look: Callable[[], Awaitable[None]]) -> None:
        while True:
            await look()
            await anyio.sleep(seconds)

    async def _while_watched(self, follow: Callable[[], Awaitable[None]]) -> None:
        """Call `follow`, which looks and then pauses, again and again as long as a page is open."""
        while True:
            if anyio.current_time() - self._asked_at > WATCHED_SECONDS:
                waiting = anyio.Event()
                self._asleep.add(waiting)
                await waiting.wait()
                self._asleep.discard(waiting)
            await follow()

    async def look_at_ledger(self) -> None:
        """Take over what changed in the ledger."""
        changes = await anyio.to_thread.run_sync(self.reader.changes)
        self.collection.take_records(changes)
        if any(record.id for record in changes.records):
            # The ledger knows that something began or ended, and the account what came of it.
            self._history_behind.set()
        self.collection.tell(ledger=self.reader.fault or None, spent=round(self.reader.spent(), 6))

    async def look_at_folder(self) -> None:
        """Take over what is saved."""
        async with self._disk:
            self.collection.take_files(await anyio.to_thread.run_sync(self._folder.scan))

    async def _follow_history(self) -> None:
        self._history_behind = anyio.Event()
        pause = await self._read_history()
        await anyio.sleep(SOONEST_SECONDS)
        with anyio.move_on_after(pause):
            await self._history_behind.wait()

    async def _read_history(self) -> float:
        """The whole history once, then what is new in it. Returns the pause until the next look, seconds."""
        known = {key for key, run in self.collection.runs.items() if run.task is not None and run.task.ended}
        try:
            for page in range(1, MOST_PAGES + 1):
                found = await self._client.history(page=page, page_size=PAGE_SIZE, include_inputs=True)
                tasks = found.predictions
                self.collection.take_tasks(tasks)
                if len(found.items) < PAGE_SIZE:
                    self._whole_history = True
                    break
                if self._whole_history and {task.id for task in tasks} & known:
                    break
            else:
                self._whole_history = True
            await self._look_at_running()
        except ApiError as error:
            self.collection.tell(account=str(error))
            return AFTER_FAULT_SECONDS
        self.collection.tell(account=None)
        return BUSY_SECONDS if self._running() else IDLE_SECONDS

    def _running(self) -> list[str]:
        return [run.id for run in self.collection.runs.values() if run.id and run.status == PROCESSING]

    async def _look_at_running(self) -> None:
        """Runs that the first page of the history no longer shows may have ended as well."""
        for key in self._running()[:10]:
            await self.look_up(key)

    async def look_up(self, key: str) -> None:
        """Ask the API about one run, once for all who want to know.

        Raises:
            ApiError: it cannot be asked now.
        """
        if key in self._looking:
            await self._looking[key].wait()
            return
        self._looking[key] = anyio.Event()
        try:
            self.collection.take_tasks([await self._client.result(key)])
        except NotFound:
            self.collection.note(key, outputs_gone=True)
        finally:
            self._looking.pop(key).set()

    async def _follow_money(self) -> None:
        await anyio.sleep(await self._read_money())

    async def _read_money(self) -> float:
        end = datetime.now(UTC)
        lines: list[Charge] = []
        try:
            for page in range(1, MOST_PAGES + 1):
                found = await self._client.bills(end - timedelta(days=MONEY_DAYS), end, page)
                lines += found
                if len(found) < PAGE_SIZE:
                    break
            balance = await self._client.balance()
        except ApiError as error:
            self.collection.tell(money=str(error))
            return AFTER_FAULT_SECONDS
        self.collection.take_money(sums(lines))
        self.collection.tell(money=None, balance=balance)
        return MONEY_SECONDS

    async def forget(self, keys: Iterable[str]) -> None:
        """The account deleted these runs."""
        self.collection.forget_tasks(keys)


def sums(lines: Iterable[Charge]) -> dict[str, Money]:
    """Billing lines added up for each prediction. Lines of no prediction belong to none."""
    found: dict[str, Money] = {}
    for line in lines:
        if not line.prediction_id or line.price is None:
            continue
        one = found.setdefault(line.prediction_id, Money())
        if line.billing_type == "refund":
            one.returned = round(one.returned + abs(line.price), 6)
        elif line.billing_type in {"", "deduct"}:
            one.charged = round(one.charged + abs(line.price), 6)
            one.at = max(one.at, line.created_at.timestamp() if line.created_at else 0.0)
    return found
