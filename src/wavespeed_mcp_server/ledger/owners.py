"""Which server processes still run."""

from __future__ import annotations

import uuid
from contextlib import suppress
from pathlib import Path
from time import time
from typing import Protocol

from ..private import FILE, private_directory

OLD_SECONDS = 24 * 3600.0


class Owners(Protocol):
    """This process's own sign of life, and the question whether another's still stands.

    `token` names this process; a sign of life ends with its process, however that ends.
    """

    @property
    def token(self) -> str:
        """This process's own name."""

    def lives(self, token: str) -> bool:
        """The process that took `token` still runs. Asked inside a write transaction of the store only."""

    def sweep(self) -> None:
        """Take away what dead processes left. Only inside a write transaction, as `lives`."""

    def close(self) -> None:
        """Let go: from now on this process counts as ended."""


class LockFiles:
    """Each process holds a lock on a file of its own; the operating system drops it with the process.

    Raises:
        OSError: the directory cannot be written.
    """

    def __init__(self, directory: Path, token: str = "") -> None:
        from filelock import FileLock

        self._directory = private_directory(directory)
        self.token = token or uuid.uuid4().hex
        self._lock = FileLock(self._path(self.token), thread_local=False, mode=FILE)
        self._lock.acquire(timeout=0)

    def lives(self, token: str) -> bool:
        """See `Owners`."""
        from filelock import FileLock, Timeout

        if token == self.token:
            return True
        path = self._path(token)
        if not path.exists():
            return False
        other = FileLock(path, thread_local=False, mode=FILE)
        try:
            other.acquire(timeout=0)
        except Timeout:
            return True
        other.release()
        with suppress(OSError):
            path.unlink()
        return False

    def sweep(self) -> None:
        """See `Owners`; never a young file, whose process may be about to lock it."""
        for path in self._directory.glob("*.lock"):
            with suppress(OSError):
                if time() - path.stat().st_mtime > OLD_SECONDS:
                    self.lives(path.stem)

    def close(self) -> None:
        """See `Owners`."""
        self._lock.release()
        with suppress(OSError):
            self._path(self.token).unlink()

    def _path(self, token: str) -> Path:
        return self._directory / f"{token}.lock"


class Alone:
    """Only this process lives: for a ledger in memory, which no other process sees."""

    def __init__(self, token: str = "") -> None:
        self.token = token or uuid.uuid4().hex

    def lives(self, token: str) -> bool:
        """See `Owners`."""
        return token == self.token

    def sweep(self) -> None:
        """See `Owners`."""

    def close(self) -> None:
        """See `Owners`."""
