"""JSON from outside is read the same whether it is read fast or with patience."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.json_text import has_halves, read_json

TEXTS = st.text(st.characters(exclude_categories=[]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
)
PIECES = rb"""
"\ud83d" NaN -Infinity 1e999 -0 0.1 { } , : " true {"a":1,"a":2} 18446744073709551616 0x1 +1 'a' [1,] //
""".split()
ODD = st.sampled_from(
    [*PIECES, b"\xed\xa0\xbd", b"\xff", b"\xef\xbb\xbf", b"\x00", b" ", b"1" * 5000, b"[" * 300, b"]" * 300]
)


def patiently(body: bytes) -> Any:
    """What Python's own reader says, half a character as U+FFFD."""
    found = json.loads(body)
    text = json.dumps(found, ensure_ascii=False)
    return json.loads(text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace"))


def outcome(read: Any, body: bytes) -> str:
    """A value as text, by which also nan is like itself; or that there is none."""
    try:
        return repr(read(body))
    except (ValueError, RecursionError):
        return "refused"


@given(VALUES, st.booleans())
def test_any_value_is_read_as_it_was_written(value: Any, escaped: bool) -> None:
    body = json.dumps(value, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    assert outcome(read_json, body) == outcome(patiently, body)


@given(st.lists(ODD | st.binary(max_size=8), max_size=5).map(b"".join))
def test_what_is_hardly_json_is_read_or_refused_alike(body: bytes) -> None:
    assert outcome(read_json, body) == outcome(patiently, body)


@pytest.mark.parametrize("body", [b'"\\ud83d"', b'"\\uDE00"', b'"a\xed\xa0\xbd"'])
def test_half_a_character_is_found(body: bytes) -> None:
    assert has_halves(body)
    assert "\ufffd" in read_json(body)


def test_what_is_no_number_stays_one() -> None:
    assert math.isnan(read_json(b"NaN"))
