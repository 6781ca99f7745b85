"""Saving the outputs of ended runs, with what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..api.errors import ApiError, NotConfigured, NotFound, Unauthorized
from ..api.wire import COMPLETED, Prediction
from ..files import DownloadFailed, FileRefused, Saved
from ..files.downloads import Progress
from ..ledger import OwnedRows, Row
from .account import Account
from .faults import RunError
from .filters import HistoryFilter
from .outcome import next_step, output_urls
from .status import Status
from .whole_ids import NOBODYS, whole_ids

FRESH_SECONDS = 60.0
PAGE = 100
MOST_SINCE = 500
UNSEEN_SECONDS = 3600.0
"""For so long after its start a run whose end nobody saw may have ended just now."""


@dataclass
class Downloads:
    """The files that are on disk, each with its run, and why those of a run are not all there."""

    saved: list[tuple[str, Saved]] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


async def download(
    account: Account,
    rows: OwnedRows,
    prediction_ids: Sequence[str],
    directory: str = "",
    progress: Progress | None = None,
    *,
    names: Sequence[str] = (),
) -> Downloads:
    """Save the outputs of these runs, one run after the other; `names` are for their files, in order.

    Raises, as long as nothing was saved:
        RunError: there are more or fewer names than runs.
        NotConfigured, Unauthorized: nothing can be asked with this key.
        FileRefused: the directory cannot be written to.
    """
    ids = await whole_ids(account, prediction_ids)
    if names and len(names) != len(ids):
        raise RunError(f"save_as: {len(names)} names for {len(ids)} runs; give one for each, in order.")
    called = dict(zip(ids, names, strict=False))
    known = await account.ledger.asked_for(rows, ids)
    found = Downloads()
    for one in ids:
        try:
            prediction = await _completed(account, one)
            saved = await account.media.save(
                one,
                prediction.outputs,
                directory,
                model=prediction.model,
                name=called.get(one, ""),
                fresh=is_fresh(prediction, known.get(one), account.ledger.now().at),
                on_progress=progress,
            )
        except DownloadFailed as error:
            found.saved += [(one, file) for file in error.saved]
            found.failed[one] = str(error)
        except (NotConfigured, Unauthorized, FileRefused) as error:
            if not found.saved:
                raise
            found.failed[one] = str(error)
        except (RunError, ApiError) as error:
            found.failed[one] = str(error)
        else:
            found.saved += [(one, file) for file in saved]
            if one in known:
                await account.ledger.ended(one, prediction.status, urls=output_urls(prediction))
                rows.ends.add(known[one].key)
    return found


async def completed_since(account: Account, rows: OwnedRows, since: datetime) -> list[str]:
    """The ids of the runs that were completed, the newest first; begun since then.

    Raises:
        RunError: there are none, or more than are saved at once.
        ApiError: they cannot be read.
    """
    status = Status(account)
    ids: list[str] = []
    more, page = True, 1
    while more and len(ids) <= MOST_SINCE:
        found = await status.history(rows, HistoryFilter("", COMPLETED, since, page=page, limit=PAGE))
        ids += [one.id for one in found.outcomes]
        more, page = found.more, page + 1
    if not ids:
        raise RunError("No run was completed since then; they are kept 7 days.")
    if len(ids) > MOST_SINCE:
        raise RunError(f"More than {MOST_SINCE} runs were completed since then; name a later time, or ids.")
    return ids


def is_fresh(prediction: Prediction, row: Row | None, now: float) -> bool:
    """Whether outputs may still be on their way to the storage: as far as is known the run has just ended."""
    if row is not None and row.ended_at is not None:
        return now - row.ended_at < FRESH_SECONDS
    created = prediction.created_at
    return created is None or now - created.timestamp() < UNSEEN_SECONDS


async def _completed(account: Account, prediction_id: str) -> Prediction:
    """A completed prediction. Raises RunError where it is none, ApiError."""
    try:
        prediction = await account.client.result(prediction_id)
    except NotFound as error:
        raise RunError(f"{NOBODYS}.") from error
    if prediction.status != COMPLETED:
        raise RunError(
            f"is {prediction.told_status}: there are no outputs to save. {next_step(prediction)}".strip()
        )
    return prediction
