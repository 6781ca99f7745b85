"""Many requests in one call: quoted and held as a whole, so many at a time, each with its own outcome."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio

from ..api.errors import ApiError, RateLimited, Unreachable
from ..api.waiting import Watch
from ..ledger import LedgerUnavailable, OverBudget, OwnedRows
from .account import Account
from .faults import MaybeSubmitted, NotRun
from .limits import over_budget
from .options import RunOptions
from .outcome import NOT_SUBMITTED, UNKNOWN, Outcome, as_row
from .progress import Progress, silent
from .request import Prepared
from .results import Costs
from .submission import Terms
from .telling_apart import sources, told_apart


@dataclass
class Tally:
    """How far a batch is, for its progress messages."""

    total: int
    ended: int = 0
    running: int = 0

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return self.ended / self.total if self.total else 0.0

    def __str__(self) -> str:
        return f"{self.ended} of {self.total} done, {self.running} running"


class Batch:
    """Runs prepared requests together, at most `at_once` tasks at a time."""

    def __init__(
        self,
        account: Account,
        rows: OwnedRows,
        options: RunOptions,
        at_once: int,
        progress: Progress = silent,
    ) -> None:
        self._account = account
        self._rows = rows
        self._options = options
        self._slots = anyio.CapacityLimiter(at_once)
        self._progress = progress
        self._tally = Tally(total=0)
        self._said: set[str] = set()

    async def run(self, requests: Sequence[Prepared]) -> list[Outcome]:
        """Every request's outcome, in order. A request that found no slot in time is `not_submitted`.

        Raises:
            NotRun: the batch as a whole is over a limit; nothing of it was submitted.
            LedgerUnavailable: there is a budget and no ledger to keep it.
        """
        self._tally.total = len(requests)
        for request, source in zip(requests, sources([one.input for one in requests]), strict=True):
            request.source = source
        fresh = [one for one in requests if one.key]
        hold = await self._afford(fresh) if fresh else None
        outcomes: dict[int, Outcome] = {}

        async def one(index: int, request: Prepared) -> None:
            outcomes[index] = await self._one(request, hold)

        try:
            async with anyio.create_task_group() as group:
                for index, request in enumerate(requests):
                    group.start_soon(one, index, request)
        finally:
            if hold is not None:
                await self._account.ledger.unhold(hold)
        return told_apart(
            [outcomes[index] for index in range(len(requests))], [one.input for one in requests]
        )

    async def _afford(self, fresh: Sequence[Prepared]) -> int | None:
        """Quote what is to be bought and set the sum aside where there is a budget."""
        limits = self._account.limits
        total = await limits.check(fresh, self._options, in_batch=True)
        await self._account.submission.spend(self._options.consent)
        if total is None or limits.daily is None:
            return None
        try:
            return await self._account.ledger.hold(total, limits.daily)
        except OverBudget as error:
            raise over_budget(error, total) from error

    async def _one(self, request: Prepared, hold: int | None) -> Outcome:
        if request.refusal is not None:
            return _refused(request, request.refusal)
        try:
            if request.earlier is not None:
                return await self._follow(request.earlier, request)
            async with self._slot() as free:
                if not free:
                    return _not_run(request, NOT_SUBMITTED, "no free slot in time", sendable=True)
                self._account.prices.recall(request)
                terms = Terms(self._options.deadline, self._account.limits.daily, hold)
                watch = await self._account.submission.submit(self._rows, request, terms)
                self._account.prices.ask(request)
                return await self._follow(watch, request)
        except (MaybeSubmitted, NotRun, ApiError, LedgerUnavailable) as error:
            return _refused(request, error)

    async def _follow(self, watch: Watch, request: Prepared) -> Outcome:
        self._tally.running += 1
        await self._progress(str(self._tally), self._tally.share)
        note = " ".join(filter(None, (request.followed_note, self._said_once(request))))
        await self._account.watching.until_ended(watch, self._options.deadline)
        usual = await self._account.watching.usual(request.model)
        costs = Costs(request.quote, request.charged)
        outcome = await self._account.results.of(
            watch, self._options, note=note, usual=usual, costs=costs, source=request.source
        )
        outcome = as_row(outcome, watch.prediction.created_at, request.input)
        if watch.prediction.ended:
            self._rows.ends.add(request.key or request.followed)
        self._tally.running -= 1
        self._tally.ended += watch.prediction.ended
        await self._progress(str(self._tally), self._tally.share)
        return outcome

    def _said_once(self, request: Prepared) -> str:
        """What is to be said about a request, unless another of the batch has said the same."""
        note = "" if request.note in self._said else request.note
        self._said.add(note)
        return note

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[bool]:
        """A place among the tasks in flight; False where none came free before the deadline.

        The first so many requests go at once, even with no time to wait.
        """
        mine = object()
        try:
            self._slots.acquire_on_behalf_of_nowait(mine)
        except anyio.WouldBlock:
            with anyio.CancelScope(deadline=self._options.deadline):
                await self._slots.acquire_on_behalf_of(mine)
            if mine not in self._slots.statistics().borrowers:
                yield False
                return
            if self._account.departure.begun or anyio.current_time() >= self._options.deadline:
                self._slots.release_on_behalf_of(mine)
                yield False
                return
        try:
            yield True
        finally:
            self._slots.release_on_behalf_of(mine)


def _refused(request: Prepared, error: Exception) -> Outcome:
    status = UNKNOWN if isinstance(error, MaybeSubmitted) else NOT_SUBMITTED
    return _not_run(
        request, status, str(error), sendable=isinstance(error.__cause__, RateLimited | Unreachable)
    )


def _not_run(request: Prepared, status: str, why: str, *, sendable: bool = False) -> Outcome:
    outcome = Outcome(model=request.model, status=status, error=why)
    outcome._sendable = sendable
    return as_row(outcome, None, request.input)
