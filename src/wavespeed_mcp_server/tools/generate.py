"""Running models, in the order it happens: prepare, agree, then `run` (resume or buy, wait, tell).

The first two steps are resolvers, which the SDK runs before the tool's body: so the person can be asked in
both protocol eras, by a live question where the connection allows one, else by a round trip of the call
itself. They may run again on each round, and everything in them is free.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated, Any

from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Elicit, Resolve
from mcp.types import CallToolResult
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from .. import runs
from ..api.wire import COMPLETED, FAILURES, TERMINAL
from ..catalog import InputRefused, UnknownModel
from ..files import FileRefused
from ..gather import gather_first_error
from ..ledger import OwnedRows
from ..runs import (
    MOST_RUNS,
    NOT_SUBMITTED,
    UNKNOWN,
    Batch,
    NotRun,
    Outcome,
    Prepared,
    RunOptions,
    dollars,
    price_to_agree,
    room_for,
)
from ..runs.progress import Progress
from .arguments import (
    DOLLARS,
    Again,
    MaxPrice,
    ModelId,
    ModelInput,
    Save,
    SaveAs,
    Vary,
    WaitSeconds,
    WebhookUrl,
    as_list,
    parsed_object,
)
from .call import Call, CurrentCall
from .results import OPEN_ONES, Predictions, facts, listing


class Consent(BaseModel):
    """The person's word on a price."""

    approve: bool = Field(description="Spend this amount?")


NOBODY_ASKED = Consent(approve=False)


async def prepare(
    model: str, input: dict[str, Any], again: bool, wait_seconds: float | None, call: CurrentCall
) -> Prepared:
    """Check the input of `generate`, find the task that it follows, or upload its files."""
    return await runs.prepare(
        call.account,
        call.rows,
        model,
        input,
        again=again,
        deadline=call.deadline(wait_seconds),
        progress=call.progress,
    )


async def agree(
    request: Annotated[Prepared, Resolve(prepare)],
    max_price: float | None,
    webhook_url: str,
    save: bool,
    save_as: str,
    call: CurrentCall,
) -> Consent | Elicit[Consent]:
    """Ask the person about a run, where its price asks for it."""
    options = RunOptions(0.0, max_price, webhook_url, save, save_as)
    return await _question(call, [request], options, request.model)


async def generate(
    model: ModelId,
    call: CurrentCall,
    request: Annotated[Prepared, Resolve(prepare)],
    consent: Annotated[ElicitationResult[Consent], Resolve(agree)],
    input: ModelInput = {},  # noqa: B006 - read only; the schema shows it
    wait_seconds: WaitSeconds = None,
    max_price: MaxPrice = None,
    webhook_url: WebhookUrl = "",
    save: Save = False,
    save_as: SaveAs = "",
    again: Again = False,
) -> Annotated[CallToolResult, Outcome]:
    """Run a model (image, video, audio, 3D, text) and return its outputs. Costs money.

    Find a model and its inputs with list_models first. If it is not done in time you get its id with status
    processing: then call check_status. An equal call follows the run that is under way and buys nothing;
    again: true buys another.
    """
    options = RunOptions(
        call.wait_seconds(wait_seconds),
        max_price,
        webhook_url,
        save,
        save_as,
        consented=agreed(consent),
        consent=call.consent,
        can_ask=call.can_ask,
        started=call.started,
    )
    outcome = await runs.run(call.account, request, options, call.rows, call.progress)
    return facts(outcome.facts())


OF_A_CALL = ("wait_seconds", "max_price", "max_in_flight", "save", "save_as", "webhook_url")


class Request(BaseModel):
    """One run of a batch."""

    model_config = ConfigDict(extra="forbid")

    model: ModelId
    input: ModelInput = {}
    vary: Vary = {}
    again: Again = False

    @model_validator(mode="before")
    @classmethod
    def _flat(cls, given: Any) -> Any:
        """A row as JSON text, and one whose inputs stand beside its model."""
        row = parsed_object(given)
        if not isinstance(row, dict):
            return row
        row = {"model" if key == "model_id" and "model" not in row else key: row[key] for key in row}
        inputs = parsed_object(row.get("input", {}))
        beside = {
            key: value
            for key, value in row.items()
            if key not in cls.model_fields
            and not get_close_matches(key, [*cls.model_fields, *OF_A_CALL], cutoff=0.75)
        }
        if not beside or not isinstance(inputs, dict) or beside.keys() & inputs.keys():
            return row
        return {key: row[key] for key in row if key not in beside} | {"input": inputs | beside}


class BatchResult(Predictions):
    """What became of a batch."""

    total: int
    completed: int
    failed: int
    processing: int
    price: float | None = None


@dataclass(frozen=True)
class OneRun:
    """One of the runs that the request at a place stands for. `note` is to be told with it."""

    place: str
    request: Request
    inputs: dict[str, Any]
    note: str = ""


@contextmanager
def placed(place: str) -> Iterator[None]:
    """What is refused says at which place of the requests; it refuses all of them."""
    try:
        yield
    except (InputRefused, UnknownModel, FileRefused) as error:
        raise NotRun(f"{place}: {error}") from error


async def runs_of(account: runs.Account, requests: Sequence[tuple[str, Request]]) -> list[OneRun]:
    """The runs that `requests` stand for, each request with its place: every combination of what it varies.

    Raises:
        NotRun: they are too many, or it cannot be told which.
    """
    found: list[OneRun] = []
    for place, one in requests:
        with placed(place):
            made = await runs.spread(account, one.model, one.input, one.vary)
        notes = [made.note, *[""] * (len(made.inputs) - 1)]
        found += [OneRun(place, one, *pair) for pair in zip(made.inputs, notes, strict=True)]
    runs.check_count(len(found))
    return found


async def prepare_requests(
    account: runs.Account,
    rows: OwnedRows,
    requests: Sequence[tuple[str, Request]],
    deadline: float,
    progress: Progress,
    *,
    again: bool = False,
) -> list[Prepared]:
    """Every run of `requests`, each with its place, made ready by `runs.prepare`; `again`: all bought anew.

    Raises:
        NotRun: one is refused, and with it all of them.
    """

    async def prepare_one(one: OneRun) -> Prepared:
        with placed(one.place):
            return await runs.prepare(
                account,
                rows,
                one.request.model,
                one.inputs,
                again=one.request.again or again,
                deadline=deadline,
                in_batch=True,
                note=one.note,
                progress=progress,
            )

    return await gather_first_error(prepare_one, await runs_of(account, requests))


async def prepare_all(
    requests: list[Request], wait_seconds: float | None, call: CurrentCall
) -> list[Prepared]:
    """What `prepare` does, for all of a batch; an input that is refused refuses all."""
    listed = [(f"requests[{index}]", one) for index, one in enumerate(requests)]
    return await prepare_requests(call.account, call.rows, listed, call.deadline(wait_seconds), call.progress)


async def agree_to_all(
    prepared: Annotated[list[Prepared], Resolve(prepare_all)],
    max_price: float | None,
    save: bool,
    call: CurrentCall,
) -> Consent | Elicit[Consent]:
    """Ask the person about a whole batch, where its price asks for it."""
    options = RunOptions(0.0, max_price, save=save)
    return await _question(call, prepared, options, f"This batch of {len(prepared)} runs", in_batch=True)


async def generate_batch(
    requests: Annotated[
        list[Request],
        BeforeValidator(as_list),
        Field(min_length=1, max_length=MOST_RUNS, description="runs; vary spreads one over values"),
    ],
    call: CurrentCall,
    prepared: Annotated[list[Prepared], Resolve(prepare_all)],
    consent: Annotated[ElicitationResult[Consent], Resolve(agree_to_all)],
    wait_seconds: WaitSeconds = None,
    max_price: Annotated[float | None, Field(ge=0, description="for all of it, USD"), DOLLARS] = None,
    max_in_flight: Annotated[
        int | None, Field(ge=1, le=100, description="tasks at a time; unset: the setting (8)")
    ] = None,
    save: Save = False,
) -> Annotated[CallToolResult, BatchResult]:
    """Run many requests at once, for variations or several models. Costs money.

    Refused as a whole if any input is wrong or the sum is over a limit. What found no free slot in time comes
    back as not_submitted: send those again.
    """
    options = RunOptions(
        call.wait_seconds(wait_seconds),
        max_price,
        save=save,
        consented=agreed(consent),
        consent=call.consent,
        can_ask=call.can_ask,
        room=room_for(len(prepared)),
        started=call.started,
    )
    at_once = call.max_in_flight(max_in_flight)
    outcomes = await Batch(call.account, call.rows, options, at_once, call.progress).run(prepared)
    ended = {*TERMINAL, NOT_SUBMITTED, UNKNOWN}
    counts = {
        "total": len(outcomes),
        "completed": sum(one.status == COMPLETED for one in outcomes),
        "failed": sum(one.status in FAILURES for one in outcomes),
        "processing": sum(one.status not in ended for one in outcomes),
    }
    costs = [one.cost for one in outcomes if one.id and one.status not in FAILURES]
    known = [cost for cost in costs if cost is not None]
    total = {"price": round(sum(known), 6)} if costs and len(known) == len(costs) else {}
    return facts(counts | total | listing(outcomes, look=OPEN_ONES))


async def _question(
    call: Call, requests: list[Prepared], options: RunOptions, what: str, *, in_batch: bool = False
) -> Consent | Elicit[Consent]:
    if not call.can_ask:
        return NOBODY_ASKED
    total = await price_to_agree(call.account, requests, options, in_batch=in_batch)
    if total is None:
        return NOBODY_ASKED
    return Elicit(f"{what} costs {dollars(total)}. Run it?", Consent)


def agreed(consent: ElicitationResult[Consent]) -> bool:
    """The person said yes. A decline, a closed dialog and an unticked box are all a no."""
    return isinstance(consent, AcceptedElicitation) and consent.data.approve
