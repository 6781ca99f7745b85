"""Opening a file so that what was checked is what is read, and seeing what it is. Everything here blocks."""

import errno
import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from .media import HEAD_BYTES, MediaType, sniff
from .refusal import FileRefused, is_directory, unreadable
from .tracks import by_tracks

MAX_UPLOAD_BYTES = 200 * 1024 * 1024
"""The upload endpoint's limit (official Python SDK)."""

_WALKS = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # opening a FIFO must not wait for its writer
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOCTTY", 0)
)


@dataclass(frozen=True)
class OpenFile:
    """A media file that may be read, open. `size` is in bytes, as it was when it was opened."""

    path: Path
    file: io.FileIO
    size: int
    media: MediaType

    @property
    def mark(self) -> tuple[int, int, int]:
        """Size in bytes, and times of the last changes in nanoseconds, as they are now."""
        now = os.fstat(self.file.fileno())
        return now.st_size, now.st_mtime_ns, now.st_ctime_ns

    def close(self) -> None:
        """Give the descriptor back."""
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_media(root: Path, path: Path) -> OpenFile:
    """`path` (resolved, below `root`), open, once its kind, its size and its content have been checked.

    Raises:
        FileRefused: it cannot be read, or is no media file.
    """
    try:
        descriptor = _walk(root, path) if _WALKS else _open_and_compare(path)
        try:
            file = io.FileIO(descriptor, "rb")
        except OSError:
            os.close(descriptor)
            raise
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        return _checked(path, file)
    except FileRefused:
        file.close()
        raise
    except OSError as error:
        file.close()
        raise unreadable(path, error) from error


def _walk(root: Path, path: Path) -> int:
    """`path` (resolved, below `root`) open for reading, with no link followed on the way."""
    directory_flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    *folders, name = path.relative_to(root).parts
    here = os.open(root, directory_flags)
    try:
        for folder in folders:
            there = os.open(folder, directory_flags, dir_fd=here)
            os.close(here)
            here = there
        return os.open(name, _OPEN_FLAGS, dir_fd=here)
    finally:
        os.close(here)


def _open_and_compare(path: Path) -> int:
    """Where directories cannot be walked by descriptor: open, then see that the path still leads to it."""
    descriptor = os.open(path, _OPEN_FLAGS)
    try:
        if path.resolve() != path or not os.path.samestat(path.stat(), os.fstat(descriptor)):
            raise OSError("it changed while it was opened")
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _checked(path: Path, file: io.FileIO) -> OpenFile:
    """The open file, once its kind, its size and its content are found to be what may be sent."""
    found = os.fstat(file.fileno())
    if stat.S_ISDIR(found.st_mode):
        raise is_directory(path)
    if not stat.S_ISREG(found.st_mode):
        raise FileRefused(f"{path} is not a regular file, so it is not read.")
    size = found.st_size
    if size > MAX_UPLOAD_BYTES:
        raise FileRefused(
            f"{path} has {size:,} bytes; the upload limit is {MAX_UPLOAD_BYTES:,} (200 MiB). Give a public "
            "URL for a larger file."
        )
    if size == 0:
        raise FileRefused(f"{path} is empty (0 bytes), so there is nothing to upload.")
    head = read_some(file, HEAD_BYTES)
    media = sniff(head, size)
    if media is None or (media.weak and not media.named_by(path.name)):
        raise FileRefused(
            f"{path} is not recognised as an image, video, audio, 3D file or zip archive by its content, so "
            "it is not read."
        )
    media = by_tracks(file, size, media)
    file.seek(0)
    return OpenFile(path, file, size, media)


def read_some(file: io.FileIO, wanted: int) -> bytes:
    """Up to `wanted` bytes. Raises OSError, also where a cloud's file system has none of them at hand."""
    chunk: bytes | None = file.read(wanted)
    if chunk is None:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
    return chunk
