"""Who calls: a WaveSpeed key of the caller's own, or a token that the operator issued."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.datastructures import Headers

from ...settings import AccountSettings
from ...team.callers import Caller
from ...team.secret import ServerSecret
from .refusal import Refusal

TOKEN_PREFIX = "wst_"
LONGEST = 512
UNAUTHORIZED = {"WWW-Authenticate": "Bearer"}

FindToken = Callable[[str], Awaitable[Caller | None]]
"""The caller that a token admits, None where it admits nobody (any more)."""


class Admission:
    """Tells the caller of a request by its headers. `settings` are what every account begins with."""

    def __init__(
        self,
        settings: AccountSettings,
        secret: ServerSecret,
        find_token: FindToken,
        *,
        caller_keys: bool = True,
    ) -> None:
        # Nothing of the operator's machine or key is a caller's.
        self._settings = replace(settings, api_key="", allowed_dirs=(), output_dir=None, project_dir=None)
        self._secret = secret
        self._find_token = find_token
        self._caller_keys = caller_keys

    async def caller(self, headers: Headers) -> Caller:
        """Raises:
        Refusal: no key or token, or one that admits nobody.
        """
        given = _given(headers)
        if given.startswith(TOKEN_PREFIX):
            found = await self._find_token(given)
            if found is None:
                raise Refusal(401, "This token is unknown, expired or revoked.", UNAUTHORIZED)
            return found
        if not self._caller_keys:
            raise Refusal(
                401, "This server takes only tokens that its operator issued (wst_...).", UNAUTHORIZED
            )
        name = self._secret.name_of(self._settings.origin, given)
        return Caller(f"key:{name}", replace(self._settings, api_key=given))


def _given(headers: Headers) -> str:
    scheme, _, rest = headers.get("authorization", "").strip().partition(" ")
    given = rest.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "").strip()
    if not given:
        raise Refusal(
            401,
            "Give a WaveSpeed key or a token of this server in the Authorization header, as Bearer, or in "
            "X-API-Key.",
            UNAUTHORIZED,
        )
    if len(given) > LONGEST or not given.isascii() or not given.isprintable() or " " in given:
        raise Refusal(401, "What was given as a key is none.", UNAUTHORIZED)
    return given
