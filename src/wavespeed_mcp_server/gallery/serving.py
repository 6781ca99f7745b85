"""The gallery's server on 127.0.0.1, for as long as the block that opened it lasts."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import anyio

from ..accounts import api_endpoint, path_policy
from ..api.client import WaveSpeed
from ..api.transfer import Transfer
from ..api.transport import Transport
from ..files import Downloader
from ..files.viewer import show_folder
from ..ledger.reading import LedgerReader
from ..process import state_dir
from ..settings import Settings
from .access import Access
from .app import Gallery
from .changes import Changes
from .collection import Collection
from .folder import Folder
from .outputs import Outputs
from .sources import Sources

if TYPE_CHECKING:
    import uvicorn

HOST = "127.0.0.1"
LEDGER_FILE = "ledger.sqlite3"


@asynccontextmanager
async def running(
    settings: Settings, port: int = 0, *, show: Callable[[Path], bool] = show_folder
) -> AsyncIterator[Access]:
    """Serve the gallery of the account in `settings` on 127.0.0.1, on any free port for 0.

    Yields what knows the link. No file of the ledger is written, and nothing in it counts as seen.

    Raises:
        OSError: the port is taken.
    """
    listener = _listen(port)
    transport = Transport(proxy=settings.proxy, ca_file=settings.ca_file)
    where = api_endpoint(settings, settings)
    client, transfer = WaveSpeed(transport, where), Transfer(transport, where)
    paths, state = path_policy(settings), state_dir(settings)
    root = paths.output_dir
    reader = LedgerReader(state / LEDGER_FILE, settings.origin)
    folder, collection = Folder(root), Collection()
    sources = Sources(collection, client, reader, folder)
    with tempfile.TemporaryDirectory(prefix="wavespeed-gallery-") as copies:
        try:
            async with anyio.create_task_group() as background:
                changes = Changes(
                    collection,
                    sources,
                    client,
                    Downloader(transfer, paths),
                    root,
                    state,
                    background,
                    sidecars=settings.sidecars,
                    show_folder=show,
                )
                pages = Gallery(collection, sources, Outputs(folder, transfer, Path(copies)), changes)
                access = Access(pages.app(), listener.getsockname()[1])
                await changes.load()
                collection.tell(budget=settings.daily_budget)
                await sources.look_at_ledger()
                background.start_soon(sources.run)
                background.start_soon(_serve, _server(access), listener)
                try:
                    yield access
                finally:
                    background.cancel_scope.cancel()
        finally:
            # Only now does no thread read the ledger any more.
            reader.close()
            with anyio.CancelScope(shield=True):
                await transport.aclose()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


def _server(access: Access) -> uvicorn.Server:
    """A server that leaves the process's signals alone. Nothing is logged: a link is a secret."""
    import uvicorn

    class Server(uvicorn.Server):
        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        access,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    return Server(config)


async def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    """Serve until cancelled. Pages that still wait for news are cut off; they see that it has ended."""
    try:
        await server.serve(sockets=[listener])
    finally:
        for listening in server.servers:
            listening.close()
        for connection in list(server.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.abort()
        for task in list(server.server_state.tasks):
            task.cancel()
        listener.close()
