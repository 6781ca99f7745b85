"""A thread's work in the order of asking: whoever goes there takes along what all others wait for."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Lock
from typing import Any, Generic, TypeVar

import anyio
import anyio.to_thread

T = TypeVar("T")


class Step(Generic[T]):
    """Something that the thread does, and what became of it: whoever asked looks when it has been there."""

    __slots__ = ("_do", "_error", "_result", "done")

    def __init__(self, do: Callable[[], T]) -> None:
        self._do = do
        self._result: list[T] = []
        self._error: BaseException | None = None
        self.done = False

    def carry_out(self, behind: Iterable[Step[Any]]) -> None:
        """Do it. What waits `behind` it may be done along with it, in its order."""
        self.settle(self._do)

    def settle(self, outcome: Callable[[], T]) -> None:
        """Take what is returned or raised there as what became of it."""
        try:
            self._result.append(outcome())
        except BaseException as error:  # noqa: BLE001 - raised again by the caller whose step it was
            self._error = error
        self.done = True

    def outcome(self) -> T:
        """What it returned. Raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._result[0]


class BatchedThread:
    """Runs blocking steps one at a time in a worker thread.

    Going to a thread and back costs more than a step of the ledger does, so what has been asked for
    meanwhile goes there together.
    """

    def __init__(self) -> None:
        self._waiting: deque[Step[Any]] = deque()
        self._going: anyio.Event | None = None
        self._thread = anyio.CapacityLimiter(1)
        self._alone = Lock()

    async def run(self, step: Callable[[], T]) -> T:
        """What `step` returns or raises. A step asked for may still be done when its caller is cancelled."""
        return await self.carry_out(Step(step))

    async def carry_out(self, asked: Step[T]) -> T:
        """As `run`, for a step of any kind."""
        self._waiting.append(asked)
        while not asked.done:
            if self._going is not None:
                # Not a lock: that would let those whose steps are done through one after the other.
                await self._going.wait()
                continue
            self._going = back = anyio.Event()
            try:
                await self._go()
            finally:
                # Whoever is told that it failed must not see it done after all.
                self._waiting = deque(one for one in self._waiting if one is not asked)
                self._going = None
                back.set()
        return asked.outcome()

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

    def _run_all(self, steps: deque[Step[Any]]) -> None:
        with self._alone, suppress(IndexError):
            while steps:
                step = steps.popleft()
                if not step.done:
                    step.carry_out(steps)
