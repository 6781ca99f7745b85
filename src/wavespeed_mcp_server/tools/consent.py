"""The way from a tool's arguments to a request that may be bought: checked, quoted, agreed to by the person.

The steps are resolvers, so that the person can be asked in both protocol eras: by a live question where the
connection allows one, else by a round trip of the call itself. They may run again on each round.
"""

from __future__ import annotations

from typing import Annotated, Any

import anyio
from mcp.server.elicitation import AcceptedElicitation, ElicitationResult
from mcp.server.mcpserver import Elicit, Resolve
from pydantic import BaseModel, ConfigDict, Field

from ..catalog import InputRefused, UnknownModel
from ..files import FileRefused
from ..runs import NotRun, Prepared, dollars
from ..together import together
from .arguments import MaxPrice, ModelId, ModelInput
from .desk import CallContext, Progress, desk


class Request(BaseModel):
    """One run of a batch."""

    model_config = ConfigDict(extra="forbid")

    model: ModelId
    input: ModelInput = {}


Requests = Annotated[
    list[Request], Field(min_length=1, max_length=100, description="runs, each {model, input}")
]


class Consent(BaseModel):
    """The person's word on a price."""

    approve: bool = Field(description="Spend this amount?")


NOBODY_ASKED = Consent(approve=False)


async def prepare_one(model: str, input: dict[str, Any], ctx: CallContext) -> Prepared:
    """The checked request of `generate`."""
    return await _prepare(ctx, model, input)


async def prepare_all(requests: list[Request], ctx: CallContext) -> list[Prepared]:
    """The checked requests of `generate_batch`; one that is refused refuses all."""
    progress = Progress(ctx, anyio.current_time())
    steps = [lambda at=at: _prepare_at(at, requests, ctx, progress) for at in range(len(requests))]
    return await together(steps)


async def _prepare_at(index: int, requests: list[Request], ctx: CallContext, progress: Progress) -> Prepared:
    one = requests[index]
    try:
        return await _prepare(ctx, one.model, one.input, progress)
    except (InputRefused, UnknownModel, FileRefused) as error:
        raise NotRun(f"requests[{index}]: {error}") from error


async def _prepare(
    ctx: CallContext, model: str, inputs: dict[str, Any], progress: Progress | None = None
) -> Prepared:
    progress = progress or Progress(ctx, anyio.current_time())
    return await desk(ctx).runs.preparation.prepare(model, inputs, progress=progress)


OneRequest = Annotated[Prepared, Resolve(prepare_one)]
AllRequests = Annotated[list[Prepared], Resolve(prepare_all)]


async def agree_to_one(
    request: OneRequest, ctx: CallContext, max_price: float | None
) -> Consent | Elicit[Consent]:
    """Ask the person about one run, where its price asks for it."""
    return await _agree(ctx, [request], max_price, request.model)


async def agree_to_all(
    prepared: AllRequests, ctx: CallContext, max_price: float | None
) -> Consent | Elicit[Consent]:
    """Ask the person about a whole batch, where its price asks for it."""
    return await _agree(ctx, prepared, max_price, f"This batch of {len(prepared)} runs")


async def _agree(
    ctx: CallContext, requests: list[Prepared], max_price: float | None, what: str
) -> Consent | Elicit[Consent]:
    if not can_ask(ctx):
        return NOBODY_ASKED
    total = await desk(ctx).runs.foresee(requests, max_price)
    if total is None:
        return NOBODY_ASKED
    return Elicit(f"{what} costs {dollars(total)}. Run it?", Consent)


def can_ask(ctx: CallContext) -> bool:
    """The client can put a question to the person."""
    known = ctx.client_capabilities
    asks = known.elicitation if known is not None else None
    # Some clients can only send the person to a URL; one that names no way of asking means a form.
    return asks is not None and (asks.form is not None or asks.url is None)


ConsentToOne = Annotated[ElicitationResult[Consent], Resolve(agree_to_one)]
ConsentToAll = Annotated[ElicitationResult[Consent], Resolve(agree_to_all)]


def agreed(consent: ElicitationResult[Consent]) -> bool:
    """The person said yes. A decline, a closed dialog and an unticked box are all a no."""
    return isinstance(consent, AcceptedElicitation) and consent.data.approve


__all__ = [
    "AllRequests",
    "ConsentToAll",
    "ConsentToOne",
    "MaxPrice",
    "OneRequest",
    "Requests",
    "agreed",
    "can_ask",
]
