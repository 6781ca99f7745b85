"""What a run will cost, as agents and people are told."""

from __future__ import annotations

from typing import Any

from ..catalog import must_be_given, unpriced_inputs
from .account import Account
from .request import Prepared


async def estimate(account: Account, model: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """The API's quote for a run, USD, without the empty fields; required inputs may still be missing.

    Raises:
        CatalogError, FileRefused, ApiError: see `Preparation.prepare`.
    """
    request = await account.preparation.estimate(model, inputs)
    price = await account.client.price(request.model, request.body)
    quote = {
        "model": model,
        "price": price.listed,
        "discounted_price": price.due,
        "currency": price.currency or "USD",
        "unpriced_inputs": unpriced_inputs(request.info, request.body) if request.info else [],
        "next": _still_needed(request),
    }
    return {name: value for name, value in quote.items() if value is not None and value != ""}


def _still_needed(request: Prepared) -> str:
    """Which inputs a run would be refused without."""
    needed = must_be_given(request.info.schema) if request.info else []
    missing = [key for key in needed if key not in request.body]
    return f"To run it, give {', '.join(missing)} too." if missing else ""
