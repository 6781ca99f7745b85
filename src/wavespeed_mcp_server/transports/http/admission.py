"""Who calls: a WaveSpeed key of the caller's own, or a token that the operator issued."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from time import time

from starlette.datastructures import Headers

from ...ledger import LedgerUnavailable, Token, Tokens
from ...ledger.tokens import PREFIX, digest_of
from ...settings import AccountSettings, key_problem
from ...team.callers import Caller
from ...team.secret import ServerSecret
from .refusal import Refusal

LONGEST = 512
MOST_SEEN = 4096
TRUSTED_SECONDS = 600.0
"""How long a token that was valid is admitted while the store is away. Nothing can be bought then."""
UNSEEN = "Tokens cannot be looked up now. Nothing was submitted, nothing is charged; call again in a minute."
GIVE_A_KEY = (
    "Give a WaveSpeed key or a token of this server in the Authorization header, as Bearer, or in X-API-Key."
)
UNAUTHORIZED = {"WWW-Authenticate": "Bearer"}
OF_THIS_MACHINE = frozenset({"WAVESPEED_API_KEY", "WAVESPEED_ALLOWED_DIRS", "WAVESPEED_OUTPUT_DIR"})


class UnknownToken(Refusal):
    """No such token is valid."""


class Admission:
    """Tells the caller of a request by its headers. `settings` are the operator's."""

    def __init__(
        self, settings: AccountSettings, secret: ServerSecret, tokens: Tokens, *, caller_keys: bool = True
    ) -> None:
        self._operators_key = settings.api_key
        # Nothing of the operator's machine or key is a caller's.
        self._settings = replace(
            settings,
            api_key="",
            allowed_dirs=(),
            output_dir=None,
            project_dir=None,
            open_outputs=False,
            problems={name: text for name, text in settings.problems.items() if name not in OF_THIS_MACHINE},
        )
        self._secret = secret
        self._tokens = tokens
        self._caller_keys = caller_keys
        self._seen: dict[str, tuple[Token, float]] = {}

    async def caller(self, headers: Headers) -> Caller:
        """Raises:
        Refusal: no key or token, or one that admits nobody.
        """
        given = _given(headers)
        # However it is spelt: what may be a token is never shown to the API.
        if PREFIX in given.lower():
            return await self._of_token(given)
        if not self._caller_keys:
            raise Refusal(
                401, "This server takes only tokens (wst_...) that its operator issued.", UNAUTHORIZED
            )
        name = self._name_of(given)
        return Caller(f"key:{name}", name, replace(self._settings, api_key=given))

    async def _of_token(self, given: str) -> Caller:
        digest = digest_of(given)
        try:
            token = await self._tokens.admitted(given)
        except LedgerUnavailable as error:
            token, seen_at = self._seen.get(digest, (None, 0.0))
            if token is None or time() - seen_at > TRUSTED_SECONDS or token.state(time()) != "valid":
                raise Refusal(503, UNSEEN, {"Retry-After": "5"}) from error
        else:
            self._note(digest, token)
        if token is None:
            raise UnknownToken(401, "This token is unknown, expired or revoked.", UNAUTHORIZED)
        if not self._operators_key:
            raise Refusal(
                401, "Tokens do not work here, because this server has no WaveSpeed key.", UNAUTHORIZED
            )
        return self._with(token)

    def _note(self, digest: str, token: Token | None) -> None:
        self._seen.pop(digest, None)
        if token is not None:
            self._seen[digest] = token, time()
        while len(self._seen) > MOST_SEEN:
            self._seen.pop(next(iter(self._seen)))

    async def of_token_named(self, name: str) -> Caller | None:
        """Whoever calls by a token under this name, while the token is valid. Raises `LedgerUnavailable`."""
        token = await self._tokens.named(name) if self._operators_key else None
        return self._with(token) if token is not None else None

    def _with(self, token: Token) -> Caller:
        settings = replace(
            self._settings,
            api_key=self._operators_key,
            shares_key=True,
            own_budget=token.daily_budget,
            # Never wider than the operator's own.
            max_price=_least(self._settings.max_price, token.max_price),
            confirm_above=_least(self._settings.confirm_above, token.confirm_above),
        )
        return Caller(token.caller, self._name_of(self._operators_key), settings, token.tools, token.digest)

    def _name_of(self, key: str) -> str:
        return self._secret.name_of(self._settings.origin, key)


def _least(*limits: float | None) -> float | None:
    found: Iterable[float] = [limit for limit in limits if limit is not None]
    return min(found, default=None)


def _given(headers: Headers) -> str:
    """The key or token of a request. One that names two is nobody's: a proxy may have judged by the other."""
    bearers = (one.strip().partition(" ") for one in headers.getlist("authorization"))
    found = {rest.strip() for scheme, _, rest in bearers if scheme.lower() == "bearer"}
    found = {one for one in found.union(map(str.strip, headers.getlist("x-api-key"))) if one}
    if not found:
        raise Refusal(401, GIVE_A_KEY, UNAUTHORIZED)
    if len(found) > 1:
        raise Refusal(401, "This request gives several keys, and one alone can be meant.", UNAUTHORIZED)
    (given,) = found
    if len(given) > LONGEST or key_problem(given):
        raise Refusal(401, "What was given as a key is none.", UNAUTHORIZED)
    return given
