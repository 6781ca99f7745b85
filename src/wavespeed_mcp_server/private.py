"""Directories and files that only this user may read, whatever the umask and whoever made them first."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

DIRECTORY = 0o700
FILE = 0o600


def private_directory(path: Path) -> Path:
    """`path`, made where it is missing, closed to others where it was open.

    Raises:
        OSError: it cannot be made.
    """
    path.mkdir(parents=True, exist_ok=True, mode=DIRECTORY)
    if _close(path, DIRECTORY):
        # It was open, and so may be what is in it.
        for inside in path.rglob("*"):
            with suppress(OSError):
                _close(inside, DIRECTORY if inside.is_dir() else FILE)
    return path


def private_file(path: Path) -> None:
    """Make `path`, empty, where it is missing, and close it to others where it was open.

    Raises:
        OSError: it cannot be made.
    """
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, FILE))
    close_file(path)


def close_file(path: Path) -> None:
    """Close a file to others where it is there and was open."""
    with suppress(OSError):
        _close(path, FILE)


def _close(path: Path, mode: int) -> bool:
    """Whether it was open to others; where it is somebody else's, that one has decided."""
    was_open = bool(stat.S_IMODE(path.lstat().st_mode) & ~mode) and not path.is_symlink()
    if was_open:
        with suppress(OSError):
            path.chmod(mode)
    return was_open
