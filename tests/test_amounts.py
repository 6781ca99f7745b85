"""Times and money in whatever notation their figures are written."""

from __future__ import annotations

import pytest

from wavespeed_mcp_server.amounts import dollars, seconds

UNITS = {"s": 1, " sec": 1, " seconds": 1, "m": 60, "min": 60, " minutes": 60, "h": 3600, " hours": 3600}


@pytest.mark.parametrize("count", ["0", "2", "1.5", "1,5"])
@pytest.mark.parametrize("unit", UNITS)
def test_a_time_is_a_number_with_any_unit(count: str, unit: str) -> None:
    assert seconds(f" {count}{unit} ".upper()) == float(count.replace(",", ".")) * UNITS[unit]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("90", 90),
        ("1:30", 90),
        ("an hour", 3600),
        ("half a minute", 30),
        ("a minute and a half", 90),
        ("2 hours and a half", 9000),
        ("2 minutes and 30 seconds", 150),
    ],
)
def test_a_time_may_be_a_clock_or_words(text: str, meant: float) -> None:
    assert seconds(text) == meant


@pytest.mark.parametrize("text", ["-1", "nan", "inf", "soon", "5 apples", "", "1 and", "a"])
def test_what_is_no_time_is_refused_with_its_forms(text: str) -> None:
    with pytest.raises(ValueError, match="such as 60, 60s"):
        seconds(text)


@pytest.mark.parametrize("figures", ["0.25", "0,25", ".25"])
@pytest.mark.parametrize("around", ["{}", "${}", "{}$", "USD {}", "{} usd", "US${}", "under {}", "<= ${}"])
def test_money_is_a_number_however_it_is_marked(figures: str, around: str) -> None:
    assert dollars(around.format(figures)) == 0.25


@pytest.mark.parametrize("text", ["25 cents", "25c", "25¢", "25 ct", "at most 25 cents", "25 US cents"])
def test_cents_are_hundredths(text: str) -> None:
    assert dollars(text) == 0.25


@pytest.mark.parametrize("text", ["1 EUR", "-1", "nan", "inf", "cheap", "", "1..2", "1,000", "5%"])
def test_what_is_no_money_or_may_be_two_is_refused_with_its_forms(text: str) -> None:
    with pytest.raises(ValueError, match=r"such as 0\.20"):
        dollars(text)
