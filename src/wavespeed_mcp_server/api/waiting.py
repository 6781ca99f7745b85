"""Waiting for a task to end: a failed poll is not a failed task."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio

from .client import WaveSpeed
from .errors import ApiError, lasting
from .schedule import LONGEST_GAP, Span, gap
from .wire import COMPLETED, Prediction

# What all waits together may ask: looking for an end that could be any time is held to the highest rate an
# account is known to have (5,000 a minute), until each task would wait longer than one alone ever does.
SEARCHING_POLLS_PER_SECOND = 80.0
POLLS_PER_SECOND = 300.0
POLLS_AT_ONCE = 32
FAILED_GAP = 0.5
LONGEST_FAILED_GAP = 2.0
TICK_SECONDS = 5.0
REFUSALS_TO_STOP = 8
KEPT_RUN_TIMES = 12


@dataclass
class Watch:
    """One task being waited for: what the last polls said.

    `started` is the moment of the submit on the event loop's clock. `unfinished_at` is the last moment the
    task was known to run, in seconds since the submit; None where it was never seen running. `seconds` is
    how long it ran, once it has completed while being watched.
    """

    prediction: Prediction
    started: float
    fault: ApiError | None = None
    unfinished_at: float | None = 0.0
    seconds: float | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the submit."""
        return anyio.current_time() - self.started


Report = Callable[[Watch], Awaitable[None]]


class Waiting:
    """Polls the tasks of one client, sharing what their models' run times are and how often to ask."""

    def __init__(self, client: WaveSpeed) -> None:
        self.client = client
        self._active = 0
        self._limit = anyio.Semaphore(POLLS_AT_ONCE, fast_acquire=True)
        self._seen: dict[str, deque[Span]] = {}

    def learn(self, model: str, span: Span) -> None:
        """When a run of `model` ended."""
        self._seen.setdefault(model, deque(maxlen=KEPT_RUN_TIMES)).append(span)

    def usual(self, model: str) -> float | None:
        """The median run time of `model`, seconds, where one is known."""
        seen = sorted(span.middle for span in self._seen.get(model, ()))
        return seen[len(seen) // 2] if seen else None

    async def until_ended(self, watch: Watch, deadline: float, report: Report) -> None:
        """Poll until the task ends or the event loop's clock reaches `deadline`; `watch` holds the outcome.

        Failed polls only slow the asking down. Refusals that no later poll can mend (a key that was
        revoked, an id that stays unknown) end the wait early, with `watch.fault` set. `report` is awaited
        at every poll, and every few seconds between polls.
        """
        self._active += 1
        try:
            with anyio.CancelScope(deadline=deadline):
                await self._poll_on(watch, report)
        finally:
            self._active -= 1

    async def _poll_on(self, watch: Watch, report: Report) -> None:
        failures = 0
        asked_at = watch.elapsed
        while not watch.prediction.ended:
            known = self._seen.get(watch.prediction.model, ())
            # The gap runs from poll to poll: what an answer takes is no reason to ask later.
            pause = asked_at + gap(asked_at, known) - watch.elapsed
            pause = max(pause, self._share(searching=not known))
            if failures:
                pause = max(pause, min(FAILED_GAP * failures, LONGEST_FAILED_GAP))
            await self._pause(pause, watch, report)
            asked_at = watch.elapsed
            try:
                async with self._limit:
                    answer = await self.client.poll(watch.prediction.id)
            except ApiError as error:
                failures += 1
                watch.fault = error
                if lasting(error) and failures >= REFUSALS_TO_STOP:
                    return
            else:
                failures = 0
                watch.fault = None
                self._take(watch, answer, asked_at)
            await report(watch)

    def _share(self, *, searching: bool) -> float:
        """How long each task waits between polls at least, so that all of them stay within their rate."""
        least = self._active / POLLS_PER_SECOND
        return max(least, min(self._active / SEARCHING_POLLS_PER_SECOND, LONGEST_GAP)) if searching else least

    def _take(self, watch: Watch, answer: Prediction, asked_at: float) -> None:
        if not answer.model:
            answer = answer.model_copy(update={"model": watch.prediction.model})
        watch.prediction = answer
        if not answer.ended:
            watch.unfinished_at = asked_at
        elif answer.status == COMPLETED and watch.unfinished_at is not None:
            span = Span(watch.unfinished_at, watch.elapsed)
            watch.seconds = span.middle
            self.learn(answer.model, span)

    async def _pause(self, seconds: float, watch: Watch, report: Report) -> None:
        while seconds > TICK_SECONDS:
            await anyio.sleep(TICK_SECONDS)
            seconds -= TICK_SECONDS
            await report(watch)
        await anyio.sleep(seconds)
