"""A part of an id among others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.runs import RunError
from wavespeed_mcp_server.runs.whole_ids import SHORTEST_PART, meant

IDS = st.lists(st.from_regex(r"[ab]{32}", fullmatch=True), min_size=1, max_size=6, unique=True)


@given(IDS, st.data())
def test_a_part_is_the_one_id_that_has_it_and_of_two_it_is_neither(
    ids: list[str], data: st.DataObject
) -> None:
    whole = data.draw(st.sampled_from(ids))
    start = data.draw(st.integers(0, 32 - SHORTEST_PART))
    part = whole[start : data.draw(st.integers(start + SHORTEST_PART, 32))]
    have = [one for one in ids if part in one]
    if part == whole or have == [whole]:
        assert meant([part], ids) == {part: whole}
    else:
        with pytest.raises(RunError, match="give the whole one"):
            meant([part], ids)
    assert meant(["latest"], ids) == {"latest": ids[0]}
    assert meant([whole], [f"x{whole}", whole]) == {whole: whole}
    assert meant(["c" * 9, "latest"], []) == {}
