"""What the ledger keeps of a task."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

PREPARING = "preparing"
ATTEMPT = "attempt"
SUBMITTED = "submitted"
UNKNOWN = "unknown"
UNFINISHED = (PREPARING, ATTEMPT, SUBMITTED, UNKNOWN)
DELETED = "deleted"
REFUNDED = ("failed", "cancelled", "timeout")
_PROGRESS = {PREPARING: 0, ATTEMPT: 1, UNKNOWN: 2, SUBMITTED: 3}

LONGEST_KEPT_TEXT = 1000


@dataclass(frozen=True)
class Scope:
    """Whose tasks these are: `origin` shares a budget, `account` (a digest, never the key) shares tasks.

    `origins` and `accounts` are the other names that rows of the same API and key may have. `project` is the
    name of the project that its runs are made in. `apart`: the origin's other accounts are other people's,
    though one key may show the tasks of all. `token` is the digest of the
    token that spends from the origin's budget, as others do.
    """

    origin: str
    account: str
    origins: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    project: str = ""
    apart: bool = False
    token: str = ""


@dataclass(frozen=True)
class Row:
    """A task as the ledger knows it. Times are Unix seconds, amounts USD.

    `request` is the digest of what the caller gave, `fingerprint` that of the body that was sent, `inputs`
    the body itself, long texts as their digest. Rows of the first release have no `request` and no `caller`.

    `state` is one of those above or the API's own word for how it ended. `begun_at` is when its call began,
    `attempted_at` when it was sent, `ended_at` when its end was learnt, `cut_at` when its call was cut off;
    by the API's clock where `dated`, else by this machine's.

    `caller` is whose task it is. `call` is the call that it belongs to and `owner` the process of that call;
    both are None once that call is over. `answered`: a call of its caller was answered about it. `delivered`:
    its caller has seen its end; of an unknown one, that it is no longer followed. `followers` counts the
    calls that followed it. `again`: it was bought beside equal ones on purpose.

    `parents` are the predictions whose outputs went into it.

    `cost` is the quote where `quoted`, else what the catalog says; `charged` is the real charge. `seconds` is
    how long it ran, where that was watched. `missed_at` is when the history was first read in vain for it.
    `webhook`: the API was asked to tell this server of its end.
    """

    key: int
    origin: str
    account: str
    model: str
    state: str
    request: str | None = None
    fingerprint: str = ""
    inputs: dict[str, Any] = field(default_factory=dict)
    id: str = ""
    begun_at: float | None = None
    attempted_at: float = 0.0
    dated: bool = False
    ended_at: float | None = None
    cut_at: float | None = None
    missed_at: float | None = None
    project: str = ""
    parents: tuple[str, ...] = ()
    caller: str | None = None
    owner: str | None = None
    call: str | None = None
    answered: bool = False
    delivered: bool = False
    again: bool = False
    followers: int = 0
    cost: float | None = None
    quoted: bool = False
    charged: float | None = None
    seconds: float | None = None
    webhook: bool = False

    @property
    def unfinished(self) -> bool:
        """The API has not said that it ended."""
        return self.state in UNFINISHED

    @property
    def quote(self) -> float | None:
        """What the API said that it would cost, where it was asked."""
        return self.cost if self.quoted else None

    @property
    def price(self) -> float | None:
        """The real charge or the quote, where either is known."""
        return self.charged if self.charged is not None else self.quote

    def changed(self, **changes: Unpack[RowChanges]) -> Row:
        """The row with some columns changed."""
        return Row(**{**vars(self), **changes})


def progress(row: Row) -> int:
    """How far a row is on its way; it only goes forward."""
    return _PROGRESS.get(row.state, 4)


@dataclass(frozen=True)
class Wanted:
    """Which rows to list. Times are Unix seconds; `states` are all where empty."""

    model: str = ""
    states: tuple[str, ...] = ()
    since: float = 0.0
    until: float = float("inf")
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True)
class Spending:
    """What runs of one account with one model came to on one day (ISO, UTC). Amounts are USD.

    `expected` is by the quotes, else by the catalog; `charged` is what `billed` of the runs were charged;
    `cost` is the charge of each run where it is known, else what was expected.
    """

    account: str
    model: str
    day: str
    runs: int
    completed: int
    expected: float
    charged: float
    billed: int
    cost: float


class RowChanges(TypedDict, total=False):
    """The columns of a row that may change."""

    account: str
    state: str
    fingerprint: str
    inputs: dict[str, Any]
    id: str
    attempted_at: float
    dated: bool
    ended_at: float | None
    cut_at: float | None
    missed_at: float | None
    parents: tuple[str, ...]
    caller: str | None
    owner: str | None
    call: str | None
    answered: bool
    delivered: bool
    followers: int
    cost: float | None
    quoted: bool
    charged: float | None
    seconds: float | None
    webhook: bool


def digest_long_texts(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """`inputs` as the ledger holds them: long texts (data URIs above all) only as their digest."""
    return {name: _digested(value) for name, value in inputs.items()}


def _digested(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_KEPT_TEXT:
        return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    if isinstance(value, dict):
        return digest_long_texts(value)
    if isinstance(value, list):
        return [_digested(item) for item in value]
    return value


def fingerprint(model: str, inputs: dict[str, Any]) -> str:
    """The same for two requests exactly when model and input are equal, in whatever order the keys are."""
    text = json.dumps(
        [model, digest_long_texts(inputs)], sort_keys=True, separators=(",", ":"), ensure_ascii=True
    )
    return hashlib.sha256(text.encode()).hexdigest()
