"""How long models run: from runs that ended, and from first runs that are under way."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import anyio

from .schedule import Span

KEPT_RUNS = 12
POLLERS = 4


class FirstRunPollers:
    """The runs under way of a model whose run time nobody knows: a few poll closely, the others hear of it.

    As many as there are slots are pollers, of the `runs` that are waited for. `learned` is set as soon as any
    of them has completed; `running_at` is the longest time, in seconds since its submit, after which any was
    still running.
    """

    def __init__(self) -> None:
        self.learned = anyio.Event()
        self.running_at = 0.0
        self.runs = 0
        self._free = list(range(POLLERS))

    @contextmanager
    def slot(self) -> Iterator[int | None]:
        """A poller's number, lowest first; None where all slots are taken."""
        number = self._free.pop(0) if self._free else None
        self.runs += 1
        try:
            yield number
        finally:
            self.runs -= 1
            if number is not None:
                self._free = sorted([*self._free, number])


class RunTimes:
    """What all accounts of a process have seen of run times. Of the models in `loaded`
    those of earlier processes are in it, too."""

    def __init__(self) -> None:
        self.loaded: set[str] = set()
        self._ended: dict[str, deque[Span]] = {}
        self._under_way: dict[str, FirstRunPollers] = {}

    @property
    def first_runs(self) -> Sequence[str]:
        """The models whose first runs are under way."""
        return list(self._under_way)

    def learn(self, model: str, span: Span) -> None:
        """When a run of `model` ended."""
        self._ended.setdefault(model, deque(maxlen=KEPT_RUNS)).append(span)
        if pollers := self._under_way.pop(model, None):
            pollers.learned.set()

    def of(self, model: str) -> Sequence[Span]:
        """The last runs of `model`, oldest first."""
        return self._ended.get(model, ())

    def usual(self, model: str) -> float | None:
        """The median run time of `model`, seconds, where one is known."""
        seen = sorted(span.middle for span in self.of(model))
        return seen[len(seen) // 2] if seen else None

    @contextmanager
    def first_run(self, model: str) -> Iterator[tuple[FirstRunPollers, int | None]]:
        """A run of a model that nobody knows, with its slot among the pollers."""
        pollers = self._under_way.setdefault(model, FirstRunPollers())
        with pollers.slot() as slot:
            try:
                yield pollers, slot
            finally:
                # The last one takes what it saw along: later runs may be quite different.
                if pollers.runs == 1 and self._under_way.get(model) is pollers:
                    del self._under_way[model]
