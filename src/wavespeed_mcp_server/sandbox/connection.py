"""Mistreating a connection: dropping it, letting it hang, and cutting an answer short."""

import asyncio
from email.utils import formatdate

from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

from .wire import Answer

_TRANSPORT = "sandbox_transport"


class OpenHandedProtocol(H11Protocol):
    """uvicorn's HTTP/1.1, with the transport within the application's reach."""

    # uvicorn types the transport as asyncio.Transport, asyncio as its base class.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, _TRANSPORT: transport}
        super().connection_made(transport)


def _transport(request: Request) -> asyncio.Transport:
    transport: asyncio.Transport = request.scope["state"][_TRANSPORT]
    return transport


async def drop(request: Request) -> None:
    """Closes the connection without another byte."""
    _transport(request).abort()
    await gone(request)


async def gone(request: Request) -> None:
    """Says nothing until the other side has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def send_cut(request: Request, answer: Answer, *, says_less: bool) -> None:
    """Sends half of `answer` and closes; or all of it, with a Content-Length that says half."""
    half = len(answer.body) // 2
    headers = [
        (name, str(half).encode() if says_less and name == b"content-length" else value)
        for name, value in answer.all_headers()
    ]
    headers.append((b"date", formatdate(usegmt=True).encode()))
    head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    transport = _transport(request)
    transport.write(f"HTTP/1.1 {answer.status} Sandbox\r\n".encode() + head + b"\r\n")
    transport.write(answer.body if says_less else answer.body[:half])
    transport.close()
    await gone(request)
