"""A server on loopback, for clients in other processes."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import anyio
import uvicorn
from mcp.server import MCPServer


@asynccontextmanager
async def over_http(server: MCPServer[object]) -> AsyncIterator[str]:
    """The URL at which `server` speaks Streamable HTTP until the block is left."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(server.streamable_http_app(), http="h11", log_level="warning", ws="none")
        http = uvicorn.Server(config)
        async with anyio.create_task_group() as group:
            # The socket listens already: who connects early only waits a little.
            group.start_soon(partial(http.serve, sockets=[listener]))
            try:
                yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
            finally:
                http.should_exit = True
                http.force_exit = True
