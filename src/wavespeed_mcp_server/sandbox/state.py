"""The stand-in itself: its options, what it has seen, and the handles tests hold it by."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import anyio
from anyio.abc import TaskGroup
from starlette.types import Receive, Scope, Send

from . import outputs, webhooks
from .account import Account
from .catalog import own_models
from .faults import PLACES, Fault
from .models import Model, catalog_bytes, read_catalog
from .predictions import Prediction, Predictions
from .uploads import Storage
from .wire import Answer, Call, Json, RequestSeen, Submission

# Requests kept for tests to look at; older ones go, half of them at a time.
_KEPT_REQUESTS = 20_000
# Threads that deliver webhooks.
SENDERS = 40


class Sandbox:
    """State and ASGI application of a WaveSpeedAI stand-in. Use it with `running` or `serve`.

    key: the bearer it accepts; None accepts any, each an account of its own. balance: USD, of each account.
    catalog_file: a recorded answer of GET /api/v3/models to serve instead of its own models.
    speed: factor on the models' run times.

    Attributes to set at any time:
    run_seconds: (model id, inputs) -> seconds the run takes, or None for a task that ends only by `finish`
    or `fail`. outputs_for: (model id, inputs) -> the `outputs` to give, or None for the usual ones.
    account_mode: "active", "unactivated" (401 everywhere) or "restricted" (403 on what spends, deletes or
    shows money). sync_window: seconds a sync request is held. base64_data_uri: with the `data:` prefix.
    ticket_uploads: False refuses the ticket endpoint with 404. history_fills_defaults: history shows inputs
    with defaults filled in. history_lag: seconds until a task appears there. webhook_backoff: seconds
    before the first repeat. webhook_mode: what goes wrong with webhooks, see `webhooks.MODES`. webhook_delay:
    seconds, for the late ones.
    """

    def __init__(
        self,
        key: str | None = "sandbox-key",
        balance: float = 100.0,
        catalog_file: Path | None = None,
        speed: float = 1.0,
    ) -> None:
        self.key = key
        self.speed = speed
        self._first_balance = balance
        self.url = ""
        self.models: dict[str, Model]
        self.catalog: bytes
        if catalog_file is None:
            self.models = own_models()
            self.catalog = catalog_bytes(self.models)
        else:
            self.catalog, self.models = read_catalog(catalog_file)

        self.run_seconds: Callable[[str, Json], float | None] | None = None
        self.outputs_for: Callable[[str, Json], list[Any] | None] | None = None
        self.account_mode: Literal["active", "unactivated", "restricted"] = "active"
        self.sync_window = 90.0
        self.base64_data_uri = False
        self.ticket_uploads = True
        self.history_fills_defaults = False
        self.history_lag = 0.0
        self.webhook_backoff = 1.0
        self.webhook_mode = ""
        self.webhook_delay = 2.0
        self.senders = anyio.CapacityLimiter(SENDERS)

        self.faults: list[Fault] = []
        self.submissions: list[Submission] = []
        self.requests: list[RequestSeen] = []
        self.leaks: list[RequestSeen] = []
        self.deliveries: list[webhooks.Delivery] = []
        self.counts: Counter[str] = Counter()
        self.account = Account(balance)
        """That of the key, or of whoever comes first where any is accepted."""
        self.accounts: dict[str, Account] = {}
        """By key, where any is accepted."""
        self.answers: dict[str, Callable[[Sandbox, Call], Awaitable[Answer]]] = {}
        """What answers requests of a kind (a place of `PLACES`) instead of the sandbox itself."""
        self.storage = Storage()
        self.tasks = Predictions(self._ended)
        self.background: TaskGroup | None = None
        self._gates: dict[tuple[str, bool], anyio.Event] = {}
        self._waiting: dict[str, list[tuple[int, anyio.Event]]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        from .app import respond

        await respond(self, scope, receive, send)

    @property
    def balance(self) -> float:
        """USD left."""
        self.tasks.advance()
        return self.account.balance

    @balance.setter
    def balance(self, usd: float) -> None:
        self.account.balance = usd

    @property
    def predictions(self) -> dict[str, Prediction]:
        """Every task not deleted, by id."""
        self.tasks.advance()
        return self.tasks.by_id

    def account_of(self, key: str) -> Account:
        """The account that this bearer leads to: where any is accepted, each has its own."""
        if self.key is not None:
            return self.account
        if key not in self.accounts:
            self.accounts[key] = Account(self._first_balance) if self.accounts else self.account
        return self.accounts[key]

    def shows(self, prediction: Prediction, key: str) -> bool:
        """The API shows this task to this bearer."""
        return self.account_of(prediction.key) is self.account_of(key)

    def hold(self, at: str, *, after_work: bool = False) -> None:
        """Makes requests of this kind wait until `release`, before their work or (after_work) after it."""
        if at not in PLACES:
            raise ValueError(f"unknown place {at!r}")
        self._gates.setdefault((at, after_work), anyio.Event())

    def release(self, at: str) -> None:
        """Lets go what `hold` holds. Does nothing if nothing is held."""
        for after_work in (False, True):
            gate = self._gates.pop((at, after_work), None)
            if gate is not None:
                gate.set()

    async def seen(self, at: str, n: int = 1) -> None:
        """Returns when `n` requests of this kind have arrived, counted from the start of the sandbox."""
        if self.counts[at] >= n:
            return
        arrived = anyio.Event()
        self._waiting.setdefault(at, []).append((n, arrived))
        await arrived.wait()

    def finish(self, prediction_id: str, outputs: list[Any] | None = None) -> None:
        """Completes a task now, with these outputs or its usual ones.

        Raises KeyError for an unknown id, ValueError for a task that has ended.
        """
        prediction = self._unended(prediction_id)
        prediction.fate = None
        self.tasks.end(prediction)
        if outputs is not None:
            prediction.outputs = outputs

    def fail(self, prediction_id: str, code: int = 1405, message: str = "", status: str = "failed") -> None:
        """Ends a task now as `failed` (or `cancelled`, `timeout`). Raises as `finish` does."""
        prediction = self._unended(prediction_id)
        prediction.fate = (code, message or "Sandbox: the task failed.")
        self.tasks.end(prediction)
        prediction.status = status

    def _unended(self, prediction_id: str) -> Prediction:
        prediction = self.predictions[prediction_id]
        if prediction.status:
            raise ValueError(f"{prediction_id} has already ended: {prediction.status}")
        return prediction

    def start(
        self, model: Model, *, sent: Json, inputs: Json, price: float, key: str = "", webhook: str
    ) -> Prediction:
        """Creates a task, takes its price, and sets its webhook waiting."""
        seconds = model.run_seconds * self.speed
        forced = self.run_seconds(model.model_id, sent) if self.run_seconds else seconds
        prediction = self.tasks.create(
            model, sent=sent, inputs=inputs, price=price, key=key, seconds=forced, webhook=webhook
        )
        self.account_of(key).take(prediction)
        if webhook and self.background is not None:
            self.background.start_soon(webhooks.deliver, self, prediction)
        return prediction

    def _ended(self, prediction: Prediction) -> None:
        if prediction.status != "completed":
            self.account_of(prediction.key).give_back(prediction)
            return
        given = self.outputs_for(prediction.model.model_id, prediction.sent) if self.outputs_for else None
        prediction.outputs = outputs.outputs_of(prediction, self.url) if given is None else given

    def note(self, at: str, call: Call) -> RequestSeen:
        """Records a request and wakes who waits for it."""
        seen = RequestSeen(
            number=self.counts.total(),
            at=at,
            method=call.method,
            path=call.path,
            query=call.query,
            headers=call.headers,
            time=time.time(),
        )
        if len(self.requests) >= _KEPT_REQUESTS:
            del self.requests[: _KEPT_REQUESTS // 2]
        self.requests.append(seen)
        self.counts[at] += 1
        waiting = self._waiting.get(at)
        if waiting:
            for n, arrived in waiting:
                if self.counts[at] >= n:
                    arrived.set()
            self._waiting[at] = [pair for pair in waiting if not pair[1].is_set()]
        return seen

    def fault_for(self, at: str, call: Call) -> Fault | None:
        """The first fault that strikes this request."""
        return next((fault for fault in self.faults if fault.strikes(at, call)), None)

    async def held(self, at: str, *, after_work: bool) -> None:
        """Waits while requests of this kind are held at this point."""
        gate = self._gates.get((at, after_work))
        if gate is not None:
            await gate.wait()
