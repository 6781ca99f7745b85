"""Saving a prediction's outputs to the output directory."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from ..api.guard import TransferFailed
from ..api.transfer import Incoming, Transfer
from .error_pages import reason_to_refuse
from .inline import Saved
from .landing import Landing
from .media import sniff
from .names import suffix_for
from .parts import Part, parts_of, write_part
from .path_policy import PathPolicy
from .refusal import FileRefused, unwritable

MAX_DOWNLOAD_BYTES = 2 * 1024**3
MAX_SECONDS = 3600
AT_ONCE = 4
TRIES = 3
BACKOFF_SECONDS = 1.0

Progress = Callable[[int, int], Awaitable[None]]
"""Told the bytes done and the bytes in all (0: not known)."""

ResultT = TypeVar("ResultT")


class NotTheOutput(TransferFailed):
    """Something else came in the output's place: nothing, a page, an error document."""


class DownloadFailed(Exception):
    """Some outputs could not be saved; the text says which and why. `saved` holds those that were."""

    def __init__(self, text: str, saved: list[Saved]) -> None:
        super().__init__(text)
        self.saved = saved


async def any_kind(model: str) -> str:
    """What `model` makes is not known."""
    return ""


class Downloader:
    """Saves outputs, up to four at a time over all its callers.

    `makes` tells of a model whether it makes "media" or "text", "" where that is not known.
    """

    def __init__(
        self,
        transfer: Transfer,
        policy: PathPolicy,
        *,
        makes: Callable[[str], Awaitable[str]] = any_kind,
        max_bytes: int = MAX_DOWNLOAD_BYTES,
        pause: Callable[[float], Awaitable[None]] = anyio.sleep,
    ) -> None:
        self._transfer = transfer
        self._policy = policy
        self._makes = makes
        self._max_bytes = max_bytes
        self._pause = pause
        self._turn = anyio.CapacityLimiter(AT_ONCE)

    async def save(
        self,
        prediction_id: str,
        outputs: list[Any],
        directory: str = "",
        *,
        model: str = "",
        name: str = "",
        fresh: bool = True,
        on_progress: Progress | None = None,
    ) -> list[Saved]:
        """Save a prediction's outputs (see `parts_of`), in their order, in `directory` below the output one.

        A file is whole or not there, and never takes the place of another; the same one is kept once.
        `fresh`: the run ended a moment ago, so that what is not there yet may come.

        Raises:
            FileRefused: the directory cannot be written to, or is elsewhere.
            DownloadFailed: at least one output could not be saved.
        """
        files = parts_of(prediction_id, outputs, model=model, name=name)
        target = await anyio.to_thread.run_sync(self._policy.writable_dir, directory)
        makes = await self._makes(model)
        saved: list[Saved | None] = [None] * len(files)
        problems: dict[int, str] = {}
        meter = _Meter(on_progress)

        async def save_url(part: Part) -> Saved:
            async with self._turn:
                return await self._tried(partial(self._land, part, target, makes, meter), fresh=fresh)

        async def save_one(index: int, part: Part) -> None:
            try:
                if part.kind == "url":
                    saved[index] = await save_url(part)
                else:
                    saved[index] = await write_part(self._policy, part, directory)
            except (FileRefused, TransferFailed) as error:
                problems[index] = f"output {index}: {error}"

        async with anyio.create_task_group() as group:
            for index, part in enumerate(files):
                group.start_soon(save_one, index, part)
        done = [one for one in saved if one is not None]
        if problems:
            raise DownloadFailed(" ".join(problems[index] for index in sorted(problems)), done)
        return done

    async def fetch(self, url: str, max_bytes: int, *, fresh: bool = True) -> bytes:
        """The file at `url` in memory, if it has at most `max_bytes`; `fresh` as in `save`.

        Raises:
            TransferFailed: it has more, or could not be fetched.
        """
        content = bytearray()

        async def collect(chunk: bytes) -> None:
            content.extend(chunk)

        async def once() -> bytes:
            content.clear()
            await self._read(url, max_bytes, collect, _Meter(None))
            return bytes(content)

        async with self._turn:
            return await self._tried(once, fresh=fresh)

    async def _tried(self, once: Callable[[], Awaitable[ResultT]], *, fresh: bool) -> ResultT:
        for attempt in range(1, TRIES):
            try:
                return await once()
            except NotTheOutput:
                if not fresh:
                    raise
            except TransferFailed as error:
                # An output may take a moment to appear in the storage.
                if not error.transient and not (fresh and error.status == 404):
                    raise
            await self._pause(BACKOFF_SECONDS * attempt)
        return await once()

    async def _land(self, part: Part, target: Path, makes: str, meter: "_Meter") -> Saved:
        url = part.content
        landing: Landing | None = None
        try:
            landing = await anyio.to_thread.run_sync(Landing, target)
            came = await self._read(url, self._max_bytes, partial(_write, landing), meter)
            refused = reason_to_refuse(landing.head, landing.size, url, came.content_type, makes)
            if refused:
                raise NotTheOutput(refused, transient=True)
            suffix = suffix_for(landing.head, landing.size, sniff(landing.head, landing.size), came.url)
            path = await anyio.to_thread.run_sync(landing.keep, part.stem, suffix, part.run)
            return Saved(path, landing.size, url)
        except OSError as error:
            raise unwritable(target, error) from error
        finally:
            if landing is not None:
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(landing.discard)

    async def _read(
        self, url: str, max_bytes: int, take: Callable[[bytes], Awaitable[None]], meter: "_Meter"
    ) -> Incoming:
        """Pass the file at `url` to `take`, chunk by chunk. Returns what came, read to its end."""
        done = 0
        with anyio.move_on_after(MAX_SECONDS):
            async with self._transfer.get(url) as incoming, aclosing(incoming.chunks) as chunks:
                _bound(incoming.size or 0, max_bytes)
                async for chunk in chunks:
                    done += len(chunk)
                    _bound(done, max_bytes)
                    await take(chunk)
                    await meter.moved(url, done, incoming.size or 0)
            return incoming
        raise TransferFailed(f"The download took longer than {MAX_SECONDS} seconds and was given up.")


class _Meter:
    """Adds up the progress of several downloads."""

    def __init__(self, on_progress: Progress | None) -> None:
        self._on_progress = on_progress
        self._files: dict[str, tuple[int, int]] = {}

    async def moved(self, url: str, done: int, size: int) -> None:
        if self._on_progress is None:
            return
        self._files[url] = (done, size)
        sizes = [size for _, size in self._files.values()]
        await self._on_progress(
            sum(done for done, _ in self._files.values()), sum(sizes) if all(sizes) else 0
        )


async def _write(landing: Landing, chunk: bytes) -> None:
    await anyio.to_thread.run_sync(landing.write, chunk)


def _bound(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise TransferFailed(f"The file is larger than {max_bytes:,} bytes, so it was not fetched.")
