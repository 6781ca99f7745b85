"""The server over HTTP: its parts put together, opened and closed."""

from __future__ import annotations

import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from time import monotonic

import anyio
import uvicorn
from mcp.server.request_state import RequestStateSecurity
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.types.version import HANDSHAKE_PROTOCOL_VERSIONS
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ...accounts import Accounts
from ...ledger import Tokens
from ...process import Process, open_process, state_dir
from ...server import build_server
from ...server.build import Sharing
from ...server.sdk import lowlevel_server
from ...settings import HttpSettings, Settings
from ...team.accounts import TeamAccounts
from ...team.secret import server_secret
from ...tools.call import AppState
from ...wakeups import ReplicatedWakeups
from . import logs, request_ids
from .admission import Admission
from .door import Door, allowed_tools, caller_of, local_of, note_refused
from .handshake_era import VERSION, HandshakeEra
from .hosts import AllowedHosts
from .metrics import Metrics
from .receipts import HttpReceipts
from .refusal import Refusal
from .tickets import PATH, Tickets
from .webhooks import PATH as WEBHOOKS
from .webhooks import Webhooks, reaches_us

BACKLOG = 2048
# All of the end together stays below the ten seconds that operators' tools allow.
SEEN_SECONDS = 2.0
"""How long a balancer has to see that this server takes nothing new."""
DRAIN_SECONDS = 6.0
NOTHING_HERE = Refusal(404, "There is nothing here: MCP is served at /mcp.")
ENDING = Refusal(
    503,
    "This server ended before it had an answer; exactly the same call picks up what this one bought.",
    {"Retry-After": "1"},
)
LAST_SECONDS = 1


class Endpoints:
    """Which part of the server a path leads to. `unkeyed` are those, by the beginning of their paths, whose
    addresses are keys themselves.

    Once the `departure` has begun, `/ready` says so and nothing waits any more. Requests are served all the
    same: clients list the tools to check an answer that they have just got.
    """

    def __init__(
        self,
        door: Door,
        unkeyed: Mapping[str, ASGIApp],
        hosts: AllowedHosts,
        metrics: Metrics,
        process: Process,
    ) -> None:
        self._door = door
        self._unkeyed = unkeyed
        self._hosts = hosts
        self._metrics = metrics
        self.departure = process.departure
        self._store = process.store
        self._open: set[anyio.CancelScope] = set()
        self._closed = anyio.Event()
        metrics.ready.set(1)

    def depart(self) -> None:
        """Say that this server is not ready, and have every wait answer now."""
        self._metrics.ready.set(0)
        self.departure.begin()

    async def all_answered(self) -> None:
        """Returns once no request is being served."""
        while self._open:
            self._closed = anyio.Event()
            await self._closed.wait()

    def cut_off(self) -> None:
        """Have what is still being served answered with the word that this server ends."""
        for one in self._open:
            one.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        assert scope["type"] == "http", "nothing else is listened for"

        named = request_ids.Named(request_ids.begin(scope), send)
        _split_target(scope)
        path = scope["path"]
        if path in {"/health", "/ready", "/metrics"}:
            await self._about(path, scope["method"])(scope, receive, named)
            return
        started = monotonic()
        with self._metrics.open_requests.track_inprogress():
            try:
                await self._until_cut_off(path, scope, receive, named)
            finally:
                self._note(path, scope["method"], named.status, monotonic() - started)

    async def _until_cut_off(
        self, path: str, scope: Scope, receive: Receive, named: request_ids.Named
    ) -> None:
        with anyio.CancelScope() as served:
            self._open.add(served)
            try:
                await self._serve(path, scope, receive, named)
            finally:
                self._open.discard(served)
                self._closed.set()
        if served.cancelled_caught and not named.status:
            await ENDING.response()(scope, receive, named)

    def _note(self, path: str, method: str, status: int, seconds: float) -> None:
        """A request was answered, or dropped (status 0). The rest of its path may be a key."""
        if status:
            self._metrics.answered(status)
        first = next((one for one in ("/mcp", *self._unkeyed) if path.startswith(one)), "elsewhere")
        fields = {"method": method, "path": first, "status": status, "seconds": round(seconds, 3)}
        logs.requests.info("answered", extra={"fields": fields})

    async def _serve(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        if path in {"/mcp", "/mcp/"}:
            await self._door(scope, receive, send)
            return
        app = next((app for start, app in self._unkeyed.items() if path.startswith(start)), None)
        try:
            if app is None:
                raise NOTHING_HERE
            self._hosts.check(Headers(scope=scope).get("host", ""), local=local_of(scope))
        except Refusal as refusal:
            await refusal.response()(scope, receive, send)
        else:
            await app(scope, receive, send)

    def _about(self, path: str, method: str) -> Response:
        if method not in {"GET", "HEAD"}:
            return Refusal(405, "This can only be read.", {"Allow": "GET, HEAD"}).response()
        if path == "/metrics":
            return self._metrics.response()
        if path == "/ready" and self.departure.begun:
            return PlainTextResponse("ending\n", status_code=503)
        if path == "/ready" and self._store.is_away:
            return PlainTextResponse("the database is away\n", status_code=503)
        return PlainTextResponse("ok\n")


def _split_target(scope: Scope) -> None:
    """A request may name its whole URL, whose host then counts (RFC 9112, 3.2.2)."""
    scheme, marked, rest = scope["path"].partition("://")
    if marked and scheme.lower() in {"http", "https"}:
        authority, _, path = rest.partition("/")
        kept = [pair for pair in scope["headers"] if pair[0] != b"host"]
        scope.update(path=f"/{path}", headers=[(b"host", authority.encode()), *kept])


class Eras:
    """Leads a request to what serves its protocol era; an unknown version is refused by the newer one."""

    def __init__(self, newer: ASGIApp, handshake: ASGIApp) -> None:
        self._newer = newer
        self._handshake = handshake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        # White space around a value is no part of it, and the parser leaves it there.
        scope["headers"] = [(name, value.strip(b" \t")) for name, value in scope["headers"]]
        version = Headers(scope=scope).get(VERSION)
        shaken = version is None or version in HANDSHAKE_PROTOCOL_VERSIONS
        await (self._handshake if shaken else self._newer)(scope, receive, send)


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
    async with _process(settings, http.database_url) as process:
        accounts = TeamAccounts(process, caller_of, note_refused)
        metrics = Metrics(lambda: accounts.in_use)
        admission = Admission(settings, secret, Tokens(process.store), caller_keys=http.caller_keys)
        tickets = Tickets(secret, process.store, accounts, admission, http.public_url)
        webhooks = Webhooks(http.public_url, secret, process.wakeups, metrics.delivered)
        if reaches_us(http.public_url, settings.base_url):
            process.webhook_of = webhooks.address

        @asynccontextmanager
        async def open_accounts() -> AsyncIterator[Accounts]:
            yield accounts

        sharing = Sharing(states, allowed_tools, tickets, metrics.called, request_ids.reference)
        receipts = HttpReceipts()
        server = build_server(settings, open_accounts, receipts=receipts, sharing=sharing)
        lowlevel = lowlevel_server(server)
        # Requests that carry their version; the others need no session either.
        manager = StreamableHTTPSessionManager(lowlevel, stateless=True)
        shaken = HandshakeEra(
            lowlevel, AppState(accounts, receipts, tickets), lambda request: caller_of(request).name
        )
        eras = Eras(manager.handle_request, shaken)
        hosts = AllowedHosts(host, http.public_url, http.allowed_hosts)
        async with manager.run():
            door = Door(eras, hosts, admission, accounts)
            unkeyed: dict[str, ASGIApp] = {PATH: tickets, WEBHOOKS: webhooks}
            yield Endpoints(door, unkeyed, hosts, metrics, process)


@asynccontextmanager
async def _process(settings: Settings, database_url: str) -> AsyncIterator[Process]:
    """The process, alone on this machine or one of the replicas that share a database.

    Raises:
        Pooled: the database is behind a pooler.
    """
    if not database_url:
        async with open_process(settings) as process:
            yield process
        return
    from ...ledger.shared_database import SharedDatabase

    store = SharedDatabase(database_url, state_dir(settings), lambda key: wakeups.hear(key))
    wakeups = ReplicatedWakeups(store.notify)
    async with store.joined(), open_process(settings, store) as process:
        process.wakeups = wakeups
        yield process


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
                group.start_soon(_end_on_signals, server, endpoints)
                shown = f"[{host}]" if ":" in host else host
                announce(f"http://{shown}:{listener.getsockname()[1]}/mcp")
                await server.serve(sockets=[listener])
                group.cancel_scope.cancel()


async def _end_on_signals(server: uvicorn.Server, endpoints: Endpoints) -> None:
    """At the first signal let every call answer, and whoever asks know; then end. A second one hurries."""
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        await anext(signals)
        endpoints.depart()
        logs.server.info("Ending: no wait is begun, and every open call is answered.")
        async with anyio.create_task_group() as group:

            async def hurry() -> None:
                await anext(signals)
                group.cancel_scope.cancel()

            group.start_soon(hurry)
            with anyio.move_on_after(DRAIN_SECONDS):
                await anyio.sleep(SEEN_SECONDS)
                await endpoints.all_answered()
            group.cancel_scope.cancel()
        endpoints.cut_off()
        server.should_exit = True


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # From here on whoever connects is served, if a moment later.
        listener.listen(BACKLOG)
        yield listener


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to whoever runs it; cut off, it leaves its port."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        try:
            yield
        finally:
            for listening in getattr(self, "servers", ()):
                listening.close()


def _server(app: Endpoints) -> _Server:
    config = uvicorn.Config(
        app,
        # Whatever else is installed: its other parser leaves white space around a field's value.
        http="h11",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        # What a client says of its own address is not believed: limits go by it.
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=LAST_SECONDS,
    )
    return _Server(config)
