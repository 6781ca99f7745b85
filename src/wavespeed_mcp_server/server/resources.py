"""What hosts can attach without a tool call: the sheet of a model, the state of a prediction.

A bonus for hosts that show resources; everything here is also a tool.
"""

from __future__ import annotations

from typing import Any

from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ResourceError, ResourceNotFoundError
from mcp.types import CompleteRequestParams, CompleteResult, Completion

from ..api.errors import ApiError, NotFound
from ..api.wire import PREDICTION_ID
from ..catalog import Catalog, CatalogError, CatalogUnavailable, UnknownModel
from ..runs import RunOptions
from ..tools.call import AppState, open_call
from ..tools.models import sheet
from ..tools.results import compact
from .sdk import lowlevel_server

MODEL_URI = "wavespeed://models/{+model_id}"
PREDICTION_URI = "wavespeed://predictions/{id}"
MOST_VALUES = 100
"""The protocol's own limit for one completion."""


async def model_sheet(model_id: str, ctx: Context[AppState, Any]) -> str:
    """All inputs of a model with limits, defaults and price, as get_model gives them."""
    try:
        async with open_call(ctx.request_context) as call:
            return compact(await sheet(call.account.catalog, model_id))
    except UnknownModel as error:
        raise ResourceNotFoundError(str(error)) from error
    except (CatalogError, ApiError) as error:
        raise ResourceError(str(error)) from error


async def prediction_state(id: str, ctx: Context[AppState, Any]) -> str:
    """Status and outputs of a run, as check_status gives them. Looking here does not count as delivery."""
    if not PREDICTION_ID.fullmatch(id):
        raise ResourceNotFoundError(f"{id[:60]!r} is not a prediction id.")
    try:
        async with open_call(ctx.request_context) as call:
            watch = await call.account.watching.look_up(id)
            outcome = await call.account.results.of(watch, RunOptions(0))
    except NotFound as error:
        raise ResourceNotFoundError(f"No prediction {id}; they are kept 7 days.") from error
    except ApiError as error:
        raise ResourceError(str(error)) from error
    return compact(outcome.facts())


async def model_ids(catalog: Catalog, typed: str) -> Completion:
    """Ids to complete `typed` with: those that begin with it, then those that hold it, then what it may mean.

    Nothing when the catalog cannot be had: a completion must not fail.
    """
    wanted = typed.strip().lower()
    try:
        ids = await catalog.models_ids()
        starting = [one for one in ids if one.lower().startswith(wanted)]
        holding = [one for one in ids if wanted in one.lower() and not one.lower().startswith(wanted)]
        fitting = starting + holding
        if not fitting:
            found = await catalog.search(wanted, limit=MOST_VALUES)
            fitting = [model.model_id for model in found.models] or await catalog.closest(wanted)
    except (CatalogUnavailable, ApiError):
        return Completion(values=[], total=0, has_more=False)
    return Completion(values=fitting[:MOST_VALUES], total=len(fitting), has_more=len(fitting) > MOST_VALUES)


def add_resources(server: MCPServer[AppState]) -> None:
    """Offer them on `server`, with completion for model ids wherever one is asked for."""
    for uri, name, title, fn in (
        (MODEL_URI, "model", "Model inputs", model_sheet),
        (PREDICTION_URI, "prediction", "Prediction", prediction_state),
    ):
        server.resource(uri, name=name, title=title, mime_type="application/json")(fn)

    async def complete(
        ctx: ServerRequestContext[AppState, Any], params: CompleteRequestParams
    ) -> CompleteResult:
        if params.argument.name not in {"model_id", "model"}:
            return CompleteResult(completion=Completion(values=[]))
        async with open_call(ctx) as call:
            return CompleteResult(completion=await model_ids(call.account.catalog, params.argument.value))

    # The SDK's own decorator does not hand the lifespan's state to the function.
    lowlevel_server(server).add_request_handler("completion/complete", CompleteRequestParams, complete)
