"""What became of predictions: by id, everything still open, and the account's history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from ..api.errors import ApiError, NotConfigured, NotFound, Unauthorized
from ..api.wire import Prediction
from ..catalog import defaults
from ..gather import gather_first_error
from ..ledger import Row
from .account import Account
from .options import OwnedRows, RunOptions
from .outcome import NOT_FOUND, UNKNOWN, Outcome, room_for, tell, without_files
from .progress import Progress, silent
from .recovery import Lost

MOST_SHOWN = 100


class Status:
    """Looks at predictions without buying anything."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def of(
        self, rows: OwnedRows, ids: Sequence[str], options: RunOptions, progress: Progress = silent
    ) -> list[Outcome]:
        """These predictions, waited for together. An id nobody knows is `not_found`.

        The keys of rows whose end is shown are noted on `rows`.

        Raises:
            NotConfigured, Unauthorized: nothing can be asked with this key.
        """
        known = await self._account.ledger.by_ids(ids)
        options = replace(options, room=room_for(len(ids)))
        return await gather_first_error(
            lambda one: self._one(rows, one, known.get(one), options, progress), ids
        )

    async def open(
        self, rows: OwnedRows, options: RunOptions, progress: Progress = silent
    ) -> tuple[list[Outcome], int]:
        """Everything unfinished, and what ended without its caller seeing it. Lost submits are looked for.

        The oldest hundred at most; the second part of the answer is how many were left out.
        """
        found = await self._account.ledger.open_rows()
        shown = found[:MOST_SHOWN]
        options = replace(options, room=room_for(len(shown)))
        outcomes = await gather_first_error(lambda row: self._row(rows, row, options, progress), shown)
        return outcomes, len(found) - len(shown)

    async def history(
        self,
        rows: OwnedRows,
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
        found = await self._account.client.history(
            page=page,
            page_size=page_size,
            model=model,
            status=status,
            created_after=since,
            created_before=until,
        )
        known = await self._account.ledger.by_ids(one.id for one in found.predictions)
        outcomes = []
        room = room_for(len(found.predictions))
        for prediction in found.predictions:
            row = known.get(prediction.id)
            await self._seen(rows, prediction, row)
            outcome = tell(without_files(prediction), price=row.price if row else None, room=room)
            outcomes.append(outcome.model_copy(update={"next": ""}))
        more = page * page_size < found.total if found.total is not None else len(found.items) == page_size
        return outcomes, more

    async def _one(
        self, rows: OwnedRows, prediction_id: str, row: Row | None, options: RunOptions, progress: Progress
    ) -> Outcome:
        try:
            watch = await self._account.watching.look_up(prediction_id)
        except NotFound:
            if row is not None:
                lost = Lost(row.key, row.model, row.inputs, row.attempted_at)
                if (await self._account.recovery.missing(lost, row.id)).empty:
                    rows.keys.append(row.key)
            return Outcome(
                id=prediction_id,
                status=NOT_FOUND,
                error="No such prediction on this account; they are kept 7 days. See list_predictions.",
            )
        except (NotConfigured, Unauthorized):
            raise
        except ApiError as error:
            return Outcome(id=prediction_id, model=row.model if row else "", status=UNKNOWN, error=str(error))
        await self._account.watching.until_ended(watch, options.deadline, progress)
        await self._seen(rows, watch.prediction, row)
        price = row.price if row else None
        return await self._account.results.of(watch, options, progress, price=price)

    async def _row(self, rows: OwnedRows, row: Row, options: RunOptions, progress: Progress) -> Outcome:
        if row.id:
            return await self._one(rows, row.id, row, options, progress)
        info = await self._account.catalog.at_hand(row.model)
        filled = defaults(info) if info else {}
        finding = await self._account.recovery.look(
            Lost(row.key, row.model, row.inputs, row.attempted_at, filled)
        )
        if finding.prediction is not None:
            return await self._one(rows, finding.prediction.id, row, options, progress)
        await self._account.ledger.lost(row.key)
        maybe = f" Candidates: {', '.join(finding.candidates[:10])}." if finding.candidates else ""
        shows = "shows no task of it" if finding.empty else "does not tell"
        return Outcome(
            model=row.model,
            status=UNKNOWN,
            error=f"The answer to this submit was lost and the history {shows}.{maybe}",
        )

    async def _seen(self, rows: OwnedRows, prediction: Prediction, row: Row | None) -> None:
        """The caller is about to be shown this task: its end counts as delivered."""
        if row is not None and prediction.ended:
            await self._account.ledger.ended(prediction.id, prediction.status)
            rows.keys.append(row.key)
