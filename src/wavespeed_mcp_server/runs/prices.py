"""What runs cost, asked for beside their wait: nobody waits for it, and what comes too late is left out.

Amounts are USD. Nothing here decides anything: limits ask for quotes of their own (`runs.limits`).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import anyio

from ..api.client import WaveSpeed
from ..api.errors import ApiError
from ..api.wire import Charge
from ..catalog import price_inputs
from ..ledger import Ledger, charges
from .request import Prepared

Spawn = Callable[[Callable[[], Awaitable[None]]], object]

KEPT_SECONDS = 600.0
KEPT_QUOTES = 512
LATE_SECONDS = 0.1


@dataclass
class Quote:
    """One answer about a price, or the wait for it. `at` is on the event loop's clock."""

    at: float
    price: float | None = None
    done: anyio.Event = field(default_factory=anyio.Event)


@dataclass
class Bills:
    """What predictions were charged, by their ids, once `done` is set."""

    charged: dict[str, float] = field(default_factory=dict)
    done: anyio.Event = field(default_factory=anyio.Event)

    async def soon(self, seconds: float = LATE_SECONDS) -> dict[str, float]:
        """What is known within a moment, or so many seconds."""
        with anyio.move_on_after(seconds):
            await self.done.wait()
        return self.charged


class Prices:
    """The prices of one account's runs. `spawn` starts work that outlives the call.

    One quote serves all runs of a model whose price-moving inputs are equal.
    """

    def __init__(self, client: WaveSpeed, ledger: Ledger, spawn: Spawn) -> None:
        self._client = client
        self._ledger = ledger
        self._spawn = spawn
        self._quotes: dict[str, Quote] = {}

    def recall(self, request: Prepared) -> None:
        """Note a quote that is known already on `request`."""
        known = self._quotes.get(_key(request))
        if request.quote is None and known is not None and _is_fresh(known):
            request.quote = known.price

    def ask(self, request: Prepared) -> None:
        """Have the quote of a request that is being bought noted, on it and in the ledger."""
        if request.quote is None and request.key:
            self._spawn(lambda: self._note(request, request.key))

    async def _note(self, request: Prepared, row: int) -> None:
        quote = await self._quoted(request)
        if quote.price is not None and request.quote is None:
            request.quote = quote.price
            await self._ledger.quoted(row, quote.price)

    async def _quoted(self, request: Prepared) -> Quote:
        key = _key(request)
        known = self._quotes.get(key)
        if known is not None and _is_fresh(known):
            await known.done.wait()
            return known
        asked = self._quotes[key] = Quote(anyio.current_time())
        while len(self._quotes) > KEPT_QUOTES:
            self._quotes.pop(next(iter(self._quotes)))
        try:
            with suppress(ApiError):
                asked.price = (await self._client.price(request.model, request.body)).due
        finally:
            asked.done.set()
        return asked

    def ask_bills(self, prediction_ids: Iterable[str]) -> Bills:
        """Have the charges of these predictions looked up."""
        ids = list(prediction_ids)
        return self._look(lambda: self._client.charges(ids), bool(ids))

    def ask_bills_between(self, start: datetime, end: datetime) -> Bills:
        """Have the newest hundred charges of a time looked up."""
        return self._look(lambda: self._client.bills(start, end))

    def _look(self, asked: Callable[[], Awaitable[list[Charge]]], wanted: bool = True) -> Bills:
        bills = Bills()

        async def look() -> None:
            try:
                with suppress(ApiError):
                    lines = [
                        (one.prediction_id, one.billing_type, one.price)
                        for one in await asked()
                        if one.price is not None
                    ]
                    bills.charged = charges(lines)
                    await self._ledger.billed(lines)
            finally:
                bills.done.set()

        if wanted:
            self._spawn(look)
        else:
            bills.done.set()
        return bills


def _key(request: Prepared) -> str:
    drivers = price_inputs(request.info) if request.info is not None else list(request.body)
    moving = {name: request.body[name] for name in drivers if name in request.body}
    return json.dumps([request.model, moving], sort_keys=True, default=str)


def _is_fresh(quote: Quote) -> bool:
    return anyio.current_time() - quote.at < KEPT_SECONDS
