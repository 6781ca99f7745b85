"""Rule 6 of the ledger: what is set aside, what is taken, and what a run really cost."""

from __future__ import annotations

from collections.abc import Iterable

from . import budget as budgets
from .account_rows import AccountRows
from .rows import Row, Spending, Wanted
from .store import Transaction


class Money(AccountRows):
    """Budgets, quotes and charges. Amounts are USD."""

    async def hold(self, amount: float, budget: float) -> int:
        """Set `amount` USD of the budget aside; returns the hold's key.

        Raises:
            OverBudget, LedgerUnavailable: as `attempt`.
        """

        def rule(tx: Transaction) -> int:
            budgets.make_room(tx, self._scope, amount, budget, self.now().at)
            self._make_own_room(tx, amount, self.now().at)
            return tx.add_hold(self._scope.origin, self._store.owner, amount)

        return await self._store.run(rule, shielded=True, on_disk=True)

    async def spend(self, consent: str) -> bool:
        """Use up a yes that may be used once; False where it was used before."""
        return await self._store.run(lambda tx: tx.spend(consent, self.now().at), shielded=True)

    async def unhold(self, hold: int) -> None:
        """Give back what is left of a hold."""
        await self._store.run(lambda tx: tx.remove_hold(hold), shielded=True)

    async def spent(self) -> float:
        """USD taken in the last 24 hours."""
        return await self._store.run(lambda tx: budgets.spent(tx, self._scope, self.now().at))

    async def spent_alone(self) -> float:
        """USD that this account alone took in the last 24 hours."""
        return await self._store.run(
            lambda tx: budgets.spent_by(tx, self._names(tx), self.now().at), on_disk=self._needs_disk
        )

    async def spending(self, since: float, until: float) -> list[Spending]:
        """What this account's runs of that time came to, for each model and day."""
        return await self._store.run(
            lambda tx: tx.spending(self._names(tx), since, until), on_disk=self._needs_disk
        )

    async def history(self, wanted: Wanted) -> tuple[list[Row], int]:
        """This account's rows that are wanted, newest first, and how many there are without its limit."""
        return await self._store.run(lambda tx: tx.history(self._names(tx), wanted), on_disk=self._needs_disk)

    async def quoted(self, key: int, price: float) -> None:
        """What a run that was bought without a quote was quoted at since, USD."""

        def rule(tx: Transaction) -> None:
            row = self._row(tx, key)
            if row is not None and not row.quoted:
                self._change(tx, row, cost=price, quoted=True)

        await self._store.run(rule)

    async def billed(self, lines: Iterable[tuple[str, str, float]]) -> None:
        """Note what runs really cost; see `budget.charges` for the lines."""
        charges = budgets.charges(lines)

        def rule(tx: Transaction) -> None:
            for row in self._by_ids(tx, charges).values():
                self._change(tx, row, charged=charges[row.id])

        await self._store.run(rule)

    def _make_own_room(self, tx: Transaction, amount: float, now: float) -> None:
        if self._own_budget is not None:
            budgets.make_own_room(tx, self._names(tx), amount, self._own_budget, now)
