"""Rule 1 of the ledger: what a row goes through, from before the submit to the end of its task."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from . import budget as budgets
from . import tokens
from .budget import ConsentSpent, Overtaken, TokenEnded
from .following import Moment
from .money import Money
from .rows import ATTEMPT, SUBMITTED, UNKNOWN, RowChanges, digest_long_texts, fingerprint
from .store import Transaction


class Attempts(Money):
    """A row goes forward, and leaves on proof alone."""

    async def attempt(
        self,
        key: int,
        body: dict[str, Any],
        model: str,
        *,
        cost: float | None,
        quoted: bool = False,
        budget: float | None = None,
        hold: int | None = None,
        consent: str = "",
        sources: Collection[str] = (),
        webhook: bool = False,
    ) -> Moment:
        """Note that a prepared request is about to be sent, taking `cost` from the budget or from a hold.

        `sources` are the marks of what goes into it (see `made`). `cost` (USD) is a quote, or else what the
        catalog says; `budget` is USD in 24 hours; `consent` is what the person's yes is known by. `webhook`:
        the API will tell this server of its end.
        Returns when, by the API's clock where it is known.

        Raises:
            OverBudget: the budget has no room; nothing was noted.
            ConsentSpent: that yes was used before; nothing was noted.
            Overtaken: the row is gone; nothing was noted.
            TokenEnded: the token is valid no more; nothing was noted.
            LedgerUnavailable: there is a budget or a token, and no file to keep it in.
        """

        def rule(tx: Transaction) -> Moment:
            now = self.now()
            if self._scope.token and not tokens.valid(tx, self._scope.token):
                raise TokenEnded
            if self._store.must_hold and tx.row(key) is None:
                raise Overtaken
            if consent and not tx.spend(consent, now.at):
                raise ConsentSpent
            held = hold is not None and tx.take_from_hold(hold, cost or 0.0)
            if not held and budget is not None:
                budgets.make_room(tx, self._scope, cost or 0.0, budget, now.at)
            self._make_own_room(tx, cost or 0.0, now.at)
            self._change(
                tx,
                self._row(tx, key),
                state=ATTEMPT,
                fingerprint=fingerprint(model, body),
                inputs=digest_long_texts(body),
                attempted_at=now.at,
                dated=now.dated,
                delivered=False,
                cost=cost,
                quoted=quoted,
                parents=tuple(tx.makers(self._names(tx), sources)) if sources else (),
                webhook=webhook,
            )
            return now

        limited = bool(self._scope.token) or budget is not None or self._own_budget is not None
        on_disk = limited or self._store.must_hold
        return await self._store.run(rule, shielded=True, on_disk=on_disk)

    async def submitted(self, key: int, prediction_id: str, sent_ago: float | None = None) -> bool:
        """The id of an attempt is known; False, and nothing noted, where another row owns that prediction.

        `sent_ago` is how many seconds ago this process sent it, which first told the API's clock.
        """

        def rule(tx: Transaction) -> bool:
            taken = tx.by_id(self._neighbours(tx), prediction_id)
            if taken is not None and taken.key != key:
                return False
            row, now = self._row(tx, key), self.now()
            changes: RowChanges = {"id": prediction_id, "state": SUBMITTED}
            if row is not None and not row.dated and now.dated and sent_ago is not None:
                changes |= {"attempted_at": now.at - sent_ago, "dated": True}
            self._change(tx, row, **changes)
            return True

        return await self._store.run(rule, shielded=True)

    async def refused(self, key: int) -> None:
        """Nothing was created, or sent: the row goes."""

        def rule(tx: Transaction) -> None:
            self._store.forget(key)
            tx.remove(key)

        await self._store.run(rule, shielded=True)

    async def lost(self, key: int) -> None:
        """An attempt's answer was lost."""

        def rule(tx: Transaction) -> None:
            row = self._row(tx, key)
            if row is not None and not row.id and row.state == ATTEMPT:
                self._change(tx, row, state=UNKNOWN)

        await self._store.run(rule, shielded=True)

    async def date(self, key: int, at: float) -> None:
        """When an attempt was sent by the API's clock, which became known after it."""
        await self._store.run(lambda tx: self._change(tx, self._row(tx, key), attempted_at=at, dated=True))

    async def missed(self, key: int) -> float:
        """The history was read in vain for a row; returns when that first happened, by the API's clock."""

        def rule(tx: Transaction) -> float:
            row, now = self._row(tx, key), self.now()
            if row is not None and row.missed_at is not None:
                return row.missed_at
            self._change(tx, row, missed_at=now.at)
            return now.at

        return await self._store.run(rule, shielded=True)

    async def settled(self, keys: Iterable[int]) -> None:
        """A later purchase took the place of these lost ones: they are listed, and followed no more."""
        listed = list(keys)

        def rule(tx: Transaction) -> None:
            for key in listed:
                self._change(tx, self._row(tx, key), delivered=True, owner=None, call=None)

        if listed:
            await self._store.run(rule, shielded=True)

    async def ended(
        self, prediction_id: str, state: str, seconds: float | None = None, *, urls: Collection[str] = ()
    ) -> None:
        """The API's word for how a task ended; `seconds` is its run time where it was watched.

        `urls` are where its outputs are.
        """

        def rule(tx: Transaction) -> None:
            row = tx.by_id(self._names(tx), prediction_id)
            if row is None and (lost := self._store.remembered_of(prediction_id)) is not None:
                row = self._row(tx, lost.key)
            if row is not None and urls:
                tx.note_made(self._scope.account, urls, prediction_id, self.now().at)
            if row is not None and row.unfinished:
                took = seconds or row.seconds
                now = self.now().at
                self._change(tx, row, state=state, ended_at=now, delivered=False, seconds=took)

        await self._store.run(rule, shielded=True)

    async def rivals(self, key: int, model: str, body: dict[str, Any] | None) -> tuple[int, int]:
        """How many other attempts at `model` are being sent by a live process, and how many were lost.

        Where the task's own inputs are known (`body`) only equal attempts count, and of lost ones none: each
        of those finds a task of its own.
        """
        equal = fingerprint(model, body) if body is not None else None

        def rule(tx: Transaction) -> tuple[int, int]:
            others = [row for row in tx.without_id(self._neighbours(tx), model) if row.key != key]
            sending = [row for row in others if row.state == ATTEMPT and equal in (None, row.fingerprint)]
            lost = [row for row in others if row.state == UNKNOWN and not row.delivered and equal is None]
            return sum(bool(row.owner and tx.owner_lives(row.owner)) for row in sending), len(lost)

        return await self._store.run(rule)
