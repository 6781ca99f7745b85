"""Amounts as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.runs import dollars


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0.0, "$0.00"), (1.5, "$1.50"), (0.018, "$0.018"), (12, "$12.00"), (1e-6, "$0.000001")],
)
def test_an_amount_has_as_many_digits_as_it_needs(amount: float, text: str) -> None:
    assert dollars(amount) == text


@given(st.integers(0, 10**12))
def test_no_digit_of_a_millionth_is_lost(millionths: int) -> None:
    text = dollars(millionths / 1e6).removeprefix("$")
    assert round(float(text) * 1e6) == millionths
    assert len(text.partition(".")[2]) >= 2
