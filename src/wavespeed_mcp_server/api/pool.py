"""Connections that are kept from one request to the next."""

from __future__ import annotations

import ssl
from collections import deque
from time import monotonic
from typing import TypeAlias

import anyio
import httpx

from .answer import Answer
from .http1 import Http1Connection, connect
from .tls import Certificates

MOST_CONNECTIONS = 128
KEPT_SECONDS = 30.0

Origin: TypeAlias = tuple[str, str, int]


class TransportPool:
    """Direct connections to any number of hosts; those used last are used first, for they are warm."""

    def __init__(self, certificates: Certificates) -> None:
        self._certificates = certificates
        self._kept: dict[Origin, deque[tuple[float, Http1Connection]]] = {}
        self._limit = anyio.Semaphore(MOST_CONNECTIONS, fast_acquire=True)

    async def send(self, request: httpx.Request, seconds: float) -> Answer:
        """See `Transport.send`."""
        origin = _origin(request.url)
        async with self._limit:
            connection = self._take(origin) or await self._connect(request, origin)
            answer = await connection.whole(request, seconds)
        if not connection.closed:
            self._keep(origin, connection)
        return answer

    async def stream(self, request: httpx.Request) -> httpx.Response:
        """See `Transport.stream`."""
        connection = await self._connect(request, _origin(request.url))
        return await connection.stream(request)

    async def aclose(self) -> None:
        """Close every connection that is kept."""
        for kept in self._kept.values():
            for _, connection in kept:
                connection.abort()
        self._kept.clear()

    async def _connect(self, request: httpx.Request, origin: Origin) -> Http1Connection:
        scheme, host, port = origin
        tls: ssl.SSLContext | None = await self._certificates.context() if scheme == "https" else None
        return await connect(
            host,
            port,
            tls=tls,
            name=request.extensions.get("sni_hostname", host),
            seconds=request.extensions.get("timeout", {}).get("connect"),
        )

    def _take(self, origin: Origin) -> Http1Connection | None:
        kept = self._kept.get(origin)
        while kept:
            since, connection = kept.pop()
            if monotonic() - since < KEPT_SECONDS and connection.reusable:
                return connection
            connection.abort()
        return None

    def _keep(self, origin: Origin, connection: Http1Connection) -> None:
        kept = self._kept.setdefault(origin, deque())
        kept.append((monotonic(), connection))
        while len(kept) > MOST_CONNECTIONS or monotonic() - kept[0][0] >= KEPT_SECONDS:
            kept.popleft()[1].abort()


def _origin(url: httpx.URL) -> Origin:
    return url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)
