"""What the ledger keeps of a task."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

ATTEMPT = "attempt"
SUBMITTED = "submitted"
UNKNOWN = "unknown"
UNFINISHED = (ATTEMPT, SUBMITTED, UNKNOWN)
REFUNDED = ("failed", "cancelled", "timeout")

LONGEST_KEPT_TEXT = 1000


@dataclass(frozen=True)
class Scope:
    """Whose tasks these are: `origin` shares a budget, `account` (a digest, never the key) shares tasks."""

    origin: str
    account: str


@dataclass(frozen=True)
class Row:
    """A task as the ledger knows it.

    `state` is `attempt`, `submitted`, `unknown` or the API's own word for how it ended. `attempted_at` and
    `ended_at` are Unix seconds. `owner` is the process whose call the row belongs to, None once that call is
    over. `cost` (USD) is the quote where `quoted`, else what the catalog says; `charged` is the real charge.
    `inputs` is the body as it was sent, long texts as their digest.
    """

    key: int
    origin: str
    account: str
    fingerprint: str
    model: str
    inputs: dict[str, Any]
    state: str
    id: str
    attempted_at: float
    ended_at: float | None
    delivered: bool
    owner: str | None
    cost: float | None
    quoted: bool
    charged: float | None
    seconds: float | None

    @property
    def price(self) -> float | None:
        """The real charge or the quote, USD, where either is known."""
        if self.charged is not None:
            return self.charged
        return self.cost if self.quoted else None


def digest_long_texts(inputs: dict[str, Any]) -> dict[str, Any]:
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
    """The same for two requests exactly when model and input are equal as sent."""
    text = json.dumps(
        [model, digest_long_texts(inputs)], sort_keys=True, separators=(",", ":"), ensure_ascii=True
    )
    return hashlib.sha256(text.encode()).hexdigest()
