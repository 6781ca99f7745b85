"""What became of predictions: by id, everything still open, and the account's history."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from ..api.errors import ApiError, NotConfigured, NotFound, Unauthorized
from ..api.wire import Prediction
from ..catalog import defaults
from ..gather import gather_first_error
from ..ledger import OwnedRows, Row
from .account import Account
from .options import RunOptions
from .outcome import NOT_FOUND, UNKNOWN, Outcome, room_for, tell, without_files
from .progress import Progress, silent
from .recovery import Lost


class Status:
    """Looks at predictions without buying anything."""

    def __init__(self, account: Account) -> None:
        self._account = account

    async def of(
        self, rows: OwnedRows, ids: Sequence[str], options: RunOptions, progress: Progress = silent
    ) -> list[Outcome]:
        """These predictions, waited for together. An id nobody knows is `not_found`.

        A task whose caller is gone becomes this caller's, and an end that is shown is seen.

        Raises:
            NotConfigured, Unauthorized: nothing can be asked with this key.
        """
        known = await self._account.ledger.asked_for(rows, ids)
        options = replace(options, room=room_for(len(ids)))
        return await gather_first_error(
            lambda one: self._one(rows.ends, one, known.get(one), options, progress), ids
        )

    async def open(
        self, rows: OwnedRows, options: RunOptions, progress: Progress = silent
    ) -> tuple[list[Outcome], int]:
        """Everything unfinished, and what ended without its caller seeing it. Lost submits are looked for.

        The newest hundred at most; the second part of the answer is how many were left out.
        """
        for stranger in await self._account.ledger.strangers():
            with suppress(ApiError):
                await self._account.submission.learn_account(stranger)
        shown, count = await self._account.ledger.open_rows(rows.caller)
        options = replace(options, room=room_for(len(shown)))
        outcomes = await gather_first_error(lambda row: self._row(rows.listed, row, options, progress), shown)
        return outcomes, count - len(shown)

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
            await self._note_end(rows.listed, prediction, row)
            outcome = tell(without_files(prediction), price=row.price if row else None, room=room)
            outcomes.append(outcome.model_copy(update={"next": ""}))
        more = page * page_size < found.total if found.total is not None else len(found.items) == page_size
        return outcomes, more

    async def _one(
        self, told: set[int], prediction_id: str, row: Row | None, options: RunOptions, progress: Progress
    ) -> Outcome:
        try:
            watch = await self._account.watching.look_up(prediction_id)
        except NotFound:
            if row is not None and row.id and (await self._account.recovery.missing(row)).proven:
                told.add(row.key)
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
        await self._note_end(told, watch.prediction, row)
        price = row.price if row else None
        return await self._account.results.of(watch, options, progress, price=price)

    async def _row(self, told: set[int], row: Row, options: RunOptions, progress: Progress) -> Outcome:
        if row.id:
            return await self._one(told, row.id, row, options, progress)
        info = await self._account.catalog.at_hand(row.model)
        filled = defaults(info) if info else {}
        finding = await self._account.recovery.look(Lost.of(row, filled))
        if finding.prediction is not None:
            return await self._one(told, finding.prediction.id, row, options, progress)
        await self._account.ledger.lost(row.key)
        shows = "shows no task of it."
        if finding.candidates:
            shows = f"shows some that may be its own: {', '.join(finding.candidates[:10])}."
        elif finding.doubt:
            shows = f"does not tell: {finding.doubt}"
        return Outcome(
            model=row.model,
            status=UNKNOWN,
            error=f"The answer to this submit was lost and the history {shows}",
        )

    async def _note_end(self, told: set[int], prediction: Prediction, row: Row | None) -> None:
        """The caller is about to be told of this task: its end is among what was told."""
        if row is not None and prediction.ended:
            await self._account.ledger.ended(prediction.id, prediction.status)
            told.add(row.key)
