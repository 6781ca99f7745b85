"""Moments as they are written: each is an instant or a span, of which one end is meant."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

from ..amounts import seconds
from .filters import UnknownFilter

LAST_INSTANT = timedelta(days=1) - timedelta(milliseconds=1)
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
MONTH_NAMES = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAY = re.compile(
    r"(last )?(mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|"
    r"thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
)
DAYS_AGO = {"today": 0, "yesterday": 1, "day before yesterday": 2, "last week": 7, "tomorrow": -1}
PARTS = {"morning": (0, 12), "afternoon": (12, 18), "evening": (18, 24), "night": (18, 24)}
FILLERS = re.compile(r"\b(?:since|from|on|at|the|of|until|till|within|in|start|beginning)\b|,")
AGO = re.compile(r"(?:last|past|previous|-)\s?(.+)|(.+) ago|(\d.*[a-z])")
CLOCK = re.compile(r"(?:(.*) )?(\d{1,2})(?::(\d\d))?(?::(\d\d))? ?(am|pm)?(?: ?(?:z|utc|gmt))?")
NAMED_DAY = re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th)?\.? ({MONTH_NAMES})\.?(?: (\d{{4}}))?")
NAMED_MONTH = re.compile(rf"({MONTH_NAMES})(?: (\d{{4}}))?")
FIRST_MONTH = re.compile(rf"({MONTH_NAMES})\.? (\d{{1,2}})(?:st|nd|rd|th)?(?: (\d{{4}}))?")
FIGURES = re.compile(r"(\d{1,2})([./])(\d{1,2})\2?(\d{4})?|(\d{4})[./](\d{1,2})[./](\d{1,2})")
FORMS = (
    "2026-11-20, 2026-11-20T08:00Z, 26 Nov, today, yesterday 18:00, monday, this morning, this week, "
    "last month, November, 24h or 2 days ago"
)

Span = tuple[datetime, datetime]


def moment(name: str, text: str, *, ends: bool = False) -> datetime | None:
    """`text` as a moment in UTC, which it is taken for where it names no zone; None where it is empty.

    What is longer than an instant, as a date, "this week" or "November", is its first, or the last where it
    `ends` a time.

    Raises:
        UnknownFilter: it is no time known here, or it may be either of two.
    """
    given = text.strip()
    if not given:
        return None
    with suppress(ValueError, OverflowError):
        return _iso(given, ends=ends)
    now = datetime.now(UTC)
    words = " ".join(FILLERS.sub(" ", given.lower()).split())
    with suppress(ValueError, OverflowError):
        found = _clock(words, now, ends=ends) or _span(name, words, now)
        if found:
            return found[1] if ends else found[0]
    raise UnknownFilter(f"{name}: {given[:40]!r} is not an ISO date or a time known here; write {FORMS}.")


def _iso(given: str, *, ends: bool) -> datetime:
    with suppress(ValueError):
        start, end = _day(date.fromisoformat(given))
        return end if ends else start
    found = datetime.fromisoformat(given)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _day(day: date) -> Span:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return start, start if day == date.max else start + LAST_INSTANT


def _days(first: date, last: date) -> Span:
    return _day(first)[0], _day(last)[1]


def _month(year: int, month: int) -> Span:
    first = date(year, month, 1)
    return _days(first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1))


def _clock(words: str, now: datetime, *, ends: bool) -> Span | None:
    """`18:00`, `6pm`, `monday 9:30`: a time alone is the last such one, or today's where it ends a time."""
    words = words.replace("noon", "12:00").replace("midnight", "0:00")
    found = CLOCK.fullmatch(words)
    if not found or not (found[3] or found[5]):
        return None
    hour = int(found[2]) % 12 + (12 if found[5] == "pm" else 0) if found[5] else int(found[2])
    span = _span("", found[1], now) if found[1] else _day(now.date())
    if span is None or span[1] - span[0] != LAST_INSTANT:
        return None
    at = span[0].replace(hour=hour, minute=int(found[3] or 0), second=int(found[4] or 0))
    if not found[1] and at > now and not ends:
        at -= timedelta(days=1)
    return at, at


def _span(name: str, words: str, now: datetime) -> Span | None:
    today = now.date()
    if words == "now":
        return now, now
    if words in DAYS_AGO:
        return _day(today - timedelta(days=DAYS_AGO[words]))
    if weekday := WEEKDAY.fullmatch(words):
        back = (today.weekday() - WEEKDAYS.index(weekday[2][:3])) % 7
        return _day(today - timedelta(days=7 if weekday[1] and not back else back))
    return (
        _part_of_day(name, words, now)
        or _calendar(words, today)
        or _written(name, words, today)
        or _ago(words, now)
    )


def _part_of_day(name: str, words: str, now: datetime) -> Span | None:
    words = {"tonight": "today night", "last night": "yesterday night"}.get(words, words)
    before, _, part = words.rpartition(" ")
    if part not in PARTS or not before:
        return None
    day = _span(name, "today" if before == "this" else before, now)
    first, last = PARTS[part]
    return (day[0] + timedelta(hours=first), day[0] + timedelta(hours=last)) if day else None


def _calendar(words: str, today: date) -> Span | None:
    """This week, this or last month, this year, a month by its name or figures."""
    if words == "this week":
        monday = today - timedelta(days=today.weekday())
        return _days(monday, monday + timedelta(days=6))
    if words in {"this month", "last month"}:
        day = today if words[0] == "t" else today.replace(day=1) - timedelta(days=1)
        return _month(day.year, day.month)
    if words == "this year":
        return _days(date(today.year, 1, 1), date(today.year, 12, 31))
    if figures := re.fullmatch(r"(\d{4})-(\d{2})", words):
        return _month(int(figures[1]), int(figures[2]))
    if named := NAMED_MONTH.fullmatch(words):
        month = MONTHS.index(named[1][:3]) + 1
        return _month(int(named[2] or today.year - (month > today.month)), month)
    return None


def _written(name: str, words: str, today: date) -> Span | None:
    """A date with its month's name, or in figures where only one order fits."""
    if named := NAMED_DAY.fullmatch(words):
        return _day(_past(named[3], MONTHS.index(named[2][:3]) + 1, int(named[1]), today))
    if named := FIRST_MONTH.fullmatch(words):
        return _day(_past(named[3], MONTHS.index(named[1][:3]) + 1, int(named[2]), today))
    figures = FIGURES.fullmatch(words)
    if not figures:
        return None
    if figures[5]:
        return _day(date(int(figures[5]), int(figures[6]), int(figures[7])))
    one, other, year = int(figures[1]), int(figures[3]), figures[4]
    if one <= 12 and other <= 12 and one != other:
        first, second = _past(year, other, one, today), _past(year, one, other, today)
        raise UnknownFilter(f"{name}: {words} is {first} or {second}; write the one that is meant.")
    return _day(_past(year, min(one, other) if one > 12 or other > 12 else one, max(one, other), today))


def _past(year: str | None, month: int, day: int, today: date) -> date:
    """That day of the year, else the last such day that has begun."""
    found = date(int(year or today.year), month, day)
    return found if year or found <= today else found.replace(year=today.year - 1)


def _ago(words: str, now: datetime) -> Span | None:
    """`1h`, `an hour ago`, `last 24 hours` are an instant; whole days and weeks that whole day."""
    found = AGO.fullmatch(words)
    if not found:
        return None
    length = next(part for part in found.groups() if part)
    # "the last hour" is one.
    length = f"1 {length}" if length in {"hour", "minute", "day"} else length
    back = timedelta(seconds=seconds(length))
    if re.search(r"\d ?d|day|week|\d ?w", length) and not back.seconds:
        return _day((now - back).date())
    return now - back, now - back
