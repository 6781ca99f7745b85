"""Serving MCP over HTTP to many callers."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from dataclasses import replace

import anyio

from ..ledger import StoreRefused
from ..settings import HttpSettings, Settings
from .serving import on_sandbox
from .terminal import complain


def serve_over_http(
    settings: Settings, http: HttpSettings, host: str, port: int, *, sandbox: bool = False
) -> int:
    """Serve at `host` and `port` until SIGTERM or SIGINT; returns the exit code.

    On the `sandbox` the ledger and the tokens stay where they are.
    """
    for problem in http.problems.values():
        complain(problem)
    if http.problems:
        return 2
    try:
        from ..transports.http.logs import log_as_json, server
        from ..transports.http.serving import serve_http
    except ImportError as error:
        complain(f"{error}. Install what HTTP needs: pip install 'wavespeed-mcp-server[http]'")
        return 1
    log_as_json(settings.log_level)
    for name in ("httpx", "httpcore", "mcp", "sse_starlette", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for problem in settings.problems.values():
        logging.getLogger("wavespeed_mcp_server").warning("%s", problem)

    def announce(url: str) -> None:
        server.info("Serving MCP at %s", url)

    async def run() -> None:
        async with on_sandbox(settings) if sandbox else nullcontext(settings) as used:
            kept = replace(used, state_dir=settings.state_dir)
            await serve_http(kept, http, host, port, announce)

    try:
        anyio.run(run)
    except OSError as error:
        complain(f"{host}:{port} cannot be served: {error.strerror or error}")
        return 1
    except StoreRefused as error:
        complain(error)
        return 2
    return 0
