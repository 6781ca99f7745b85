"""What became of predictions: by id, everything still open, and the account's history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

from ..api.errors import ApiError, NotConfigured, NotFound, Unauthorized
from ..api.wire import COMPLETED, PROCESSING, History, Prediction
from ..catalog import defaults
from ..gather import gather_first_error
from ..ledger import SUBMITTED, OwnedRows, Row, Wanted
from .account import Account
from .filters import HistoryFilter
from .options import RunOptions
from .outcome import NOT_FOUND, UNKNOWN, Outcome, as_row, output_urls, room_for, tell, without_files
from .prices import Bills
from .progress import Progress, silent
from .recovery import Lost
from .results import Costs
from .telling_apart import told_apart
from .whole_ids import NOBODYS, whole_ids

KEPT_DAYS = 7
# What the API calls a run that has not ended.
API_WORDS = {PROCESSING: ("created", PROCESSING)}

MANY = 1000
FEW = 20


@dataclass(frozen=True)
class Page:
    """A page of the history. `total` counts all that fit, where the API says or it is all here."""

    outcomes: list[Outcome]
    total: int | None
    more: bool


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
        ids = await whole_ids(self._account, ids)
        known = await self._account.ledger.asked_for(rows, ids)
        options = replace(options, room=room_for(len(ids)))
        bills = self._account.prices.ask_bills(one for one in ids if not Costs.of(known.get(one)).known)
        outcomes = await gather_first_error(
            lambda one: self._one(rows.ends, one, known.get(one), options, progress), ids
        )
        return await _billed(outcomes, bills)

    async def open(
        self, rows: OwnedRows, options: RunOptions, progress: Progress = silent
    ) -> tuple[list[Outcome], int]:
        """Everything unfinished, and what ended without its caller seeing it. Lost submits are looked for.

        The newest hundred at most, or twenty of very many; the second part of the answer is how many were
        left out.
        """
        for stranger in await self._account.ledger.strangers():
            with suppress(ApiError):
                await self._account.submission.learn_account(stranger)
        shown, count = await self._account.ledger.open_rows(rows.caller)
        if count > MANY:
            shown = shown[:FEW]
        options = replace(options, room=room_for(len(shown)))
        bills = self._account.prices.ask_bills(row.id for row in shown if row.id and not Costs.of(row).known)
        outcomes = await gather_first_error(lambda row: self._row(rows.listed, row, options, progress), shown)
        outcomes = told_apart(outcomes, [row.inputs for row in shown])
        return await _billed(outcomes, bills), count - len(shown)

    async def history(self, rows: OwnedRows, wanted: HistoryFilter) -> Page:
        """A page of the account's last 7 days, newest first.

        Raises:
            ApiError: it cannot be read.
        """
        now = datetime.now(UTC)
        bills = self._account.prices.ask_bills_between(
            wanted.since or now - timedelta(days=KEPT_DAYS), wanted.until or now + timedelta(minutes=5)
        )
        pages = await self._pages(wanted)
        found = sorted((one for page in pages for one in page.predictions), key=_newest_first, reverse=True)
        known = await self._account.ledger.by_ids(one.id for one in found)
        room = room_for(len(found))
        outcomes: list[Outcome] = []
        given: list[Mapping[str, Any]] = []
        for prediction in found:
            row = known.get(prediction.id)
            await self._note_end(rows.listed, prediction, row)
            costs = Costs.of(row)
            outcome = tell(
                without_files(prediction, saves=self._account.media.saves),
                elapsed=row.seconds if row is not None and prediction.ended else None,
                price=costs.quoted,
                charged=costs.charged,
                room=room,
                saves=self._account.media.saves,
            ).model_copy(update={"next": ""})
            inputs = prediction.inputs or (row.inputs if row is not None else {})
            outcomes.append(as_row(outcome, prediction.created_at, inputs))
            given.append(inputs)
        more = any(_has_more(page, wanted) for page in pages)
        return Page(await _billed(told_apart(outcomes, given), bills), _total(pages, wanted), more)

    async def _pages(self, wanted: HistoryFilter) -> list[History]:
        """The page of each of the API's words for the wanted status."""
        if self._account.settings.shares_key:
            return [await self._own_page(wanted)]
        return await gather_first_error(
            lambda status: self._account.client.history(
                page=wanted.page,
                page_size=wanted.limit,
                model=wanted.model,
                status=status,
                created_after=wanted.since,
                created_before=wanted.until,
                include_inputs=True,
            ),
            API_WORDS.get(wanted.status, (wanted.status,)),
        )

    async def _own_page(self, wanted: HistoryFilter) -> History:
        """The page by the ledger: the API's history shows what others did with the same key, too."""
        since = wanted.since or datetime.now(UTC) - timedelta(days=KEPT_DAYS)
        states = (SUBMITTED,) if wanted.status == PROCESSING else (wanted.status,) if wanted.status else ()
        rows, total = await self._account.ledger.history(
            Wanted(
                wanted.model,
                states,
                since.timestamp(),
                wanted.until.timestamp() if wanted.until else inf,
                wanted.limit,
                (wanted.page - 1) * wanted.limit,
            )
        )
        shown = await gather_first_error(self._as_listed, [row for row in rows if row.id])
        return History(page=wanted.page, items=shown, total=total)

    async def _as_listed(self, row: Row) -> dict[str, object]:
        """A row as the API's history lists it, with what the API knows of it now."""
        known = Prediction(id=row.id, model=row.model, status=PROCESSING if row.unfinished else row.state)
        with suppress(ApiError):
            known = await self._account.client.result(row.id)
        created = known.created_at or datetime.fromtimestamp(row.attempted_at, UTC)
        listed = {"model": row.model, "created_at": created.isoformat(), "inputs": row.inputs}
        return known.model_dump(mode="json") | listed

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
                error=f"{NOBODYS[:1].upper()}{NOBODYS[1:]}. See list_predictions.",
            )
        except (NotConfigured, Unauthorized):
            raise
        except ApiError as error:
            return Outcome(id=prediction_id, model=row.model if row else "", status=UNKNOWN, error=str(error))
        if row is not None:
            watch.seconds = row.seconds
            watch.wake = self._account.submission.wake_of(row)
        await self._account.watching.until_ended(watch, options.deadline, progress)
        await self._note_end(told, watch.prediction, row)
        model = watch.prediction.model
        usual = await self._account.watching.usual(model) if model else None
        return await self._account.results.of(watch, options, progress, usual=usual, costs=Costs.of(row))

    async def _row(self, told: set[int], row: Row, options: RunOptions, progress: Progress) -> Outcome:
        outcome = await self._of_row(told, row, options, progress)
        return as_row(outcome, datetime.fromtimestamp(row.attempted_at or row.begun_at or 0, UTC), row.inputs)

    async def _of_row(self, told: set[int], row: Row, options: RunOptions, progress: Progress) -> Outcome:
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
            await self._account.ledger.ended(prediction.id, prediction.status, urls=output_urls(prediction))
            told.add(row.key)


async def _billed(outcomes: list[Outcome], bills: Bills) -> list[Outcome]:
    """The same outcomes with what those that completed were charged, where no price of theirs is known."""
    if all(one.status != COMPLETED or one.cost is not None for one in outcomes):
        return outcomes
    charged = await bills.soon()
    return [
        one.model_copy(update={"charged": round(charged[one.id], 6)})
        if one.status == COMPLETED and one.cost is None and one.id in charged
        else one
        for one in outcomes
    ]


def _newest_first(prediction: Prediction) -> float:
    return prediction.created_at.timestamp() if prediction.created_at is not None else 0.0


def _has_more(page: History, wanted: HistoryFilter) -> bool:
    if page.total is not None:
        return wanted.page * wanted.limit < page.total
    return len(page.items) == wanted.limit


def _total(pages: Sequence[History], wanted: HistoryFilter) -> int | None:
    totals = [
        round(page.total)
        if page.total is not None
        else None
        if _has_more(page, wanted) or not page.items
        else (wanted.page - 1) * wanted.limit + len(page.items)
        for page in pages
    ]
    known = [one for one in totals if one is not None]
    return sum(known) if len(known) == len(totals) else None
