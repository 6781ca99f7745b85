"""Which account a request belongs to: the interface, and the one account of stdio and the command line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from .api.client import WaveSpeed
from .api.endpoint import Endpoint
from .api.transfer import Transfer
from .files import Downloader, LocalMedia, PathPolicy, Upload, Uploader
from .files.viewer import show_file
from .ledger import Ledger, Scope
from .process import Process, open_process
from .runs import Account
from .runs.noted_media import NotedMedia
from .settings import AccountSettings, ProcessSettings, Settings


class Accounts(Protocol):
    """The accounts of a process."""

    def of(self, request: object) -> AbstractAsyncContextManager[Account]:
        """The account that `request` belongs to, kept for as long as the block lasts.

        `request` is what the transport attached to the message (over HTTP its request), or None.
        """


OpenAccounts = Callable[[], AbstractAsyncContextManager[Accounts]]


class SingleAccount:
    """One account, whatever asks."""

    def __init__(self, account: Account) -> None:
        self.account = account

    @asynccontextmanager
    async def of(self, request: object) -> AsyncIterator[Account]:
        """See `Accounts`."""
        yield self.account


def one_account(settings: Settings) -> OpenAccounts:
    """Opens a process with the account in `settings` alone."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Accounts]:
        async with open_account(settings) as account:
            yield SingleAccount(account)

    return opened


@asynccontextmanager
async def open_account(settings: Settings) -> AsyncIterator[Account]:
    """The account in `settings`, in a process of its own. Opens no file and no connection yet."""
    async with open_process(settings) as process:
        yield make_account(process, settings, caller=process.caller)


def make_account(process: Process, settings: AccountSettings, *, caller: str) -> Account:
    """An account on this machine, with local files."""
    endpoint = api_endpoint(process.settings, settings)
    client = WaveSpeed(process.transport, endpoint)
    project = settings.project_dir.name if settings.project_dir else ""
    names = settings.former_names
    scope = Scope(settings.origin, settings.account, tuple(names), tuple(names.values()), project)
    ledger = Ledger(process.store, scope, lambda: client.api_time)
    transfer = Transfer(process.transport, endpoint)
    paths = path_policy(settings)
    catalog = process.catalog(settings.origin, client)
    media = NotedMedia(
        LocalMedia(
            paths,
            Uploader(transfer, client, paths, LedgerMemory(ledger)),
            Downloader(transfer, paths, makes=catalog.makes),
        ),
        ledger,
        project=project,
        sidecars=settings.sidecars,
        show=show_file if settings.open_outputs else None,
    )
    return Account(settings, client, catalog, ledger, media, process.run_times, process.spawn, caller=caller)


def path_policy(settings: AccountSettings) -> PathPolicy:
    """What may be read and written."""
    return PathPolicy.default(
        settings.home,
        settings.project_dir,
        allowed=settings.allowed_dirs,
        output_dir=settings.output_dir,
    )


def api_endpoint(process: ProcessSettings, settings: AccountSettings) -> Endpoint:
    """Where the API is, with the key."""
    return Endpoint(
        base_url=settings.base_url,
        key=settings.api_key,
        client_name=process.client_name,
        client_version=process.user_agent_version,
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
