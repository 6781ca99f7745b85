"""Rule 6 of the ledger: what counts against a budget. Amounts are USD."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from .rows import REFUNDED, Scope
from .store import Transaction

DAY_SECONDS = 24 * 3600.0
ROUNDING = 1e-9
CHARGES = ("", "deduct")
REFUND = "refund"


class OverBudget(Exception):
    """A budget would be exceeded: `spent` USD of `budget` are taken in the last 24 hours.

    `own`: it is the caller's own, and not that of all who share its key. `shared`: what is taken is others'.
    """

    def __init__(self, spent: float, budget: float, *, own: bool = False, shared: bool = False) -> None:
        self.own = own
        self.shared = shared
        super().__init__(f"{spent:g} of {budget:g}")
        self.spent = spent
        self.budget = budget


class TokenEnded(Exception):
    """The token that would spend was revoked, or its time is over."""


class Overtaken(Exception):
    """This process was out of touch for so long that others took its prepared request for abandoned."""


class ConsentSpent(Exception):
    """What the person agreed to was bought before."""


def spent(tx: Transaction, scope: Scope, now: float) -> float:
    """What is taken: ended tasks, tasks in flight, lost ones, and holds of live processes."""
    origins = {scope.origin, *scope.origins}
    held = 0.0
    for hold, owner, amount in tx.holds(origins):
        if tx.owner_lives(owner):
            held += amount
        else:
            tx.remove_hold(hold)
    return tx.cost_since(origins, now - DAY_SECONDS, REFUNDED) + held


def make_room(tx: Transaction, scope: Scope, amount: float, budget: float, now: float) -> None:
    """Raises `OverBudget` where `amount` more would exceed `budget`."""
    taken = spent(tx, scope, now)
    if taken + amount > budget + ROUNDING:
        raise OverBudget(taken, budget, shared=bool(scope.token))


def spent_by(tx: Transaction, accounts: Collection[str], now: float) -> float:
    """What is taken by these accounts alone."""
    return tx.cost_of(accounts, now - DAY_SECONDS, REFUNDED)


def make_own_room(
    tx: Transaction, accounts: Collection[str], amount: float, budget: float, now: float
) -> None:
    """Raises `OverBudget` where `amount` more would exceed these accounts' own `budget`."""
    taken = spent_by(tx, accounts, now)
    if taken + amount > budget + ROUNDING:
        raise OverBudget(taken, budget, own=True)


def charges(lines: Iterable[tuple[str, str, float]]) -> dict[str, float]:
    """What each prediction was charged, by the billing lines (prediction, type, amount) of all of it.

    The lines of one prediction add up, and a refund is taken off; a line of no prediction is nobody's.
    """
    found: dict[str, float] = {}
    refunds: dict[str, float] = {}
    for prediction, kind, amount in lines:
        if prediction and kind in CHARGES:
            found[prediction] = found.get(prediction, 0.0) + abs(amount)
        elif prediction and kind == REFUND:
            refunds[prediction] = refunds.get(prediction, 0.0) + abs(amount)
    return {one: max(0.0, amount - refunds.get(one, 0.0)) for one, amount in found.items()}
