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
class Row:
    """A task as the ledger knows it.

    `state` is `attempt`, `submitted`, `unknown` or the API's own word for how it ended. `attempted_at` and
    `ended_at` are Unix seconds by this machine's clock. `price` (USD) is the real charge or the quote, where
    either is known.
    """

    key: int
    model: str
    inputs: dict[str, Any]
    state: str
    id: str
    attempted_at: float
    ended_at: float | None
    delivered: bool
    price: float | None


def kept(inputs: dict[str, Any]) -> dict[str, Any]:
    """`inputs` as the ledger holds them: long texts (data URIs above all) only as their digest."""
    return {name: _kept(value) for name, value in inputs.items()}


def _kept(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_KEPT_TEXT:
        return "sha256:" + hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    if isinstance(value, dict):
        return kept(value)
    if isinstance(value, list):
        return [_kept(item) for item in value]
    return value


def fingerprint(model: str, inputs: dict[str, Any]) -> str:
    """The same for two requests exactly when model and input are equal as sent."""
    text = json.dumps([model, kept(inputs)], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
