"""Putting local files where the API can fetch them, each content once."""

import hashlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Protocol

import anyio
import anyio.to_thread

from ..api.errors import Rejected
from ..api.forms import MultipartForm, multipart_form
from ..api.transfer import Transfer
from ..api.wire import Ticket
from .heic import as_jpeg
from .names import safe_stem
from .opening import OpenFile, read_some
from .path_policy import PathPolicy
from .refusal import FileRefused, unreadable

CHUNK_BYTES = 1024 * 1024
AT_ONCE = 4
LARGE_BYTES = 8 * 1024 * 1024
REMEMBERED_DIGESTS = 256
COARSEST_CLOCK_NS = 3_000_000_000  # FAT keeps the time of a write in steps of two seconds
FINE_CLOCK_NS = 100_000_000
COARSE_STEP_NS = 10_000_000  # exFAT's; whoever shows finer times has a clock that ticks at least as often

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

    async def knows_size(self, size_bytes: int) -> bool:
        """Whether any upload of this size could be recalled."""


class Tickets(Protocol):
    """The part of the API client that uploads need."""

    async def upload_ticket(self, filename: str, size: int, content_type: str) -> Ticket:
        """Where to put a file of `size` bytes."""

    async def upload_form(self, form: MultipartForm) -> str:
        """Post the form to the older upload endpoint. Returns the URL that models take."""


@dataclass
class _Flight:
    """An upload under way, for callers with the same content to wait for."""

    ended: anyio.Event = field(default_factory=anyio.Event)
    upload: Upload | None = None


class Uploader:
    """Uploads files within the allowed directories, up to four at a time, in constant memory."""

    def __init__(
        self, transfer: Transfer, tickets: Tickets, policy: PathPolicy, memory: UploadMemory
    ) -> None:
        self._transfer = transfer
        self._tickets = tickets
        self._policy = policy
        self._memory = memory
        self._flights: dict[str, _Flight] = {}
        self._digests: dict[tuple[object, ...], str] = {}
        self._sizes: dict[int, anyio.Lock] = {}
        self._turn = anyio.CapacityLimiter(AT_ONCE)

    @property
    def waiting(self) -> int:
        """How many uploads wait for another one of the same bytes, or of the same size."""
        equal = sum(flight.ended.statistics().tasks_waiting for flight in self._flights.values())
        return equal + sum(lock.statistics().tasks_waiting for lock in self._sizes.values())

    @property
    def is_idle(self) -> bool:
        """No upload is under way, and nothing is kept of earlier ones."""
        return not self._flights and not self._sizes

    @property
    def api(self) -> str:
        """The base URL of the API that the files go to."""
        return self._transfer.endpoint.base_url

    async def upload(self, path_text: str, on_progress: Progress | None = None) -> Upload:
        """Upload the file at `path_text`, or find the upload that the same bytes already have.

        A HEIC photo goes up as a JPEG where it can be made one.

        Raises:
            FileRefused: it may not be read, or it changed while it was read.
            ApiError: the API or its storage refused, or gave no answer.
        """
        opened = await anyio.to_thread.run_sync(self._policy.open, path_text)
        with await anyio.to_thread.run_sync(as_jpeg, opened) as opened:
            content = await anyio.to_thread.run_sync(Content, opened)
            content.digest = self._digests.get(content.identity, "")
            if content.digest or content.size < LARGE_BYTES:
                return await self._shared(content, on_progress)
            async with self._alone_of_its_size(content.size):
                # Reading a large file twice is worth it only where its bytes may be there already.
                if not content.settled or await self._memory.knows_size(content.size):
                    return await self._shared(content, on_progress)
                return await self._send(content, on_progress)

    async def digest(self, path_text: str) -> str:
        """The SHA-256 of the file at `path_text`, lower-case hex. Raises `FileRefused`."""
        opened = await anyio.to_thread.run_sync(self._policy.open, path_text)
        with opened:
            content = await anyio.to_thread.run_sync(Content, opened)
            digest = await anyio.to_thread.run_sync(content.hash)
        if content.settled:
            while len(self._digests) >= REMEMBERED_DIGESTS:
                self._digests.pop(next(iter(self._digests)))
            self._digests[content.identity] = digest
        return digest

    @asynccontextmanager
    async def _alone_of_its_size(self, size: int) -> AsyncIterator[None]:
        """Equal large files come one after the other, so that the second finds the first one's upload."""
        lock = self._sizes.setdefault(size, anyio.Lock())
        try:
            async with lock:
                yield
        finally:
            if not lock.locked():
                self._sizes.pop(size, None)

    async def _shared(self, content: "Content", on_progress: Progress | None) -> Upload:
        """The upload of these bytes: remembered, under way, or made now."""
        digest = content.digest or await anyio.to_thread.run_sync(content.hash)
        while (flight := self._flights.get(digest)) is not None:
            await flight.ended.wait()
            if flight.upload is not None:
                return replace(flight.upload, cached=True)
        flight = self._flights[digest] = _Flight()
        try:
            known = await self._memory.recall(digest)
            flight.upload = known or await self._send(content, on_progress)
            return flight.upload if known is None else replace(known, cached=True)
        finally:
            del self._flights[digest]
            flight.ended.set()

    async def _send(self, content: "Content", on_progress: Progress | None) -> Upload:
        media, size = content.opened.media, content.size
        filename = safe_stem(content.opened.path.stem) + media.suffix

        def body() -> AsyncIterator[bytes]:
            return content.stream(on_progress)

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
        upload = Upload(url, media.mime, size)
        if content.digest:
            await self._memory.remember(content.digest, upload)
        return upload


class Content:
    """What a file holds: its size, and its `digest` once all of it was read.

    A time of change within the resolution of the file system's clock cannot prove that the file is unchanged:
    it is not `settled`, and its bytes are hashed twice, before they are sent and as they are sent. Making one
    blocks for an instant.
    """

    def __init__(self, opened: OpenFile) -> None:
        try:
            self._mark = opened.mark
        except OSError as error:
            raise unreadable(opened.path, error) from error
        self.opened = opened
        self.size = self._mark[0]
        self.digest = ""
        times = self._mark[1:]
        coarse = not any(moment % COARSE_STEP_NS for moment in times)
        tick = COARSEST_CLOCK_NS if coarse else FINE_CLOCK_NS
        self.settled = time.time_ns() - max(times) > tick

    @property
    def identity(self) -> tuple[object, ...]:
        """The same for two looks at a file that was not written in between, where both were settled."""
        return self.opened.path, *self._mark

    def hash(self) -> str:
        """Read the whole file for its digest. Blocks."""
        digest = hashlib.sha256()
        try:
            self.opened.file.seek(0)
            while chunk := read_some(self.opened.file, CHUNK_BYTES):
                digest.update(chunk)
        except OSError as error:
            raise unreadable(self.opened.path, error) from error
        self.digest = digest.hexdigest()
        return self.digest

    async def stream(self, on_progress: Progress | None) -> AsyncIterator[bytes]:
        """The file's bytes, the last of them only once it is known that all are those of one moment.

        Without its last bytes the storage has no whole upload, and drops it.
        """
        seen = None if self.digest and self.settled else hashlib.sha256()
        done = 0
        while done < self.size:
            wanted = min(CHUNK_BYTES, self.size - done)
            chunk = await anyio.to_thread.run_sync(_read_at, self.opened, done, wanted, seen)
            done += len(chunk)
            if not chunk or (done == self.size and not self._still(seen)):
                raise FileRefused(
                    f"{self.opened.path} changed while it was uploaded, so the upload was given up."
                )
            yield chunk
            if on_progress is not None:
                await on_progress(done, self.size)

    def _still(self, seen: "hashlib._Hash | None") -> bool:
        if self.opened.mark != self._mark:
            return False
        if seen is None:
            return True
        sent = seen.hexdigest()
        self.digest = self.digest or sent
        return sent == self.digest


def _read_at(opened: OpenFile, offset: int, wanted: int, seen: "hashlib._Hash | None") -> bytes:
    try:
        opened.file.seek(offset)
        chunk = read_some(opened.file, wanted)
    except OSError as error:
        raise unreadable(opened.path, error) from error
    if seen is not None:
        seen.update(chunk)
    return chunk
