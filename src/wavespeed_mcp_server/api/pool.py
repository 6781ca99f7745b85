"""Many requests at once over several small connection pools.

One httpx pool looks at each of its connections for every request: with fifty requests under way that is two
thirds of what a request costs. The client's own layer (cookies, redirects, authentication) is not needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

    import httpx

POOLS = 32
CONNECTIONS_PER_POOL = 4
KEPT_PER_POOL = 1
KEPT_SECONDS = 30.0


class TransportPool:
    """Sends each request over the pool with the fewest under way, the first ones first: they are warm."""

    def __init__(self, verify: ssl.SSLContext, proxy: str | None) -> None:
        import httpx

        limits = httpx.Limits(
            max_connections=CONNECTIONS_PER_POOL,
            max_keepalive_connections=KEPT_PER_POOL,
            keepalive_expiry=KEPT_SECONDS,
        )
        self._pools = [
            httpx.AsyncHTTPTransport(verify=verify, proxy=proxy, trust_env=False, limits=limits)
            for _ in range(POOLS)
        ]
        self._under_way = [0] * POOLS

    async def send(self, request: httpx.Request) -> httpx.Response:
        """The answer with its whole body. Redirects are answers like any other.

        Raises:
            httpx.TransportError: no connection, or it dropped.
            httpx.DecodingError: the body is not encoded as it says.
        """
        number = self._under_way.index(min(self._under_way))
        self._under_way[number] += 1
        try:
            response = await self._pools[number].handle_async_request(request)
            try:
                await response.aread()
            finally:
                await response.aclose()
        finally:
            self._under_way[number] -= 1
        return response

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in self._pools:
            await pool.aclose()
