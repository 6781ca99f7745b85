"""Putting local files where the API can fetch them, each content once."""

import hashlib
import time
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
_COARSEST_CLOCK_NS = 3_000_000_000  # FAT keeps the time of a write in steps of two seconds

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
            content = await anyio.to_thread.run_sync(_Content.of, opened)
            digest = content.digest
            while (flight := self._flights.get(digest)) is not None:
                await flight.ended.wait()
                if flight.upload is not None:
                    return replace(flight.upload, cached=True)
            flight = self._flights[digest] = _Flight()
            try:
                known = await self._memory.recall(digest)
                flight.upload = known or await self._send(opened, content, on_progress)
                if known is not None:
                    return replace(known, cached=True)
                await self._memory.remember(digest, flight.upload)
                return flight.upload
            finally:
                del self._flights[digest]
                flight.ended.set()

    async def _send(self, opened: OpenFile, content: "_Content", on_progress: Progress | None) -> Upload:
        media, size = opened.media, content.mark[0]
        filename = safe_stem(opened.path.stem) + media.suffix

        def body() -> AsyncIterator[bytes]:
            return content.stream(opened, on_progress)

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


@dataclass(frozen=True)
class _Content:
    """What a file held when it was hashed: the digest, and the mark that any later write changes.

    A mark younger than the coarsest clock of a file system is not `settled`: a write in the same tick would
    leave it as it is, so the bytes are hashed a second time as they are sent.
    """

    digest: str
    mark: tuple[int, int, int]
    settled: bool

    @classmethod
    def of(cls, opened: OpenFile) -> "_Content":
        """Hash the whole file. Blocks."""
        try:
            mark = opened.mark
            settled = time.time_ns() - max(mark[1:]) > _COARSEST_CLOCK_NS
            opened.file.seek(0)
            return cls(hashlib.file_digest(opened.file, "sha256").hexdigest(), mark, settled)
        except OSError as error:
            raise _unreadable(opened, error) from error

    async def stream(self, opened: OpenFile, on_progress: Progress | None) -> AsyncIterator[bytes]:
        """The file's bytes, the last of them only once it is known that all are those that were hashed.

        Without its last bytes the storage has no whole upload, and drops it.
        """
        size = self.mark[0]
        seen = None if self.settled else hashlib.sha256()
        done = 0
        while done < size:
            chunk = await anyio.to_thread.run_sync(
                _read_at, opened, done, min(CHUNK_BYTES, size - done), seen
            )
            done += len(chunk)
            if not chunk or (done == size and not self._still(opened, seen)):
                raise FileRefused(f"{opened.path} changed while it was uploaded, so the upload was given up.")
            yield chunk
            if on_progress is not None:
                await on_progress(done, size)

    def _still(self, opened: OpenFile, seen: "hashlib._Hash | None") -> bool:
        return opened.mark == self.mark and (seen is None or seen.hexdigest() == self.digest)


def _read_at(opened: OpenFile, offset: int, wanted: int, seen: "hashlib._Hash | None") -> bytes:
    try:
        opened.file.seek(offset)
        chunk = opened.file.read(wanted)
    except OSError as error:
        raise _unreadable(opened, error) from error
    if seen is not None:
        seen.update(chunk)
    return chunk


def _unreadable(opened: OpenFile, error: OSError) -> FileRefused:
    return FileRefused(f"{opened.path} cannot be read ({error.strerror or error}).")
