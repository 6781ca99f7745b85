"""The bytes behind an output: the saved file, or else a copy fetched once for as long as the gallery runs."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import anyio
import anyio.to_thread

from ..api.guard import TransferFailed
from ..api.transfer import Transfer
from ..files.media import HEAD_BYTES
from ..files.preview import MAX_SOURCE_BYTES, NoPicture, Picture, small_picture
from .folder import Folder, OpenOutput, trusted
from .run import Output, Run

AT_ONCE = 6
LARGEST_COPY = 1024**3
MOST_COPIED = 4 * 1024**3
MOST_PICTURES = 1500
PICTURE_SIDE = 512
GONE = "The output is not there any more: the API keeps outputs for 7 days."


class NoOutput(Exception):
    """There is nothing to show; the text says why."""


class Outputs:
    """Opens outputs. Copies of unsaved ones are kept in `directory`, the oldest given up first."""

    def __init__(self, folder: Folder, transfer: Transfer, directory: Path) -> None:
        self._folder = folder
        self._transfer = transfer
        self._directory = directory
        self._copies: OrderedDict[str, tuple[Path, int]] = OrderedDict()
        self._pictures: OrderedDict[tuple[str, str], Picture] = OrderedDict()
        self._fetching: dict[str, anyio.Lock] = {}
        self._turn = anyio.CapacityLimiter(AT_ONCE)
        self._drawing = anyio.CapacityLimiter(2)
        self._number = 0

    async def open(self, run: Run, index: int) -> OpenOutput:
        """One output of a run, open for reading.

        Raises:
            NoOutput: it is not there, or cannot be fetched.
        """
        output = _chosen(run, index)
        if output.file is not None:
            opened = await anyio.to_thread.run_sync(self._folder.open, output.file.name)
            if opened is not None:
                return opened
        if not output.url:
            raise NoOutput(GONE)
        path = await self._copy(output.url)
        opened = await anyio.to_thread.run_sync(_opened, path, output.url)
        if opened is None:
            raise NoOutput(GONE)
        return opened

    async def picture(self, run: Run, index: int) -> Picture:
        """A small picture of an image.

        Raises:
            NoOutput: it is no image, or not there.
        """
        output = _chosen(run, index)
        name = (output.file.name + str(output.file.made_at)) if output.file is not None else output.url
        known = self._pictures.get((run.key, name))
        if known is not None:
            self._pictures.move_to_end((run.key, name))
            return known
        opened = await self.open(run, index)
        try:
            picture = await anyio.to_thread.run_sync(_draw, opened, limiter=self._drawing)
        except NoPicture as error:
            raise NoOutput(str(error)) from error
        finally:
            opened.file.close()
        self._pictures[run.key, name] = picture
        while len(self._pictures) > MOST_PICTURES:
            self._pictures.popitem(last=False)
        return picture

    async def _copy(self, url: str) -> Path:
        """A local copy of what is at `url`."""
        async with self._fetching.setdefault(url, anyio.Lock()), self._turn:
            if url in self._copies:
                self._copies.move_to_end(url)
                return self._copies[url][0]
            self._number += 1
            path = self._directory / str(self._number)
            try:
                size = await self._fetch(url, path)
            except BaseException:
                with suppress(OSError):
                    path.unlink()
                raise
            self._copies[url] = (path, size)
            self._make_room()
            return path

    async def _fetch(self, url: str, path: Path) -> int:
        size = 0
        try:
            async with self._transfer.get(url) as incoming, await anyio.open_file(path, "xb") as file:
                async for chunk in incoming.chunks:
                    size += len(chunk)
                    if size > LARGEST_COPY:
                        raise NoOutput("The output is too large to be shown here; save it.")
                    await file.write(chunk)
        except TransferFailed as error:
            raise NoOutput(str(error)) from error
        except OSError as error:
            raise NoOutput(f"No room for a copy: {error.strerror}.") from error
        return size

    def _make_room(self) -> None:
        while len(self._copies) > 1 and sum(size for _, size in self._copies.values()) > MOST_COPIED:
            url, (path, _) = self._copies.popitem(last=False)
            self._fetching.pop(url, None)
            with suppress(OSError):
                path.unlink()


def _chosen(run: Run, index: int) -> Output:
    outputs = run.outputs
    if not 0 <= index < len(outputs):
        raise NoOutput(GONE if run.outputs_gone else "There is no such output.")
    return outputs[index]


def _opened(path: Path, url: str) -> OpenOutput | None:
    try:
        file: BinaryIO = path.open("rb")
    except OSError:
        return None
    head = file.read(HEAD_BYTES)
    size = file.seek(0, 2)
    file.seek(0)
    return OpenOutput(path, file, size, trusted(head, size, url.partition("?")[0]))


def _draw(opened: OpenOutput) -> Picture:
    if opened.media is None or opened.media.kind != "image":
        raise NoPicture("it is not an image")
    if opened.size > MAX_SOURCE_BYTES:
        raise NoPicture("it is too large to be drawn small")
    return small_picture(opened.file.read(MAX_SOURCE_BYTES + 1), PICTURE_SIDE)
