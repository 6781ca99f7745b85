"""Which run is meant by a part of its id, or by "latest": for what reads, never for what deletes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from ..api.errors import ApiError
from ..ledger import Wanted
from .account import Account
from .faults import RunError

NOBODYS = "no such prediction on this account: give the whole id (runs are kept 7 days)"
SHORTEST_PART, SHORTEST_ID = 8, 32
LATEST = frozenset({"latest", "last", "newest", "recent"})
MOST_LOOKED_AT = 1000
MOST_NAMED = 5
PAGE = 100


async def whole_ids(account: Account, ids: Sequence[str]) -> list[str]:
    """`ids` without repetitions; one that is part of a single id, or says "latest", is that id.

    Raises:
        RunError: one is part of several ids.
    """
    parts = [one for one in ids if _may_be_part(one)]
    if parts:
        here, _ = await account.ledger.history(Wanted(limit=MOST_LOOKED_AT))
        # Their times are by the API's clock, which is known to the second.
        newest_first = sorted(here, key=lambda row: -row.key)
        found = meant(parts, [row.id for row in newest_first if row.id])
        left = [one for one in parts if one not in found]
        if left and not account.settings.shares_key:
            with suppress(ApiError):
                page = await account.client.history(page=1, page_size=PAGE, model="")
                found |= meant(left, [one.id for one in page.predictions])
        ids = [found.get(one, one) for one in ids]
    return list(dict.fromkeys(ids))


def _may_be_part(text: str) -> bool:
    return text.lower() in LATEST or SHORTEST_PART <= len(text) < SHORTEST_ID


def meant(parts: Iterable[str], ids: Sequence[str]) -> dict[str, str]:
    """The id that each part means, where these have it; `ids` begin with the newest."""
    found: dict[str, str] = {}
    for part in parts:
        matching = ids[:1] if part.lower() in LATEST else [one for one in ids if part in one]
        matching = [part] if part in matching else matching
        if len(matching) > 1:
            named = ", ".join(matching[:MOST_NAMED])
            raise RunError(f"{part!r} is part of several ids; give the whole one: {named}.")
        if matching:
            found[part] = matching[0]
    return found
