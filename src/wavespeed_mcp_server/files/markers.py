"""`@PATH` in a model's input: which strings name a local file, and putting URLs in their place."""

import re
from collections.abc import Mapping
from typing import Any

from .media import MEDIA_SUFFIXES
from .nested import placed_texts, with_texts
from .spelling import unquoted

_PATH_START = re.compile(r"/|\.{1,2}[\\/]|~[\\/]|[A-Za-z]:[\\/]|\\\\|file:/|sandbox:/", re.IGNORECASE)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}")
_JPEG_IN_BASE64 = "/9j/"
_SHORTEST_BLOB = 80
_LONGEST_PATH = 4096


def marked_path(text: str) -> str | None:
    """The path in `@PATH`, or None if the text is no marker (`@Image1`, `@john` and addresses are text)."""
    if not text.startswith("@"):
        return None
    path = text[1:]
    return path if begins_a_path(unquoted(path)) else None


def begins_a_path(text: str) -> bool:
    """Whether `text` begins as a path or a `file:` URL does."""
    return _PATH_START.match(text) is not None


def marked_paths(value: object) -> dict[str, str]:
    """The path of every `@PATH` anywhere in `value`, and where in it that stands last (`images[0]`)."""
    return {path: place for place, text in placed_texts(value) if (path := marked_path(text)) is not None}


def replace_markers(value: Any, urls: Mapping[str, str]) -> Any:
    """A copy of `value` with each `@PATH` replaced by `urls[PATH]`; the original is not touched.

    Raises KeyError for a marker without a URL: a local path must never be sent in its place.
    """

    def replaced(text: str) -> str:
        path = marked_path(text)
        return text if path is None else urls[path]

    return with_texts(value, replaced)


def looks_like_local_path(text: str) -> bool:
    """Whether a value given for a media field is most likely a path on this machine that lacks its `@`.

    Never true for http(s) and data URLs, other schemes, base64 and ids.
    """
    if not text or len(text) > _LONGEST_PATH or "\n" in text or _is_rather_base64(text):
        return False
    if begins_a_path(unquoted(text)):
        return True
    return not _SCHEME.match(text) and text.lower().endswith(tuple(MEDIA_SUFFIXES))


def is_base64(text: str) -> bool:
    """Whether `text` may be a file in base64, in either alphabet and in lines; none is shorter than this."""
    bare = "".join(text.split())
    whole = len(bare) >= _SHORTEST_BLOB and len(bare.rstrip("=")) % 4 != 1
    return whole and _BASE64.fullmatch(bare) is not None


def _is_rather_base64(text: str) -> bool:
    """A JPEG in base64 begins like an absolute path."""
    long = text.startswith(_JPEG_IN_BASE64) or len(text) >= _SHORTEST_BLOB
    return long and _BASE64.fullmatch(text) is not None
