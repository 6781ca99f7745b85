"""Rule 2 of the ledger: whose a task is, and who has seen its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .account_rows import AccountRows, rows_by_id
from .following import is_free
from .owned_rows import OwnedRows
from .rows import PREPARING, SUBMITTED, UNKNOWN, Row, RowChanges
from .store import Transaction

MOST_SHOWN = 100


class Seeing(AccountRows):
    """What became of each answer, and what is still to be told."""

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
                    self._change(tx, row, **changes)

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
                    self._change(tx, row, **changes)

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
                    self._change(tx, row, **changes)

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
                self._change(tx, row, owner=None, call=None)

        await self._store.run(rule, shielded=True)
        self._store.call_ended(key, rows.token)

    async def asked_for(self, rows: OwnedRows, prediction_ids: Iterable[str]) -> dict[str, Row]:
        """The rows of these predictions; those whose caller is gone become this caller's."""
        listed = list(prediction_ids)

        def rule(tx: Transaction) -> dict[str, Row]:
            found = self._by_ids(tx, listed)
            for row in found.values():
                if row.caller != rows.caller and is_free(tx, row, rows.caller):
                    self._change(tx, row, caller=rows.caller)
            return found

        return await self._store.run(rule, on_disk=self._needs_disk)

    async def by_ids(self, prediction_ids: Iterable[str]) -> dict[str, Row]:
        """The rows of these predictions, by id."""
        listed = list(prediction_ids)
        return await self._store.run(lambda tx: self._by_ids(tx, listed), on_disk=self._needs_disk)

    async def taken(self, prediction_ids: Iterable[str]) -> dict[str, Row]:
        """The rows that own these predictions, be they other people's."""
        listed = list(prediction_ids)
        return await self._store.run(lambda tx: rows_by_id(tx, self._neighbours(tx), listed))

    async def open_rows(self, caller: str, limit: int = MOST_SHOWN) -> tuple[list[Row], int]:
        """The newest of what is unfinished or ended without its caller seeing it, and how many there are.

        Left out is what a call still running is about to tell its own caller: attempts and ended tasks.

        Raises:
            LedgerUnavailable: the store that alone knows it is away.
        """

        def rule(tx: Transaction) -> tuple[list[Row], int]:
            found, count = tx.open_rows(self._names(tx), caller, limit)
            hidden = {
                row.key
                for row in found
                if row.state not in {SUBMITTED, UNKNOWN} and row.owner and tx.owner_lives(row.owner)
            }
            return [row for row in found if row.key not in hidden], count - len(hidden)

        return await self._store.run(rule, on_disk=self._store.must_hold)
