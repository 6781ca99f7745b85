"""Rule 3 of the ledger: the transaction that decides whether a request follows, waits or buys."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from math import inf
from time import monotonic, time_ns

from .account_rows import AccountRows
from .following import Asked, Buy, Decision, Follow, Following, LearnAccount, Moment, is_free
from .owned_rows import OwnedRows, lasting
from .rows import PREPARING, Row, RowChanges
from .store import Transaction

KEPT_SECONDS = 7 * 24 * 3600.0
KEPT_FOR_USAGE_SECONDS = 32 * 24 * 3600.0
"""An operator asks who spent what for a month."""
PURGE_SECONDS = 3600.0


class Deciding(AccountRows):
    """Whether a request buys, and whose task it follows where not."""

    async def begin(self, asked: Asked, rows: OwnedRows) -> Decision:
        """Decide about a request, and own what was decided for: the task to follow, or a preparing row.

        Raises:
            LedgerUnavailable: nothing may be bought without the store, and it is away.
        """

        def rule(tx: Transaction) -> tuple[Decision, bool]:
            now = self.now()
            self._purge(tx, now)
            equal = self._equal(tx, asked, self._names(tx))
            found = Following(tx, asked, rows, now, self._store.calls).choose(equal)
            if isinstance(found, Follow):
                return found, self._follow(tx, found.row, rows)
            return found or self._of_another_key(tx, asked, rows) or self._prepare(tx, asked, rows, now), True

        def stands(decided: tuple[Decision, bool]) -> None:
            decision, is_owner = decided
            if isinstance(decision, Buy):
                self._store.remember(decision.row)
            if isinstance(decision, Buy | Follow):
                rows.keys.add(decision.row.key)
                self._store.note_call(decision.row.key, rows.token, rows.started, is_owner=is_owner)

        on_disk = self._store.must_hold
        decision, _ = await self._store.run(rule, stands, about=asked.digest, shielded=True, on_disk=on_disk)
        return decision

    def _equal(self, tx: Transaction, asked: Asked, accounts: Collection[str]) -> list[Row]:
        """The equal rows, without those whose process died before it sent anything."""
        kept = []
        for row in tx.equal(accounts, asked.digest, asked.first_release):
            if row.state == PREPARING and (row.owner is None or not tx.owner_lives(row.owner)):
                tx.remove(row.key)
            else:
                kept.append(row)
        return kept

    def _follow(self, tx: Transaction, row: Row, rows: OwnedRows) -> bool:
        """Whether the row belongs to this call now."""
        changes: RowChanges = {"followers": row.followers + 1}
        if row.id:
            # A task that is only looked for stays nobody's, or a search in vain would let the next one buy.
            changes["caller"] = rows.caller
        owned = row.owner is not None and row.call is not None and tx.owner_lives(row.owner)
        if not owned:
            changes |= {"owner": self._store.owner, "call": rows.token}
        if row.caller != rows.caller:
            changes["answered"] = False
        tx.update(row.key, **changes)
        return not owned

    def _of_another_key(self, tx: Transaction, asked: Asked, rows: OwnedRows) -> LearnAccount | None:
        if lasting(rows.caller):
            return None
        for newest in self._strangers(tx):
            for row in self._equal(tx, asked, [newest.account]):
                if is_free(tx, row, rows.caller) and row.id not in self._store.strangers:
                    return LearnAccount(row if row.id else newest)
        return None

    def _strangers(self, tx: Transaction) -> list[Row]:
        """A task of each other account of this API that may be this one under another key."""
        if self._scope.apart:
            return []
        others = tx.newest_of_others({self._scope.origin, *self._scope.origins}, self._names(tx))
        return [row for row in others if row.id not in self._store.strangers]

    def _prepare(self, tx: Transaction, asked: Asked, rows: OwnedRows, now: Moment) -> Buy:
        row = Row(
            key=_new_key(tx),
            origin=self._scope.origin,
            account=self._scope.account,
            model=asked.model,
            state=PREPARING,
            request=asked.digest,
            begun_at=now.at,
            attempted_at=now.at,
            dated=now.dated,
            caller=rows.caller,
            owner=self._store.owner,
            call=rows.token,
            # So that the first release, which knows no preparation, passes it over.
            delivered=True,
            again=asked.again,
            project=self._scope.project,
        )
        tx.put(row)
        return Buy(row)

    async def same_account(self, row: Row, *, same: bool) -> None:
        """Whether this task of another key is this account's too, as the API has shown."""
        if same:
            await self._store.run(lambda tx: tx.join_accounts(self._scope.account, row.account))
        else:
            self._store.strangers.add(row.id)

    async def strangers(self) -> list[Row]:
        """One task of each account that may be this one under another key, to ask the API for."""
        return await self._store.run(self._strangers)

    def _purge(self, tx: Transaction, now: Moment) -> None:
        # Rule 5: only the API's clock says that a row is old.
        purged_at = self._store.purged_at
        if now.dated and monotonic() - purged_at.get(self._scope.origin, -inf) > PURGE_SECONDS:
            purged_at[self._scope.origin] = monotonic()
            kept = KEPT_FOR_USAGE_SECONDS if self._scope.apart else KEPT_SECONDS
            tx.purge({self._scope.origin, *self._scope.origins}, now.at - kept)


def _new_key(tx: Transaction) -> int:
    """A key that no other process makes, in the order of time."""
    while True:
        key = (time_ns() // 1000 << 11) | secrets.randbits(11)
        if tx.row(key) is None:
            return key
