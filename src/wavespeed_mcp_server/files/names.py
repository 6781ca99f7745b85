"""File names that are safe on every system, made from words that came from elsewhere."""

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from .media import MediaType

_LONGEST_STEM = 120
"""Bytes in UTF-8. File systems stop at 255, encrypted ones at 143, with a number and an ending included."""

_RESERVED = re.compile(r"(con|prn|aux|nul|conin|conout|clock|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)", re.IGNORECASE)
TEXT_SUFFIXES = frozenset({".txt", ".json", ".srt", ".vtt", ".csv", ".md", ".mtl"})
_SVG = re.compile(rb"\s*(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]", re.DOTALL)
UNKNOWN_SUFFIX = ".bin"


def safe_stem(text: str) -> str:
    """A file name without an ending: letters, digits, `-_`, inner dots; never empty, hidden or reserved."""
    kept = "".join(ch if _is_plain(ch) else "-" for ch in unicodedata.normalize("NFC", text))
    stem = _trim(re.sub(r"-{2,}", "-", re.sub(r"\.{2,}", ".", kept)))
    stem = _trim(stem.encode("utf-8")[:_LONGEST_STEM].decode("utf-8", "ignore"))
    if not stem:
        return "output"
    return f"file-{stem}" if _RESERVED.match(stem) else stem


def _is_plain(ch: str) -> bool:
    return ch in "-_." or unicodedata.category(ch)[0] in "LMN"


def _trim(text: str) -> str:
    """`text` without dots and dashes at its ends, and without combining marks at its start."""
    text = text.strip("-.")
    while text and unicodedata.category(text[0])[0] == "M":
        text = text[1:].lstrip("-.")
    return text


def suffix_for(head: bytes, size: int, media: MediaType | None, url: str = "") -> str:
    """The ending of an output, with its dot: its content's, else a harmless one its URL has, else `.bin`.

    An ending that a desktop would run or open as a page is never given, whatever the URL says.
    """
    named = PurePosixPath(urlsplit(url).path).suffix.lower() if url else ""
    if media is not None and (not media.weak or not named or named in media.suffixes):
        return named if named in media.suffixes else media.suffix
    if not _is_text(head, size):
        return UNKNOWN_SUFFIX
    if named == ".svg" and _SVG.match(head):
        return named
    return named if named in TEXT_SUFFIXES else UNKNOWN_SUFFIX


def _is_text(head: bytes, size: int) -> bool:
    if b"\0" in head:
        return False
    cut = len(head) < size
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as fault:
        return cut and fault.start >= len(head) - 3
    return True
