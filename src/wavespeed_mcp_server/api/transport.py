"""Every connection of the process: one pool and one set of certificates, whichever account asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .endpoint import is_loopback
from .tls import Certificates

if TYPE_CHECKING:
    import httpx

    from .answer import Answer
    from .pool import TransportPool
    from .proxied import ProxyPool


class Transport:
    """Carries requests that are complete: it adds neither a key nor a header.

    `proxy` is a URL and is passed by for hosts on this machine; `ca_file` is a PEM file in place of
    certifi's. Opens nothing before it is needed; close it with `aclose` in the event loop that used it.
    """

    def __init__(self, *, proxy: str | None = None, ca_file: str | None = None) -> None:
        self._proxy = proxy
        self._certificates = Certificates(ca_file)
        self._direct: TransportPool | None = None
        self._proxied: ProxyPool | None = None

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        if self._direct is not None:
            await self._direct.aclose()
        if self._proxied is not None:
            await self._proxied.aclose()
        self._direct = self._proxied = None

    def proxied(self, host: str) -> bool:
        """Requests to `host` go through the proxy."""
        return self._proxy is not None and not is_loopback(host)

    def proxy_for(self, host: str) -> str | None:
        """The proxy that requests to `host` go through, if any."""
        return self._proxy if self.proxied(host) else None

    async def send(self, request: httpx.Request, seconds: float) -> Answer:
        """The answer with its whole body, over a connection that may have been kept from earlier requests.

        It must be there `seconds` after the request was sent. Redirects are answers like any other.

        Raises:
            NotConfigured: the certificates or the proxy cannot be used.
            httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError: nothing was sent.
            httpx.TransportError: any other says that the request may have been read.
            httpx.DecodingError: the body is not encoded as it says.
        """
        return await self._pool(request).send(request, seconds)

    async def stream(self, request: httpx.Request) -> httpx.Response:
        """The answer with its body still to come, over a connection of its own; the caller closes it.

        Files go to addresses that were checked: a connection made for one name must not serve another.
        Raises as `send` does.
        """
        return await self._pool(request).stream(request)

    def _pool(self, request: httpx.Request) -> TransportPool | ProxyPool:
        if self._proxy is not None and self.proxied(request.url.host):
            if self._proxied is None:
                from .proxied import ProxyPool

                self._proxied = ProxyPool(self._certificates, self._proxy)
            return self._proxied
        if self._direct is None:
            from .pool import TransportPool

            self._direct = TransportPool(self._certificates)
        return self._direct
