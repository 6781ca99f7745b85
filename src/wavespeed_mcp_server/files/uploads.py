"""Putting local files where the API can fetch them, each content once."""

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

import anyio
import anyio.to_thread

from ..api.errors import Rejected
from ..api.transfer import MultipartForm, Transfer, multipart_form
from ..api.wire import Ticket
from .names import safe_stem
from .reach import OpenFile, Reach
from .refusal import FileRefused

CHUNK_BYTES = 1024 * 1024
AT_ONCE = 4

Progress = Callable[[int, int], Awaitable[None]]
"""Told the bytes sent and the bytes in all."""


@dataclass(frozen=True)
class Upload:
    """A file that models can fetch at `url`. `media_type` is MIME; `cached`: an earlier upload is reused."""

    url: str
    media_type: str
    size_bytes: int
    cached: bool = False


class UploadMemory(Protocol):
    """Remembers for 24 hours which content was uploaded where."""

    async def recall(self, sha256: str) -> Upload | None:
        """The upload of the content with this digest (lower-case hex), if it is recent enough to be used."""

    async def remember(self, sha256: str, upload: Upload) -> None:
        """Note an upload that has just been made."""


class Tickets(Protocol):
    """The part of the API client that uploads need."""

    async def upload_ticket(self, filename: str, size: int, content_type: str) -> Ticket:
        """Where to put a file of `size` bytes."""

    async def upload_form(self, form: MultipartForm) -> str:
        """Post the form to the older upload endpoint. Returns the URL that models take."""


class ShortMemory:
    """Remembers uploads until the process ends; for where there is no ledger."""

    def __init__(self) -> None:
        self._uploads: dict[str, Upload] = {}

    async def recall(self, sha256: str) -> Upload | None:
        """See `UploadMemory`."""
        return self._uploads.get(sha256)

    async def remember(self, sha256: str, upload: Upload) -> None:
        """See `UploadMemory`."""
        self._uploads[sha256] = upload


@dataclass
class _Flight:
    """An upload under way, for callers with the same content to wait for."""

    ended: anyio.Event = field(default_factory=anyio.Event)
    upload: Upload | None = None


class Uploader:
    """Uploads files within reach, up to four at a time, in constant memory."""

    def __init__(self, transfer: Transfer, tickets: Tickets, reach: Reach, memory: UploadMemory) -> None:
        self._transfer = transfer
        self._tickets = tickets
        self._reach = reach
        self._memory = memory
        self._flights: dict[str, _Flight] = {}
        self._turn = anyio.CapacityLimiter(AT_ONCE)

    async def upload(self, path_text: str, on_progress: Progress | None = None) -> Upload:
        """Upload the file at `path_text`, or find the upload that the same bytes already have.

        Raises:
            FileRefused: it may not be read, or it changed while it was read.
            ApiError: the API or its storage refused, or gave no answer.
        """
        opened = await anyio.to_thread.run_sync(self._reach.open, path_text)
        with opened:
            digest = await anyio.to_thread.run_sync(_digest, opened)
            while (flight := self._flights.get(digest)) is not None:
                await flight.ended.wait()
                if flight.upload is not None:
                    return replace(flight.upload, cached=True)
            flight = self._flights[digest] = _Flight()
            try:
                known = await self._memory.recall(digest)
                flight.upload = known or await self._send(opened, digest, on_progress)
                if known is not None:
                    return replace(known, cached=True)
                await self._memory.remember(digest, flight.upload)
                return flight.upload
            finally:
                del self._flights[digest]
                flight.ended.set()

    async def _send(self, opened: OpenFile, digest: str, on_progress: Progress | None) -> Upload:
        media, size = opened.media, opened.size
        filename = safe_stem(opened.path.stem) + media.suffix

        def body() -> AsyncIterator[bytes]:
            return _contents(opened, digest, on_progress)

        async with self._turn:
            try:
                ticket = await self._tickets.upload_ticket(filename, size, media.mime)
            except Rejected as error:
                if error.status not in (404, 405):
                    raise
                url = await self._tickets.upload_form(multipart_form(filename, media.mime, size, body))
            else:
                await self._transfer.put(ticket.put_url, ticket.headers, size, body)
                url = ticket.download_url
        return Upload(url, media.mime, size)


def _digest(opened: OpenFile) -> str:
    try:
        opened.file.seek(0)
        return hashlib.file_digest(opened.file, "sha256").hexdigest()
    except OSError as error:
        raise FileRefused(f"{opened.path} cannot be read ({error.strerror or error}).") from error


async def _contents(opened: OpenFile, digest: str, on_progress: Progress | None) -> AsyncIterator[bytes]:
    """The file's bytes, the last of them only once they are all known to be those that `digest` was made of.

    Without its last bytes the storage has no whole upload, and drops it.
    """
    seen = hashlib.sha256()
    done = 0
    while done < opened.size:
        wanted = min(CHUNK_BYTES, opened.size - done)
        chunk = await anyio.to_thread.run_sync(_read_at, opened, done, wanted, seen)
        done += len(chunk)
        if len(chunk) < wanted or (done == opened.size and seen.hexdigest() != digest):
            raise FileRefused(f"{opened.path} changed while it was uploaded, so the upload was given up.")
        yield chunk
        if on_progress is not None:
            await on_progress(done, opened.size)


def _read_at(opened: OpenFile, offset: int, wanted: int, seen: "hashlib._Hash") -> bytes:
    try:
        opened.file.seek(offset)
        chunk = opened.file.read(wanted)
    except OSError as error:
        raise FileRefused(f"{opened.path} cannot be read ({error.strerror or error}).") from error
    seen.update(chunk)
    return chunk
