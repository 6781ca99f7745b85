"""What all accounts of a process share. Made once."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from weakref import WeakSet

import anyio
from anyio.abc import TaskGroup

from .api.client import WaveSpeed
from .api.departure import Departure
from .api.errors import ApiError, NotConfigured, lasting
from .api.run_times import RunTimes
from .api.transport import Transport
from .catalog import Catalog
from .ledger import SharedStore
from .settings import ProcessSettings
from .wakeups import LocalWakeups, Wakeups, WebhookOf, no_webhook

logger = logging.getLogger(__name__)

Spawn = Callable[[Callable[[], Awaitable[None]]], object]


def state_dir(settings: ProcessSettings) -> Path:
    """Where the ledger and the catalog copy are kept."""
    if settings.state_dir is not None:
        return settings.state_dir
    import platformdirs

    return platformdirs.user_state_path("wavespeed-mcp-server", appauthor=False)


def open_store(settings: ProcessSettings, database_url: str = "") -> SharedStore:
    """The store that a command reads and writes beside the servers that use it."""
    if not database_url:
        return SharedStore(state_dir(settings))
    from .ledger.shared_database import SharedDatabase

    return SharedDatabase(database_url, state_dir(settings))


class Process:
    """Connections, catalogs, store and run times of this process. Opens nothing before it is needed.

    `caller` is an opaque name of this process, for those who call it and have no name of their own. `spawn`
    starts work in the background, which ends with the process. `webhook_of` is where the API tells the end of
    the task of a row.
    """

    def __init__(self, settings: ProcessSettings, spawn: Spawn, store: SharedStore | None = None) -> None:
        self.settings = settings
        self.transport = Transport(proxy=settings.proxy, ca_file=settings.ca_file)
        self.store = store or SharedStore(state_dir(settings))
        self.run_times = RunTimes()
        self.departure = Departure()
        self.wakeups: Wakeups = LocalWakeups()
        self.webhook_of: WebhookOf = no_webhook
        self.caller = self.store.owner
        self.spawn = spawn
        self._catalogs: dict[str, tuple[Catalog, CatalogReaders]] = {}

    def catalog(self, origin: str, reader: WaveSpeed) -> Catalog:
        """The catalog of the API at `origin`, one for all accounts. `reader` may be asked to fetch it."""
        if origin not in self._catalogs:
            readers = CatalogReaders()
            catalog = Catalog(
                readers.fetch, state_dir(self.settings), self.spawn, origin, fetch_errors=(ApiError,)
            )
            self._catalogs[origin] = catalog, readers
        catalog, readers = self._catalogs[origin]
        readers.add(reader)
        return catalog

    async def aclose(self) -> None:
        """Close every connection and file."""
        await self.transport.aclose()
        await self.store.aclose()


class CatalogReaders:
    """The accounts in use that a catalog can be fetched with: any one whose key the API takes."""

    def __init__(self) -> None:
        self._clients: WeakSet[WaveSpeed] = WeakSet()

    def add(self, client: WaveSpeed) -> None:
        """Ask this one, too, for as long as its account is in use."""
        self._clients.add(client)

    async def fetch(self) -> bytes:
        """The body of the catalog's answer.

        Raises:
            ApiError: no account gets it.
        """
        refused: ApiError = NotConfigured("No account is in use.")
        for client in list(self._clients):
            try:
                return await client.models()
            except ApiError as error:
                if not (isinstance(error, NotConfigured) or lasting(error)):
                    raise
                refused = error
        raise refused


@asynccontextmanager
async def open_process(settings: ProcessSettings, store: SharedStore | None = None) -> AsyncIterator[Process]:
    """The process's shared parts, for as long as somebody uses them; `store` is closed with them."""
    async with _owned_tasks() as background:

        async def run(work: Callable[[], Awaitable[None]]) -> None:
            try:
                await work()
            except Exception:
                # Nobody waits for it, and it must not take the paid tasks under way with it.
                logger.exception("Work in the background ended unexpectedly; the server goes on.")

        process = Process(settings, lambda work: background.start_soon(run, work), store)
        try:
            yield process
        finally:
            background.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await process.aclose()


@asynccontextmanager
async def _owned_tasks() -> AsyncIterator[TaskGroup]:
    """A task group that lets what its block raises come out as it was."""
    try:
        async with anyio.create_task_group() as group:
            yield group
    except BaseExceptionGroup as errors:
        if len(errors.exceptions) == 1:
            raise errors.exceptions[0] from None
        raise
