"""The body of a request: bounded in size and time, and every text in it such that it can be answered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import anyio
from starlette.datastructures import Headers
from starlette.types import Message, Receive

from ...json_text import has_halves, read_json
from .refusal import Refusal

MAX_BYTES = 4 * 1024 * 1024
SECONDS = 30.0


class ClientGone(Exception):
    """The body broke off."""


async def parts(receive: Receive) -> AsyncIterator[bytes]:
    """A body as it comes.

    Raises:
        ClientGone: it broke off.
        Refusal: nothing more of it came for a while.
    """
    more = True
    while more:
        message: Message | None = None
        with anyio.move_on_after(SECONDS):
            message = await receive()
        if message is None:
            raise _too_slow()
        if message["type"] != "http.request":
            raise ClientGone
        more = message.get("more_body", False)
        if message.get("body"):
            yield message["body"]


async def whole(headers: Headers, receive: Receive) -> bytes:
    """A body of JSON. Half a surrogate pair in it, which no answer could repeat, is U+FFFD.

    Raises:
        ClientGone: see `parts`.
        Refusal: it is too large, or not here in time.
    """
    found = bytearray()
    if announced(headers) > MAX_BYTES:
        raise _too_large()
    with anyio.move_on_after(SECONDS):
        async for part in parts(receive):
            found += part
            if len(found) > MAX_BYTES:
                raise _too_large()
        return _mended(bytes(found))
    raise _too_slow()


def announced(headers: Headers) -> int:
    """How many bytes the headers say that a body has; 0 where they do not."""
    text = headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdecimal() else 0


def replayed(body: bytes, receive: Receive) -> Receive:
    """Gives a body that was read already, then whatever comes after it."""
    unread = [body]

    async def again() -> Message:
        if unread:
            return {"type": "http.request", "body": unread.pop(), "more_body": False}
        return await receive()

    return again


def _too_large() -> Refusal:
    return Refusal(413, f"A request may have {MAX_BYTES:,} bytes at most.")


def _too_slow() -> Refusal:
    return Refusal(408, "The rest of the request did not come in time.", {"Connection": "close"})


def _mended(body: bytes) -> bytes:
    if has_halves(body):
        try:
            return json.dumps(read_json(body), ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            pass
    return body
