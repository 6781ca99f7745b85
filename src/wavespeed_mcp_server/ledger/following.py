"""Rule 3 of the ledger: whether a request follows an equal task, waits for one, or buys."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from .owned_rows import OwnedRows, lasting
from .rows import ATTEMPT, DELETED, PREPARING, UNKNOWN, Row
from .store import Transaction

FOLLOW_SECONDS = 3600.0
TWIN_SECONDS = 2.0


@dataclass(frozen=True)
class Asked:
    """A request as its caller gave it.

    `digest` tells it from others; `first_release` are the fingerprints that the first release would have
    given it. `again`: to be bought beside equal ones. `excluding` are rows that this call has followed
    in vain.
    """

    model: str
    digest: str
    first_release: tuple[str, ...] = ()
    again: bool = False
    excluding: Collection[int] = ()


@dataclass(frozen=True)
class Moment:
    """Now, in Unix seconds: by the API's clock where `dated`, else by this machine's, as `local` is."""

    at: float
    dated: bool
    local: float


@dataclass(frozen=True)
class Buy:
    """Nothing to follow: this preparing row was written."""

    row: Row

    @property
    def key(self) -> int:
        """The row's key."""
        return self.row.key


@dataclass(frozen=True)
class Follow:
    """The task to follow. `unanswered` is how old, in seconds, an open call about it is, if there is one."""

    row: Row
    unanswered: float | None = None


@dataclass(frozen=True)
class Wait:
    """An equal call is still preparing or sending this row: what becomes of it decides."""

    row: Row


@dataclass(frozen=True)
class LearnTime:
    """Whether this task is still to be followed depends on the time, which only the API knows."""

    row: Row


@dataclass(frozen=True)
class LearnAccount:
    """An equal task of another key: it is the same account's if the API shows this one."""

    row: Row


Decision = Buy | Follow | Wait | LearnTime | LearnAccount


@dataclass
class Calls:
    """The open calls of this process about a row, when the first of all came in, and the last one."""

    first: float
    open: set[str] = field(default_factory=set)
    latest: tuple[str, float] = ("", 0.0)

    def unanswered(self, now: float) -> float | None:
        """How old the last one is, if it is still open."""
        token, started = self.latest
        return now - started if token in self.open else None


class Following:
    """One request's look at the rows equal to it, inside one transaction."""

    def __init__(
        self,
        tx: Transaction,
        asked: Asked,
        rows: OwnedRows,
        now: Moment,
        calls: Callable[[int], Calls | None],
    ) -> None:
        self._tx = tx
        self._asked = asked
        self._rows = rows
        self._now = now
        self._calls = calls

    def choose(self, equal: list[Row]) -> Follow | Wait | LearnTime | None:
        """What to do about the equal rows; None where there is nothing to follow."""
        found = [row for row in equal if self._may_follow(row)]
        if not found:
            return None
        row = min(found, key=lambda one: (self._in_preparation(one), one.followers, one.begun_at or 0.0))
        if self._in_preparation(row):
            return Wait(row)
        if not self._in_time(row):
            return LearnTime(row)
        calls = self._calls(row.key)
        return Follow(row, None if calls is None else calls.unanswered(self._rows.started))

    def _may_follow(self, row: Row) -> bool:
        if row.key in self._rows.keys or row.key in self._asked.excluding or not self._is_callers(row):
            return False
        if self._is_twin(row) or (self._asked.again and not self._joins_again(row)):
            return False
        if row.unfinished:
            # An unknown one that was delivered is settled: a later purchase took its place.
            return not (row.state == UNKNOWN and row.delivered)
        seen = row.delivered or self._tx.was_seen(row.key, self._rows.caller)
        return not seen and row.state != DELETED and (self._in_time(row) or not self._now.dated)

    def _is_callers(self, row: Row) -> bool:
        return row.caller == self._rows.caller or is_free(self._tx, row, self._rows.caller)

    def _is_twin(self, row: Row) -> bool:
        """Both calls are open and were sent within two seconds of each other."""
        if row.answered or not self._is_open(row):
            return False
        calls = self._calls(row.key)
        if calls is not None:
            # The loop's clock, which nobody sets.
            return self._rows.started - calls.first < TWIN_SECONDS
        return abs(self._now.at - (row.begun_at or row.attempted_at)) < TWIN_SECONDS

    def _joins_again(self, row: Row) -> bool:
        return row.again and (not row.answered or is_free(self._tx, row, self._rows.caller))

    def _in_preparation(self, row: Row) -> bool:
        return row.state in {PREPARING, ATTEMPT} and self._is_open(row)

    def _is_open(self, row: Row) -> bool:
        return row.owner is not None and self._tx.owner_lives(row.owner)

    def _in_time(self, row: Row) -> bool:
        """Within the hour from when its end was learnt or its call cut off; a clock set back is young."""
        if row.unfinished:
            return True
        since = max(row.ended_at or 0.0, row.cut_at or 0.0)
        now = self._now.at if row.dated else min(self._now.at, self._now.local)
        return now - since < FOLLOW_SECONDS


def is_free(tx: Transaction, row: Row, asker: str) -> bool:
    """The row's caller is gone, and `asker` may become its caller."""
    if row.caller is None:
        # The first release names no callers: its row is somebody's for as long as a call of it is open.
        return not lasting(asker) and (row.owner is None or not tx.owner_lives(row.owner))
    return not lasting(row.caller) and not lasting(asker) and not tx.owner_lives(row.caller)
