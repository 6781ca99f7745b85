"""A tiny HTTP server over real sockets whose every byte a test decides."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import AnyByteStream, Listener, SocketAttribute, TaskGroup
from anyio.streams.buffered import BufferedByteReceiveStream
from anyio.streams.tls import TLSListener

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8


@dataclass
class Request:
    """What came: `body` is what has been read of it (`length` bytes), `whole` whether that was all of it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytearray = field(default_factory=bytearray)
    length: int = 0
    whole: bool = True


Handler = Callable[[Request, AnyByteStream], Awaitable[None]]


@dataclass
class Storage:
    """Answers `path` with the handler in `routes`, which is given the request and the open connection."""

    url: str = ""
    routes: dict[str, Handler] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    keeps_bodies: bool = True

    def serve(self, path: str, content: bytes, status: int = 200, **headers: str) -> str:
        """Answer `path` with `content`. Returns its URL."""

        async def handler(request: Request, stream: AnyByteStream) -> None:
            await stream.send(answer(status, content, **headers))

        self.routes[path] = handler
        return self.url + path

    async def serve_connection(self, stream: AnyByteStream) -> None:
        self.connections += 1
        async with stream:
            try:
                request = await _read(stream, keep=self.keeps_bodies)
                self.requests.append(request)
                await self.routes.get(request.path, _nothing)(request, stream)
            except (anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError):
                pass


async def _nothing(request: Request, stream: AnyByteStream) -> None:
    await stream.send(answer(404, b""))


def answer(status: int, content: bytes, **headers: str) -> bytes:
    """A whole HTTP answer; `content_length="..."` overrides the true one."""
    lines = {"content-length": str(len(content)), "connection": "close"}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status} Told\r\n{head}\r\n".encode() + content


async def _read(stream: AnyByteStream, *, keep: bool) -> Request:
    reader = BufferedByteReceiveStream(stream)
    head = (await reader.receive_until(b"\r\n\r\n", 65536)).decode("latin-1")
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    request = Request(method, path, headers)
    length = int(headers.get("content-length", "0"))
    try:
        while request.length < length:
            piece = await reader.receive(min(1 << 18, length - request.length))
            request.length += len(piece)
            if keep:
                request.body += piece
    except (anyio.EndOfStream, anyio.BrokenResourceError):
        request.whole = False
    return request


@asynccontextmanager
async def running(tls: ssl.SSLContext | None = None) -> AsyncIterator[Storage]:
    """A storage on a free port of 127.0.0.1."""
    plain = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = plain.extra(SocketAttribute.local_port)
    storage = Storage(f"{'https' if tls else 'http'}://127.0.0.1:{port}")
    listener: Listener[AnyByteStream] = TLSListener(plain, tls, standard_compatible=False) if tls else plain
    group: TaskGroup
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, storage.serve_connection)
        yield storage
        group.cancel_scope.cancel()
