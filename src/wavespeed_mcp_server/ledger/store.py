"""What the ledger's rules ask of a database: transactions of typed primitives, with no rule in them.

A rule is a synchronous function of a `Transaction`; the transaction it runs in decides for every process that
shares the store. Implementations: `sqlite`.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from typing import Protocol, Unpack

from .rows import Row, RowChanges, Spending, Wanted
from .tokens import Token


class StoreFault(Exception):
    """The store cannot be used now; the text says why. `corrupt`: it never will be."""

    def __init__(self, text: str, *, corrupt: bool = False) -> None:
        super().__init__(text)
        self.corrupt = corrupt


class StoreRefused(Exception):
    """The store must not be used as it is set up; the text says why, and what to do."""


class Transaction(Protocol):
    """One transaction. Times are Unix seconds, amounts USD; an account is asked for by all its names.

    Raises:
        StoreFault: from any of these, where the store fails; nothing of the transaction was done then.
    """

    def put(self, row: Row) -> None:
        """Add a row, or write all its columns anew."""

    def update(self, key: int, **changes: Unpack[RowChanges]) -> None:
        """Change some columns of a row."""

    def remove(self, key: int) -> None:
        """Take a row away, with what was shown of it."""

    def row(self, key: int) -> Row | None:
        """The row of this key."""

    def by_id(self, accounts: Collection[str], prediction_id: str) -> Row | None:
        """The row that owns this prediction."""

    def equal(self, accounts: Collection[str], request: str, fingerprints: Collection[str]) -> list[Row]:
        """The open rows of this request, oldest first.

        Of rows that have no `request` those whose body has one of these fingerprints. Open is what is
        unfinished or was not delivered.
        """

    def open_rows(self, accounts: Collection[str], caller: str, limit: int) -> tuple[list[Row], int]:
        """The newest open rows of which this caller was not told that they ended, and how many there are."""

    def without_id(self, accounts: Collection[str], model: str) -> list[Row]:
        """The unfinished rows of a model that have no prediction yet."""

    def newest_of_others(self, origins: Collection[str], accounts: Collection[str]) -> list[Row]:
        """Of every other account of these origins the newest row that has a prediction."""

    def accounts_at(self, origins: Collection[str]) -> list[str]:
        """Every account that has rows at these origins."""

    def history(self, accounts: Collection[str], wanted: Wanted) -> tuple[list[Row], int]:
        """The rows that are wanted, newest first, and how many there are without its limit."""

    def spending(self, accounts: Collection[str], since: float, until: float) -> list[Spending]:
        """What the rows attempted in that time came to, for each account, model and day, oldest first."""

    def cost_of(self, accounts: Collection[str], since: float, without: Collection[str]) -> float:
        """As `cost_since`, of these accounts."""

    def put_token(self, token: Token) -> None:
        """Add a token, or write all its columns anew."""

    def tokens(self, digest: str = "") -> list[Token]:
        """Every token, or the one of this digest, oldest first."""

    def cost_since(self, origins: Collection[str], since: float, without: Collection[str]) -> float:
        """What the rows attempted after `since` cost together, those in the states `without` left out."""

    def run_times(self, model: str, limit: int) -> list[float]:
        """How long the newest runs of a model took, oldest first."""

    def show(self, key: int, caller: str, *, seen: bool, at: float) -> None:
        """Note that this caller was told of a row's end: about that very row (`seen`), or in a listing."""

    def unshow(self, key: int, caller: str) -> None:
        """This caller was not told of the row's end after all."""

    def was_seen(self, key: int, caller: str) -> bool:
        """This caller was told of the end of that very row."""

    def spend(self, nonce: str, at: float) -> bool:
        """Use up what may be used once; False where it was used before."""

    def names_of(self, account: str) -> tuple[str, ...]:
        """Every account that is known to be the same one, itself among them."""

    def join_accounts(self, account: str, other: str) -> None:
        """Both are the same account."""

    def add_hold(self, origin: str, owner: str, amount: float) -> int:
        """Set an amount aside; returns the hold's key."""

    def take_from_hold(self, hold: int, amount: float) -> bool:
        """Make a hold smaller, to nothing at least; False where it is gone."""

    def remove_hold(self, hold: int) -> None:
        """Take a hold away."""

    def holds(self, origins: Collection[str]) -> list[tuple[int, str, float]]:
        """(key, owner, amount) of each hold."""

    def recall_upload(
        self, accounts: Collection[str], sha256: str, since: float
    ) -> tuple[str, str, int] | None:
        """(url, media type, bytes) of an upload of these bytes made after `since`."""

    def knows_upload_of(self, accounts: Collection[str], size_bytes: int, since: float) -> bool:
        """Whether an upload of this size was made after `since`."""

    def remember_upload(
        self, account: str, sha256: str, url: str, media_type: str, size_bytes: int, at: float
    ) -> None:
        """These bytes are at `url` from now on."""

    def note_made(self, account: str, marks: Collection[str], prediction_id: str, at: float) -> None:
        """What bears one of these marks (see `Ledger.made`) came out of this prediction."""

    def makers(self, accounts: Collection[str], marks: Collection[str]) -> list[str]:
        """The predictions that what bears these marks came out of, each once."""

    def purge(self, origins: Collection[str], before: float) -> None:
        """Drop ended rows of these origins that are older, and whatever else is."""

    def owner_lives(self, token: str) -> bool:
        """The process that took `token` still runs."""


class Store(Protocol):
    """An open store, used by one thread at a time."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """What one reads nobody else changes before it ends. Left by an error, it is undone."""

    def close(self) -> None:
        """Close it."""
