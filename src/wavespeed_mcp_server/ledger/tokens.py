"""Tokens that the operator issued: who may call with the operator's key, and how much that may cost."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from time import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .shared_store import SharedStore
    from .store import Transaction

PREFIX = "wst_"
CALLER = "token:"
"""How the lasting name of whoever calls with a token begins."""
RANDOM_BYTES = 32
NAME_CHARACTERS = 32


@dataclass(frozen=True)
class Token:
    """A token as it is kept: never itself, only its `digest`. Times are Unix seconds, amounts USD.

    `daily_budget` is the most that 24 hours may cost, `max_price` one call; above `confirm_above` the person
    is asked. `tools` are the only ones that it may use, all where empty.
    """

    digest: str
    name: str
    created_at: float
    expires_at: float | None = None
    revoked_at: float | None = None
    daily_budget: float | None = None
    max_price: float | None = None
    confirm_above: float | None = None
    tools: tuple[str, ...] = ()

    @property
    def caller(self) -> str:
        """The lasting name of whoever calls with it."""
        return f"{CALLER}{self.digest[:NAME_CHARACTERS]}"

    def state(self, now: float) -> str:
        """`valid`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and now >= self.expires_at else "valid"


class NameTaken(Exception):
    """A token of this name was issued and not revoked."""


class Tokens:
    """The tokens in a store.

    Raises:
        LedgerUnavailable: from any of these, where the store's file cannot be used.
    """

    def __init__(self, store: SharedStore) -> None:
        self._store = store

    async def add(self, wanted: Token) -> str:
        """Issue a token like `wanted`, whose digest is made here; returns the token itself.

        Raises:
            NameTaken: see there.
        """
        made = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
        token = replace(wanted, digest=digest_of(made))

        def rule(tx: Transaction) -> bool:
            if any(one.name == token.name and one.revoked_at is None for one in tx.tokens()):
                return False
            tx.put_token(token)
            return True

        if not await self._store.run(rule, shielded=True, on_disk=True):
            raise NameTaken(token.name)
        return made

    async def every(self) -> list[Token]:
        """Every token that was issued, oldest first."""
        return await self._store.run(lambda tx: tx.tokens(), on_disk=True)

    async def revoke(self, name: str) -> bool:
        """Take back the token of this name; False where there is none that was not."""

        def rule(tx: Transaction) -> bool:
            found = [one for one in tx.tokens() if one.name == name and one.revoked_at is None]
            for one in found:
                tx.put_token(replace(one, revoked_at=time()))
            return bool(found)

        return await self._store.run(rule, shielded=True, on_disk=True)

    async def admitted(self, given: str) -> Token | None:
        """The token that was given, if it is valid."""
        digest = digest_of(given)
        return await self._store.run(lambda tx: valid(tx, digest), on_disk=True)

    async def named(self, caller: str) -> Token | None:
        """The token that this caller has, if it is valid."""

        def rule(tx: Transaction) -> Token | None:
            digest = next((one.digest for one in tx.tokens() if one.caller == caller), "")
            return valid(tx, digest) if digest else None

        return await self._store.run(rule, on_disk=True)


def valid(tx: Transaction, digest: str) -> Token | None:
    """The token of this digest, if it is valid."""
    return next((one for one in tx.tokens(digest) if one.state(time()) == "valid"), None)


def digest_of(token: str) -> str:
    """What is kept of a token. It is random and long, so that a plain digest cannot be searched."""
    return hashlib.sha256(token.encode()).hexdigest()
