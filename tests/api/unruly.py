"""A server on a bare socket that treats every request as its path says, and knows what really reached it."""

from __future__ import annotations

import json
import socket
import struct
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.abc import ByteStream, SocketAttribute


class Hangup(Exception):
    """Close the connection."""


def answer(number: str, *, head: str = "", padding: str = "") -> bytes:
    """A whole answer that says which request it is for."""
    body = json.dumps({"code": 200, "data": {"number": number}}).encode() + padding.encode()
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{head}\r\n".encode() + body


async def whole(stream: ByteStream, number: str) -> None:
    await stream.send(answer(number))


async def in_pieces(stream: ByteStream, number: str) -> None:
    for byte in answer(number):
        await stream.send(bytes([byte]))


async def interim(stream: ByteStream, number: str) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    await stream.send(b"HTTP/1.1 100 Continue\r\n\r\n" + early + answer(number))


async def chunked(stream: ByteStream, number: str) -> None:
    body = answer(number).partition(b"\r\n\r\n")[2]
    pieces = b"".join(
        b"%x\r\n%b\r\n" % (len(body[i : i + 7]), body[i : i + 7]) for i in range(0, len(body), 7)
    )
    await stream.send(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\nX: y\r\n\r\n"
    )


async def large(stream: ByteStream, number: str) -> None:
    await stream.send(answer(number, padding=" " * 5_000_000))


async def until_the_end(stream: ByteStream, number: str) -> None:
    await stream.send(b"HTTP/1.1 200 OK\r\n\r\n" + answer(number).partition(b"\r\n\r\n")[2])
    raise Hangup


async def and_says_close(stream: ByteStream, number: str) -> None:
    await stream.send(answer(number, head="Connection: close\r\n"))
    raise Hangup


async def and_closes(stream: ByteStream, number: str) -> None:
    await stream.send(answer(number))
    raise Hangup


async def and_says_more(stream: ByteStream, number: str) -> None:
    await stream.send(answer(number) + answer("somebody else's"))


ANSWERED = {
    step.__name__: step
    for step in (
        whole,
        in_pieces,
        interim,
        chunked,
        large,
        until_the_end,
        and_says_close,
        and_closes,
        and_says_more,
    )
}


async def silent(stream: ByteStream, number: str) -> None:
    await anyio.sleep_forever()


async def closed(stream: ByteStream, number: str) -> None:
    raise Hangup


async def reset(stream: ByteStream, number: str) -> None:
    linger(stream)
    raise Hangup


async def half_a_head(stream: ByteStream, number: str) -> None:
    await stream.send(b"HTTP/1.1 200 OK\r\nContent-Le")
    raise Hangup


async def half_a_body(stream: ByteStream, number: str) -> None:
    await stream.send(answer(number)[:-5])
    raise Hangup


async def half_a_body_and_silent(stream: ByteStream, number: str) -> None:
    await stream.send(answer(number)[:-5])
    await anyio.sleep_forever()


async def half_a_body_and_reset(stream: ByteStream, number: str) -> None:
    await stream.send(answer(number)[:-5])
    linger(stream)
    raise Hangup


async def half_a_chunk(stream: ByteStream, number: str) -> None:
    await stream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{}")
    raise Hangup


async def garbage(stream: ByteStream, number: str) -> None:
    await stream.send(b"\x16\x03\x01 nothing like HTTP\r\n\r\n")


async def two_lengths(stream: ByteStream, number: str) -> None:
    await stream.send(answer(number, head="Content-Length: 3\r\n"))


async def switching(stream: ByteStream, number: str) -> None:
    await stream.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n")


async def only_interim(stream: ByteStream, number: str) -> None:
    await stream.send(b"HTTP/1.1 100 Continue\r\n\r\n")
    raise Hangup


async def endless_head(stream: ByteStream, number: str) -> None:
    await stream.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await stream.send(b"X-More: " + b"x" * 8000 + b"\r\n")


UNANSWERED = {
    step.__name__: step
    for step in (
        *(silent, closed, reset, half_a_head, half_a_body, half_a_body_and_silent, half_a_body_and_reset),
        *(half_a_chunk, garbage, two_lengths, switching, only_interim, endless_head),
    )
}
STEPS = ANSWERED | UNANSWERED


def linger(stream: ByteStream) -> None:
    """Closing resets the connection instead of ending it."""
    raw = stream.extra(SocketAttribute.raw_socket)
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@dataclass
class Unruly:
    """`received`: how often any byte of a request came, by its number. `connections` were accepted."""

    port: int
    received: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    hung_up: anyio.Event = field(default_factory=anyio.Event)
    on_accept: Callable[[ByteStream], None] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, stream: ByteStream) -> None:
        """One connection."""
        self.connections += 1
        async with stream:
            try:
                if self.on_accept is not None:
                    self.on_accept(stream)
                while True:
                    await self._one(stream)
            except (Hangup, anyio.EndOfStream, anyio.BrokenResourceError):
                pass
        self.hung_up.set()

    async def _one(self, stream: ByteStream) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += await stream.receive()
        head, _, body = head.partition(b"\r\n\r\n")
        _, step, number = head.split(b" ")[1].decode().split("/")
        self.received[number] += 1
        length = next(
            (
                line.split(b":")[1]
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            ),
            b"0",
        )
        left = int(length) - len(body)
        while left > 0:
            left -= len(await stream.receive())
        await STEPS[step](stream, number)


@asynccontextmanager
async def unruly() -> AsyncIterator[Unruly]:
    """The server, running for the block."""
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    server = Unruly(listener.extra(SocketAttribute.local_port))
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, server.serve)
        yield server
        group.cancel_scope.cancel()
