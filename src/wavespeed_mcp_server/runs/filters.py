"""What a listing is narrowed by, as it is written: understood, or refused with what was meant."""

from __future__ import annotations

import difflib
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ..api.wire import COMPLETED, FAILURES, PROCESSING
from ..catalog import Catalog, CatalogUnavailable
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
DAYS_AGO = {"today": 0, "yesterday": 1, "last week": 7, "a week ago": 7}
SOME_DAYS_AGO = re.compile(r"(?:last )?(\d{1,3}) days?(?: ago)?|-?(\d{1,3})d")
MONTH = re.compile(r"(\d{4})-(\d{2})")
LAST_INSTANT = timedelta(days=1) - timedelta(milliseconds=1)


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


def moment(name: str, text: str, *, ends: bool = False) -> datetime | None:
    """`text` as a moment in UTC, which it is taken for where it names no zone; None where it is empty.

    A date, also "today", "7 days ago" or a month, is its first instant, or the last where it `ends` a time.

    Raises:
        UnknownFilter: it is no ISO date.
    """
    given = text.strip()
    if not given:
        return None
    given = _date_of(" ".join(given.lower().split()), datetime.now(UTC), ends=ends) or given
    try:
        day = date.fromisoformat(given)
    except ValueError:
        pass
    else:
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return start + LAST_INSTANT if ends and day != date.max else start
    try:
        found = datetime.fromisoformat(given)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise UnknownFilter(
            f"{name}: {given[:40]!r} is not an ISO date such as 2026-11-20 or 2026-11-20T08:00Z."
        ) from error


def _date_of(words: str, now: datetime, *, ends: bool) -> str:
    """The ISO date, or for "now" the time, that these words mean; "" where they are none known here."""
    if words == "now":
        return now.isoformat()
    if words == "this month" or MONTH.fullmatch(words):
        first = date.fromisoformat(f"{now:%Y-%m}-01" if words == "this month" else f"{words}-01")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return (last if ends else first).isoformat()
    counted = SOME_DAYS_AGO.fullmatch(words)
    days = int(counted[1] or counted[2]) if counted else DAYS_AGO.get(words)
    return "" if days is None else f"{now - timedelta(days=days):%Y-%m-%d}"


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
    named = {one.lower(): one for one in ids}
    if given.lower() in named:
        return named[given.lower()]
    ends = [one for one in ids if one.lower().endswith("/" + given.lower())]
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
