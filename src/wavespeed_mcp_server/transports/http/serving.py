"""The server over HTTP: its parts put together, opened and closed."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import anyio
import uvicorn
from mcp.server.request_state import RequestStateSecurity
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from ...accounts import Accounts
from ...ledger import Tokens
from ...process import open_process, state_dir
from ...server import build_server
from ...server.build import Sharing
from ...server.sdk import lowlevel_server
from ...settings import HttpSettings, Settings
from ...team.accounts import TeamAccounts
from ...team.secret import server_secret
from .admission import Admission
from .door import MAX_BODY_BYTES, Door, allowed_tools, caller_of, note_refused
from .hosts import AllowedHosts
from .refusal import Refusal

BACKLOG = 2048
LAST_SECONDS = 1


class Endpoints:
    """Which part of the server a path leads to."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        assert scope["type"] == "http", "nothing else is listened for"
        path = scope["path"]
        if path in {"/mcp", "/mcp/"}:
            await self._door(scope, receive, send)
        elif path in {"/health", "/ready"}:
            await PlainTextResponse("ok\n")(scope, receive, send)
        else:
            await Refusal(404, "There is nothing here: MCP is served at /mcp.").response()(
                scope, receive, send
            )


@asynccontextmanager
async def opened(settings: Settings, http: HttpSettings, host: str) -> AsyncIterator[Endpoints]:
    """The server as an ASGI application, for as long as the block lasts.

    Raises:
        OSError: the secret cannot be kept.
    """
    secret = server_secret(http.server_secret, state_dir(settings))
    states = RequestStateSecurity(
        keys=[secret.key("questions")], bind_principal=lambda context: caller_of(context.request).name
    )
    async with open_process(settings) as process:
        accounts = TeamAccounts(process, caller_of, note_refused)

        @asynccontextmanager
        async def open_accounts() -> AsyncIterator[Accounts]:
            yield accounts

        server = build_server(settings, open_accounts, sharing=Sharing(states, allowed_tools))
        manager = StreamableHTTPSessionManager(
            lowlevel_server(server), stateless=True, max_request_body_size=MAX_BODY_BYTES
        )

        admission = Admission(settings, secret, Tokens(process.store), caller_keys=http.caller_keys)
        hosts = AllowedHosts(host, http.public_url, http.allowed_hosts)
        async with manager.run():
            yield Endpoints(Door(manager.handle_request, hosts, admission, accounts))


async def serve_http(
    settings: Settings, http: HttpSettings, host: str, port: int, announce: Callable[[str], None]
) -> None:
    """Serve at `host` and `port` (0: any free one) until SIGTERM or SIGINT; `announce` is given the URL.

    Raises:
        OSError: the port cannot be listened on, or the secret cannot be kept.
    """
    with _listening(host, port) as listener:
        async with opened(settings, http, host) as endpoints:
            server = _server(endpoints)
            async with anyio.create_task_group() as group:
                group.start_soon(_end_on_signals, server)
                shown = f"[{host}]" if ":" in host else host
                announce(f"http://{shown}:{listener.getsockname()[1]}/mcp")
                await server.serve(sockets=[listener])
                group.cancel_scope.cancel()


async def _end_on_signals(server: uvicorn.Server) -> None:
    import signal

    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _ in signals:
            server.should_exit = True


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        yield listener


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: Endpoints) -> _Server:
    config = uvicorn.Config(
        app,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="critical",
        access_log=False,
        server_header=False,
        # What a client says of its own address is not believed: limits go by it.
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=LAST_SECONDS,
    )
    return _Server(config)
