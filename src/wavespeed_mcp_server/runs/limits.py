"""What a run may cost: quotes held against the limits before anything is submitted. Amounts are USD."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from ..api.client import WaveSpeed
from ..api.errors import ApiError, NotConfigured, Unauthorized
from ..gather import gather_first_error
from ..ledger import Ledger, LedgerUnavailable, OverBudget
from ..settings import AccountSettings
from .faults import NotRun
from .options import RunOptions
from .request import Prepared
from .ways_out import LONGEST_CALL, WayOut, WaysOut


def dollars(amount: float) -> str:
    """An amount as people write it, with as many digits as it needs."""
    text = f"{amount:.6f}".rstrip("0")
    return "$" + text + "0" * (2 - len(text.split(".")[1])) if "." in text else f"${text}"


class OverLimit(NotRun):
    """More than a limit allows. `ways` are cheaper variants that it allows, already quoted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.ways: list[WayOut] = []

    def __str__(self) -> str:
        return " ".join([super().__str__(), *_told(self.ways)])


def _told(ways: list[WayOut]) -> Iterator[str]:
    """Each way out with its price and the call to make."""
    if ways:
        yield "Within the limits, already quoted:"
    for number, way in enumerate(ways, 1):
        arguments = json.dumps(way.arguments, ensure_ascii=False)
        if len(arguments) > LONGEST_CALL:
            arguments = "with these requests, changed like that"
        yield f"{number}. {dollars(way.price)}, {way.what}: {way.tool} {arguments}"


class SpendingLimits:
    """The person's own limits, USD: quotes runs, and refuses those that are over one.

    `per_call` caps what one tool call may buy, `daily` any 24 hours, and above `confirm_above` the person is
    asked; None where there is none.
    """

    def __init__(
        self, settings: AccountSettings, client: WaveSpeed, ledger: Ledger, ways_out: WaysOut
    ) -> None:
        self.per_call = settings.max_price
        self.daily = settings.daily_budget
        self.own = settings.own_budget
        self._shared = settings.shares_key
        self.confirm_above = settings.confirm_above
        self._problem = settings.limit_problem
        self._client = client
        self._ledger = ledger
        self._ways_out = ways_out

    async def check(
        self, requests: Sequence[Prepared], options: RunOptions, *, in_batch: bool = False
    ) -> float | None:
        """Quote runs where a limit applies, and hold the sum against the limits and what the person said.

        Returns the sum, or None where no limit applies.

        Raises:
            NotRun: a limit cannot be read, a price cannot be learned, it is over a limit, or not agreed to.
            LedgerUnavailable: there is a budget and no ledger to keep it.
        """
        if self._problem:
            raise NotRun(f"A spending limit cannot be read: {self._problem}")
        limits = (options.max_price, self.per_call, self.daily, self.own, self.confirm_above)
        if all(limit is None for limit in limits):
            return None
        total = await self.quote(requests)
        await self.check_total(requests, options, can_ask=options.can_ask, in_batch=in_batch)
        if self.must_be_agreed(total) and not options.consented:
            refused = unconfirmed(total, self.confirm_above or 0.0, asked=options.can_ask)
            if not options.can_ask:
                # Where the person said no, nothing cheaper is offered in place of their word.
                await self._find_ways(refused, requests, options, can_ask=False, in_batch=in_batch)
            raise refused
        return total

    async def quote(self, requests: Sequence[Prepared]) -> float:
        """The sum of what these runs will cost; each is noted on its request.

        Raises:
            NotRun: a price cannot be learned.
        """
        await gather_first_error(self._quote, requests)
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

    async def check_total(
        self, requests: Sequence[Prepared], options: RunOptions, *, can_ask: bool, in_batch: bool
    ) -> None:
        """Compare the sum of quoted runs with every limit.

        Raises:
            OverLimit: it is above one of them; the text names the quote, the limit and its setting, and what
                would be within them.
            LedgerUnavailable: there is a budget and no ledger to keep it.
        """
        total = sum(request.quote or 0.0 for request in requests)
        try:
            await self._compare(total, options.max_price)
        except OverLimit as refused:
            await self._find_ways(refused, requests, options, can_ask=can_ask, in_batch=in_batch)
            raise

    async def _find_ways(
        self,
        refused: OverLimit,
        requests: Sequence[Prepared],
        options: RunOptions,
        *,
        can_ask: bool,
        in_batch: bool,
    ) -> None:
        limits = [options.max_price, self.per_call, None if can_ask else self.confirm_above]
        if self.daily is not None:
            limits.append(self.daily - await self._ledger.spent())
        if self.own is not None:
            limits.append(self.own - await self._ledger.spent_alone())
        room = min(limit for limit in limits if limit is not None)
        refused.ways = await self._ways_out.of(requests, room, options, in_batch=in_batch)

    async def _compare(self, total: float, max_price: float | None) -> None:
        standing = (
            ("this token for one call", "Only the operator can change that.")
            if self._shared
            else ("WAVESPEED_MAX_PRICE", "Only the person can change this setting.")
        )
        capped = (
            (max_price, "max_price of this call", "Pick a cheaper model or input, or raise max_price."),
            (self.per_call, *standing),
        )
        for limit, name, advice in capped:
            if limit is not None and total > limit + 1e-9:
                raise OverLimit(f"This costs {dollars(total)}, over the {dollars(limit)} of {name}. {advice}")
        if self.daily is not None:
            if self._ledger.fault:
                raise LedgerUnavailable.for_budget(self._ledger.fault)
            spent = await self._ledger.spent()
            if spent + total > self.daily + 1e-9:
                raise over_budget(OverBudget(spent, self.daily, shared=self._shared), total)
        if self.own is not None:
            if self._ledger.fault:
                raise LedgerUnavailable.for_budget(self._ledger.fault)
            spent = await self._ledger.spent_alone()
            if spent + total > self.own + 1e-9:
                raise over_budget(OverBudget(spent, self.own, own=True), total)

    def must_be_agreed(self, total: float) -> bool:
        """The person has to agree to spend `total`."""
        return self.confirm_above is not None and total > self.confirm_above + 1e-9


def over_budget(error: OverBudget, cost: float) -> OverLimit:
    """The refusal of a run that the budget has no room for."""
    if error.own:
        return OverLimit(
            f"This costs {dollars(cost)}, and {dollars(error.spent)} of the {dollars(error.budget)} that "
            "this token may spend in 24 hours are spent or in flight. Only the operator can change that; "
            "get_usage shows what was spent."
        )
    if error.shared:
        # What the others spent is not this caller's to know.
        return OverLimit(
            f"This costs {dollars(cost)}, more than is left of what all here may spend in 24 hours. Only the "
            "operator can change that."
        )
    return OverLimit(
        f"This costs {dollars(cost)}, and {dollars(error.spent)} of the {dollars(error.budget)} of "
        "WAVESPEED_DAILY_BUDGET are spent or in flight in the last 24 hours. Only the person can change this "
        "setting; get_usage shows what was spent."
    )


def unconfirmed(total: float, limit: float, *, asked: bool) -> OverLimit:
    """The refusal of a run that the person did not agree to, or could not be asked about."""
    why = (
        "the person did not agree"
        if asked
        else "this client cannot ask the person. They can raise or remove WAVESPEED_CONFIRM_ABOVE in the "
        "server's configuration"
    )
    return OverLimit(
        f"This costs {dollars(total)}, above the {dollars(limit)} of WAVESPEED_CONFIRM_ABOVE, and {why}."
    )
