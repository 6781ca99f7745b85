"""What happens on `generate`, from top to bottom.

1. Check (`request`): the model exists, the input is legal. Nothing is spent before step 5.
2. Decide (`submission`): follow an equal task of the same caller, or note that this one is being prepared.
3. Upload (`request`): the `@` files of what is to be bought.
4. Agree (`limits`): the price is held against every limit, and the person is asked where they want to be.
5. Buy (`submission`): the attempt is noted, then sent once.
6. Wait (`watching`): poll until the task ends or the time is up.
7. Tell (`results`): files on disk, what it came to, which call to make next. Its price is asked for beside
   the wait (`prices`).

Steps 1 to 3 are `prepare`, the question of step 4 is `price_to_agree`; the rest is `run`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..api.errors import MODERATED
from ..api.wire import FAILURES, Prediction
from ..ledger import OwnedRows
from .account import Account
from .equality import asked
from .faults import MaybeSubmitted, NotRun, TaskFailed
from .options import RunOptions
from .outcome import Outcome
from .progress import Progress, silent
from .request import Prepared
from .results import Costs
from .submission import Terms
from .telling_apart import sources

BILL_SECONDS = 2.0


async def prepare(
    account: Account,
    rows: OwnedRows,
    model: str,
    inputs: dict[str, Any],
    *,
    deadline: float = 0.0,
    again: bool = False,
    sync: bool = False,
    in_batch: bool = False,
    note: str = "",
    progress: Progress | None = None,
) -> Prepared:
    """A request that is ready to be bought, or that follows an equal task.

    Waits until `deadline` on the event loop's clock for an equal call that is still being prepared. One that
    is `in_batch` keeps for itself why it can be neither. `note` is told with what becomes of it.

    Raises:
        UnknownModel, InputRefused: the catalog says no.
        FileRefused: a file may not be read, or is no media.
        MaybeSubmitted, NotRun: an equal call may have bought it.
        ApiError: an upload did not work.
    """
    request = await account.preparation.check(model, inputs)
    request.note = " ".join(filter(None, (note, request.note)))
    digests = request.digests = await account.preparation.digests(request.input)
    known = {path: await account.ledger.recall_upload(digest) for path, digest in digests.items()}
    uploaded = {path: upload[0] for path, upload in known.items() if upload is not None}
    request.asked = asked(request, digests, uploaded, again=again)
    try:
        await account.submission.decide(rows, request, deadline)
    except (MaybeSubmitted, NotRun) as error:
        if not in_batch:
            raise
        request.refusal = error
    if request.key:
        await account.preparation.upload(request, sync=sync, progress=progress)
    return request


async def price_to_agree(
    account: Account, requests: Sequence[Prepared], options: RunOptions, *, in_batch: bool = False
) -> float | None:
    """The sum that the person must agree to before these runs, USD; None where they need not be asked.

    Raises:
        NotRun: over a limit, or a price cannot be learned.
        LedgerUnavailable: there is a budget and no ledger to keep it.
    """
    limits = account.limits
    if limits.confirm_above is None:
        return None
    fresh = [one for one in requests if one.key]
    total = await limits.quote(fresh) if fresh else 0.0
    if not limits.must_be_agreed(total):
        return None
    await limits.check_total(fresh, options, can_ask=True, in_batch=in_batch)
    return total


async def run(
    account: Account,
    request: Prepared,
    options: RunOptions,
    rows: OwnedRows,
    progress: Progress = silent,
) -> Outcome:
    """Run a prepared request, or follow the equal one that was cut off, and wait for it.

    What the person must agree to has been asked before.

    Raises:
        RunError: not run, failed, or maybe submitted.
    """
    watch = request.earlier
    if watch is None:
        await account.limits.check([request], options)
        account.prices.recall(request)
        terms = Terms(
            options.deadline, account.limits.daily, None, options.webhook, options.sync, options.consent
        )
        if options.sync:
            account.prices.ask(request)
        watch = await account.submission.submit(rows, request, terms)
        account.prices.ask(request)
    note = " ".join(filter(None, (request.followed_note, request.note)))
    await account.watching.until_ended(watch, options.deadline, progress)
    usual = await account.watching.usual(request.model)
    costs = Costs(request.quote, request.charged)
    outcome = await account.results.of(
        watch, options, progress, note=note, usual=usual, costs=costs, source=sources([request.input])[0]
    )
    if watch.prediction.ended:
        rows.ends.add(request.key or request.followed)
    if outcome.status in FAILURES:
        raise TaskFailed(watch.prediction, await _charged(account, watch.prediction))
    return outcome


async def _charged(account: Account, prediction: Prediction) -> float | None:
    """What a run that moderation refused was charged, USD, where that is booked and told in time."""
    if prediction.code != MODERATED:
        return None
    return (await account.prices.ask_bills([prediction.id]).soon(BILL_SECONDS)).get(prediction.id)
