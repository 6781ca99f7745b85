"""What a run may cost: quotes held against the limits before anything is submitted. Amounts are USD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..api.client import WaveSpeed
from ..api.errors import ApiError, NotConfigured, Unauthorized
from ..api.wire import Price
from ..ledger import Ledger, LedgerUnavailable, OverBudget
from ..together import together
from .faults import NotRun
from .request import Prepared


@dataclass(frozen=True)
class Limits:
    """The person's own limits; None where there is none.

    `per_call` caps what one tool call may buy, `daily` any 24 hours, and above `confirm_above` the person is
    asked. `problem` says which limit cannot be read; nothing runs then.
    """

    per_call: float | None = None
    daily: float | None = None
    confirm_above: float | None = None
    problem: str = ""


def dollars(amount: float) -> str:
    """An amount as people write it, with as many digits as it needs."""
    text = f"{amount:.6f}".rstrip("0")
    return "$" + text + "0" * (2 - len(text.split(".")[1])) if "." in text else f"${text}"


class Purse:
    """Quotes runs, and refuses those that are over a limit."""

    def __init__(self, client: WaveSpeed, ledger: Ledger, limits: Limits) -> None:
        self.limits = limits
        self._client = client
        self._ledger = ledger

    def needs_quote(self, max_price: float | None) -> bool:
        """Some limit applies, so the price has to be asked for.

        Raises:
            NotRun: a limit was set that cannot be read.
        """
        if self.limits.problem:
            raise NotRun(f"A spending limit cannot be read: {self.limits.problem}")
        limits = (max_price, self.limits.per_call, self.limits.daily, self.limits.confirm_above)
        return any(limit is not None for limit in limits)

    async def price(self, model: str, inputs: dict[str, object]) -> Price:
        """The API's quote. Raises `ApiError`."""
        return await self._client.price(model, inputs)

    async def quote(self, requests: Sequence[Prepared]) -> float:
        """The sum of what these runs will cost; each is noted on its request.

        Raises:
            NotRun: a price cannot be learned.
        """
        await together([lambda r=request: self._quote(r) for request in requests])  # type: ignore[misc]
        return sum(request.quote or 0.0 for request in requests)

    async def _quote(self, request: Prepared) -> None:
        if request.quote is not None:
            return
        try:
            due = (await self._client.price(request.model, request.body)).due
        except (NotConfigured, Unauthorized):
            raise
        except ApiError as error:
            raise NotRun(
                f"A spending limit is set and the price of {request.model} cannot be learned: {error}"
            ) from error
        if due is None:
            raise NotRun(f"A spending limit is set and the API gave no price for {request.model}.")
        request.quote = due

    async def hold_against_limits(self, total: float, max_price: float | None) -> None:
        """Compare a quote with every limit.

        Raises:
            NotRun: it is above one of them; the text names the quote, the limit and its setting.
            LedgerUnavailable: there is a budget and no ledger to keep it.
        """
        capped = (
            (max_price, "max_price of this call", "Pick a cheaper model or input, or raise max_price."),
            (self.limits.per_call, "WAVESPEED_MAX_PRICE", "Only the person can change this setting."),
        )
        for limit, name, advice in capped:
            if limit is not None and total > limit + 1e-9:
                raise NotRun(f"This costs {dollars(total)}, over the {dollars(limit)} of {name}. {advice}")
        if self.limits.daily is not None:
            if self._ledger.fault:
                raise LedgerUnavailable(self._ledger.fault)
            spent = await self._ledger.spent()
            if spent + total > self.limits.daily + 1e-9:
                raise over_budget(OverBudget(spent, self.limits.daily), total)

    def asks_above(self, total: float) -> bool:
        """The person has to agree to spend `total`."""
        return self.limits.confirm_above is not None and total > self.limits.confirm_above + 1e-9


def over_budget(error: OverBudget, cost: float) -> NotRun:
    """The refusal of a run that the budget has no room for."""
    return NotRun(
        f"This costs {dollars(cost)}, and {dollars(error.spent)} of the {dollars(error.budget)} of "
        "WAVESPEED_DAILY_BUDGET are spent or in flight in the last 24 hours. Only the person can change this "
        "setting; get_usage shows what was spent."
    )


def unconfirmed(total: float, limit: float, *, asked: bool) -> NotRun:
    """The refusal of a run that the person did not agree to, or could not be asked about."""
    why = (
        "the person did not agree"
        if asked
        else "this client cannot ask the person. They can raise or remove WAVESPEED_CONFIRM_ABOVE in the "
        "server's configuration"
    )
    return NotRun(
        f"This costs {dollars(total)}, above the {dollars(limit)} of WAVESPEED_CONFIRM_ABOVE, and {why}."
    )
