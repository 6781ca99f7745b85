"""The end of a process that was told to go: every wait answers now, and nothing new is begun."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import anyio


class Departure:
    """Shared by all waits of a process. `begun`: it is about to end."""

    def __init__(self) -> None:
        self.begun = False
        self._waits: set[anyio.CancelScope] = set()

    def begin(self) -> None:
        """End every wait, those to come among them."""
        self.begun = True
        for wait in self._waits:
            wait.cancel()

    @contextmanager
    def may_end(self) -> Iterator[None]:
        """The block is a wait: it is left early, and without an error, once the departure begins."""
        with anyio.CancelScope() as wait:
            if self.begun:
                wait.cancel()
            self._waits.add(wait)
            try:
                yield
            finally:
                self._waits.discard(wait)
