"""What a listing is narrowed by, as it is written: understood, or refused with what was meant."""

from __future__ import annotations

import difflib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from ..api.wire import COMPLETED, FAILURES, PROCESSING
from ..catalog import Catalog, CatalogUnavailable, named_by
from .faults import RunError

STATUSES = (COMPLETED, PROCESSING, "failed", *sorted(FAILURES - {"failed"}))
SYNONYMS = {
    "done": COMPLETED,
    "complete": COMPLETED,
    "succeeded": COMPLETED,
    "success": COMPLETED,
    "successful": COMPLETED,
    "finished": COMPLETED,
    "ok": COMPLETED,
    "ready": COMPLETED,
    "running": PROCESSING,
    "created": PROCESSING,
    "pending": PROCESSING,
    "queued": PROCESSING,
    "started": PROCESSING,
    "starting": PROCESSING,
    "active": PROCESSING,
    "unfinished": PROCESSING,
    "open": PROCESSING,
    "in progress": PROCESSING,
    "error": "failed",
    "errored": "failed",
    "failure": "failed",
    "fail": "failed",
    "canceled": "cancelled",
    "aborted": "cancelled",
    "timed out": "timeout",
    "time out": "timeout",
    "removed": "deleted",
}
EVERYTHING = frozenset({"", "all", "any", "*"})
CLOSEST = 5


class UnknownFilter(RunError):
    """A filter that fits nothing there can be; the text says what was probably meant."""


@dataclass(frozen=True)
class HistoryFilter:
    """Which part of the history: empty or None where nothing is narrowed, and the page from 1."""

    model: str = ""
    status: str = ""
    since: datetime | None = None
    until: datetime | None = None
    page: int = 1
    limit: int = 20

    def __post_init__(self) -> None:
        if self.since and self.until and self.since > self.until:
            begin, end = (one.isoformat(timespec="minutes") for one in (self.since, self.until))
            raise UnknownFilter(f"since: {begin} is after until, {end}; so nothing can be in between.")


def known_status(text: str) -> str:
    """The status that `text` means; "" for all of them.

    Raises:
        UnknownFilter: it means none.
    """
    given = " ".join(text.lower().replace("_", " ").replace("-", " ").split())
    if given in EVERYTHING:
        return ""
    if given in STATUSES:
        return given
    if given in SYNONYMS:
        return SYNONYMS[given]
    close = difflib.get_close_matches(given, [*STATUSES, *SYNONYMS], n=1)
    meant = f" Did you mean {SYNONYMS.get(close[0], close[0])}?" if close else ""
    raise UnknownFilter(f"status: {text.strip()[:40]!r} is none of {', '.join(STATUSES)}.{meant}")


async def whole_id(catalog: Catalog, text: str) -> str:
    """The one model id that `text` is the end of; else `text` itself."""
    if "/" not in text:
        with suppress(UnknownFilter):
            return await known_model(catalog, text)
    return text


async def known_model(catalog: Catalog, text: str) -> str:
    """The model id that `text` means: itself, or the one id that it is the end of; "" for all.

    A whole id that the catalog does not have is taken as it is: the model may have left.

    Raises:
        UnknownFilter: it is the end of several ids, or of none; the closest are named.
    """
    given = text.strip().strip("/")
    if not given:
        return ""
    try:
        ids = await catalog.models_ids()
    except CatalogUnavailable:
        return given
    ends = named_by(given, ids)
    if len(ends) == 1:
        return ends[0]
    if not ends and "/" in given:
        return given
    raise UnknownFilter(await no_such_model(catalog, given, ends))


async def no_such_model(catalog: Catalog, given: str, candidates: list[str] | None = None) -> str:
    """What to say of a model id that fits nothing, with those that are meant perhaps."""
    try:
        close = candidates or await catalog.closest(given, CLOSEST)
    except CatalogUnavailable:
        close = []
    named = f" Closest: {', '.join(close[:CLOSEST])}." if close else ""
    several = "is the end of several model ids" if candidates else "is no model id"
    return f"model: {given[:80]!r} {several}; give the whole id.{named}"
