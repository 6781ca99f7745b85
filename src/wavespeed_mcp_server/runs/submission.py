"""One paid request: picked up where it is a repeat, else submitted once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import time

import anyio

from ..api.client import WaveSpeed
from ..api.errors import ApiError, NotConfigured, NotFound, RateLimited, Rejected, Unanswered, Unreachable
from ..api.waiting import Watch
from ..api.wire import Prediction
from ..catalog import defaults
from ..ledger import Ledger, OverBudget, Row
from .faults import MaybeSubmitted, NotRun
from .limits import over_budget
from .recovery import Finding, Lost, Recovery
from .request import Prepared

RETRY_SECONDS = 10.0
UNREACHABLE_TRIES = 3
UNREACHABLE_PAUSE = 0.5

Note = Callable[[str], Awaitable[None]]


@dataclass
class Terms:
    """What a call allows. `deadline` is on the event loop's clock; `budget` is USD in 24 hours.

    `hold` is the key of an amount already set aside for this request's batch.
    """

    deadline: float
    budget: float | None = None
    hold: int | None = None
    webhook: str = ""
    sync: bool = False


@dataclass
class Call:
    """The ledger rows of one tool call, from the moment they are its own until its caller has them."""

    keys: list[int] = field(default_factory=list)


class Submission:
    """Turns a prepared request into a task that runs."""

    def __init__(self, client: WaveSpeed, ledger: Ledger, recovery: Recovery) -> None:
        self._client = client
        self._ledger = ledger
        self._recovery = recovery

    async def resume(self, call: Call, request: Prepared) -> tuple[Watch | None, str]:
        """The task of an earlier equal request whose caller never saw it, if there is one.

        Returns what to watch, or None, and a note for the caller.
        """
        row = await self._ledger.pick_up(request.model, request.body)
        if row is None:
            return None, ""
        call.keys.append(row.key)
        prediction = await self._known(row) if row.id else (await self._find(row, request)).prediction
        if prediction is not None:
            request.quote = row.price
            started = anyio.current_time() - max(0.0, time() - row.attempted_at)
            watch = Watch(prediction, started, unfinished_at=None)
            return (
                watch,
                "Picked up the task that this same request started before; nothing was bought again.",
            )
        await self._ledger.deliver([row.key])
        call.keys.remove(row.key)
        if row.id:
            return None, f"The task {row.id} of this same request no longer exists, so a new one was started."
        return None, (
            "An earlier equal request may have created a task that the history does not show; "
            "this one was submitted anew."
        )

    async def _known(self, row: Row) -> Prediction | None:
        try:
            return await self._client.result(row.id)
        except NotFound:
            await self._ledger.ended(row.id, "deleted")
            return None
        except ApiError:
            return Prediction(id=row.id, model=row.model, status="processing")

    async def _find(self, row: Row, request: Prepared) -> Finding:
        return await self._recovery.find(_lost(row.key, request, row.attempted_at))

    async def submit(self, call: Call, request: Prepared, terms: Terms) -> Watch:
        """Note the attempt and submit it, once. The id is in the ledger when this returns.

        Raises:
            NotRun: refused, and nothing was created.
            MaybeSubmitted: the answer was lost and the history does not tell.
        """
        try:
            key = await self._ledger.begin(
                request.model,
                request.body,
                cost=request.cost,
                quoted=request.quote is not None,
                budget=terms.budget,
                hold=terms.hold,
            )
        except OverBudget as error:
            raise over_budget(error, request.cost or 0.0) from error
        call.keys.append(key)
        attempted_at = time()
        started = anyio.current_time()
        try:
            prediction = await self._send(key, request, terms)
        except (Rejected, Unreachable, NotConfigured) as error:
            await self._ledger.refused(key)
            call.keys.remove(key)
            raise NotRun(_closed(error, request.model)) from error
        except Unanswered as error:
            finding = await self._recovery.find(_lost(key, request, attempted_at))
            if finding.prediction is None:
                raise MaybeSubmitted(request.model, error, finding.candidates) from error
            return Watch(finding.prediction, started)
        await self._ledger.submitted(key, prediction.id)
        if not prediction.model:
            prediction = prediction.model_copy(update={"model": request.model})
        return Watch(prediction, anyio.current_time() if not terms.sync else started)

    async def _send(self, key: int, request: Prepared, terms: Terms) -> Prediction:
        """Send it; again only after a refusal that proves that nothing was created."""
        give_up = max(terms.deadline, anyio.current_time() + RETRY_SECONDS)
        tries = 1
        while True:
            try:
                return await self._client.submit(
                    request.model, request.body, webhook=terms.webhook, sync=terms.sync
                )
            except RateLimited:
                pause = max(self._client.pause, UNREACHABLE_PAUSE)
                if anyio.current_time() + pause > give_up:
                    raise
            except Unreachable:
                pause = UNREACHABLE_PAUSE * tries
                if tries >= UNREACHABLE_TRIES:
                    raise
            tries += 1
            try:
                await anyio.sleep(pause)
            except anyio.get_cancelled_exc_class():
                await self._ledger.refused(key)
                raise


def _lost(key: int, request: Prepared, attempted_at: float) -> Lost:
    filled = defaults(request.info) if request.info else {}
    return Lost(key, request.model, request.body, attempted_at, filled)


def _closed(error: Exception, model: str) -> str:
    return str(error) if model in str(error) else f"{model}: {error}"
