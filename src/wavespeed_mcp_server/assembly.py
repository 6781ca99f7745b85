"""Puts the rooms together: one account's runs, for as long as somebody uses them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from anyio.abc import TaskGroup

from .api.client import WaveSpeed
from .api.endpoint import Endpoint
from .api.errors import ApiError
from .api.transfer import Transfer
from .api.transport import Transport
from .catalog import Catalog
from .files import Downloader, Reach, Upload, Uploader
from .ledger import Ledger, Scope, SharedStore
from .runs import Limits, Runs
from .settings import Settings

logger = logging.getLogger(__name__)


def state_dir(settings: Settings) -> Path:
    """Where the ledger and the catalog copy are kept."""
    if settings.state_dir is not None:
        return settings.state_dir
    import platformdirs

    return platformdirs.user_state_path("wavespeed-mcp-server", appauthor=False)


def reach(settings: Settings) -> Reach:
    """What may be read and written."""
    return Reach.default(
        settings.home,
        settings.project_dir,
        allowed=settings.allowed_dirs,
        output_dir=settings.output_dir,
    )


def endpoint(settings: Settings) -> Endpoint:
    """Where the API is, with the key."""
    return Endpoint(
        base_url=settings.base_url,
        key=settings.api_key,
        client_name=settings.client_name,
        client_version=settings.user_agent_version,
        problem=settings.base_url_problem,
        key_problem=settings.problems.get("WAVESPEED_API_KEY", ""),
    )


class LedgerMemory:
    """Uploads of the last 24 hours, in the ledger's file."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def recall(self, sha256: str) -> Upload | None:
        """See `files.UploadMemory`."""
        found = await self._ledger.recall_upload(sha256)
        return Upload(*found, cached=True) if found else None

    async def remember(self, sha256: str, upload: Upload) -> None:
        """See `files.UploadMemory`."""
        await self._ledger.remember_upload(sha256, upload.url, upload.media_type, upload.size_bytes)

    async def knows_size(self, size_bytes: int) -> bool:
        """See `files.UploadMemory`."""
        return await self._ledger.knows_upload_of(size_bytes)


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


@asynccontextmanager
async def open_runs(settings: Settings) -> AsyncIterator[Runs]:
    """The runs of the account in `settings`. Opens no file and no connection before one is needed."""
    where = endpoint(settings)
    transport = Transport(proxy=settings.proxy, ca_file=settings.ca_file)
    client = WaveSpeed(transport, where)
    store = SharedStore(state_dir(settings))
    ledger = Ledger(store, Scope(settings.origin, settings.account))
    transfer = Transfer(transport, where)
    limits = Limits(settings.max_price, settings.daily_budget, settings.confirm_above, settings.limit_problem)
    files = reach(settings)
    async with _owned_tasks() as background:

        async def run(work: Callable[[], Awaitable[None]]) -> None:
            try:
                await work()
            except Exception:
                # Nobody waits for it, and it must not take the paid tasks under way with it.
                logger.exception("Work in the background ended unexpectedly; the server goes on.")

        catalog = Catalog(
            client.models,
            state_dir(settings),
            lambda work: background.start_soon(run, work),
            settings.origin,
            fetch_errors=(ApiError,),
        )
        try:
            yield Runs(
                client,
                catalog,
                ledger,
                Uploader(transfer, client, files, LedgerMemory(ledger)),
                Downloader(transfer, files),
                files,
                limits,
            )
        finally:
            background.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await transport.aclose()
                await store.aclose()
