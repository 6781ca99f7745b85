"""Files over HTTP: fetching outputs, and putting uploads where a ticket says.

Neither ever carries the key, a cookie or any other credential, and both go only where `guard` allows. With a
proxy configured the proxy resolves names itself, so only what this machine can resolve is checked.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import anyio

from ..text import one_line
from .endpoint import Endpoint
from .errors import NotConfigured
from .forms import Body
from .guard import AddressRefused, TransferFailed, checked_addresses
from .transport import Transport

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 10.0
IDLE_SECONDS = 60.0
"""How long either side may stay silent in the middle of a file."""
STORED_SECONDS = 180.0
"""How long the storage may take to answer once it has the last byte."""
CHUNK_BYTES = 512 * 1024
MAX_REDIRECTS = 5
PUT_TRIES = 3
BACKOFF_SECONDS = 1.0

# 409 is object storage's word for a conditional write that met another one under way.
_TRANSIENT = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_NOT_FETCHED = {
    403: "it may have expired: outputs are kept 7 days",
    404: "it is gone: outputs are kept 7 days",
    410: "it is gone: outputs are kept 7 days",
}
_NOT_STORED = {
    403: "its ticket may have expired",
    412: "something is already stored there",
    413: "the file is too large",
}
_ENCODINGS = frozenset({"identity", "gzip", "x-gzip", "deflate"})
_AS_IT_IS = {"Accept-Encoding": "identity"}
_OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection"})


@dataclass(frozen=True)
class Incoming:
    """An answer whose body has not been read yet. `size` is its length in bytes, if that was announced."""

    url: str
    content_type: str
    size: int | None
    chunks: AsyncGenerator[bytes, None]


class Transfer:
    """Moves files from and to the API's storage, each over a connection of its own."""

    def __init__(
        self,
        transport: Transport,
        endpoint: Endpoint,
        *,
        pause: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self.endpoint = endpoint
        self._transport = transport
        self._pause = pause

    @asynccontextmanager
    async def get(self, url: str) -> AsyncIterator[Incoming]:
        """The file at `url`, following at most five redirects, each checked like the first address.

        Raises:
            AddressRefused: it leads somewhere private; nothing was sent there.
            TransferFailed: no answer, an HTTP error, or (from `chunks`) a body that broke off.
        """
        import httpx

        async with _translated("The download"):
            response, final = await self._follow(httpx.URL(_plain_url(url)))
        try:
            if response.status_code != 200:
                raise _refused(f"The download from {final.host}", response.status_code, _NOT_FETCHED)
            # Encodings within encodings grow without bound before anybody can count.
            if response.headers.get("content-encoding", "identity").lower() not in _ENCODINGS:
                raise TransferFailed("The download came in an encoding that is not read here.")
            length = response.headers.get("content-length", "")
            yield Incoming(
                url=str(final),
                content_type=response.headers.get("content-type", ""),
                size=int(length) if length.isdecimal() else None,
                chunks=_chunks(response),
            )
        finally:
            with anyio.CancelScope(shield=True):
                await response.aclose()

    async def put(self, url: str, headers: Mapping[str, Any], size: int, body: Body) -> None:
        """Put a file of `size` bytes where an upload ticket says, with the ticket's headers.

        Tried at most three times: the same bytes to the same place are the same upload. The ticket's
        `If-None-Match: *` makes the storage answer 412 when an earlier try has arrived after all.

        Raises:
            AddressRefused: the ticket leads somewhere private, or to plain HTTP outside this machine.
            TransferFailed: the storage refused, or gave no answer.
        """
        kept = {name: str(value) for name, value in headers.items() if name.lower() not in _OWN_HEADERS}
        if not all(f"{name}{value}".isascii() for name, value in kept.items()):
            raise TransferFailed("The upload's ticket has headers that cannot be sent.")
        kept["Content-Length"] = str(size)
        for attempt in range(1, PUT_TRIES + 1):
            try:
                status = await self._put_once(url, kept, body)
            except TransferFailed as error:
                if not error.transient or attempt == PUT_TRIES:
                    raise
            else:
                if 200 <= status < 300 or (status == 412 and attempt > 1):
                    return
                if status not in _TRANSIENT or attempt == PUT_TRIES:
                    raise _refused("The upload", status, _NOT_STORED)
            await self._pause(BACKOFF_SECONDS * attempt)

    async def _put_once(self, url: str, headers: Mapping[str, str], body: Body) -> int:
        import httpx

        async with _translated("The upload"):
            target = httpx.URL(_plain_url(url))
            if target.scheme != "https" and not self.endpoint.on_loopback:
                raise AddressRefused("The upload's storage is not https, so nothing was sent.")
            response = await self._send("PUT", target, headers=headers, body=body, seconds=STORED_SECONDS)
            await response.aclose()
            return response.status_code

    async def _follow(self, url: httpx.URL) -> tuple[httpx.Response, httpx.URL]:
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._send("GET", url, headers=_AS_IT_IS, seconds=IDLE_SECONDS)
            if response.status_code not in {301, 302, 303, 307, 308}:
                return response, url
            await response.aclose()
            url = url.join(_plain_url(response.headers.get("location", "")))
        raise TransferFailed(f"The download was redirected more than {MAX_REDIRECTS} times.")

    async def _send(
        self,
        method: str,
        url: httpx.URL,
        *,
        headers: Mapping[str, str],
        seconds: float,
        body: Body | None = None,
    ) -> httpx.Response:
        """One request to the first address of the host that takes the connection; the body is not read."""
        import httpx

        if url.scheme not in {"http", "https"} or not url.host:
            raise AddressRefused("Only http and https URLs are fetched.")
        timeout = {"connect": CONNECT_SECONDS, "read": seconds, "write": IDLE_SECONDS, "pool": None}
        url = url.copy_with(username=None, password=None, fragment=None)
        name = url.raw_host.decode("ascii")
        headers = {"Host": url.netloc.decode("ascii"), "User-Agent": self.endpoint.user_agent, **headers}
        tried: httpx.HTTPError | None = None
        for address in await self._addresses(url):
            request = httpx.Request(
                method,
                url if address is None else url.copy_with(host=address),
                headers=headers,
                content=body() if body else None,
                # The connection goes to a checked address; the certificate must still be the name's.
                extensions={"timeout": timeout} | ({"sni_hostname": name} if address else {}),
            )
            try:
                return await self._transport.stream(request)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                tried = error
        raise tried or TransferFailed(f"{url.host} has no address.", transient=True)

    async def _addresses(self, url: httpx.URL) -> list[str] | list[None]:
        """Where to connect; None where the proxy looks the name up."""
        port = url.port or (443 if url.scheme == "https" else 80)
        proxied = self._transport.proxied(url.host)
        loopback_ok = self.endpoint.on_loopback
        try:
            found = await checked_addresses(url.raw_host.decode("ascii"), port, loopback_ok=loopback_ok)
        except AddressRefused:
            raise
        except TransferFailed:
            if not proxied:
                raise
            return [None]
        return [None] if proxied else found


def _plain_url(url: str) -> str:
    """Control characters and spaces have no place in a URL, and would reach the request line."""
    if any(ch <= " " or ch == "\x7f" for ch in url):
        raise TransferFailed("The URL holds control characters or spaces.")
    return url


async def _chunks(response: httpx.Response) -> AsyncGenerator[bytes, None]:
    async with _translated("The download"):
        async for chunk in response.aiter_bytes(CHUNK_BYTES):
            yield chunk


@asynccontextmanager
async def _translated(what: str) -> AsyncIterator[None]:
    import httpx

    try:
        yield
    except NotConfigured as error:
        raise TransferFailed(str(error)) from error
    except httpx.InvalidURL as error:
        raise TransferFailed(f"{what} has no usable URL.") from error
    except httpx.TimeoutException as error:
        raise TransferFailed(f"{what} stopped: the other side stayed silent.", transient=True) from error
    except httpx.DecodingError as error:
        raise TransferFailed(f"{what} came in an encoding that could not be read.") from error
    except httpx.TransportError as error:
        raise TransferFailed(f"{what} broke off ({one_line(error, 120)}).", transient=True) from error


def _refused(what: str, status: int, meanings: Mapping[int, str]) -> TransferFailed:
    meaning = meanings.get(status)
    text = f"{what} was refused ({status}{': ' + meaning if meaning else ''})."
    return TransferFailed(text, status=status, transient=status in _TRANSIENT)
