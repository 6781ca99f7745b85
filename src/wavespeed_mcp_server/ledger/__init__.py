"""What was submitted, what became of it, what it cost."""

from .ledger import Ledger, OverBudget
from .rows import ATTEMPT, SUBMITTED, UNFINISHED, UNKNOWN, Row, Scope, digest_long_texts
from .shared_store import LedgerUnavailable, SharedStore

__all__ = [
    "ATTEMPT",
    "SUBMITTED",
    "UNFINISHED",
    "UNKNOWN",
    "Ledger",
    "LedgerUnavailable",
    "OverBudget",
    "Row",
    "Scope",
    "SharedStore",
    "digest_long_texts",
]
