"""One paid request: picked up where it is a repeat, else submitted once."""

from __future__ import annotations

from dataclasses import dataclass
from time import time

import anyio

from ..api.client import WaveSpeed
from ..api.errors import (
    ApiError,
    NotConfigured,
    NotFound,
    RateLimited,
    Rejected,
    Unanswered,
    Unreachable,
    lasting,
)
from ..api.waiting import Watch
from ..api.wire import Prediction
from ..catalog import defaults
from ..ledger import Ledger, OverBudget, Row
from .faults import MaybeSubmitted, NotRun
from .limits import over_budget
from .options import OwnedRows
from .recovery import Lost, Recovery
from .request import Prepared

RETRY_SECONDS = 10.0
UNREACHABLE_TRIES = 3
UNREACHABLE_PAUSE = 0.5

PICKED_UP = "Picked up the task that this same request started before; nothing was bought again."
ANEW = (
    "An earlier equal request may have created a task that the history does not show; "
    "this one was submitted anew."
)


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


class Submission:
    """Turns a prepared request into a task that runs."""

    def __init__(self, client: WaveSpeed, ledger: Ledger, recovery: Recovery) -> None:
        self._client = client
        self._ledger = ledger
        self._recovery = recovery

    async def resume(self, rows: OwnedRows, request: Prepared) -> tuple[Watch | None, str]:
        """The task of an earlier equal request whose caller never saw it, if there is one.

        Returns what to watch, or None, and a note for the caller.
        """
        note = ""
        while row := await self._ledger.pick_up(request.model, request.body, request.superseded):
            rows.keys.append(row.key)
            prediction = await self._known(row, request) if row.id else await self._find(row, request)
            if prediction is not None:
                request.quote = row.price
                started = anyio.current_time() - max(0.0, time() - row.attempted_at)
                return Watch(prediction, started, last_seen_running=None), PICKED_UP
            rows.keys.remove(row.key)
            await self._ledger.release([row.key])
            request.superseded.append(row.key)
            note = (
                f"The task {row.id} of this same request is gone; a new one was started." if row.id else ANEW
            )
        return None, note

    async def _known(self, row: Row, request: Prepared) -> Prediction | None:
        """The task of a row with an id; None where it is gone."""
        try:
            return await self._client.result(row.id)
        except NotFound:
            finding = await self._recovery.missing(_lost(row.key, request, row.attempted_at), row.id)
            if finding.prediction or finding.empty:
                return finding.prediction
        except ApiError:
            pass
        return Prediction(id=row.id, model=row.model, status="processing")

    async def _find(self, row: Row, request: Prepared) -> Prediction | None:
        """The task of a row whose answer was lost; None where the history was read and shows none.

        Raises:
            MaybeSubmitted: several tasks may be the one.
            NotRun: the history cannot be read now, so that buying might buy twice.
        """
        finding = await self._recovery.find(_lost(row.key, request, row.attempted_at))
        if finding.candidates:
            await self._ledger.deliver([row.key])
            why = "an earlier equal call was cut off."
            raise MaybeSubmitted(request.model, why, finding, looks_again=False)
        if finding.fault is not None and not lasting(finding.fault):
            raise NotRun(
                "An earlier equal request may have created a task, and whether it did cannot be read now: "
                f"{finding.fault} Make the same call again later."
            )
        return finding.prediction

    async def submit(self, rows: OwnedRows, request: Prepared, terms: Terms) -> Watch:
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
        rows.keys.append(key)
        attempted_at = time()
        started = anyio.current_time()
        try:
            prediction = await self._send(key, request, terms)
        except (Rejected, Unreachable, NotConfigured) as error:
            await self._ledger.refused(key)
            rows.keys.remove(key)
            raise NotRun(_closed(error, request.model)) from error
        except Unanswered as error:
            finding = await self._recovery.find(_lost(key, request, attempted_at))
            if finding.prediction is None:
                # Nothing of it reaches the caller, so that the repeat looks first.
                rows.keys.remove(key)
                await self._ledger.release([key])
                raise MaybeSubmitted(request.model, error, finding) from error
            await self._ledger.deliver(request.superseded)
            return Watch(finding.prediction, started)
        await self._ledger.submitted(key, prediction.id)
        await self._ledger.deliver(request.superseded)
        if not prediction.model:
            prediction = prediction.model_copy(update={"model": request.model})
        return Watch(prediction, anyio.current_time() if not terms.sync else started)

    async def _send(self, key: int, request: Prepared, terms: Terms) -> Prediction:
        """Send it; again only after a refusal that proves that nothing was created."""
        give_up = max(terms.deadline, anyio.current_time() + RETRY_SECONDS)
        if anyio.current_time() + self._client.pause > give_up:
            raise RateLimited(f"The API asked for a pause of another {self._client.pause:.0f} seconds (429).")
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
