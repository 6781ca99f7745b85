"""Who calls, once that is known."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..settings import AccountSettings


@dataclass(frozen=True)
class Caller:
    """A key or a token that was admitted.

    `name` is its lasting name (`key:DIGEST`, `token:DIGEST`), `settings` what its account may do. `tools` are
    the only ones it may use, all where empty. `owns_key`: the API's key is the caller's own, so that whatever
    the API shows with it is the caller's.
    """

    name: str
    settings: AccountSettings = field(repr=False)
    tools: tuple[str, ...] = ()
    owns_key: bool = True
