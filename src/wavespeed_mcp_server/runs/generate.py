"""What happens on `generate`, from top to bottom.

1. Prepare (`request`): the model exists, the input is legal, `@` files are uploaded. Nothing is spent.
2. Agree (`limits`): the price is held against every limit, and the person is asked where they want to be.
3. Resume or buy (`submission`): follow an equal task whose caller never saw its end, else submit once.
4. Wait (`watching`): poll until the task ends or the time is up.
5. Tell (`results`): files on disk, what it came to, which call to make next.

Step 1 is `Preparation.prepare`, the question of step 2 is `price_to_agree`; the rest is `run`.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..api.wire import FAILURES
from .account import Account
from .faults import TaskFailed
from .options import OwnedRows, RunOptions
from .outcome import Outcome
from .progress import Progress, silent
from .request import Prepared
from .submission import Terms


async def price_to_agree(
    account: Account, requests: Sequence[Prepared], max_price: float | None
) -> float | None:
    """The sum that the person must agree to before these runs, USD; None where they need not be asked.

    Raises:
        NotRun: over a limit, or a price cannot be learned.
        LedgerUnavailable: there is a budget and no ledger to keep it.
    """
    limits = account.limits
    if limits.confirm_above is None:
        return None
    fresh = await _without_earlier_task(account, requests)
    total = await limits.quote(fresh) if fresh else 0.0
    if not limits.must_be_agreed(total):
        return None
    await limits.check_total(total, max_price)
    return total


async def _without_earlier_task(account: Account, requests: Sequence[Prepared]) -> list[Prepared]:
    """The requests that have no earlier task to follow; each task counts for one of them."""
    fresh: list[Prepared] = []
    async with account.own_rows() as looked_at:
        for request in requests:
            row = await account.ledger.pick_up(request.model, request.body)
            if row is not None:
                looked_at.keys.append(row.key)
            if row is None or not row.id:
                fresh.append(request)
        await looked_at.release()
    return fresh


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
    watch, note = await account.submission.resume(rows, request)
    if watch is None:
        await account.limits.check([request], options)
        terms = Terms(options.deadline, account.limits.daily, None, options.webhook, options.sync)
        watch = await account.submission.submit(rows, request, terms)
    note = " ".join(filter(None, (note, request.note)))
    await account.watching.until_ended(watch, options.deadline, progress)
    outcome = await account.results.of(watch, options, progress, note=note, price=request.quote)
    if outcome.status in FAILURES:
        await rows.deliver()
        raise TaskFailed(watch.prediction)
    return outcome
