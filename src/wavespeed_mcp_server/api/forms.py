"""A file as a form, streamed."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

Body = Callable[[], AsyncIterator[bytes]]
"""Begins the bytes of a file anew each time it is called."""


@dataclass(frozen=True)
class MultipartForm:
    """A form with one file in it, for `POST /api/v3/media/upload/binary` (desktop client, older docs).

    Send `stream()` with `content_type` and `content_length` (bytes) as its headers.
    """

    content_type: str
    content_length: int
    stream: Body


def multipart_form(filename: str, media_type: str, size: int, body: Body) -> MultipartForm:
    """A form whose field `file` is `body`, of `size` bytes. `filename` must be plain (see `files.names`)."""
    boundary = secrets.token_hex(16)
    disposition = f'form-data; name="file"; filename="{filename}"'
    head = (
        f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {media_type}\r\n\r\n".encode()
    )
    tail = f"\r\n--{boundary}--\r\n".encode()

    async def stream() -> AsyncIterator[bytes]:
        yield head
        async for chunk in body():
            yield chunk
        yield tail

    return MultipartForm(f"multipart/form-data; boundary={boundary}", len(head) + size + len(tail), stream)
