"""A text input that is nothing but a file's name, which would be drawn or read aloud as it stands."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.files.path_policy import PathPolicy
from wavespeed_mcp_server.files.remote import NOWHERE
from wavespeed_mcp_server.files.words import may_name_a_file, words_problem
from wavespeed_mcp_server.sandbox.media.png import card

NAMES = [
    "notes.txt",
    "@notes.txt",
    "Documents/notes.txt",
    "~/Documents/notes.txt",
    "~/My Documents/notes 2.TXT",
    "@~/Documents/notes.txt",
    "'~/Documents/notes.txt'",
    "file:///home/me/notes.txt",
    "FILE:///home/me/notes",
    "/home/me/notes.txt",
    "./speech.md",
    "C:\\Users\\me\\notes.txt",
    "\\\\nas\\share\\notes.docx",
    "/mnt/data/script.srt",
    "$HOME/lyrics.lrc",
    " ~/Documents/notes.txt\n",
]
TEXTS = [
    "",
    "A cat.",
    "Read ~/Documents/notes.txt aloud",
    "see notes.txt and write one like it.",
    "@anna see you tomorrow",
    "@Image1 in the style of @Image2",
    "/imagine a red fox --ar 16:9",
    "/imagine a poster in the style of poster.v2",
    "Hello. Welcome to example.com",
    "https://example.com/notes.txt",
    "and/or",
    "3.5",
    "v2.1",
    "line one\nnotes.txt",
    "Dr. No",
    "e.g. this",
]


@pytest.mark.parametrize("text", NAMES)
def test_a_files_name_is_no_text(text: str) -> None:
    assert may_name_a_file(text)
    assert "write the words themselves" in words_problem(text, NOWHERE)


@pytest.mark.parametrize("text", TEXTS)
def test_what_only_mentions_a_file_or_none_is_text(text: str) -> None:
    assert words_problem(text, NOWHERE) == ""


@given(st.lists(st.from_regex(r"[a-z]{1,8}[,.]?", fullmatch=True), min_size=2, max_size=12).map(" ".join))
def test_several_words_are_text(text: str) -> None:
    assert not may_name_a_file(text)


def test_what_is_there_is_a_file_whatever_it_is_called(tmp_path: Path) -> None:
    policy = PathPolicy((tmp_path,), tmp_path, home=tmp_path)
    (tmp_path / "notes of today").write_text("hello")
    (tmp_path / "a.png").write_bytes(card(8, 8, bytes(32)))
    assert "write the words" in words_problem("~/notes of today", policy)
    assert words_problem("~/notes of yesterday", policy) == ""
    assert words_problem("notes of today", policy) == ""
    assert words_problem("@~/a.png", policy) == "", "media is uploaded"
    assert "write the words" in words_problem("@~/notes of today", policy)


def test_what_lies_elsewhere_is_not_looked_for(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text("x")
    policy = PathPolicy((tmp_path / "in",), tmp_path / "in")
    assert words_problem(f"{tmp_path}/secret", policy) == words_problem(f"{tmp_path}/none", policy) == ""
