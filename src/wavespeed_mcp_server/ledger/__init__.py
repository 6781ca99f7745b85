"""What was submitted, what became of it, what it cost. The rules stand in `ledger.ledger`."""

from .budget import ConsentSpent, OverBudget, Overtaken, TokenEnded, charges
from .following import Asked, Buy, Follow, LearnAccount, LearnTime, Moment, Wait
from .ledger import Ledger
from .owned_rows import OwnedRows
from .remembered import content_mark
from .rows import (
    ATTEMPT,
    PREPARING,
    SUBMITTED,
    UNFINISHED,
    UNKNOWN,
    Row,
    Scope,
    Spending,
    Wanted,
    digest_long_texts,
    fingerprint,
)
from .shared_store import LedgerUnavailable, SharedStore
from .store import StoreRefused
from .tokens import NameTaken, Token, Tokens

__all__ = [
    "ATTEMPT",
    "PREPARING",
    "SUBMITTED",
    "UNFINISHED",
    "UNKNOWN",
    "Asked",
    "Buy",
    "ConsentSpent",
    "Follow",
    "LearnAccount",
    "LearnTime",
    "Ledger",
    "LedgerUnavailable",
    "Moment",
    "NameTaken",
    "OverBudget",
    "Overtaken",
    "OwnedRows",
    "Row",
    "Scope",
    "SharedStore",
    "Spending",
    "StoreRefused",
    "Token",
    "TokenEnded",
    "Tokens",
    "Wait",
    "Wanted",
    "charges",
    "content_mark",
    "digest_long_texts",
    "fingerprint",
]
