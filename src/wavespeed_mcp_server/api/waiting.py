"""Waiting for a task to end: a failed poll is not a failed task."""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil

import anyio

from ..wakeups import Wake
from .client import WaveSpeed
from .errors import ApiError, lasting
from .run_times import POLLERS, FirstRunPollers, RunTimes
from .schedule import LONGEST_GAP, NEAR_GAP, Span, gap
from .wire import COMPLETED, Prediction

# What all waits together may ask: looking for an end that could be any time is held to a third of the highest
# rate an account is known to have (5,000 a minute), until each waits longer than one alone ever does.
SEARCHING_POLLS_PER_SECOND = 30.0
POLLS_PER_SECOND = 500.0
POLLS_AT_ONCE = 32
# Among many, each waits so much longer for its next poll, and polls that are due within a moment go together:
# waking up once for ten of them costs half.
GAP_PER_RUN = 0.01
MOMENT_PER_RUN = 0.001
LONGEST_MOMENT = 0.05
FAILED_GAP = 0.5
LONGEST_FAILED_GAP = 2.0
TICK_SECONDS = 5.0
NEARLY = 0.5
REFUSALS_TO_STOP = 8
# Where word of the end is promised, one look in so many is taken all the same: word may be lost.
LOOKS_LEFT_OUT = 10
# Word that came a moment early is the only one: after it the end is looked for closely, then as without any.
CLOSELY = (0.25, 0.75)
WORD_TRAVELS = 0.5


@dataclass
class Watch:
    """One task being waited for: what the last polls said.

    `started` is the moment of the submit on the event loop's clock. `last_seen_running` is when
    the task was last known to run, in seconds since the submit; None where it was never seen running.
    `seconds` is how long it ran, once it has completed while being watched, if that tells something of other
    runs; `ran` the same of any task that was watched to its end. `wake` brings word of its end, if anything
    does.
    """

    prediction: Prediction
    started: float
    fault: ApiError | None = None
    last_seen_running: float | None = 0.0
    seconds: float | None = None
    ran: float | None = None
    wake: Wake = field(default_factory=Wake)

    @property
    def elapsed(self) -> float:
        """Seconds since the submit."""
        return _now() - self.started


Report = Callable[[Watch], Awaitable[None]]


def _now() -> float:
    # What `anyio.current_time` says, without the question which event loop this is: it is asked here often.
    return get_running_loop().time()


@dataclass
class Looks:
    """When a task is looked at, in seconds since its submit: the last time, and before when not again.

    `pollers` is None where the model's run time was known from the beginning, `slot` None for a run that is
    none of them. `hurried`: the wait is over before such a run would be looked at. `told_at`: when it heard
    of the first end. `relies`: word of its end is promised, and has not come. `heard` is how often word had
    come at the last look, `woken_at` when it came last, `closely` the gaps to the next looks after it.
    """

    model: str
    asked_at: float
    pollers: FirstRunPollers | None = None
    slot: int | None = None
    hurried: bool = False
    told_at: float = 0.0
    not_before: float = 0.0
    failures: int = 0
    relies: bool = False
    heard: int = 0
    woken_at: float = 0.0
    closely: list[float] | None = None


class Waiting:
    """Polls the tasks of one client, which share how often to ask."""

    def __init__(self, client: WaveSpeed, run_times: RunTimes) -> None:
        self.client = client
        self._run_times = run_times
        self._active = 0
        self._searching = 0
        self._limit = anyio.Semaphore(POLLS_AT_ONCE, fast_acquire=True)
        self._turn_at = 0.0

    async def until_ended(self, watch: Watch, deadline: float, report: Report) -> None:
        """Poll until the task ends or the event loop's clock reaches `deadline`; `watch` holds the outcome.

        Failed polls only slow the asking down. Refusals that no later poll can mend (a key that was
        revoked, an id that stays unknown) end the wait early, with `watch.fault` set. `report` is awaited
        at every poll, and every few seconds between polls. Word that comes by `watch.wake` is never believed:
        it makes the next poll due now.
        """
        self._active += 1
        try:
            with anyio.CancelScope(deadline=deadline), self._looks_at(watch) as looks:
                looks.hurried = deadline < _now() + LONGEST_GAP
                await self._poll_on(watch, looks, report)
        finally:
            self._active -= 1

    @contextmanager
    def _looks_at(self, watch: Watch) -> Iterator[Looks]:
        # A task whose model the API does not name is like no other.
        model = watch.prediction.model or watch.prediction.id
        if watch.wake.promised or self._run_times.of(model):
            yield Looks(model, watch.elapsed, relies=watch.wake.promised)
            return
        with self._run_times.first_run(model) as (pollers, slot):
            self._searching += slot is not None
            try:
                # Pollers of the same moment look one after the other, and see the end sooner together.
                ahead = gap(0.0) * (slot or 0) / POLLERS
                yield Looks(model, watch.elapsed - ahead, pollers, slot)
            finally:
                self._searching -= slot is not None

    async def _poll_on(self, watch: Watch, looks: Looks, report: Report) -> None:
        while not watch.prediction.ended:
            await self._until_due(watch, looks, report)
            await self._turn()
            self._begin_look(watch, looks)
            try:
                async with self._limit:
                    answer = await self.client.poll(watch.prediction.id)
            except ApiError as error:
                looks.failures += 1
                watch.fault = error
                if lasting(error) and looks.failures >= REFUSALS_TO_STOP:
                    return
                looks.not_before = watch.elapsed + min(FAILED_GAP * looks.failures, LONGEST_FAILED_GAP)
            else:
                looks.failures = 0
                watch.fault = None
                self._take(watch, answer, looks)
            await report(watch)

    def _begin_look(self, watch: Watch, looks: Looks) -> None:
        looks.asked_at = watch.elapsed
        if looks.closely:
            looks.closely.pop(0)
        if watch.wake.count > looks.heard:
            looks.heard, looks.woken_at, looks.relies = watch.wake.count, looks.asked_at, False
            looks.closely = list(CLOSELY) if looks.closely is None else looks.closely

    async def _until_due(self, watch: Watch, looks: Looks, report: Report) -> None:
        while watch.wake.count <= looks.heard:
            # The gap runs from poll to poll: what an answer takes is no reason to ask later.
            rest = max(self.next_look(looks), looks.not_before) - watch.elapsed
            if rest <= 0:
                return
            await self._rest(self._rounded(min(rest, TICK_SECONDS)), watch, looks)
            if rest > TICK_SECONDS:
                await report(watch)

    def next_look(self, looks: Looks) -> float:
        """When this task is due, in seconds since its submit, if no word comes before."""
        if looks.closely:
            return looks.asked_at + looks.closely[0]
        at = looks.asked_at
        for _ in range(LOOKS_LEFT_OUT if looks.relies else 1):
            at += self._gap(looks, at)
        return at

    def _gap(self, looks: Looks, asked_at: float) -> float:
        """Seconds from a poll of this task to its next, such that all tasks stay within their rate."""
        least = min(GAP_PER_RUN * self._active, LONGEST_GAP)
        if known := self._run_times.of(looks.model):
            return max(gap(asked_at, known), min(least, NEAR_GAP))
        if looks.slot is None and not looks.hurried:
            return max(LONGEST_GAP, least)
        share = min(self._searching / SEARCHING_POLLS_PER_SECOND, LONGEST_GAP)
        return max(gap(asked_at), share, least)

    def _rounded(self, seconds: float) -> float:
        """`seconds` from now, or a moment later, when others are due as well."""
        moment = min(MOMENT_PER_RUN * self._active, LONGEST_MOMENT)
        now = _now()
        return ceil((now + seconds) / moment) * moment - now

    async def _rest(self, seconds: float, watch: Watch, looks: Looks) -> None:
        if looks.pollers is None or looks.pollers.learned.is_set():
            with anyio.move_on_after(seconds):
                await watch.wake.after(looks.heard)
            return
        with anyio.move_on_after(seconds):
            await looks.pollers.learned.wait()
            looks.told_at = watch.elapsed
            # Equal runs take equal times: one that is nearly there is looked at when it is.
            there = min(self._run_times.of(looks.model)[-1].before, looks.told_at + NEARLY)
            looks.not_before = max(looks.not_before, there)

    async def _turn(self) -> None:
        """Wait while as many polls as may go out in a second have gone out; a few may go together."""
        now = _now()
        self._turn_at = max(self._turn_at, now - POLLS_AT_ONCE / POLLS_PER_SECOND) + 1 / POLLS_PER_SECOND
        if self._turn_at > now:
            await anyio.sleep(self._rounded(self._turn_at - now))

    def _take(self, watch: Watch, answer: Prediction, looks: Looks) -> None:
        if not answer.model:
            answer = answer.model_copy(update={"model": watch.prediction.model})
        watch.prediction = answer
        pollers = looks.pollers
        if not answer.ended:
            watch.last_seen_running = looks.asked_at
            if pollers is not None:
                pollers.running_at = max(pollers.running_at, looks.asked_at)
        elif watch.last_seen_running is not None:
            if looks.woken_at == looks.asked_at:
                watch.last_seen_running = max(watch.last_seen_running, looks.woken_at - WORD_TRAVELS)
            watch.ran = Span(watch.last_seen_running, watch.elapsed).middle
        if answer.status == COMPLETED and watch.last_seen_running is not None:
            self._took(watch.last_seen_running, watch, looks)

    def _took(self, after: float, watch: Watch, looks: Looks) -> None:
        if after < looks.told_at:
            # It was told of another's end, and had ended by then: it shows nothing new of its own.
            return
        before, pollers = watch.elapsed, looks.pollers
        # Pollers look closely, and what one of them saw running a moment ago narrows it further.
        if looks.slot is not None and pollers is not None and not pollers.learned.is_set():
            after = max(after, pollers.running_at) if pollers.running_at < before else after
        span = Span(after, before)
        watch.seconds = span.middle
        self._run_times.learn(looks.model, span)
