"""A thread's work in the order of asking: whoever goes there takes along what all others wait for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Lock
from typing import Any, TypeVar

import anyio
import anyio.to_thread

T = TypeVar("T")


class BatchedThread:
    """Runs blocking steps one at a time in a worker thread.

    Going to a thread and back costs more than a step of the ledger does, so what has been asked for
    meanwhile goes there together.
    """

    def __init__(self) -> None:
        self._waiting: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._turn = anyio.Lock(fast_acquire=True)
        self._thread = anyio.CapacityLimiter(1)
        self._alone = Lock()

    async def run(self, step: Callable[[], T]) -> T:
        """What `step` returns or raises. A step asked for may still be done when its caller is cancelled."""
        outcome: Future[T] = Future()
        self._waiting.append((step, outcome))
        async with self._turn:
            if not outcome.done():
                try:
                    await self._go()
                finally:
                    # Whoever is told that it failed must not see it done after all.
                    self._waiting = deque(one for one in self._waiting if one[1] is not outcome)
        return outcome.result(timeout=0)

    async def _go(self) -> None:
        taken, self._waiting = self._waiting, deque()
        try:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._run_all, taken, limiter=self._thread)
        finally:
            # Where no thread could start, or an interrupt tore the wait away, the next one takes the rest.
            with suppress(IndexError):
                while taken:
                    self._waiting.appendleft(taken.pop())

    def _run_all(self, steps: deque[tuple[Callable[[], Any], Future[Any]]]) -> None:
        with self._alone, suppress(IndexError):
            while steps:
                step, outcome = steps.popleft()
                try:
                    outcome.set_result(step())
                except BaseException as error:  # noqa: BLE001 - raised again by the caller whose step it was
                    outcome.set_exception(error)
