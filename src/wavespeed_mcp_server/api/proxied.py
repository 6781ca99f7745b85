"""Requests that go through a proxy (HTTP or SOCKS): httpx's own transport."""

from __future__ import annotations

import anyio
import httpx

from .answer import Answer
from .errors import NotConfigured
from .tls import Certificates

MOST_CONNECTIONS = 128
MOST_KEPT = 32
KEPT_SECONDS = 30.0


class ProxyPool:
    """Connections through the proxy at `proxy`, a URL."""

    def __init__(self, certificates: Certificates, proxy: str) -> None:
        self._certificates = certificates
        self._proxy = proxy
        self._kept: httpx.AsyncHTTPTransport | None = None
        self._fresh: httpx.AsyncHTTPTransport | None = None

    async def send(self, request: httpx.Request, seconds: float) -> Answer:
        """See `Transport.send`."""
        if self._kept is None:
            limits = httpx.Limits(
                max_connections=MOST_CONNECTIONS,
                max_keepalive_connections=MOST_KEPT,
                keepalive_expiry=KEPT_SECONDS,
            )
            self._kept = await self._transport(limits)
        connect = request.extensions.get("timeout", {}).get("connect", 0.0)
        try:
            with anyio.fail_after(connect + seconds):
                response = await self._kept.handle_async_request(request)
                try:
                    await response.aread()
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise httpx.ReadTimeout("no whole answer in time") from error
        return Answer(response.status_code, response.headers.raw, response.content)

    async def stream(self, request: httpx.Request) -> httpx.Response:
        """See `Transport.stream`."""
        if self._fresh is None:
            self._fresh = await self._transport(httpx.Limits(max_keepalive_connections=0))
        return await self._fresh.handle_async_request(request)

    async def aclose(self) -> None:
        """Close every connection."""
        for transport in (self._kept, self._fresh):
            if transport is not None:
                await transport.aclose()
        self._kept = self._fresh = None

    async def _transport(self, limits: httpx.Limits) -> httpx.AsyncHTTPTransport:
        context = await self._certificates.context()
        try:
            return httpx.AsyncHTTPTransport(verify=context, proxy=self._proxy, trust_env=False, limits=limits)
        except (ValueError, ImportError) as error:
            raise NotConfigured(
                "The proxy that the environment names (HTTPS_PROXY or ALL_PROXY) is of a kind that cannot be "
                "used here. Nothing was sent; name an http:// proxy, or set NO_PROXY for the API's host."
            ) from error
