"""One HTTP connection pool to the API: what a request carries, and what an answer means."""

from __future__ import annotations

import json
import platform
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from time import time
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import anyio
import anyio.to_thread

from ..json_text import read_json
from .errors import KEY_PAGE, ApiError, NotConfigured, RateLimited, Unanswered, Unreachable, refusal
from .lanes import Lanes
from .pace import Pace

if TYPE_CHECKING:
    import httpx

    from .transfer import MultipartForm

CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
FORM_SECONDS = 600.0
# An answer with files in it, as base64, is parsed beside the event loop.
LARGE_BYTES = 256 * 1024
READ_TRIES = 3
TIMEOUT = {"connect": CONNECT_SECONDS, "read": None, "write": READ_SECONDS, "pool": None}
READ_PATIENCE_SECONDS = 6.0
READ_BACKOFF_SECONDS = 0.4
# A shorter key is a stand-in for one, and a word that prompts and model ids may hold.
SHORTEST_SECRET = 10

T = TypeVar("T")


@dataclass(frozen=True)
class Endpoint:
    """Where the API is and who calls it.

    `problem` says why the base URL cannot be used, `key_problem` why the key cannot; calls then raise
    `NotConfigured`.
    """

    base_url: str = "https://api.wavespeed.ai"
    key: str = field(default="", repr=False)
    client_name: str = "wavespeed-mcp-server"
    client_version: str = ""
    proxy: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    problem: str = ""
    key_problem: str = ""

    @property
    def on_loopback(self) -> bool:
        """The API itself is on this machine, as the sandbox is."""
        return is_loopback(urlsplit(self.base_url).hostname or "")


def is_loopback(host: str) -> bool:
    """`host` names this machine without asking a resolver."""
    import ipaddress

    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass
class Answer:
    """An HTTP answer before its envelope is opened. `retry_after` is in seconds."""

    status: int
    body: bytes
    retry_after: float | None = None


class Connection:
    """Sends requests to one API host with the key; opens its pool on first use.

    `clock_offset` is the API's clock minus this machine's, in seconds, from the newest `Date` header.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.pace = Pace()
        self.clock_offset = 0.0
        self._lanes: Lanes | None = None
        self._headers: dict[str, str] = {}
        self._opening = anyio.Lock()

    async def aclose(self) -> None:
        """Close every connection."""
        if self._lanes is not None:
            lanes, self._lanes = self._lanes, None
            await lanes.aclose()

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
        return await self._send(method, path, seconds, params=params, content=content)

    async def post_form(self, path: str, form: MultipartForm) -> Any:
        """Post one streamed file, sent once. Returns the envelope's data; raises as `once` does."""
        headers = {"Content-Type": form.content_type, "Content-Length": str(form.content_length)}
        answer = await self._send("POST", path, FORM_SECONDS, headers=headers, content=form.stream())
        return unwrap(answer)

    async def _send(
        self,
        method: str,
        path: str,
        seconds: float,
        *,
        headers: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
        content: bytes | AsyncIterator[bytes] | None = None,
    ) -> Answer:
        import httpx

        lanes = await self._open()
        request = httpx.Request(
            method,
            self.endpoint.base_url.rstrip("/") + path,
            params=params,
            headers={**self._headers, **(headers or {})},
            content=content,
            extensions={"timeout": TIMEOUT},
        )
        await self.pace.turn()
        try:
            with anyio.fail_after(CONNECT_SECONDS + seconds):
                response = await lanes.send(request)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            raise Unreachable(
                f"The API at {self.endpoint.base_url} cannot be reached ({_why(error)}); nothing was sent."
            ) from error
        except (httpx.HTTPError, TimeoutError) as error:
            raise Unanswered(f"The API gave no answer ({_why(error)}).") from error
        return self._seen(response)

    def _seen(self, response: httpx.Response) -> Answer:
        retry_after = _seconds(response.headers.get("retry-after"))
        if response.status_code == 429:
            self.pace.refused(retry_after)
        elif response.status_code < 500:
            self.pace.answered()
        date = response.headers.get("date")
        if date:
            with suppress(ValueError):
                self.clock_offset = parsedate_to_datetime(date).timestamp() - time()
        return Answer(response.status_code, self._without_key(response.content), retry_after)

    def _without_key(self, body: bytes) -> bytes:
        """An API that quotes the key in an error must not get it into a conversation."""
        key = self.endpoint.key.encode()
        return body.replace(key, b"(key)") if len(key) >= SHORTEST_SECRET else body

    async def _open(self) -> Lanes:
        if self.endpoint.problem:
            raise NotConfigured(self.endpoint.problem)
        if not self.endpoint.key:
            raise NotConfigured(
                self.endpoint.key_problem
                or "No API key: set WAVESPEED_API_KEY in this server's configuration. "
                f"Keys are made at {KEY_PAGE} and work after a first top-up. Nothing was sent."
            )
        if self._lanes is None:
            async with self._opening:
                if self._lanes is None:
                    with usable_network():
                        self._lanes = await anyio.to_thread.run_sync(self._build)
        return self._lanes

    def _build(self) -> Lanes:
        endpoint = self.endpoint
        systems = {"Darwin": "darwin", "Windows": "windows"}
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "Authorization": f"Bearer {endpoint.key}",
            "Content-Type": "application/json",
            "User-Agent": f"{endpoint.client_name}/{endpoint.client_version}",
            "X-Client-Name": endpoint.client_name,
            "X-Client-OS": systems.get(platform.system(), "linux"),
            "X-Client-Version": endpoint.client_version,
        }
        # Plain HTTP goes to this machine alone: nothing is verified, and reading certificates takes its time.
        plain_http = endpoint.base_url.startswith("http:")
        verify = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain_http else verifying(endpoint.ca_file)
        return Lanes(verify, None if endpoint.on_loopback else endpoint.proxy)


def verifying(ca_file: str | None) -> ssl.SSLContext:
    """A context that trusts the certificates in `ca_file`, or else those that certifi brings. Blocks."""
    import certifi

    return ssl.create_default_context(cafile=ca_file or certifi.where())


@contextmanager
def usable_network() -> Iterator[None]:
    """What the environment says of certificates and proxies may not be usable: then the call says so.

    Raises:
        NotConfigured: no file of certificates, a proxy of an unknown kind, or SOCKS without `socksio`.
    """
    try:
        yield
    except OSError as error:
        raise NotConfigured(
            f"The certificates in SSL_CERT_FILE cannot be read ({error.strerror or error}). Nothing was "
            "sent; mend the variable or unset it."
        ) from error
    except (ValueError, ImportError) as error:
        raise NotConfigured(
            "The proxy that the environment names (HTTPS_PROXY or ALL_PROXY) is of a kind that cannot be "
            "used here. Nothing was sent; name an http:// proxy, or set NO_PROXY for the API's host."
        ) from error


def unwrap(answer: Answer) -> Any:
    """The data of an envelope.

    A code other than 200 is an error even under HTTP 200 (official SDKs); a body that is no envelope, such
    as a gateway's page, tells nothing about what was done.

    Raises:
        ApiError: see the tree in `errors`.
    """
    try:
        envelope = read_json(answer.body)
    except (ValueError, RecursionError):
        envelope = None
    known = envelope if isinstance(envelope, dict) else {}
    reason = known.get("message") or known.get("error") or ""
    if not 200 <= answer.status < 300:
        raise _refused(answer.status, reason, answer)
    if not known or ("data" not in known and "code" not in known):
        raise Unanswered("The API's answer could not be read (no JSON envelope).", status=answer.status)
    code = known.get("code", 200)
    if isinstance(code, int) and code not in {0, 200}:
        raise _refused(code if 400 <= code < 600 else 500, reason or f"code {code}", answer)
    return known.get("data")


def _refused(status: int, reason: Any, answer: Answer) -> ApiError:
    if 300 <= status < 400:
        return Unanswered(
            f"The API answered with a redirect ({status}), which is not followed.", status=status
        )
    return refusal(status, str(reason), answer.retry_after)


def _why(error: BaseException) -> str:
    name = type(error).__name__
    return {
        "ConnectTimeout": "connecting timed out",
        "ConnectError": "connection failed",
        "ProxyError": "the proxy refused",
        "ReadTimeout": "it stayed silent",
        "TimeoutError": "it stayed silent",
        "RemoteProtocolError": "the connection dropped",
        "ReadError": "the connection dropped",
        "WriteError": "the connection dropped",
    }.get(name, name)


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
