"""Writing a file whole or not at all, and never over another one. Everything here blocks."""

import contextlib
import filecmp
import os
import secrets
from itertools import count
from pathlib import Path

from .media import HEAD_BYTES
from .sidecar import read_sidecar, sidecar_of

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


class Landing:
    """A file on its way into a directory: hidden under a name of its own until `keep` gives it its real one.

    `discard` in a `finally` makes sure that nothing is left of a file that was not kept. An OSError is the
    caller's.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.size = 0
        self.head = b""
        self._part: Path | None = directory / f".{secrets.token_hex(8)}.part"
        descriptor = os.open(self._part, _NEW | getattr(os, "O_BINARY", 0), 0o666)
        self._file = os.fdopen(descriptor, "wb", buffering=0)

    def write(self, chunk: bytes) -> None:
        """Append `chunk`, all of it."""
        if len(self.head) < HEAD_BYTES:
            self.head += chunk[: HEAD_BYTES - len(self.head)]
        view = memoryview(chunk)
        while view:
            view = view[self._file.write(view) :]
        self.size += len(chunk)

    def keep(self, stem: str, suffix: str, run: str = "") -> Path:
        """Give the file its name: `stem` and `suffix`, with `-1`, `-2`, ... between if that name is taken.

        Where the file that took it is the same, byte for byte, that one is kept and this one is not; so is
        the same file of any name that by its sidecar the prediction `run` made.
        """
        assert self._part is not None
        self._file.close()
        if run and not os.path.lexists(self.directory / f"{stem}{suffix}"):
            for path in self._of_that_size(suffix):
                beside = read_sidecar(sidecar_of(path))
                if beside is not None and beside.id == run and _is_same(self._part, path, self.size):
                    return path
        for number in count():
            path = self.directory / f"{stem}{f'-{number}' if number else ''}{suffix}"
            if _claim(self._part, path):
                self._part = None
                return path
            if _is_same(self._part, path, self.size):
                return path
        raise AssertionError("unreachable")

    def _of_that_size(self, suffix: str) -> list[Path]:
        with contextlib.suppress(OSError), os.scandir(self.directory) as entries:
            named = (entry for entry in entries if entry.name.endswith(suffix) and entry.name[:1] != ".")
            return sorted(Path(entry.path) for entry in named if entry.stat().st_size == self.size)
        return []

    def discard(self) -> None:
        """Remove what was written, unless it was kept."""
        self._file.close()
        if self._part is not None:
            # What cannot be removed is no reason to lose what was made.
            with contextlib.suppress(OSError):
                self._part.unlink()
            self._part = None


def _is_same(part: Path, path: Path, size: int) -> bool:
    """`path` is a file with the same bytes."""
    with contextlib.suppress(OSError):
        return (
            not path.is_symlink() and path.stat().st_size == size and filecmp.cmp(part, path, shallow=False)
        )
    return False


def _claim(part: Path, path: Path) -> bool:
    """Give `part` the name `path`; False if it is taken, also by a process that takes it at this moment."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return False
    except OSError:
        return _claim_without_links(part, path)
    part.unlink()
    return True


def _claim_without_links(part: Path, path: Path) -> bool:
    """On file systems without hard links: the name is taken by an empty file first, then replaced."""
    try:
        os.close(os.open(path, _NEW, 0o666))
    except FileExistsError:
        return False
    try:
        part.replace(path)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return True
