"""What is taken in a media input is what the API may fetch or read; nothing else is bought."""

from __future__ import annotations

import base64
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.files.markers import is_base64
from wavespeed_mcp_server.files.path_policy import PathPolicy
from wavespeed_mcp_server.files.sources import source_problem

OWN = "https://api.wavespeed.ai"
NOWHERE = PathPolicy((), Path("/nowhere"))
NAMES = st.text("abcdefghijklmnopqrstuvwxyzABC0123456789-_ ./:", max_size=79)


@given(NAMES | st.text(max_size=79))
def test_no_id_name_or_word_is_taken_for_media(text: str) -> None:
    if source_problem(text, NOWHERE, OWN) == "":
        assert text.lower().startswith(("http://", "https://", "data:"))


@given(st.binary(min_size=60, max_size=400), st.sampled_from([base64.b64encode, base64.encodebytes]))
def test_a_file_in_base64_is_left_to_the_model(content: bytes, encode: object) -> None:
    assert callable(encode)
    text = encode(content).decode()
    assert is_base64(text)
    assert not is_base64(text.strip()[:79])
    assert source_problem(text, NOWHERE, OWN) == ""
