"""One HTTP/1.1 connection for httpx requests: asyncio's sockets and TLS, llhttp (`httptools`) as parser.

What an error proves is the point. `httpx.ConnectError` and `httpx.ConnectTimeout` are raised by `connect`
alone, before there is anything to write to: nothing was sent. Every other error may come after the other side
has read the request and acted on it.
"""

from __future__ import annotations

import asyncio
import re
import select
import ssl
from collections import deque
from collections.abc import AsyncIterator
from typing import cast

import anyio
import httptools
import httpx

from .answer import Answer

MAX_HEAD_BYTES = 64 * 1024
MAX_UNREAD_BYTES = 1024 * 1024
NEXT_ADDRESS_SECONDS = 0.25
FIRST_ERROR = 400
HEAD = "wavespeed.head"

# A method, a target and fields as RFC 9112 has them: nothing in them can end a line early.
_HEAD = re.compile(
    rb"[A-Z]+ [!-~]+ HTTP/1\.1\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f]*\r\n)+\r\n"
)
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


async def connect(
    host: str, port: int, *, tls: ssl.SSLContext | None, name: str, seconds: float | None
) -> Http1Connection:
    """A new connection to `host`; with `tls` its certificate must be for `name`.

    Raises:
        httpx.ConnectError, httpx.ConnectTimeout: it did not open, or its certificate is not trusted.
    """
    try:
        with anyio.fail_after(seconds):
            _, connection = await asyncio.get_running_loop().create_connection(
                Http1Connection,
                host,
                port,
                ssl=tls,
                server_hostname=name if tls else None,
                happy_eyeballs_delay=NEXT_ADDRESS_SECONDS,
            )
    except TimeoutError as error:
        raise httpx.ConnectTimeout("connecting timed out") from error
    # A name that has no IDNA form is a ValueError.
    except (OSError, ValueError) as error:
        raise httpx.ConnectError(str(error)) from error
    return connection


class Http1Connection(asyncio.Protocol):
    """Carries one request at a time. Ask `reusable` before every one but the first."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self.closed = False
        self._busy = False
        self._waiter: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None

    @property
    def reusable(self) -> bool:
        """It is open and idle, and the other side has neither closed it nor said anything meanwhile."""
        if self._busy or self.closed or self._transport.is_closing():
            return False
        return not _readable(self._transport.get_extra_info("socket").fileno())

    async def whole(self, request: httpx.Request, seconds: float) -> Answer:
        """Send a request; returns its whole answer, which must be there within `seconds`.

        Raises:
            httpx.TransportError: it was sent, in part or as a whole (see `httpx.LocalProtocolError`).
            httpx.DecodingError: the body is not encoded as it says.
        """
        late = self._loop.call_later(seconds, self._fail, httpx.ReadTimeout("no whole answer in time"))
        try:
            await self._send(request, None, streaming=False)
            while not self._complete:
                await self._progress(None)
            body = b"".join(self._chunks)
            if any(name.lower() == b"content-encoding" for name, _ in self._fields):
                body = httpx.Response(self._status, headers=self._fields, content=body).content
            return Answer(self._status, self._fields, body)
        finally:
            late.cancel()
            self.release()

    async def stream(self, request: httpx.Request) -> httpx.Response:
        """Send a request; returns its answer with the body to come. Closing that closes the connection.

        The request's timeouts of `read` and `write` bound each wait for the other side. Raises as `whole`.
        """
        timeouts = request.extensions.get("timeout", {})
        try:
            await self._send(request, timeouts.get("write"), streaming=True)
            while not self._status:
                await self._progress(timeouts.get("read"))
        except BaseException:
            self.abort()
            raise
        body = _Body(self, timeouts.get("read"))
        return httpx.Response(self._status, headers=self._fields, stream=body, request=request)

    async def chunk(self, seconds: float | None) -> bytes:
        """The next piece of the body, empty at its end; raises as `stream`."""
        while not self._chunks and not self._complete:
            await self._progress(seconds)
        if not self._chunks:
            return b""
        found = self._chunks.popleft()
        self._unread -= len(found)
        if self._unread <= MAX_UNREAD_BYTES:
            self._transport.resume_reading()
        return found

    def release(self) -> None:
        """The request is over. A connection that cannot take another one is closed."""
        if not (self._complete and self._sent and self._keep):
            self.abort()
        self._busy = False

    def abort(self) -> None:
        """Close at once, whatever is under way."""
        self.closed = True
        self._transport.abort()

    async def _send(self, request: httpx.Request, seconds: float | None, *, streaming: bool) -> None:
        self._busy = True
        self._streaming = streaming
        self._status = 0
        self._fields: list[tuple[bytes, bytes]] = []
        self._head_bytes = 0
        self._framed = False
        self._chunks: deque[bytes] = deque()
        self._unread = 0
        self._sent = self._complete = self._keep = False
        self._error: httpx.TransportError | None = None
        head = head_of(request)
        if self.closed:
            raise httpx.RemoteProtocolError("the connection was closed at once")
        if isinstance(request.stream, httpx.ByteStream):
            self._transport.write(head + request.content)
            self._sent = True
        else:
            self._transport.write(head)
            self._sent = await self._send_stream(request, seconds)

    async def _send_stream(self, request: httpx.Request, seconds: float | None) -> bool:
        """Whether all of it went: an answer that is an error ends it early, and so does a lost connection."""
        left = int(request.headers["Content-Length"])
        async for piece in cast(AsyncIterator[bytes], request.stream):
            if self.closed or self._status >= FIRST_ERROR:
                return False
            left -= len(piece)
            if left < 0:
                raise httpx.LocalProtocolError("the body is longer than announced")
            self._transport.write(piece)
            if self._writable is not None:
                await self._until(self._writable, seconds, httpx.WriteTimeout("the other side reads nothing"))
        if left:
            raise httpx.LocalProtocolError("the body is shorter than announced")
        return True

    async def _progress(self, seconds: float | None) -> None:
        """Wait for anything more of the answer."""
        if self._error is None:
            self._waiter = self._loop.create_future()
            await self._until(self._waiter, seconds, httpx.ReadTimeout("the other side stays silent"))
        if self._error is not None:
            raise self._error

    async def _until(
        self, future: asyncio.Future[None], seconds: float | None, late: httpx.TimeoutException
    ) -> None:
        if seconds is None:
            await future
            return
        try:
            with anyio.fail_after(seconds):
                await future
        except TimeoutError:
            raise late from None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: httpx.TransportError) -> None:
        if self._busy and not self._complete and self._error is None:
            self._error = error
            self._wake()
        self.resume_writing()
        self.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if not self._busy or self._complete:
            # Nobody asked for it, so it answers nothing.
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(httpx.RemoteProtocolError(f"no HTTP answer: {error}"))
            return
        if not self._status:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._fail(httpx.RemoteProtocolError("the head of the answer has no end"))
        elif self._streaming and self._unread > MAX_UNREAD_BYTES:
            self._transport.pause_reading()

    def eof_received(self) -> None:
        if self._busy and self._status and not self._framed:
            # Nothing announced the length of this body: its end is the connection's.
            self._complete = True
            self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        if exc is not None:
            self._fail(httpx.ReadError(str(exc)))
        else:
            self._fail(
                httpx.RemoteProtocolError("the connection was closed before the whole answer was there")
            )

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    # What the parser calls.

    def on_message_begin(self) -> None:
        if self._complete:
            # A second answer to one request: neither the next request's nor to be trusted.
            self._keep = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._status:
            self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:
            # An interim answer (1xx): the answer is still to come.
            self._fields = []
        elif not self._status:
            self._framed = any(name.lower() in _FRAMING for name, _ in self._fields)
            self._status = status
            self._wake()

    def on_body(self, body: bytes) -> None:
        if not self._complete:
            self._chunks.append(body)
            self._unread += len(body)
            self._wake()

    def on_message_complete(self) -> None:
        if self._status and not self._complete:
            self._complete = True
            self._keep = self._parser.should_keep_alive()
            self._wake()


class _Body(httpx.AsyncByteStream):
    """The body of an answer as it comes."""

    def __init__(self, connection: Http1Connection, seconds: float | None) -> None:
        self._connection = connection
        self._seconds = seconds

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await self._connection.chunk(self._seconds):
            yield chunk

    async def aclose(self) -> None:
        self._connection.abort()


def head_of(request: httpx.Request) -> bytes:
    """The request line and the fields as they are sent.

    Raises:
        httpx.LocalProtocolError: something in them has no place there. Nothing was sent.
    """
    # A poll is the same request each time.
    known: bytes | None = request.extensions.get(HEAD)
    if known is not None:
        return known
    head = b"%b %b HTTP/1.1\r\n%b\r\n" % (
        request.method.encode(),
        request.url.raw_path,
        b"".join(b"%b: %b\r\n" % field for field in request.headers.raw),
    )
    if not _HEAD.fullmatch(head):
        raise httpx.LocalProtocolError("the request has no valid form")
    request.extensions[HEAD] = head
    return head


def _readable(descriptor: int) -> bool:
    """Something has come over a socket that nothing should come over, or it was closed."""
    if descriptor < 0:
        return True
    if not hasattr(select, "poll"):
        return bool(select.select([descriptor], [], [], 0)[0])
    waiting = select.poll()
    waiting.register(descriptor, select.POLLIN)
    return bool(waiting.poll(0))
