"""What the ledger's rules ask of a database: transactions of typed primitives, with no rule in them.

A rule is a synchronous function of a `Transaction`; the transaction it runs in decides for every process that
shares the store. Implementations: `sqlite`.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Protocol, TypedDict, Unpack

from .rows import Row


class StoreFault(Exception):
    """The store cannot be used now; the text says why."""


class RowChanges(TypedDict, total=False):
    """The columns of a row that may change."""

    state: str
    id: str
    ended_at: float | None
    delivered: bool
    owner: str | None
    cost: float | None
    quoted: bool
    charged: float | None
    seconds: float | None


class Transaction(Protocol):
    """One transaction. Times are Unix seconds, amounts USD.

    Raises:
        StoreFault: from any of these, where the store fails; nothing of the transaction was done then.
    """

    def insert(self, row: Row) -> int:
        """Add a row; returns its key. `row.key` is passed over."""

    def update(self, key: int, **changes: Unpack[RowChanges]) -> None:
        """Change some columns of a row."""

    def remove(self, key: int) -> None:
        """Take a row away."""

    def row(self, key: int) -> Row | None:
        """The row of this key."""

    def by_id(self, account: str, prediction_id: str) -> Row | None:
        """The row that owns this prediction."""

    def equal(self, account: str, fingerprint: str) -> list[Row]:
        """The rows of equal requests, oldest first."""

    def undelivered_or_in(self, account: str, states: Collection[str]) -> list[Row]:
        """Rows that were not delivered or are in one of these states, oldest first."""

    def without_id(self, account: str, model: str) -> list[Row]:
        """The rows of a model that have no prediction yet."""

    def cost_since(self, origin: str, since: float, without: Collection[str]) -> float:
        """What the rows attempted after `since` cost together, those in the states `without` left out."""

    def run_times(self) -> list[tuple[str, float]]:
        """(model, seconds) of past runs, oldest first."""

    def add_hold(self, origin: str, owner: str, amount: float) -> int:
        """Set an amount aside; returns the hold's key."""

    def take_from_hold(self, hold: int, amount: float) -> None:
        """Make a hold smaller, to nothing at least."""

    def remove_hold(self, hold: int) -> None:
        """Take a hold away."""

    def holds(self, origin: str) -> list[tuple[str, float]]:
        """(owner, amount) of each hold."""

    def recall_upload(self, account: str, sha256: str, since: float) -> tuple[str, str, int] | None:
        """(url, media type, bytes) of an upload of these bytes made after `since`."""

    def knows_upload_of(self, account: str, size_bytes: int, since: float) -> bool:
        """Whether an upload of this size was made after `since`."""

    def remember_upload(
        self, account: str, sha256: str, url: str, media_type: str, size_bytes: int, at: float
    ) -> None:
        """These bytes are at `url` from now on."""

    def owner_lives(self, token: str) -> bool:
        """The process that took `token` still runs."""


class Store(Protocol):
    """An open store, used by one thread at a time."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """What one reads nobody else changes before it ends. Left by an error, it is undone."""

    def close(self) -> None:
        """Close it."""
