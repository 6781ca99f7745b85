"""Finding a model, knowing its inputs, knowing its price."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from mcp.types import CallToolResult
from pydantic import BaseModel, BeforeValidator, Field

from ..catalog import Catalog, CatalogUnavailable, compact_schema, example, price_inputs, row
from ..catalog import short_description as described
from ..runs import estimate, whole_id
from .arguments import DOLLARS, ModelId, ModelInput, page_of
from .call import CurrentCall
from .results import facts

DESCRIPTION_CHARS = 400


class ModelRow(BaseModel):
    """A model as a listing shows it; `inputs` is its signature, `*` marks what must be given."""

    model_id: str
    type: str
    base_price: Annotated[float | None, Field(description="USD, at default inputs")] = None
    inputs: Annotated[str, Field(description="signature; * must be given")]
    description: str


class ModelList(BaseModel):
    """A page of models."""

    total: int
    models: list[ModelRow]
    next: str = ""


class ModelSheet(BaseModel):
    """Everything needed to run one model."""

    model_id: str
    type: str
    description: str
    base_price: Annotated[float | None, Field(description="USD")] = None
    price_inputs: Annotated[list[str], Field(description="inputs that move the price")]
    required: list[str]
    properties: dict[str, dict[str, Any]]
    example: dict[str, Any]


class Estimate(BaseModel):
    """A quote."""

    model: str
    price: Annotated[float | None, Field(description="USD, list price")] = None
    discounted_price: Annotated[float | None, Field(description="USD, what the account pays")] = None
    currency: str
    unpriced_inputs: Annotated[
        list[str], Field(description="missing inputs that move the price: the quote is a floor")
    ]
    next: str = ""


def _as_text(given: Any) -> Any:
    """Several types as one text."""
    return ", ".join(map(str, given)) if isinstance(given, list) else given


def _order(given: Any) -> Any:
    """The order that is meant, in whatever case; "cheapest" is by price."""
    word = given.strip().lower() if isinstance(given, str) else given
    return "price" if word == "cheapest" else word


async def list_models(
    call: CurrentCall,
    query: Annotated[str, Field(max_length=300, description="in English, constraints too; empty: all")] = "",
    type: Annotated[
        str,
        BeforeValidator(_as_text),
        Field(max_length=300, description="only this type, e.g. image-to-video"),
    ] = "",
    max_price: Annotated[float | None, Field(ge=0, description="base price at most, USD"), DOLLARS] = None,
    sort: Annotated[
        Literal["relevance", "price"], BeforeValidator(_order), Field(description="price: cheapest first")
    ] = "relevance",
    limit: Annotated[int, Field(ge=1, le=50, description="rows"), page_of(50)] = 5,
    offset: Annotated[int, Field(ge=0, description="rows to skip")] = 0,
) -> Annotated[CallToolResult, ModelList]:
    """Find models for a wish ("remove background", "kling 2.6 image to video", "text to speech").

    Start here. Each row has the model's inputs, mostly enough to call generate at once.
    """
    found = await call.account.catalog.search(query, type, max_price, sort, limit, offset)
    listed: dict[str, Any] = {"total": found.total, "models": [row(model) for model in found.models]}
    shown = offset + len(found.models)
    steps = []
    if found.words:
        steps.append(f"{found.words[:60]!r} is no type; searched as words.")
    if found.dearer:
        above = ", ".join(f"{model.model_id} (from ${model.base_price:g})" for model in found.dearer)
        steps.append(f"Above max_price, with cheaper inputs maybe within it: {above}; see estimate_price.")
    if not found.total and not found.dearer:
        steps.append("Nothing fits: use fewer or other words, in English, or drop type and max_price.")
    elif shown < found.total:
        steps.append(f"generate with a model_id; more with offset {shown}.")
    return facts(listed | ({"next": " ".join(steps)} if steps else {}))


async def get_model(call: CurrentCall, model: ModelId) -> Annotated[CallToolResult, ModelSheet]:
    """All inputs of one model with limits and defaults, and an example. Use it when the row is not enough."""
    return facts(await sheet(call.account.catalog, model))


async def sheet(catalog: Catalog, model: str) -> dict[str, Any]:
    """The fields of a `ModelSheet`, without the empty ones.

    Raises:
        UnknownModel: the catalog does not have it.
        CatalogUnavailable: it is not in the copy at hand, and there is no newer one.
    """
    found = await catalog.model(await whole_id(catalog, model))
    if found is None:
        # A search that finds no catalog either says why there is none.
        await catalog.search(limit=1)
        raise CatalogUnavailable(f"{model} is not in the copy at hand, and the API cannot be asked now.")
    required, properties = compact_schema(found)
    fields = {
        "model_id": found.model_id,
        "type": found.type,
        "description": described(found, DESCRIPTION_CHARS),
        "base_price": found.base_price,
        "price_inputs": price_inputs(found),
        "required": required,
        "properties": properties,
        "example": example(found),
    }
    return {name: value for name, value in fields.items() if value is not None}


async def estimate_price(
    call: CurrentCall,
    model: ModelId,
    input: ModelInput = {},  # noqa: B006 - read only; the schema shows it
) -> Annotated[CallToolResult, Estimate]:
    """What a run with this input will cost. Free; nothing is submitted."""
    return facts(await estimate(call.account, await whole_id(call.account.catalog, model), input))
