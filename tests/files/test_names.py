"""File names made from outside words."""

import re
import unicodedata
from pathlib import PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from wavespeed_mcp_server.files import safe_stem, sniff, suffix_for

from .storage import PNG

RESERVED = {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in "0123456789¹²³"}


@given(st.text(max_size=400) | st.text("./\\-_ \u202e\u0301e:*?%\0\n", max_size=40))
@example("CON")
@example("com1.tar")
@example("../../etc/passwd")
@example("\u0301" * 200)
@example("é" * 100)
def test_a_name_is_safe_on_every_system(text: str) -> None:
    stem = safe_stem(text)
    assert stem
    assert len(stem.encode()) <= 130
    assert stem == unicodedata.normalize("NFC", stem)
    assert stem.strip(". ") == stem
    assert ".." not in stem
    assert stem.split(".")[0].lower() not in RESERVED
    assert PureWindowsPath(stem).name == stem
    assert not re.search(r'[<>:"/\\|?*\x00-\x20\x7f]', stem)
    assert not any(unicodedata.category(ch) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") for ch in stem)
    assert safe_stem(stem) == stem


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("flux-dev-6488c275", "flux-dev-6488c275"),
        ("wan-2.1", "wan-2.1"),
        ("my cat (1)", "my-cat-1"),
        ("../..", "output"),
        ("nul", "file-nul"),
        ("猫 の絵", "猫-の絵"),
    ],
)
def test_a_name_stays_as_close_to_its_words_as_is_safe(text: str, stem: str) -> None:
    assert safe_stem(text) == stem


@pytest.mark.parametrize(
    ("content", "url", "suffix"),
    [
        (PNG, "https://x/a.png", ".png"),
        (PNG, "https://x/a.exe", ".png"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "https://x/a.jpeg?sig=a.exe", ".jpeg"),
        (b"MZ\x90\0", "https://x/a.exe", ".bin"),
        (b"#!/bin/sh\nrm -rf ~", "https://x/a.sh", ".bin"),
        (b"<html><script>", "https://x/a.html", ".bin"),
        (b"<html><script>", "https://x/a.svg", ".bin"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"></svg>', "https://x/a.svg", ".svg"),
        (b'{"a": 1}', "https://x/a.json", ".json"),
        (b"1\n00:00 --> 00:01\nhi", "https://x/a.srt", ".srt"),
        (b"\0\1\2", "https://x/a.txt", ".bin"),
        (b"plain", "https://x/a", ".bin"),
        (b"\xff\xfb\x90\x64" + bytes(50), "https://x/a", ".mp3"),
        (b"\xff\xfb\x90\x64" + bytes(50), "https://x/a.dat", ".bin"),
    ],
)
def test_an_ending_is_what_the_content_is_and_never_one_that_runs(
    content: bytes, url: str, suffix: str
) -> None:
    assert suffix_for(content, len(content), sniff(content, len(content)), url) == suffix


@given(st.binary(max_size=200), st.text(max_size=20))
def test_no_content_and_no_url_give_an_ending_that_runs(content: bytes, ending: str) -> None:
    suffix = suffix_for(content, len(content), sniff(content, len(content)), f"https://x/a.{ending}")
    assert suffix not in {
        ".exe",
        ".bat",
        ".cmd",
        ".sh",
        ".html",
        ".htm",
        ".js",
        ".lnk",
        ".desktop",
        ".app",
        ".py",
    }
    assert re.fullmatch(r"\.[a-z0-9]{2,12}", suffix)
