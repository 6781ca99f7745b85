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
    _close(path, DIRECTORY)
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


def _close(path: Path, mode: int) -> None:
    found = stat.S_IMODE(path.stat().st_mode)
    if found & ~mode:
        # Somebody else's directory keeps its mode: then its owner has decided.
        with suppress(OSError):
            path.chmod(mode)
