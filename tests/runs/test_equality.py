"""Which requests are equal: by what their caller gave, and by nothing that was made of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.ledger import fingerprint
from wavespeed_mcp_server.runs.equality import asked
from wavespeed_mcp_server.runs.request import Prepared

FILE = {"image": "@/in/a.png", "prompt": "x"}


def digest(given: dict[str, Any], files: dict[str, str] | None = None, **made: Any) -> str:
    """How the ledger knows a request, whatever else was `made` of it."""
    request = Prepared("vendor/model", made.pop("input", given), given=given, **made)
    return asked(request, files or {}, {}, again=False).digest


def test_what_the_server_makes_of_a_request_does_not_tell() -> None:
    plain = digest(FILE, {"/in/a.png": "1"})
    made = {"input": {**FILE, "size": "1024*1024"}, "body": {"image": "https://u"}, "quote": 0.5}
    assert digest(FILE, {"/in/a.png": "1"}, **made) == plain


def test_files_are_told_by_their_content_and_not_by_their_name() -> None:
    same = digest({**FILE, "image": "@/in/b.png"}, {"/in/b.png": "1"})
    assert digest(FILE, {"/in/a.png": "1"}) == same
    assert digest(FILE, {"/in/a.png": "2"}) != same


def test_files_in_a_list_that_was_given_as_text_tell_too() -> None:
    given = {"images": '["@/in/a.png"]'}
    one, other = (digest(given, {"/in/a.png": content}, input=FILE) for content in "12")
    assert one != other


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
INPUTS = st.dictionaries(st.text(max_size=4), JSON, max_size=4)


@given(INPUTS, st.randoms(use_true_random=False))
def test_the_order_of_keys_does_not_tell(inputs: dict[str, Any], random: Any) -> None:
    names = list(inputs)
    random.shuffle(names)
    assert digest({name: inputs[name] for name in names}) == digest(inputs)


@given(INPUTS, INPUTS)
def test_other_inputs_are_other_requests(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (digest(one) == digest(other)) is (_typed(one) == _typed(other))


def _typed(value: Any) -> Any:
    """Python takes True for 1; JSON does not."""
    if isinstance(value, dict):
        return {name: _typed(part) for name, part in value.items()}
    return [_typed(part) for part in value] if isinstance(value, list) else (type(value), value)


@pytest.mark.parametrize(("one", "other"), [(7, 7.0), (0, -0.0)])
def test_a_whole_number_is_one_however_it_is_written(one: float, other: float) -> None:
    assert digest({"steps": one}) == digest({"steps": other})


def test_the_first_releases_fingerprints_are_known() -> None:
    request = Prepared("vendor/model", FILE, given=FILE)
    found = asked(request, {"/in/a.png": "1"}, {"/in/a.png": "https://u"}, again=True)
    body = {"image": "https://u", "prompt": "x", "enable_sync_mode": False}
    assert fingerprint("vendor/model", body) in found.first_release
    assert found.again
    assert asked(request, {"/in/a.png": "1"}, {}, again=False).first_release == ()
