"""Who calls, once that is known."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..settings import AccountSettings


@dataclass(frozen=True)
class Caller:
    """A key or a token that was admitted.

    `name` is its lasting name (`key:DIGEST`, `token:DIGEST`), `key_name` that of the API's key that it calls
    with; `settings` say what its account may do. `tools` are the only ones it may use, all where empty.
    `token` is the digest of a token.
    """

    name: str
    key_name: str
    settings: AccountSettings = field(repr=False)
    tools: tuple[str, ...] = ()
    token: str = ""
