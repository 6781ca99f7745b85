"""What was submitted, what became of it, what it cost. Everything the ledger promises follows from six rules.

1. **A row is written before anything can happen, and leaves on proof alone.** `preparing` is written before
   a file is uploaded or a person asked, `attempt` before the submit is sent, `submitted` before the first
   poll. A row that may stand for a paid task goes when it is proved that nothing was created, or long after
   its end; never for its age, and never by this machine's clock.
2. **A task is somebody's.** The caller that bought it, for as long as that caller lives; then whoever follows
   it or asks for it by its id first. An end is seen when it was told to its caller, in an answer about that
   very task that was not taken back. What others are shown, and what a listing shows, makes nothing seen.
3. **A request buys, unless its caller has an equal task that is unfinished, or whose end it has not seen
   within the last hour** (`following`). Equal is what the caller gave, nothing that was made of it. The
   transaction that decides also writes the row that the next decision sees; an equal call waits for one that
   is still in preparation.
4. **"Not there" needs proof** (`runs.recovery`): a history read to its end for the time of the attempt, long
   enough after it. Anything less leaves the row, and in doubt nothing is bought.
5. **Times are the API's.** A row keeps when it happened by the API's clock as it was known then; where it was
   not known, the row says so (`dated`), and no time of it proves anything.
6. **Money counts from the moment it may be spent until it is known not to be** (`budget`), at the charge,
   else the quote, else the catalog's price. What was agreed to once is spent once, in the transaction that
   sends it.

The rules are synchronous functions of a `Transaction`; the methods here run each in one transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable
from math import inf
from time import monotonic, time, time_ns
from typing import Any

from . import budget as budgets
from .following import (
    Asked,
    Buy,
    Decision,
    Follow,
    Following,
    LearnAccount,
    Moment,
    is_free,
)
from .owned_rows import OwnedRows, lasting
from .rows import (
    ATTEMPT,
    PREPARING,
    SUBMITTED,
    UNKNOWN,
    Row,
    RowChanges,
    Scope,
    Spending,
    Wanted,
    digest_long_texts,
    fingerprint,
)
from .shared_store import SharedStore
from .store import Transaction

KEPT_SECONDS = 7 * 24 * 3600.0
KEPT_FOR_USAGE_SECONDS = 32 * 24 * 3600.0
"""An operator asks who spent what for a month."""
PURGE_SECONDS = 3600.0
UPLOAD_REUSE_SECONDS = 24 * 3600.0
MOST_SHOWN = 100
RUN_TIMES = 12


class ConsentSpent(Exception):
    """What the person agreed to was bought before."""


class Ledger:
    """The tasks of one account. A store that cannot be used fails what is under a budget alone.

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
    def process(self) -> str:
        """This process's own name, which is its caller's where the caller has none."""
        return self._store.owner

    def now(self) -> Moment:
        """The time, by the API's clock where it is known."""
        local, known = time(), self._api_time()
        return Moment(local if known is None else known, known is not None, local)

    def _names(self, tx: Transaction) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*tx.names_of(self._scope.account), *self._scope.accounts]))

    def _neighbours(self, tx: Transaction) -> tuple[str, ...]:
        """Every account whose tasks the API may show to this one's key."""
        if not self._scope.apart:
            return self._names(tx)
        return tuple(dict.fromkeys([*self._names(tx), *tx.accounts_at([self._scope.origin])]))

    # Rule 3: follow, wait or buy.

    async def begin(self, asked: Asked, rows: OwnedRows) -> Decision:
        """Decide about a request, and own what was decided for: the task to follow, or a preparing row."""

        def rule(tx: Transaction) -> Decision:
            now = self.now()
            self._purge(tx, now)
            equal = self._equal(tx, asked, self._names(tx))
            found = Following(tx, asked, rows, now, self._store.latest).choose(equal)
            if isinstance(found, Follow):
                self._follow(tx, found.row, rows)
            return found or self._of_another_key(tx, asked, rows) or self._prepare(tx, asked, rows, now)

        return await self._store.run(rule, shielded=True)

    def _equal(self, tx: Transaction, asked: Asked, accounts: Collection[str]) -> list[Row]:
        """The equal rows, without those whose process died before it sent anything."""
        kept = []
        for row in tx.equal(accounts, asked.digest, asked.first_release):
            if row.state == PREPARING and (row.owner is None or not tx.owner_lives(row.owner)):
                tx.remove(row.key)
            else:
                kept.append(row)
        return kept

    def _follow(self, tx: Transaction, row: Row, rows: OwnedRows) -> None:
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
        rows.keys.add(row.key)
        self._store.note_call(row.key, rows.token, rows.started, is_owner=not owned)

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
        self._store.remember(row)
        rows.keys.add(row.key)
        self._store.note_call(row.key, rows.token, rows.started, is_owner=True)
        return Buy(row.key)

    async def state_of(self, key: int) -> str:
        """The state of a row, empty where it is gone."""

        def rule(tx: Transaction) -> str:
            row = tx.row(key)
            return row.state if row is not None else ""

        return await self._store.run(rule)

    async def same_account(self, row: Row, *, same: bool) -> None:
        """Whether this task of another key is this account's too, as the API has shown."""
        if same:
            await self._store.run(lambda tx: tx.join_accounts(self._scope.account, row.account))
        else:
            self._store.strangers.add(row.id)

    async def strangers(self) -> list[Row]:
        """One task of each account that may be this one under another key, to ask the API for."""
        return await self._store.run(self._strangers)

    # Rule 1: what a row goes through.

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
    ) -> Moment:
        """Note that a prepared request is about to be sent, taking `cost` from the budget or from a hold.

        `sources` are the marks of what goes into it (see `made`). `cost` (USD) is a quote, or else what the
        catalog says; `budget` is USD in 24 hours; `consent` is what the person's yes is known by.
        Returns when, by the API's clock where it is known.

        Raises:
            OverBudget: the budget has no room; nothing was noted.
            ConsentSpent: that yes was used before; nothing was noted.
            LedgerUnavailable: there is a budget and no file to keep it in.
        """

        def rule(tx: Transaction) -> Moment:
            now = self.now()
            if consent and not tx.spend(consent, now.at):
                raise ConsentSpent
            if hold is not None:
                tx.take_from_hold(hold, cost or 0.0)
            elif budget is not None:
                budgets.make_room(tx, self._scope, cost or 0.0, budget, now.at)
            self._make_own_room(tx, cost or 0.0, now.at)
            self._change(
                tx,
                key,
                state=ATTEMPT,
                fingerprint=fingerprint(model, body),
                inputs=digest_long_texts(body),
                attempted_at=now.at,
                dated=now.dated,
                delivered=False,
                cost=cost,
                quoted=quoted,
                parents=tuple(tx.makers(self._names(tx), sources)) if sources else (),
            )
            return now

        on_disk = budget is not None or self._own_budget is not None
        return await self._store.run(rule, shielded=True, on_disk=on_disk)

    def _make_own_room(self, tx: Transaction, amount: float, now: float) -> None:
        if self._own_budget is not None:
            budgets.make_own_room(tx, self._names(tx), amount, self._own_budget, now)

    async def submitted(self, key: int, prediction_id: str) -> bool:
        """The id of an attempt is known; False, and nothing noted, where another row owns that prediction."""

        def rule(tx: Transaction) -> bool:
            taken = tx.by_id(self._neighbours(tx), prediction_id)
            if taken is not None and taken.key != key:
                return False
            self._change(tx, key, id=prediction_id, state=SUBMITTED)
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
                self._change(tx, key, state=UNKNOWN)

        await self._store.run(rule, shielded=True)

    async def date(self, key: int, at: float) -> None:
        """When an attempt was sent by the API's clock, which became known after it."""
        await self._store.run(lambda tx: self._change(tx, key, attempted_at=at, dated=True))

    async def missed(self, key: int) -> float:
        """The history was read in vain for a row; returns when that first happened, by the API's clock."""

        def rule(tx: Transaction) -> float:
            row, now = self._row(tx, key), self.now()
            if row is not None and row.missed_at is not None:
                return row.missed_at
            self._change(tx, key, missed_at=now.at)
            return now.at

        return await self._store.run(rule, shielded=True)

    async def settled(self, keys: Iterable[int]) -> None:
        """A later purchase took the place of these lost ones: they are listed, and followed no more."""
        listed = list(keys)

        def rule(tx: Transaction) -> None:
            for key in listed:
                self._change(tx, key, delivered=True, owner=None, call=None)

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
            if row is not None and urls:
                tx.note_made(self._scope.account, urls, prediction_id, self.now().at)
            if row is not None and row.unfinished:
                seen = {"ended_at": self.now().at, "delivered": False, "seconds": seconds or row.seconds}
                self._change(tx, row.key, state=state, **seen)

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

    # Rule 2: whose a task is, and who has seen its end.

    async def answered(self, rows: OwnedRows) -> None:
        """The answer of this call has reached its caller."""

        def rule(tx: Transaction) -> None:
            now = self.now().at
            for key in rows.keys | rows.ends | rows.listed:
                row = self._row(tx, key)
                if row is None or self._is_only_prepared(tx, row, rows):
                    continue
                changes = self._off_call(row, rows)
                if key in rows.keys and row.caller == rows.caller:
                    changes["answered"] = True
                if key in rows.ends and not row.unfinished:
                    tx.show(key, rows.caller, seen=True, at=now)
                    if row.caller == rows.caller:
                        changes["delivered"] = True
                elif key in rows.listed:
                    tx.show(key, rows.caller, seen=False, at=now)
                if changes:
                    self._change(tx, key, **changes)

        await self._close(rows, rule)

    async def cut_off(self, rows: OwnedRows) -> None:
        """This call is over, and its caller got no answer."""

        def rule(tx: Transaction) -> None:
            for key in rows.keys:
                row = self._row(tx, key)
                if row is None or self._is_only_prepared(tx, row, rows):
                    continue
                changes = self._off_call(row, rows)
                if row.caller == rows.caller:
                    changes |= {"cut_at": self.now().at, "answered": False}
                if changes:
                    self._change(tx, key, **changes)

        await self._close(rows, rule)

    async def taken_back(self, rows: OwnedRows) -> None:
        """The caller had given up on the answer that was written: it has seen nothing of it."""

        def rule(tx: Transaction) -> None:
            for key in rows.keys | rows.ends | rows.listed:
                row = self._row(tx, key)
                if row is None:
                    continue
                if key in rows.ends or key in rows.listed:
                    tx.unshow(key, rows.caller)
                if row.caller == rows.caller and key not in rows.listed:
                    changes: RowChanges = {"cut_at": self.now().at, "answered": False}
                    if key in rows.ends:
                        changes["delivered"] = False
                    self._change(tx, key, **changes)

        await self._store.run(rule, shielded=True)

    async def _close(self, rows: OwnedRows, rule: Callable[[Transaction], None]) -> None:
        if not (rows.keys or rows.ends or rows.listed):
            return
        await self._store.run(rule, shielded=True)
        for key in rows.keys:
            self._store.call_ended(key, rows.token)

    def _is_only_prepared(self, tx: Transaction, row: Row, rows: OwnedRows) -> bool:
        """Nothing was sent for the row of this call: then it goes."""
        if row.state != PREPARING or row.call != rows.token:
            return False
        self._store.forget(row.key)
        tx.remove(row.key)
        return True

    def _off_call(self, row: Row, rows: OwnedRows) -> RowChanges:
        return {"owner": None, "call": None} if row.call == rows.token else {}

    async def let_go(self, key: int, rows: OwnedRows) -> None:
        """This call followed a task in vain."""

        def rule(tx: Transaction) -> None:
            row = self._row(tx, key)
            if row is not None and row.call == rows.token:
                self._change(tx, key, owner=None, call=None)

        await self._store.run(rule, shielded=True)
        self._store.call_ended(key, rows.token)

    async def asked_for(self, rows: OwnedRows, prediction_ids: Iterable[str]) -> dict[str, Row]:
        """The rows of these predictions; those whose caller is gone become this caller's."""
        listed = list(prediction_ids)

        def rule(tx: Transaction) -> dict[str, Row]:
            found = self._by_ids(tx, listed)
            for row in found.values():
                if row.caller != rows.caller and is_free(tx, row, rows.caller):
                    self._change(tx, row.key, caller=rows.caller)
            return found

        return await self._store.run(rule)

    async def by_ids(self, prediction_ids: Iterable[str]) -> dict[str, Row]:
        """The rows of these predictions, by id."""
        listed = list(prediction_ids)
        return await self._store.run(lambda tx: self._by_ids(tx, listed))

    def _by_ids(self, tx: Transaction, ids: Iterable[str]) -> dict[str, Row]:
        return _by_ids(tx, self._names(tx), ids)

    async def taken(self, prediction_ids: Iterable[str]) -> dict[str, Row]:
        """The rows that own these predictions, be they other people's."""
        listed = list(prediction_ids)
        return await self._store.run(lambda tx: _by_ids(tx, self._neighbours(tx), listed))

    async def open_rows(self, caller: str, limit: int = MOST_SHOWN) -> tuple[list[Row], int]:
        """The newest of what is unfinished or ended without its caller seeing it, and how many there are.

        Left out is what a call still running is about to tell its own caller: attempts and ended tasks.
        """

        def rule(tx: Transaction) -> tuple[list[Row], int]:
            found, count = tx.open_rows(self._names(tx), caller, limit)
            hidden = {
                row.key
                for row in found
                if row.state not in {SUBMITTED, UNKNOWN} and row.owner and tx.owner_lives(row.owner)
            }
            return [row for row in found if row.key not in hidden], count - len(hidden)

        return await self._store.run(rule)

    # Rule 6: money.

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
        return await self._store.run(lambda tx: budgets.spent_by(tx, self._names(tx), self.now().at))

    async def spending(self, since: float, until: float) -> list[Spending]:
        """What this account's runs of that time came to, for each model and day."""
        return await self._store.run(lambda tx: tx.spending(self._names(tx), since, until))

    async def history(self, wanted: Wanted) -> tuple[list[Row], int]:
        """This account's rows that are wanted, newest first, and how many there are without its limit."""
        return await self._store.run(lambda tx: tx.history(self._names(tx), wanted))

    async def quoted(self, key: int, price: float) -> None:
        """What a run that was bought without a quote was quoted at since, USD."""

        def rule(tx: Transaction) -> None:
            row = self._row(tx, key)
            if row is not None and not row.quoted:
                self._change(tx, key, cost=price, quoted=True)

        await self._store.run(rule)

    async def billed(self, lines: Iterable[tuple[str, str, float]]) -> None:
        """Note what runs really cost; see `budget.charges` for the lines."""
        charges = budgets.charges(lines)

        def rule(tx: Transaction) -> None:
            for row in self._by_ids(tx, charges).values():
                self._change(tx, row.key, charged=charges[row.id])

        await self._store.run(rule)

    # What is remembered beside the tasks.

    async def run_times(self, model: str) -> list[float]:
        """How long the newest runs of a model took, seconds, oldest first."""
        return await self._store.run(lambda tx: tx.run_times(model, RUN_TIMES))

    async def recall_upload(self, sha256: str) -> tuple[str, str, int] | None:
        """(url, media type, bytes) of an upload of these bytes in the last 24 hours."""
        since = self.now().at - UPLOAD_REUSE_SECONDS
        return await self._store.run(lambda tx: tx.recall_upload(self._names(tx), sha256, since))

    async def knows_upload_of(self, size_bytes: int) -> bool:
        """Whether anything of this size was uploaded in the last 24 hours."""
        since = self.now().at - UPLOAD_REUSE_SECONDS
        return await self._store.run(lambda tx: tx.knows_upload_of(self._names(tx), size_bytes, since))

    async def remember_upload(self, sha256: str, url: str, media_type: str, size_bytes: int) -> None:
        """These bytes were uploaded to `url`."""

        def rule(tx: Transaction) -> None:
            now = self.now().at
            tx.remember_upload(self._scope.account, sha256, url, media_type, size_bytes, now)
            for maker in tx.makers(self._names(tx), [content_mark(sha256)]):
                tx.note_made(self._scope.account, [url], maker, now)

        await self._store.run(rule)

    async def made(self, prediction_id: str, marks: Collection[str]) -> None:
        """What bears these marks came out of a prediction: a URL, or the content of a saved file."""
        now = self.now().at
        await self._store.run(lambda tx: tx.note_made(self._scope.account, marks, prediction_id, now))

    def _purge(self, tx: Transaction, now: Moment) -> None:
        # Rule 5: only the API's clock says that a row is old.
        purged_at = self._store.purged_at
        if now.dated and monotonic() - purged_at.get(self._scope.origin, -inf) > PURGE_SECONDS:
            purged_at[self._scope.origin] = monotonic()
            kept = KEPT_FOR_USAGE_SECONDS if self._scope.apart else KEPT_SECONDS
            tx.purge({self._scope.origin, *self._scope.origins}, now.at - kept)

    def _row(self, tx: Transaction, key: int) -> Row | None:
        """A row; one of this process's own that the store lost is put back."""
        row = tx.row(key)
        if row is None and (row := self._store.remembered(key)) is not None:
            tx.put(row)
        return row

    def _change(self, tx: Transaction, key: int, **changes: Any) -> None:
        row = self._row(tx, key)
        if row is not None:
            tx.update(key, **changes)
            self._store.remember(row.changed(**changes))


def _by_ids(tx: Transaction, accounts: Collection[str], ids: Iterable[str]) -> dict[str, Row]:
    found = {one: tx.by_id(accounts, one) for one in ids}
    return {one: row for one, row in found.items() if row is not None}


def content_mark(sha256: str) -> str:
    """The mark of a file's content, wherever it lies."""
    return f"sha256:{sha256}"


def _new_key(tx: Transaction) -> int:
    """A key that no other process makes, in the order of time."""
    while True:
        key = (time_ns() // 1000 << 11) | secrets.randbits(11)
        if tx.row(key) is None:
            return key
