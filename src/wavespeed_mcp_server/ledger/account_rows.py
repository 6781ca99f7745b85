"""One account's part of the store: its names, its rows, and the time they happen at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from time import time
from typing import Unpack

from .following import Moment
from .rows import Row, RowChanges, Scope
from .shared_store import SharedStore
from .store import Transaction


class AccountRows:
    """What every rule of the ledger begins with.

    `api_time` gives the API's clock, Unix seconds, or None where it is not known yet. `own_budget` is the
    most, USD, that 24 hours of this account alone may cost.
    """

    def __init__(
        self,
        store: SharedStore,
        scope: Scope,
        api_time: Callable[[], float | None] = lambda: None,
        own_budget: float | None = None,
    ) -> None:
        self._own_budget = own_budget
        self._store = store
        self._scope = scope
        self._api_time = api_time

    @property
    def fault(self) -> str:
        """Why the file is not in use, or nothing."""
        return self._store.fault or self._store.damage

    @property
    def _needs_disk(self) -> bool:
        """A token's runs are known by the store alone: while it is away nobody knows whose they are."""
        return self._store.must_hold and bool(self._scope.token)

    @property
    def process(self) -> str:
        """This process's own name, which is its caller's where the caller has none."""
        return self._store.owner

    def now(self) -> Moment:
        """The time, by the API's clock where it is known."""
        local, known = time(), self._api_time()
        return Moment(local if known is None else known, known is not None, local)

    def _names(self, tx: Transaction) -> tuple[str, ...]:
        if self._scope.apart:
            # Nobody is taken for somebody else: no account is ever joined to another.
            return (self._scope.account, *self._scope.accounts)
        return tuple(dict.fromkeys([*tx.names_of(self._scope.account), *self._scope.accounts]))

    def _neighbours(self, tx: Transaction) -> tuple[str, ...]:
        """Every account whose tasks the API may show to this one's key."""
        if not self._scope.apart:
            return self._names(tx)
        return tuple(dict.fromkeys([*self._names(tx), *tx.accounts_at([self._scope.origin])]))

    def _by_ids(self, tx: Transaction, ids: Iterable[str]) -> dict[str, Row]:
        return rows_by_id(tx, self._names(tx), ids)

    def _row(self, tx: Transaction, key: int) -> Row | None:
        """A row; one of this process's own that the store lost is put back."""
        row = tx.row(key)
        if row is None and (row := self._store.remembered(key)) is not None:
            tx.put(row)
        return row

    def _change(self, tx: Transaction, row: Row | None, **changes: Unpack[RowChanges]) -> None:
        """Change a row as `_row` found it, if it did."""
        if row is not None:
            tx.update(row.key, **changes)
            self._store.remember(row.changed(**changes))


def rows_by_id(tx: Transaction, accounts: Collection[str], ids: Iterable[str]) -> dict[str, Row]:
    """The rows of these accounts that own these predictions, by id."""
    found = {one: tx.by_id(accounts, one) for one in ids}
    return {one: row for one, row in found.items() if row is not None}
