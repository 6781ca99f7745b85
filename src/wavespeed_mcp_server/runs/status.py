"""What became of predictions: by id, everything still open, and the account's history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ..api.errors import ApiError, NotConfigured, NotFound, Unauthorized
from ..api.wire import Prediction
from ..catalog import defaults
from ..ledger import Row
from ..together import together
from .outcome import NOT_FOUND, UNKNOWN, Outcome, room_for, tell, without_files
from .progress import Progress, silent
from .recovery import Lost
from .runs import Runs, Wish
from .submission import Call

MOST_SHOWN = 100


class Status:
    """Looks at predictions without buying anything."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    async def of(
        self, call: Call, ids: Sequence[str], wish: Wish, progress: Progress = silent
    ) -> list[Outcome]:
        """These predictions, waited for together. An id nobody knows is `not_found`.

        The keys of rows whose end is shown are noted on `call`.

        Raises:
            NotConfigured, Unauthorized: nothing can be asked with this key.
        """
        rows = await self._runs.ledger.by_ids(ids)
        wish = replace(wish, room=room_for(len(ids)))
        steps = [lambda one=one: self._one(call, one, rows.get(one), wish, progress) for one in ids]
        return await together(steps)

    async def open(self, call: Call, wish: Wish, progress: Progress = silent) -> tuple[list[Outcome], int]:
        """Everything unfinished, and what ended without its caller seeing it. Lost submits are looked for.

        The oldest hundred at most; the second part of the answer is how many were left out.
        """
        rows = await self._runs.ledger.open_rows()
        shown = rows[:MOST_SHOWN]
        wish = replace(wish, room=room_for(len(shown)))
        steps = [lambda row=row: self._row(call, row, wish, progress) for row in shown]
        return (await together(steps) if steps else []), len(rows) - len(shown)

    async def history(
        self,
        call: Call,
        *,
        page: int,
        page_size: int,
        model: str = "",
        status: str = "",
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> tuple[list[Outcome], bool]:
        """A page of the account's last 7 days, and whether there are more.

        Raises:
            ApiError: it cannot be read.
        """
        found = await self._runs.client.history(
            page=page,
            page_size=page_size,
            model=model,
            status=status,
            created_after=since,
            created_before=until,
        )
        rows = await self._runs.ledger.by_ids(one.id for one in found.predictions)
        outcomes = []
        room = room_for(len(found.predictions))
        for prediction in found.predictions:
            row = rows.get(prediction.id)
            await self._seen(call, prediction, row)
            outcome = tell(without_files(prediction), price=row.price if row else None, room=room)
            outcomes.append(outcome.model_copy(update={"next": ""}))
        more = page * page_size < found.total if found.total is not None else len(found.items) == page_size
        return outcomes, more

    async def _one(
        self, call: Call, prediction_id: str, row: Row | None, wish: Wish, progress: Progress
    ) -> Outcome:
        try:
            watch = await self._runs.look_up(prediction_id)
        except NotFound:
            if row is not None:
                lost = Lost(row.key, row.model, row.inputs, row.attempted_at)
                if (await self._runs.recovery.missing(lost, row.id)).empty:
                    call.keys.append(row.key)
            return Outcome(
                id=prediction_id,
                status=NOT_FOUND,
                error="No such prediction on this account; they are kept 7 days. See list_predictions.",
            )
        except (NotConfigured, Unauthorized):
            raise
        except ApiError as error:
            return Outcome(id=prediction_id, model=row.model if row else "", status=UNKNOWN, error=str(error))
        await self._runs.watch(watch, wish.deadline, progress)
        await self._seen(call, watch.prediction, row)
        price = row.price if row else None
        return await self._runs.outcome(
            watch,
            save=wish.save,
            deadline=wish.deadline,
            progress=progress,
            price=price,
            room=wish.room,
        )

    async def _row(self, call: Call, row: Row, wish: Wish, progress: Progress) -> Outcome:
        if row.id:
            return await self._one(call, row.id, row, wish, progress)
        info = await self._runs.catalog.at_hand(row.model)
        filled = defaults(info) if info else {}
        finding = await self._runs.recovery.look(
            Lost(row.key, row.model, row.inputs, row.attempted_at, filled)
        )
        if finding.prediction is not None:
            return await self._one(call, finding.prediction.id, row, wish, progress)
        await self._runs.ledger.lost(row.key)
        maybe = f" Candidates: {', '.join(finding.candidates[:10])}." if finding.candidates else ""
        shows = "shows no task of it" if finding.empty else "does not tell"
        return Outcome(
            model=row.model,
            status=UNKNOWN,
            error=f"The answer to this submit was lost and the history {shows}.{maybe}",
        )

    async def _seen(self, call: Call, prediction: Prediction, row: Row | None) -> None:
        """The caller is about to be shown this task: its end counts as delivered."""
        if row is not None and prediction.ended:
            await self._runs.ledger.ended(prediction.id, prediction.status)
            call.keys.append(row.key)
