"""Times of a listing as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wavespeed_mcp_server.runs import UnknownFilter, moment

NOTATIONS = ("%d %b %Y", "%d. %B %Y", "%b %d, %Y", "%B %d %Y", "on %d %B %Y", "%Y/%m/%d", "%Y-%m-%d")


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(NOTATIONS))
def test_a_day_is_the_same_in_every_notation(day: date, notation: str) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    assert moment("since", day.strftime(notation)) == start
    assert moment("since", day.strftime(notation) + " 18:05") == start + timedelta(hours=18, minutes=5)
    assert moment("until", day.strftime(notation), ends=True) == start + timedelta(days=1, milliseconds=-1)


@settings(deadline=None)
@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.sampled_from(["%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y"]))
def test_figures_are_taken_only_where_one_order_fits(day: date, notation: str) -> None:
    if day.day > 12 or day.day == day.month:
        assert moment("since", day.strftime(notation)) == datetime(day.year, day.month, day.day, tzinfo=UTC)
    else:
        with pytest.raises(UnknownFilter, match="write the one that is meant"):
            moment("since", day.strftime(notation))


@pytest.mark.parametrize("text", ["1h", "an hour ago", "60 min", "the last hour", "1 hour ago", "-1h"])
def test_a_time_ago_is_an_instant(text: str) -> None:
    before = datetime.now(UTC)
    found = moment("since", text)
    assert found is not None
    assert before <= found + timedelta(hours=1) <= datetime.now(UTC)


@pytest.mark.parametrize(
    "text",
    (
        *("monday", "last friday", "this week", "this morning", "last night", "yesterday 18:00", "6pm"),
        *("yesterday 6pm", "noon", "last month", "November", "26 Nov", "26.11.", "24h", "past 3 days"),
    ),
)
def test_what_people_say_has_begun(text: str) -> None:
    start, end = moment("since", text), moment("until", text, ends=True)
    assert start is not None
    assert end is not None
    assert start <= datetime.now(UTC)
    assert start <= end + timedelta(days=1)


@pytest.mark.parametrize("text", ["soonish", "32 Nov", "25:00", "5", "last fortnight", "13.13.2026"])
def test_what_is_no_time_is_refused_with_the_kinds_that_work(text: str) -> None:
    with pytest.raises(UnknownFilter, match="this week"):
        moment("since", text)
