"""First runs of one model at the same time: a few of them look for the end, the others hear of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import anyio

SCOUTS = 4


class Scouts:
    """The runs under way of a model whose run time nobody knows.

    As many as there are seats are scouts, of the `runs` that are waited for. `learned` is set as soon as any
    of them has completed; `running_at` is the longest time, in seconds since its submit, after which any was
    still running.
    """

    def __init__(self) -> None:
        self.learned = anyio.Event()
        self.running_at = 0.0
        self.runs = 0
        self._free = list(range(SCOUTS))

    @contextmanager
    def seat(self) -> Iterator[int | None]:
        """A scout's number, lowest first; None where all seats are taken."""
        number = self._free.pop(0) if self._free else None
        self.runs += 1
        try:
            yield number
        finally:
            self.runs -= 1
            if number is not None:
                self._free = sorted([*self._free, number])
