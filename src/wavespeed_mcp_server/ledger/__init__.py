"""What was submitted, what became of it, what it cost."""

from .ledger import Ledger, LedgerUnavailable
from .rows import ATTEMPT, SUBMITTED, UNFINISHED, UNKNOWN, Row, kept
from .store import OverBudget, Scope

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
    "kept",
]
