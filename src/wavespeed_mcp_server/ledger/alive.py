"""Which server processes still run: each holds a lock on a file of its own for as long as it lives."""

from __future__ import annotations

import uuid
from contextlib import suppress
from pathlib import Path
from time import time

OLD_SECONDS = 24 * 3600.0


class Alive:
    """This process's own lock, and the question whether another's is still held.

    The operating system drops the lock when the process ends, however it ends.

    Raises:
        OSError: the directory cannot be written.
    """

    def __init__(self, directory: Path) -> None:
        from filelock import FileLock

        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._directory = directory
        self.token = uuid.uuid4().hex
        self._lock = FileLock(self._path(self.token), thread_local=False)
        self._lock.acquire(timeout=0)

    def sweep(self) -> None:
        """Take away what dead processes left; never a young file, whose process may be about to lock it.

        As `holds`, only inside a write transaction of the ledger, so that nobody else asks meanwhile.
        """
        for path in self._directory.glob("*.lock"):
            with suppress(OSError):
                if time() - path.stat().st_mtime > OLD_SECONDS:
                    self.holds(path.stem)

    def holds(self, token: str) -> bool:
        """The process that took `token` still runs."""
        from filelock import FileLock, Timeout

        if token == self.token:
            return True
        path = self._path(token)
        if not path.exists():
            return False
        other = FileLock(path, thread_local=False)
        try:
            other.acquire(timeout=0)
        except Timeout:
            return True
        other.release()
        with suppress(OSError):
            path.unlink()
        return False

    def close(self) -> None:
        """Let go: from now on this process counts as ended."""
        self._lock.release()
        with suppress(OSError):
            self._path(self.token).unlink()

    def _path(self, token: str) -> Path:
        return self._directory / f"{token}.lock"
