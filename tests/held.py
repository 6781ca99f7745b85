"""What holds a worker thread for as long as a test wants."""

from __future__ import annotations

import threading

import anyio
import anyio.from_thread


class Held:
    """A step that has `begun` and ends when the test says `go_on`."""

    def __init__(self) -> None:
        self.begun = anyio.Event()
        self.go_on = threading.Event()

    def __call__(self) -> None:
        anyio.from_thread.run_sync(self.begun.set)
        self.go_on.wait(60)
