"""Uploads: tickets, the storage behind them, and the files that came."""

import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import IO

import anyio.to_thread

from .wire import Answer, Call, Json, Refused

MAX_BYTES = 200 * 1024 * 1024
_WRITE_AT_ONCE = 1 << 20
_KINDS = ("image", "video", "audio")


@dataclass(slots=True)
class StoredFile:
    """A place in the storage: promised by a ticket, `ready` once its bytes are there."""

    name: str
    media_type: str
    size: int
    content: IO[bytes] | None = None
    ready: bool = False
    headers: dict[str, str] = field(default_factory=dict)
    reading: Lock = field(default_factory=Lock)

    @property
    def kind(self) -> str:
        kind = self.media_type.partition("/")[0]
        return kind if kind in _KINDS else "file"


class Storage:
    """Files by path; small ones in memory, larger ones in unnamed temporary files."""

    def __init__(self) -> None:
        self.files: dict[str, StoredFile] = {}

    def promise(self, name: str, size: int, media_type: str) -> tuple[str, StoredFile]:
        """A new path for a file of this name (made safe) and size in bytes."""
        safe = re.sub(r"[^A-Za-z0-9._-]+", "_", Path(name).name) or "file"
        path = f"/storage/sandbox{secrets.token_hex(12)}/{safe}"
        stored = StoredFile(safe, media_type, size)
        stored.headers = {"Content-Type": media_type, "If-None-Match": "*"}
        self.files[path] = stored
        return path, stored

    def close(self) -> None:
        for stored in self.files.values():
            if stored.content is not None:
                stored.content.close()
        self.files.clear()


def ticket_request(document: Json) -> tuple[str, int, str]:
    """File name, bytes and media type of a ticket request. Raises `Refused` (400, 413)."""
    name, size = document.get("filename"), document.get("size")
    if not isinstance(name, str) or not name:
        raise Refused(400, 'field "filename" is required')
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise Refused(400, 'field "size" is required')
    if size > MAX_BYTES:
        raise Refused(413, f"file is larger than {MAX_BYTES} bytes")
    media_type = document.get("content_type") or "application/octet-stream"
    if not isinstance(media_type, str) or not media_type.isascii() or not media_type.isprintable():
        raise Refused(400, 'field "content_type" must be a media type')
    return name, size, media_type


def ticket(url: str, path: str, stored: StoredFile) -> Json:
    """The ticket for a promised file: where to PUT it, with which headers, and where it will be."""
    return {
        "type": stored.kind,
        "download_url": url + path,
        "filename": stored.name,
        "size": stored.size,
        "upload": {"method": "PUT", "url": url + path, "headers": stored.headers},
    }


async def put(storage: Storage, call: Call) -> Answer:
    """Stores the body at its promised path.

    Refuses as object storage does: 404 for a path without a ticket, 400 for a bearer, 403 for other headers
    than the ticket's, 412 for a second time, 400 for another size.
    """
    stored = storage.files.get(call.path)
    if stored is None:
        raise Refused(404, "Sandbox storage: no such ticket")
    if "authorization" in call.headers:
        raise Refused(400, "Sandbox storage: only one way to authenticate is allowed")
    for name, value in stored.headers.items():
        if call.headers.get(name.lower()) != value:
            raise Refused(403, f"Sandbox storage: header {name} differs from the ticket")
    if stored.content is not None:
        raise Refused(412, "Sandbox storage: the file exists")
    # Opened for as long as the storage lives; Storage.close() closes it.
    stored.content = SpooledTemporaryFile(max_size=_WRITE_AT_ONCE)  # noqa: SIM115
    received = await _write(stored.content, call)
    if received != stored.size:
        stored.content.close()
        stored.content = None
        raise Refused(400, f"Sandbox storage: {received} bytes came, the ticket says {stored.size}")
    stored.ready = True
    return Answer(200, b"", "text/plain")


async def _write(content: IO[bytes], call: Call) -> int:
    received = 0
    batch = bytearray()
    async for piece in call.request.stream():
        received += len(piece)
        batch += piece
        if len(batch) >= _WRITE_AT_ONCE:
            await anyio.to_thread.run_sync(content.write, bytes(batch))
            batch.clear()
    await anyio.to_thread.run_sync(content.write, bytes(batch))
    return received


async def binary(storage: Storage, call: Call) -> tuple[str, StoredFile]:
    """The older upload: multipart with one `file`. Raises `Refused` (400, 413)."""
    from starlette.datastructures import UploadFile

    if not call.headers.get("content-type", "").startswith("multipart/form-data"):
        raise Refused(400, "multipart/form-data is required")
    async with call.request.form() as form:
        part = form.get("file")
        if not isinstance(part, UploadFile):
            raise Refused(400, 'field "file" is required')
        data = await part.read()
        if len(data) > MAX_BYTES:
            raise Refused(413, f"file is larger than {MAX_BYTES} bytes")
        name, media_type = part.filename or "file", part.content_type or "application/octet-stream"
    path, stored = storage.promise(name, len(data), media_type)
    stored.content = SpooledTemporaryFile(max_size=_WRITE_AT_ONCE)  # noqa: SIM115
    await anyio.to_thread.run_sync(stored.content.write, data)
    stored.ready = True
    return path, stored


async def get(storage: Storage, call: Call) -> Answer:
    """The stored file. Raises `Refused` (404) for what is not there (yet)."""
    stored = storage.files.get(call.path)
    if stored is None or stored.content is None or not stored.ready:
        raise Refused(404, "Sandbox storage: no such file")
    data = await anyio.to_thread.run_sync(_read_all, stored)
    return Answer(200, data, stored.media_type)


def _read_all(stored: StoredFile) -> bytes:
    assert stored.content is not None
    with stored.reading:
        stored.content.seek(0)
        return stored.content.read()
