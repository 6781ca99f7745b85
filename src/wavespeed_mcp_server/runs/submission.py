"""One paid request: follows an equal task where there is one to follow, else submitted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import anyio

from ..api.client import WaveSpeed
from ..api.errors import (
    ApiError,
    Forbidden,
    NotConfigured,
    NotFound,
    RateLimited,
    Rejected,
    Unanswered,
    Unreachable,
)
from ..api.waiting import Watch
from ..api.wire import Prediction
from ..catalog import defaults
from ..files import texts_in
from ..ledger import (
    Buy,
    ConsentSpent,
    Follow,
    LearnAccount,
    LearnTime,
    Ledger,
    Moment,
    OverBudget,
    Overtaken,
    OwnedRows,
    Row,
    TokenEnded,
    Wait,
    content_mark,
)
from ..wakeups import Wake, Wakeups, WebhookOf
from .faults import MaybeSubmitted, NotRun
from .limits import over_budget
from .outcome import is_url
from .patience import HostPatience
from .recovery import Lost, Recovery
from .request import Prepared

RETRY_SECONDS = 10.0
UNREACHABLE_TRIES = 3
UNREACHABLE_PAUSE = 0.5
WAIT_PAUSES = (0.02, 0.05, 0.1, 0.25)
SHORTEST_WAIT_SECONDS = 5.0

FOLLOWED = (
    "Followed the task that this same request started before; nothing was bought again. "
    "again: true buys another."
)
SPENT = (
    "What the person agreed to was bought with this same answer before. Make the call anew, so that they are "
    "asked again; check_status shows what was bought."
)
TOKEN_ENDED = (
    "The token of this call was revoked meanwhile, or its time is over. Ask its operator for another."
)
OVERTAKEN = (
    "This server was out of touch with its database, and an equal call may have taken the place of this one. "
    "Make the same call again."
)
ANEW = "An earlier equal call had created no task; this one was submitted anew."


@dataclass
class Terms:
    """What a call allows. `deadline` is on the event loop's clock; `budget` is USD in 24 hours.

    `hold` is the key of an amount already set aside for this request's batch, `consent` what the person's yes
    is known by.
    """

    deadline: float
    budget: float | None = None
    hold: int | None = None
    webhook: str = ""
    sync: bool = False
    consent: str = ""


class Submission:
    """Turns a checked request into a task that runs."""

    def __init__(
        self, client: WaveSpeed, ledger: Ledger, recovery: Recovery, wakeups: Wakeups, webhook_of: WebhookOf
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._recovery = recovery
        self._wakeups = wakeups
        self._webhook_of = webhook_of
        self.patience = HostPatience()

    async def decide(self, rows: OwnedRows, request: Prepared, deadline: float) -> None:
        """Find the task that `request` follows, or note that it is being prepared to be bought.

        Waits until `deadline` for an equal call that is still preparing.

        Raises:
            MaybeSubmitted: an earlier equal call may have created a task; nothing is bought.
            NotRun: whether there is one cannot be learned now; nothing is bought.
        """
        until = max(deadline, anyio.current_time() + SHORTEST_WAIT_SECONDS)
        waited = 0
        while request.earlier is None and not request.key:
            decision = await self._ledger.begin(replace(request.asked, excluding=request.excluding), rows)
            if isinstance(decision, Buy):
                request.key = decision.key
            elif isinstance(decision, Follow):
                await self._follow(rows, request, decision)
            elif isinstance(decision, Wait):
                await self._wait(request, until, waited)
                waited += 1
            elif isinstance(decision, LearnTime):
                await self._learn_time(request, decision.row)
            elif isinstance(decision, LearnAccount):
                await self.learn_account(decision.row)

    async def _wait(self, request: Prepared, until: float, waited: int) -> None:
        if anyio.current_time() >= until:
            raise NotRun(
                f"An equal call of {request.model} is still being prepared or sent, and this one would "
                "follow it. Make the same call again later; again: true buys another."
            )
        await anyio.sleep(WAIT_PAUSES[min(waited, len(WAIT_PAUSES) - 1)])

    async def _learn_time(self, request: Prepared, row: Row) -> None:
        """Any answer of the API tells its time."""
        try:
            await self._client.result(row.id)
        except ApiError as error:
            if not self._ledger.now().dated:
                raise NotRun(
                    f"An equal run of {request.model} ended before ({row.id}), and how long ago cannot be "
                    f"learned now: {error} check_status shows it; again: true buys another."
                ) from error

    async def learn_account(self, row: Row) -> None:
        """Whether a task of another key is this account's: the API shows it, or it is nobody's here.

        Raises:
            ApiError: that cannot be learned now.
        """
        try:
            await self._client.result(row.id)
        except (NotFound, Forbidden):
            await self._ledger.same_account(row, same=False)
        else:
            await self._ledger.same_account(row, same=True)

    async def _follow(self, rows: OwnedRows, request: Prepared, decision: Follow) -> None:
        row = decision.row
        if decision.unanswered is not None:
            self.patience.repeated(rows.token, decision.unanswered)
        prediction = await self._known(row) if row.id else await self._find(rows, row, request)
        if prediction is None:
            rows.keys.discard(row.key)
            await self._ledger.let_go(row.key, rows)
            request.excluding.append(row.key)
            request.followed_note = f"The task {row.id} of this same request is gone." if row.id else ANEW
            return
        request.quote, request.charged = row.quote, row.charged
        request.followed_note = FOLLOWED
        age = max(0.0, self._ledger.now().at - row.attempted_at)
        started = anyio.current_time() - age
        request.earlier = Watch(prediction, started, last_seen_running=None, seconds=row.seconds)
        request.earlier.wake = self.wake_of(row)
        request.followed = row.key

    def wake_of(self, row: Row) -> Wake:
        """Where word of the end of a row's task comes."""
        wake = self._wakeups.of(row.key)
        wake.promised = wake.promised or row.webhook
        return wake

    async def _known(self, row: Row) -> Prediction | None:
        """The task of a row with an id; None where it is proved to be gone."""
        try:
            return await self._client.result(row.id)
        except NotFound:
            finding = await self._recovery.missing(row)
            if finding.prediction or finding.proven:
                return finding.prediction
        except ApiError:
            pass
        return Prediction(id=row.id, model=row.model, status="processing")

    async def _find(self, rows: OwnedRows, row: Row, request: Prepared) -> Prediction | None:
        """The task of a row whose answer was lost; None where it is proved that there is none."""
        finding = await self._recovery.find(Lost.of(row, _defaults(request)))
        if finding.prediction is None and not finding.proven:
            raise MaybeSubmitted(request.model, "an earlier equal call was cut off.", finding)
        if finding.prediction is not None:
            await self._ledger.asked_for(rows, [finding.prediction.id])
        return finding.prediction

    async def submit(self, rows: OwnedRows, request: Prepared, terms: Terms) -> Watch:
        """Note the attempt and submit it, once. The id is in the ledger when this returns.

        Word of its end goes to a webhook of this server, unless the caller gave one of its own.

        Raises:
            NotRun: refused, and nothing was created.
            MaybeSubmitted: the answer was lost and the history does not tell.
        """
        # From before the submit on: word may come before its answer.
        wake = self._wakeups.of(request.key)
        if not terms.webhook:
            terms = replace(terms, webhook=self._webhook_of(request.key))
            wake.promised = bool(terms.webhook)
        watch = await self._submitted(rows, request, terms, promised=wake.promised)
        watch.wake = wake
        return watch

    async def _submitted(self, rows: OwnedRows, request: Prepared, terms: Terms, *, promised: bool) -> Watch:
        key = request.key
        moment = await self._attempt(rows, request, terms, promised=promised)
        started = anyio.current_time()
        try:
            prediction = await self._send(key, request, terms)
        except (Rejected, Unreachable, NotConfigured) as error:
            await self._drop(rows, request)
            raise NotRun(_closed(error, request.model)) from error
        except Unanswered as error:
            return await self._recovered(request, moment, started, error)
        await self._ledger.submitted(key, prediction.id, anyio.current_time() - started)
        await self._ledger.settled(request.excluding)
        if not prediction.model:
            prediction = prediction.model_copy(update={"model": request.model})
        if prediction.ended:
            return Watch(prediction, started, seconds=anyio.current_time() - started)
        return Watch(prediction, anyio.current_time() if not terms.sync else started)

    async def _attempt(self, rows: OwnedRows, request: Prepared, terms: Terms, *, promised: bool) -> Moment:
        try:
            return await self._ledger.attempt(
                request.key,
                request.body,
                request.model,
                cost=request.cost,
                quoted=request.quote is not None,
                budget=terms.budget,
                hold=terms.hold,
                consent=terms.consent,
                sources=_sources(request),
                webhook=promised,
            )
        except OverBudget as error:
            await self._drop(rows, request)
            raise over_budget(error, request.cost or 0.0) from error
        except TokenEnded as error:
            await self._drop(rows, request)
            raise NotRun(TOKEN_ENDED) from error
        except ConsentSpent as error:
            await self._drop(rows, request)
            raise NotRun(SPENT) from error
        except Overtaken as error:
            raise NotRun(OVERTAKEN) from error

    async def spend(self, consent: str) -> None:
        """Use up the person's yes to a whole batch, where it could be given twice. Raises `NotRun`."""
        if consent and not await self._ledger.spend(consent):
            raise NotRun(SPENT)

    async def _drop(self, rows: OwnedRows, request: Prepared) -> None:
        """Nothing was created: an equal call need not wait for this one."""
        await self._ledger.refused(request.key)
        rows.keys.discard(request.key)
        request.key = 0

    async def _recovered(self, request: Prepared, moment: Moment, started: float, error: Unanswered) -> Watch:
        lost = Lost(
            request.key, request.model, request.body, moment.at, moment.dated, started, _defaults(request)
        )
        finding = await self._recovery.find(lost)
        if finding.prediction is None:
            raise MaybeSubmitted(request.model, error, finding) from error
        await self._ledger.settled(request.excluding)
        return Watch(finding.prediction, started)

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


def _sources(request: Prepared) -> list[str]:
    """The marks of what goes into a request: the addresses in it, and the content of its files."""
    urls = [text for text in texts_in(request.body) if is_url(text)]
    return [*urls, *map(content_mark, request.digests.values())]


def _defaults(request: Prepared) -> Mapping[str, object]:
    return defaults(request.info) if request.info else {}


def _closed(error: Exception, model: str) -> str:
    return str(error) if model in str(error) else f"{model}: {error}"
