"""One catalog entry, read tolerantly from the API's answer to `GET /api/v3/models`."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from ..json_text import read_json
from ..text import one_line

MAX_ID = 200
MAX_TYPE = 60
MAX_DESCRIPTION = 600
MAX_FORMULA = 20_000
LARGEST_PRICE = 1e9

T = TypeVar("T")

_TEXT_TYPES = frozenset({"llm", "content-moderation"})
_MEDIA_TYPE = re.compile(
    r"-to-(?:image|video|audio|3d)$|^(?:image|video|audio)-|^(?:upscaler|ai-remover|digital-human)$|-transfer$"
    r"|^motion-control$"
)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


@dataclass(frozen=True, slots=True)
class Model:
    """A model as the catalog describes it.

    `base_price` is in USD. `schema` is the JSON Schema of its inputs, `formula` the JSONata price formula
    (older catalogs only); each is None where the catalog has none. A higher `sort_order` is shown first.
    `worked_out` keeps what `once` functions found.
    """

    model_id: str
    type: str
    description: str
    base_price: float | None
    schema: dict[str, Any] | None
    formula: str | None
    sort_order: float
    worked_out: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)


def once(work: Callable[[Model], T]) -> Callable[[Model], T]:
    """`work`, done when it is first asked of a model. What it returns is shared, so nobody may change it."""

    @wraps(work)
    def known(model: Model) -> T:
        if work.__name__ not in model.worked_out:
            model.worked_out[work.__name__] = work(model)
        found: T = model.worked_out[work.__name__]
        return found

    return known


def makes(kind: str) -> str:
    """Whether models of a type make "media" or "text"; "" where the type does not tell."""
    if kind.endswith("-to-text") or kind in _TEXT_TYPES:
        return "text"
    return "media" if _MEDIA_TYPE.search(kind) else ""


class UnreadableCatalog(ValueError):
    """The document is not a catalog, or holds no usable entry."""


def parse_catalog(body: bytes) -> list[Model]:
    """Read the raw answer; an entry that makes no sense is left out, the rest stays.

    Raises UnreadableCatalog when nothing usable is in it, so that it never replaces a good copy.
    """
    try:
        document = read_json(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableCatalog("the catalog is not JSON") from error
    entries = document.get("data") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise UnreadableCatalog("the catalog has no list of models")
    models = {model.model_id: model for entry in entries if (model := _model(entry)) is not None}
    if not models:
        raise UnreadableCatalog("the catalog is empty")
    return list(models.values())


def clean(text: Any, limit: int) -> str:
    """Catalog text as `one_line`; what is no text is ""."""
    return one_line(text[: limit * 4], limit) if isinstance(text, str) else ""


def number(value: Any) -> float | None:
    """A finite JSON number; anything else is None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:
        return None


def figure(value: float) -> str:
    """A limit as a schema writes it: whole numbers keep every digit."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:g}"


def _model(entry: Any) -> Model | None:
    if not isinstance(entry, dict):
        return None
    model_id = entry.get("model_id") or entry.get("name")
    if not isinstance(model_id, str) or len(model_id) > MAX_ID or not _ID.fullmatch(model_id):
        return None
    formula = entry.get("formula")
    return Model(
        model_id=model_id,
        type=clean(entry.get("type"), MAX_TYPE),
        description=clean(entry.get("description"), MAX_DESCRIPTION),
        base_price=_price(entry.get("base_price")),
        schema=_request_schema(entry.get("api_schema")),
        formula=formula if isinstance(formula, str) and 0 < len(formula) <= MAX_FORMULA else None,
        sort_order=number(entry.get("sort_order")) or 0.0,
    )


def _price(value: Any) -> float | None:
    """What a run may cost, USD: a budget counts it where nothing better is known."""
    price = number(value)
    return price if price is not None and 0 <= price <= LARGEST_PRICE else None


def _request_schema(api_schema: Any) -> dict[str, Any] | None:
    schemas = api_schema.get("api_schemas") if isinstance(api_schema, dict) else None
    for schema in schemas if isinstance(schemas, list) else ():
        if isinstance(schema, dict) and schema.get("type") == "model_run":
            request = schema.get("request_schema")
            return request if isinstance(request, dict) else None
    return None
