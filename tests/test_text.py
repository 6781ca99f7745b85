"""Text from outside becomes one bounded line in which a person sees everything that is there."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.text import one_line

# Unicode's Default_Ignorable_Code_Point and Bidi_Control, but for unassigned ones outside the tags' plane.
HIDING = {
    chr(code)
    for first, last in (
        *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F)),
        *((0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F)),
        *((0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
    )
    for code in range(first, last + 1)
}


@given(text=st.text(st.one_of(st.characters(), st.sampled_from(sorted(HIDING)))), limit=st.integers(1, 400))
def test_a_line_is_bounded_and_holds_nothing_that_ends_turns_or_hides_text(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert not {unicodedata.category(ch) for ch in line} & {"Cc", "Zl", "Zp"}
    assert not HIDING & set(line)
    assert one_line(line, limit) == line


@pytest.mark.parametrize(
    "breaking", ["\n", "\r", "\t", "\x00", "\x1b", "\x7f", "\x85", "\x9b", "\u2028", "\u2029"]
)
def test_what_ends_a_line_becomes_a_space(breaking: str) -> None:
    assert one_line(f"one{breaking}two") == "one two"


@pytest.mark.parametrize(
    "hidden", ["\u00ad", "\u200b", "\u200d", "\u202e", "\u2066", "\ufe0f", "\ufeff", "\U000e0041"]
)
def test_what_takes_no_room_is_dropped(hidden: str) -> None:
    assert one_line(f"pay{hidden}pal") == "paypal"


def test_other_writing_stays_as_it_is() -> None:
    assert one_line("Größe 大きさ حجم 🐈 café") == "Größe 大きさ حجم 🐈 café"


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    assert one_line("abcdef", 4) == "abc…"


def test_nothing_is_an_empty_line() -> None:
    assert one_line(None) == one_line("") == one_line(" \n") == ""
