"""One model as a row of a listing: the five things an agent chooses by."""

import re
from typing import Any

from .model import Model, clean
from .signature import signature

DESCRIPTION = 90

_SALES = re.compile(
    r"\s*(?:[^.!?]*\b(?:ready-to-use|no[ -]?cold ?-?starts?)\b|\bbest performance\b|\baffordable\b).*$",
    re.IGNORECASE | re.DOTALL,
)


def row(model: Model) -> dict[str, Any]:
    """`model_id`, `type`, `base_price` (USD, left out if unknown), `inputs` and a short `description`."""
    shown: dict[str, Any] = {"model_id": model.model_id, "type": model.type}
    if model.base_price is not None:
        shown["base_price"] = model.base_price
    return shown | {"inputs": signature(model), "description": short_description(model)}


def short_description(model: Model, limit: int = DESCRIPTION) -> str:
    """What the model does, cut at a word, without the sentences that sell the API."""
    text = _SALES.sub("", clean(model.description, 600)).strip(" .;,-")
    if text == model.model_id:
        return ""
    if len(text) <= limit:
        return text
    return text[: limit - 3].rsplit(" ", 1)[0].rstrip(" ,;:.-–—(") + "..."
