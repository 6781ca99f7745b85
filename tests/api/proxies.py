"""Proxies on loopback that lead every name to one port: HTTP (CONNECT) and SOCKS 5."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.buffered import BufferedByteReceiveStream


@dataclass
class Proxy:
    """`asked` are the hosts it was asked for; with `refuses` it connects to none of them."""

    scheme: str
    target: int
    refuses: bool = False
    port: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """How settings name it."""
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def serve(self, stream: SocketStream) -> None:
        """One connection."""
        greetings: dict[str, Callable[[SocketStream], Awaitable[bool]]] = {
            "http": self._http,
            "socks5": self._socks,
        }
        async with stream:
            if await greetings[self.scheme](stream):
                async with await anyio.connect_tcp("127.0.0.1", self.target) as onward:
                    await joined(stream, onward)

    async def _http(self, stream: SocketStream) -> bool:
        head = await BufferedByteReceiveStream(stream).receive_until(b"\r\n\r\n", 4096)
        self.asked.append(head.split(b" ")[1].decode())
        await stream.send(
            b"HTTP/1.1 502 No\r\nContent-Length: 0\r\n\r\n" if self.refuses else b"HTTP/1.1 200 OK\r\n\r\n"
        )
        return not self.refuses

    async def _socks(self, stream: SocketStream) -> bool:
        """RFC 1928: version, methods; version, command, reserved, type 3 (a name), length, name, port."""
        received = BufferedByteReceiveStream(stream)
        methods = (await received.receive_exactly(2))[1]
        await received.receive_exactly(methods)
        await stream.send(b"\x05\x00")
        length = (await received.receive_exactly(5))[4]
        name = await received.receive_exactly(length)
        port = int.from_bytes(await received.receive_exactly(2), "big")
        self.asked.append(f"{name.decode()}:{port}")
        await stream.send(bytes([5, 2 if self.refuses else 0, 0, 1, 0, 0, 0, 0, 0, 0]))
        return not self.refuses


async def joined(one: SocketStream, other: SocketStream) -> None:
    """Pass everything on in both directions until either side ends."""

    async def pass_on(source: SocketStream, sink: SocketStream) -> None:
        try:
            async for data in source:
                await sink.send(data)
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass
        group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(pass_on, one, other)
        group.start_soon(pass_on, other, one)


@asynccontextmanager
async def proxy(scheme: str, target: int, *, refuses: bool = False) -> AsyncIterator[Proxy]:
    """A proxy whose every connection leads to the port `target`, running for the block."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    found = Proxy(scheme, target, refuses, listener.extra(SocketAttribute.local_port))
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, found.serve)
        yield found
        group.cancel_scope.cancel()
