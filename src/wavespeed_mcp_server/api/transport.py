"""Every connection of the process: one pool and one set of certificates, whichever account asks."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import anyio
import anyio.to_thread

from .endpoint import is_loopback
from .pool import TransportPool
from .tls import usable_network, verifying

if TYPE_CHECKING:
    import httpx

K = TypeVar("K")
T = TypeVar("T")


class Transport:
    """Carries requests that are complete: it adds neither a key nor a header.

    `proxy` is a URL and is passed by for hosts on this machine; `ca_file` is a PEM file in place of
    certifi's. Opens nothing before it is needed; close it with `aclose` in the event loop that used it.
    """

    def __init__(self, *, proxy: str | None = None, ca_file: str | None = None) -> None:
        self.proxy = proxy
        self._ca_file = ca_file
        self._opening = anyio.Lock()
        self._tls: ssl.SSLContext | None = None
        self._pools: dict[tuple[bool, bool], TransportPool] = {}
        self._fresh: dict[bool, httpx.AsyncHTTPTransport] = {}

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        pools, fresh = [*self._pools.values()], [*self._fresh.values()]
        self._pools.clear()
        self._fresh.clear()
        for pool in pools:
            await pool.aclose()
        for one in fresh:
            await one.aclose()

    def proxied(self, host: str) -> bool:
        """Requests to `host` go through the proxy."""
        return self.proxy is not None and not is_loopback(host)

    async def send(self, request: httpx.Request) -> httpx.Response:
        """The answer with its whole body, over a connection that may have been kept from earlier requests.

        Redirects are answers like any other.

        Raises:
            NotConfigured: the certificates or the proxy cannot be used.
            httpx.TransportError: no connection, or it dropped.
            httpx.DecodingError: the body is not encoded as it says.
        """
        verified, proxied = request.url.scheme == "https", self.proxied(request.url.host)
        pool = self._pools.get((verified, proxied))
        if pool is None:
            pool = await self._open(
                self._pools,
                (verified, proxied),
                lambda: TransportPool(self._context(verified), self._via(proxied)),
            )
        return await pool.send(request)

    async def stream(self, request: httpx.Request) -> httpx.Response:
        """The answer with its body still to come, over a connection of its own; the caller closes it.

        Raises as `send` does.
        """
        import httpx

        proxied = self.proxied(request.url.host)

        def build() -> httpx.AsyncHTTPTransport:
            # Files go to addresses that were checked; a connection made for one name must not serve another.
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
            return httpx.AsyncHTTPTransport(
                verify=self._context(True), proxy=self._via(proxied), trust_env=False, limits=limits
            )

        fresh = self._fresh.get(proxied)
        if fresh is None:
            fresh = await self._open(self._fresh, proxied, build)
        return await fresh.handle_async_request(request)

    async def _open(self, opened: dict[K, T], key: K, build: Callable[[], T]) -> T:
        async with self._opening:
            if key not in opened:
                with usable_network():
                    opened[key] = await anyio.to_thread.run_sync(build)
            return opened[key]

    def _via(self, proxied: bool) -> str | None:
        return self.proxy if proxied else None

    def _context(self, verified: bool) -> ssl.SSLContext:
        if not verified:
            # Reading certificates takes its time, and plain HTTP needs none.
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self._tls is None:
            self._tls = verifying(self._ca_file)
        return self._tls
