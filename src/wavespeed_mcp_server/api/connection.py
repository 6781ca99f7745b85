"""Requests of one account to the API: the key they carry, the pace they keep, what their faults prove."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import anyio
import anyio.to_thread

from ..text import one_line
from .answer import Answer
from .endpoint import Endpoint
from .envelope import unwrap
from .errors import RateLimited, Unanswered, Unreachable
from .forms import MultipartForm
from .pace import Pace
from .transport import Transport

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
FORM_SECONDS = 600.0
# An answer with files in it, as base64, is parsed beside the event loop.
LARGE_BYTES = 256 * 1024
READ_TRIES = 3
TIMEOUT = {"connect": CONNECT_SECONDS, "read": None, "write": READ_SECONDS, "pool": None}
READ_PATIENCE_SECONDS = 6.0
READ_BACKOFF_SECONDS = 0.4
# A task is asked for again and again, by the same request.
MOST_LOOKUPS = 1024
# A shorter key is a stand-in for one, and a word that prompts and model ids may hold.
SHORTEST_SECRET = 10

T = TypeVar("T")


class Connection:
    """Sends requests to one API host with one key, over the connections that the process has.

    The API's clock is known by the newest `Date` header, and goes on whatever this machine's clock does.
    """

    def __init__(self, transport: Transport, endpoint: Endpoint) -> None:
        self.transport = transport
        self.endpoint = endpoint
        self.pace = Pace()
        self._date: tuple[float, float] | None = None
        self._dated = ""
        self._fields: httpx.Headers | None = None
        self._address = lru_cache(MOST_LOOKUPS)(_parsed)
        self._look_up = lru_cache(MOST_LOOKUPS)(partial(self._request, "GET"))

    @property
    def api_time(self) -> float | None:
        """The API's clock, Unix seconds; None before its first answer."""
        if self._date is None:
            return None
        at, seen = self._date
        return at + monotonic() - seen

    async def read(self, method: str, path: str, **request: Any) -> Any:
        """A call that may be repeated: asked up to three times while it fails fast. Returns the data.

        Raises:
            ApiError: the last try's.
        """
        return await self._patiently(lambda: self.once(method, path, **request))

    async def fetch(self, path: str, seconds: float) -> bytes:
        """A whole document as it came, envelope included; repeated and raising as `read`."""

        async def once() -> bytes:
            answer = await self.raw("GET", path, seconds=seconds)
            if not 200 <= answer.status < 300:
                unwrap(answer)
            return answer.body

        return await self._patiently(once)

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        patience = anyio.current_time() + READ_PATIENCE_SECONDS
        attempt = 1
        while True:
            try:
                return await ask()
            except (Unanswered, Unreachable, RateLimited):
                if attempt == READ_TRIES or anyio.current_time() + self.pace.left > patience:
                    raise
            await anyio.sleep(READ_BACKOFF_SECONDS * attempt)
            attempt += 1

    async def once(self, method: str, path: str, **request: Any) -> Any:
        """One call, sent once. Returns the envelope's data; see `raw` for `request`.

        Raises:
            ApiError: see the tree in `errors`.
        """
        answer = await self.raw(method, path, **request)
        if len(answer.body) > LARGE_BYTES:
            return await anyio.to_thread.run_sync(unwrap, answer)
        return unwrap(answer)

    async def raw(
        self,
        method: str,
        path: str,
        *,
        body: dict[str, Any] | None = None,
        params: dict[str, str] | None = None,
        seconds: float = READ_SECONDS,
    ) -> Answer:
        """One request with its whole answer. Waits its turn first; `seconds` bounds the wait for the answer.

        Raises:
            NotConfigured: no key, or a base URL that must not be used.
            Unreachable: no connection opened.
            Unanswered: the connection dropped, or stayed silent.
        """
        # ASCII alone: half of a surrogate pair, as a terminal may give it, has no UTF-8.
        content = None if body is None else json.dumps(body).encode()
        self.endpoint.check()
        if method == "GET" and not params:
            request = self._look_up(path)
        else:
            request = self._request(method, path, params=params, body=content)
        return await self._send(request, seconds)

    async def post_form(self, path: str, form: MultipartForm) -> Any:
        """Post one streamed file, sent once. Returns the envelope's data; raises as `once` does."""
        self.endpoint.check()
        import httpx

        own = {"Content-Type": form.content_type, "Content-Length": str(form.content_length)}
        request = httpx.Request(
            "POST",
            self._url(path),
            headers=self.endpoint.headers() | own,
            content=form.stream(),
            extensions={"timeout": TIMEOUT},
        )
        return unwrap(await self._send(request, FORM_SECONDS))

    def _url(self, path: str) -> str:
        return self.endpoint.base_url.rstrip("/") + path

    def _request(
        self, method: str, path: str, *, params: dict[str, str] | None = None, body: bytes | None = None
    ) -> httpx.Request:
        """A whole request. What all of them have in common is made once, for that takes httpx the longest."""
        import httpx

        url = self._address(self._url(path))
        if params is not None:
            url = url.copy_merge_params(params)
        if self._fields is None:
            self._fields = httpx.Headers({"Host": url.netloc.decode(), **self.endpoint.headers()})
        stream = httpx.ByteStream(body or b"")
        request = httpx.Request(
            method, url, headers=self._fields, stream=stream, extensions={"timeout": TIMEOUT}
        )
        request.read()
        if body is not None:
            request.headers["Content-Length"] = str(len(body))
        return request

    async def _send(self, request: httpx.Request, seconds: float) -> Answer:
        import httpx

        await self.pace.turn()
        try:
            answer = await self.transport.send(request, seconds)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise Unreachable(
                f"The API at {self.endpoint.base_url} cannot be reached{self._by_way()} ({_why(error)}); "
                "nothing was sent."
            ) from error
        except httpx.HTTPError as error:
            raise Unanswered(f"The API gave no answer ({_why(error)}).") from error
        return self._seen(answer)

    def _by_way(self) -> str:
        """Which proxy stands between, without what it is paid with."""
        proxy = self.transport.proxy_for(urlsplit(self.endpoint.base_url).hostname or "")
        if proxy is None:
            return ""
        parts = urlsplit(proxy)
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        return (
            f" through the proxy {one_line(shown, 100)}, which HTTPS_PROXY or ALL_PROXY names: mend or unset "
            "it, or set NO_PROXY for the API's host"
        )

    def _seen(self, answer: Answer) -> Answer:
        if answer.status == 429:
            self.pace.refused(answer.retry_after)
        elif answer.status < 500:
            self.pace.answered()
        date = answer.field(b"date")
        # Within a second all answers have the same date, and the first of them tells the time best.
        if date and date != self._dated:
            with suppress(ValueError):
                self._date = parsedate_to_datetime(date).timestamp(), monotonic()
            self._dated = date
        answer.body = self._without_key(answer.body)
        return answer

    def _without_key(self, body: bytes) -> bytes:
        """An API that quotes the key in an error must not get it into a conversation."""
        key = self.endpoint.key.encode()
        return body.replace(key, b"(key)") if len(key) >= SHORTEST_SECRET else body


def _parsed(url: str) -> httpx.URL:
    import httpx

    return httpx.URL(url)


def _why(error: BaseException) -> str:
    name = type(error).__name__
    return {
        "ConnectTimeout": "connecting timed out",
        "ConnectError": "connection failed",
        "ProxyError": "the proxy refused",
        "ReadTimeout": "it stayed silent",
        "RemoteProtocolError": "the connection dropped",
        "ReadError": "the connection dropped",
        "WriteError": "the connection dropped",
    }.get(name, name)
