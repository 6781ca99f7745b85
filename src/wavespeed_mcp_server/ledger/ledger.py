"""What was submitted, what became of it, what it cost: the rules, each decided in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from time import time
from typing import Any

from .rows import (
    ATTEMPT,
    REFUNDED,
    SUBMITTED,
    UNFINISHED,
    UNKNOWN,
    Row,
    Scope,
    digest_long_texts,
    fingerprint,
)
from .shared_store import LedgerUnavailable, SharedStore
from .store import Transaction

DAY = 24 * 3600.0
REPEAT_SECONDS = 15 * 60.0
UPLOAD_REUSE_SECONDS = 24 * 3600.0

__all__ = ["Ledger", "LedgerUnavailable", "OverBudget"]


class OverBudget(Exception):
    """A budget would be exceeded: `spent` USD of `budget` are taken in the last 24 hours."""

    def __init__(self, spent: float, budget: float) -> None:
        super().__init__(f"{spent:g} of {budget:g}")
        self.spent = spent
        self.budget = budget


class Ledger:
    """The tasks of one account. A store that cannot be used fails `begin` and `hold` alone."""

    def __init__(self, store: SharedStore, scope: Scope) -> None:
        self._store = store
        self._scope = scope

    @property
    def fault(self) -> str:
        """Why the file is not in use, or nothing."""
        return self._store.fault

    async def begin(
        self,
        model: str,
        inputs: dict[str, Any],
        *,
        cost: float | None,
        quoted: bool = False,
        budget: float | None = None,
        hold: int | None = None,
    ) -> int:
        """Note an attempt before it is sent, taking `cost` from the budget or from a hold made before.

        `cost` (USD) is a quote, or else what the catalog says; `budget` is USD in 24 hours. Returns the key.

        Raises:
            OverBudget: the budget has no room; nothing was noted.
            LedgerUnavailable: there is a budget and no file to keep it in.
        """

        def rule(tx: Transaction) -> int:
            if hold is not None:
                tx.take_from_hold(hold, cost or 0.0)
            elif budget is not None:
                self._make_room(tx, cost or 0.0, budget)
            return tx.insert(self._new(model, inputs, cost, quoted))

        return await self._store.run(rule, shielded=True, on_disk=budget is not None)

    def _new(self, model: str, inputs: dict[str, Any], cost: float | None, quoted: bool) -> Row:
        return Row(
            key=0,
            origin=self._scope.origin,
            account=self._scope.account,
            fingerprint=fingerprint(model, inputs),
            model=model,
            inputs=digest_long_texts(inputs),
            state=ATTEMPT,
            id="",
            attempted_at=time(),
            ended_at=None,
            delivered=False,
            owner=self._store.owner,
            cost=cost,
            quoted=quoted,
            charged=None,
            seconds=None,
        )

    async def hold(self, amount: float, budget: float) -> int:
        """Set `amount` USD of the budget aside; returns the hold's key. Raises as `begin` does."""

        def rule(tx: Transaction) -> int:
            self._make_room(tx, amount, budget)
            return tx.add_hold(self._scope.origin, self._store.owner, amount)

        return await self._store.run(rule, shielded=True, on_disk=True)

    async def unhold(self, hold: int) -> None:
        """Give back what is left of a hold."""
        await self._store.run(lambda tx: tx.remove_hold(hold), shielded=True)

    async def spent(self) -> float:
        """USD taken in the last 24 hours: ended tasks, tasks in flight, and holds of live processes."""
        return await self._store.run(self._spent)

    def _spent(self, tx: Transaction) -> float:
        total = tx.cost_since(self._scope.origin, time() - DAY, REFUNDED)
        held = tx.holds(self._scope.origin)
        living = {owner for owner in {owner for owner, _ in held} if tx.owner_lives(owner)}
        return total + sum(amount for owner, amount in held if owner in living)

    def _make_room(self, tx: Transaction, amount: float, budget: float) -> None:
        spent = self._spent(tx)
        if spent + amount > budget + 1e-9:
            raise OverBudget(spent, budget)

    async def pick_up(self, model: str, inputs: dict[str, Any], passed: Collection[int] = ()) -> Row | None:
        """The oldest equal request that is a repeat's to take, now owned by this process.

        Undelivered, belonging to no call still running, and unfinished or ended in the last 15 minutes.
        `passed` are the keys of rows that this caller has already looked at in vain.
        """

        def rule(tx: Transaction) -> Row | None:
            since = time() - REPEAT_SECONDS
            for row in tx.equal(self._scope.account, fingerprint(model, inputs)):
                recent = row.state in UNFINISHED or (row.ended_at or 0.0) > since
                if row.key in passed or row.delivered or not recent:
                    continue
                if row.owner is None or not tx.owner_lives(row.owner):
                    tx.update(row.key, owner=self._store.owner)
                    return row
            return None

        return await self._store.run(rule, shielded=True)

    async def submitted(self, key: int, prediction_id: str) -> bool:
        """The id of an attempt is known; False, and nothing noted, where another row owns that prediction."""

        def rule(tx: Transaction) -> bool:
            taken = tx.by_id(self._scope.account, prediction_id)
            if taken is not None and taken.key != key:
                return False
            tx.update(key, id=prediction_id, state=SUBMITTED)
            return True

        return await self._store.run(rule, shielded=True)

    async def rivals(self, key: int, model: str, inputs: dict[str, Any] | None) -> tuple[int, int]:
        """How many other attempts at `model` are being sent by a live process, and how many were lost.

        Where the task's `inputs` are known only equal attempts count, and of lost ones none: each of those
        finds a task of its own.
        """
        equal = fingerprint(model, inputs) if inputs is not None else None

        def rule(tx: Transaction) -> tuple[int, int]:
            others = [row for row in tx.without_id(self._scope.account, model) if row.key != key]
            sending = [row for row in others if row.state == ATTEMPT and equal in (None, row.fingerprint)]
            lost = [row for row in others if row.state == UNKNOWN and not row.delivered and equal is None]
            return sum(bool(row.owner and tx.owner_lives(row.owner)) for row in sending), len(lost)

        return await self._store.run(rule)

    async def refused(self, key: int) -> None:
        """An attempt created nothing: the row goes."""
        await self._store.run(lambda tx: tx.remove(key), shielded=True)

    async def lost(self, key: int) -> None:
        """An attempt's answer was lost, and the history shows no task of it."""

        def rule(tx: Transaction) -> None:
            row = tx.row(key)
            if row is not None and not row.id:
                tx.update(key, state=UNKNOWN)

        await self._store.run(rule, shielded=True)

    async def ended(self, prediction_id: str, state: str, seconds: float | None = None) -> None:
        """The API's word for how a task ended; `seconds` is its run time where it was watched."""

        def rule(tx: Transaction) -> None:
            row = tx.by_id(self._scope.account, prediction_id)
            if row is not None and row.state in UNFINISHED:
                tx.update(row.key, state=state, ended_at=time(), seconds=seconds or row.seconds)

        await self._store.run(rule, shielded=True)

    async def charged(self, prediction_id: str, price: float) -> None:
        """A task's real charge, USD."""

        def rule(tx: Transaction) -> None:
            row = tx.by_id(self._scope.account, prediction_id)
            if row is not None:
                tx.update(row.key, charged=price)

        await self._store.run(rule)

    async def release(self, keys: Iterable[int]) -> None:
        """These rows' call is over without its caller having seen them."""
        listed = list(keys)

        def rule(tx: Transaction) -> None:
            for key in listed:
                row = tx.row(key)
                if row is not None and row.owner == self._store.owner:
                    tx.update(key, owner=None)

        if listed:
            await self._store.run(rule, shielded=True)

    async def deliver(self, keys: Iterable[int]) -> None:
        """The caller has seen these rows' outcome or id."""
        listed = list(keys)

        def rule(tx: Transaction) -> None:
            for key in listed:
                tx.update(key, delivered=True, owner=None)

        if listed:
            await self._store.run(rule, shielded=True)

    async def by_ids(self, prediction_ids: Iterable[str]) -> dict[str, Row]:
        """The rows of these predictions, by id."""
        listed = list(prediction_ids)

        def rule(tx: Transaction) -> dict[str, Row]:
            found = {one: tx.by_id(self._scope.account, one) for one in listed}
            return {one: row for one, row in found.items() if row is not None}

        return await self._store.run(rule)

    async def open_rows(self) -> list[Row]:
        """Everything unfinished, and what ended without its caller seeing it.

        Left out is what a call still running is about to tell its own caller: attempts and ended tasks.
        """

        def rule(tx: Transaction) -> list[Row]:
            return [
                row
                for row in tx.undelivered_or_in(self._scope.account, UNFINISHED)
                if row.state in {SUBMITTED, UNKNOWN} or row.owner is None or not tx.owner_lives(row.owner)
            ]

        return await self._store.run(rule)

    async def run_times(self) -> list[tuple[str, float]]:
        """(model, seconds) of past runs, oldest first."""
        return await self._store.run(lambda tx: tx.run_times())

    async def recall_upload(self, sha256: str) -> tuple[str, str, int] | None:
        """(url, media type, bytes) of an upload of these bytes in the last 24 hours."""
        since = time() - UPLOAD_REUSE_SECONDS
        return await self._store.run(lambda tx: tx.recall_upload(self._scope.account, sha256, since))

    async def knows_upload_of(self, size_bytes: int) -> bool:
        """Whether anything of this size was uploaded in the last 24 hours."""
        since = time() - UPLOAD_REUSE_SECONDS
        return await self._store.run(lambda tx: tx.knows_upload_of(self._scope.account, size_bytes, since))

    async def remember_upload(self, sha256: str, url: str, media_type: str, size_bytes: int) -> None:
        """These bytes were uploaded to `url`."""
        now = time()
        await self._store.run(
            lambda tx: tx.remember_upload(self._scope.account, sha256, url, media_type, size_bytes, now)
        )
