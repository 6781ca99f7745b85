"""A small world around the ledger: an API that loses answers, and a history that lags, hides and rewrites.

What runs on it is real: `Ledger`, `Submission`, `Recovery`, `Status`, each process with a store of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import anyio.to_thread

from wavespeed_mcp_server.api.errors import BadRequest, Forbidden, NotFound, Unanswered
from wavespeed_mcp_server.api.run_times import RunTimes
from wavespeed_mcp_server.api.wire import History, Prediction, Price
from wavespeed_mcp_server.ledger import Ledger, OwnedRows, Scope, SharedStore
from wavespeed_mcp_server.runs import Account, Batch, Outcome, RunOptions, Status, prepare, run
from wavespeed_mcp_server.settings import AccountSettings

MODEL = "vendor/model"
START = 1_800_000_000.0
COST = 1.0


class Killed(BaseException):
    """The process dies here."""


@dataclass
class Task:
    """A task of the API: whose it is, and which callers have an answer with its end."""

    id: str
    inputs: dict[str, Any]
    created: float
    caller: str
    ended: str = ""
    told: set[str] = field(default_factory=set)

    def shown(self, inputs: dict[str, Any] | None = None) -> dict[str, Any]:
        """As the API prints it."""
        moment = datetime.fromtimestamp(self.created, UTC).isoformat()
        return {
            "id": self.id,
            "model": MODEL,
            "status": self.ended or "processing",
            "created_at": moment,
            "outputs": ["https://example.com/1.png"] if self.ended == "completed" else [],
            "inputs": inputs,
        }


@dataclass
class Api:
    """The API and its moods. `now` is its clock; `submit` and `history` say what goes wrong next."""

    now: float = START
    submit: str = "ok"
    history: str = "ok"
    tasks: dict[str, Task] = field(default_factory=dict)

    def seen(self, task: Task) -> dict[str, Any] | None:
        """The inputs that the history shows of a task."""
        if self.history == "no inputs":
            return None
        if self.history == "rewritten":
            prompt = f"  {task.inputs['prompt']}\n"
            return {**task.inputs, "prompt": prompt, "seed": 4711, "size": "1024*1024"}
        return dict(task.inputs)


class Client:
    """What a process sees of the API."""

    pause = 0.0

    def __init__(self, api: Api, caller: str) -> None:
        self.api = api
        self.caller = caller
        self.heard = False

    @property
    def api_time(self) -> float | None:
        """The API's clock, once it has answered."""
        return self.api.now if self.heard else None

    async def submit(self, model: str, body: dict[str, Any], **_: Any) -> Prediction:
        """Sent once; what becomes of it the API decides."""
        mood, self.api.submit = self.api.submit, "ok"
        if mood == "refused":
            self.heard = True
            raise BadRequest("The API refused the request (400).", status=400)
        if mood in {"lost before", "killed before"}:
            raise Unanswered("The API gave no answer.") if mood == "lost before" else Killed
        number = len(self.api.tasks) + 1
        task = Task(f"task-{number:04}", dict(body), self.api.now, self.caller)
        self.api.tasks[task.id] = task
        if mood in {"lost after", "killed after"}:
            raise Unanswered("The API gave no answer.") if mood == "lost after" else Killed
        self.heard = True
        return Prediction.model_validate(task.shown())

    async def price(self, _model: str, _body: dict[str, Any]) -> Price:
        """Every run costs the same."""
        self.heard = True
        return Price(price=COST)

    async def result(self, prediction_id: str) -> Prediction:
        """A task as it is now."""
        self.heard = True
        if prediction_id not in self.api.tasks:
            raise NotFound("Not found (404).", status=404)
        return Prediction.model_validate(self.api.tasks[prediction_id].shown())

    poll = result

    async def history(self, *, page: int, page_size: int, model: str, **_: Any) -> History:
        """A page of the newest tasks, as far as the API is in the mood."""
        mood = self.api.history
        if mood == "silent":
            raise Unanswered("The API gave no answer.")
        self.heard = True
        if mood == "refused":
            raise Forbidden("The API forbids this (403).", status=403)
        size = 2 if mood == "short pages" else page_size
        # Less than the minute after which a history that shows nothing is believed.
        lag = 50.0 if mood == "lagging" else 0.0
        found = [task for task in self.api.tasks.values() if task.created <= self.api.now - lag]
        found.sort(key=lambda task: task.created, reverse=True)
        if mood == "breaks off" and page > 1:
            raise Unanswered("The API gave no answer.")
        if mood == "breaks off":
            size = 1
        if mood == "upside down":
            size = 1
            found.reverse()
        if mood == "hollow":
            return History.model_validate({"page": page, "items": [], "total": len(found) + 1})
        items = [task.shown(self.api.seen(task)) for task in found[(page - 1) * size : page * size]]
        return History.model_validate({"page": page, "items": items})


class Catalog:
    """Knows no model, so that every input is allowed."""

    async def model(self, model: str) -> None:
        """Nothing is known."""

    at_hand = model


@dataclass(frozen=True)
class Expanded:
    """An input without folders in it."""

    input: dict[str, Any]
    note: str = ""


class Media:
    """No files."""

    saves = True

    async def expand(self, inputs: dict[str, Any], kinds: object) -> Expanded:
        """As it is."""
        return Expanded(inputs)

    async def path_problem(self, path: str) -> str:
        """There is none."""
        raise AssertionError(path)

    digest = upload = path_problem

    async def take_out_inline(self, _id: str, outputs: list[Any], **_: str) -> tuple[list[Any], list[Any]]:
        """As they are."""
        return outputs, []


class Process:
    """One server process on stdio, and the calls that its host made."""

    def __init__(self, store: SharedStore, api: Api, budget: float | None) -> None:
        self.store = store
        self.client = Client(api, self.store.owner)
        self.api = api
        ledger = Ledger(self.store, Scope("origin", "account"), lambda: self.client.api_time)
        settings = AccountSettings(daily_budget=budget)
        self.account = Account(
            settings,
            self.client,  # type: ignore[arg-type]
            Catalog(),  # type: ignore[arg-type]
            ledger,
            Media(),  # type: ignore[arg-type]
            RunTimes(),
            lambda work: None,
            caller=self.store.owner,
        )
        self.alive = True
        self.died: Callable[[str], None] = lambda owner: None

    def call(self, started: float) -> OwnedRows:
        """A call that comes in."""
        return OwnedRows(self.account.ledger, self.store.owner, started)

    async def generate(self, rows: OwnedRows, prompt: str, again: bool) -> Outcome | None:
        """A call of `generate` that does not wait; None where the process dies. Raises what it says."""
        try:
            request = await prepare(self.account, rows, MODEL, {"prompt": prompt}, again=again)
            return await run(self.account, request, RunOptions(0.0), rows)
        except Killed:
            await self.die()
            return None

    async def batch(self, rows: OwnedRows, prompts: list[str]) -> list[Outcome] | None:
        """A call of `generate_batch` that does not wait. None and raises as `generate`."""
        try:
            requests = [
                await prepare(self.account, rows, MODEL, {"prompt": one}, in_batch=True) for one in prompts
            ]
            return await Batch(self.account, rows, RunOptions(0.0), len(prompts)).run(requests)
        except* Killed:
            await self.die()
        return None

    async def status(self, rows: OwnedRows, ids: list[str]) -> list[Outcome]:
        """A call of `check_status`."""
        status = Status(self.account)
        if ids:
            return await status.of(rows, ids, RunOptions(0.0))
        return (await status.open(rows, RunOptions(0.0)))[0]

    async def die(self) -> None:
        """SIGKILL, as far as the ledger can tell."""
        self.alive = False
        await self.store.aclose()
        await anyio.to_thread.run_sync(self.died, self.store.owner)
