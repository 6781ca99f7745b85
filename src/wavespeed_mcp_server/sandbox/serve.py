"""Serving a sandbox on loopback, inside the event loop of whoever asked."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import anyio.lowlevel
import uvicorn

from .connection import OpenHandedProtocol
from .state import Sandbox

_HOST = "127.0.0.1"
_BACKLOG = 2048


@asynccontextmanager
async def running(sandbox: Sandbox, port: int = 0) -> AsyncIterator[Sandbox]:
    """Serves `sandbox` on 127.0.0.1 (a free port for 0) until the block is left; sets `sandbox.url`.

    Leaving drops every connection at once, hanging ones too. Raises OSError if the port is taken.
    """
    listener = _listen(port)
    sandbox.url = f"http://{_HOST}:{listener.getsockname()[1]}"
    server = _server(sandbox)
    await server.startup(sockets=[listener])
    try:
        async with anyio.create_task_group() as background:
            sandbox.background = background
            background.start_soon(_tick, server)
            yield sandbox
            background.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        # What the block raised comes out as it was.
        if len(group.exceptions) == 1:
            raise group.exceptions[0] from None
        raise
    finally:
        sandbox.background = None
        with anyio.CancelScope(shield=True):
            await _stop(server)
        sandbox.storage.close()


async def serve(sandbox: Sandbox, port: int = 0) -> None:
    """Serves `sandbox` until cancelled."""
    async with running(sandbox, port):
        await anyio.sleep_forever()


def _listen(port: int) -> socket.socket:
    # The protocol is named because asyncio switches Nagle's delay off only for sockets that name it.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


def _server(sandbox: Sandbox) -> uvicorn.Server:
    """A uvicorn server whose parts are driven from here: its own `serve` would take the signals."""
    config = uvicorn.Config(
        sandbox,
        http=OpenHandedProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=60,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    return server


async def _tick(server: uvicorn.Server) -> None:
    """Keeps the Date header right, as uvicorn's own loop would."""
    while True:
        await server.on_tick(0)
        await anyio.sleep(1)


async def _stop(server: uvicorn.Server) -> None:
    for listening in server.servers:
        listening.close()
    for connection in list(server.server_state.connections):
        transport = getattr(connection, "transport", None)
        if transport is not None:
            transport.abort()
    # Answers under way see their client gone; what still waits for something else is cancelled.
    await anyio.lowlevel.checkpoint()
    tasks = list(server.server_state.tasks)
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
