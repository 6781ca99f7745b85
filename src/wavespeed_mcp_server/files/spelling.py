"""The ways in which people, models and programs write one path, and names that look the same.

macOS puts U+202F into the names of screenshots where models write a space, some systems compose letters and
others do not, text editors curl quotes, terminals escape, browsers encode.
"""

import os
import re
import unicodedata
from pathlib import PurePosixPath, PureWindowsPath
from urllib.parse import unquote, urlsplit

from .refusal import FileRefused

_QUOTED = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019", "\u00ab": "\u00bb", "<": ">"}
_SINGLE = (
    "\u2018\u2019\u201a\u201b\u2032\u2035\u2039\u203a\u02b9\u02bb\u02bc\u02bd\u02c8\u0060\u00b4\uff07\uff40"
)
_DOUBLE = "\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb\u02ba\u301d\u301e\u301f\uff02"
_QUOTES = {ord(ch): "'" for ch in _SINGLE} | {ord(ch): '"' for ch in _DOUBLE}
_OTHER_DASHES = "\u2212\u2043\u02d7"
_VARIATION = re.compile("[\ufe00-\ufe0f]")
_ESCAPED = re.compile(r"\\(?=[^\w\\/])")
_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})|\\x([0-9A-Fa-f]{2})")
_CHATS_OWN = re.compile(r"sandbox:|/mnt/(?:data|user-data)(?:/|$)", re.IGNORECASE)
_BEGINS_A_PATH = tuple("/~$\\")
_HOME = re.compile(
    r"^(?:\$HOME|\$\{HOME\}|\$env:(?:USERPROFILE|HOME)|%(?:USERPROFILE|HOME)%)[\\/]", re.IGNORECASE
)
_SCHEME = re.compile(r"file:|(?:https?|sandbox):/", re.IGNORECASE)
_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")


def is_chats_own(text: str) -> bool:
    """Whether a path is one that chats show for files on a machine of their own (ChatGPT's, Claude's)."""
    return _CHATS_OWN.match(text) is not None


def is_windows_path(text: str) -> bool:
    """Whether a path begins at a drive letter or a network share."""
    return _WINDOWS.match(text) is not None


def names_no_place_here(text: str) -> bool:
    """Whether `text` is no path that a directory could be put before: a URL, a path of another system."""
    return _SCHEME.match(text) is not None or (os.name != "nt" and is_windows_path(text))


def ways_to_read(text: str, *, windows: bool) -> list[str]:
    """The paths that `text` may mean, the most literal one first: without quotes, escapes and encodings.

    Raises:
        FileRefused: a `file:` URL that names another machine, or nothing.
    """
    bare = unquoted(text)
    if bare[:5].lower() == "file:":
        return [_from_url(bare, windows=windows)]
    ways = [bare]
    if not windows:
        ways.append(_ESCAPED.sub("", bare))
        if bare.startswith(("~\\", ".\\", "..\\")):
            ways.append(bare.replace("\\", "/"))
        ways.append(_CODE_POINT.sub(_code_point, bare))
    ways.append(unquote(bare))
    return [way for way in dict.fromkeys(ways) if way]


def file_stem(text: str) -> str:
    """What `text` calls its file, without the ending.

    Raises:
        FileRefused: see `ways_to_read`.
    """
    ways = ways_to_read(text, windows=os.name == "nt")
    return PureWindowsPath(ways[0]).stem if ways else ""


def unquoted(text: str) -> str:
    """`text` without the quotes or brackets around all of it, and without line ends after it."""
    bare = text.strip("\r\n\t")
    bare = bare.lstrip() if bare.lstrip()[:1] in _BEGINS_A_PATH else bare
    while len(bare) > 2 and _QUOTED.get(bare.lstrip()[:1] or " ") == bare.rstrip()[-1:]:
        bare = bare.strip()[1:-1]
    return _HOME.sub("~/", bare)


def _from_url(url: str, *, windows: bool) -> str:
    try:
        parts = urlsplit(url.replace("\\", "/"))
    except ValueError as error:
        raise FileRefused("That is no usable file: URL; give the path itself.") from error
    path = unquote(parts.path)
    for left, sign in ((parts.query, "?"), (parts.fragment, "#")):
        path += f"{sign}{unquote(left)}" if left else ""
    if parts.netloc.lower() not in ("", "localhost", "127.0.0.1"):
        raise FileRefused(
            f"That file: URL leads to another machine ({parts.netloc[:100]}); only this one's are read."
        )
    drive = PureWindowsPath(path.lstrip("/")).drive
    if drive and is_windows_path(path.lstrip("/")):
        return path.lstrip("/")
    if not path or PurePosixPath(path) == PurePosixPath("/"):
        raise FileRefused("That file: URL names no file; give the path itself.")
    return path


def _code_point(found: re.Match[str]) -> str:
    code = int(found[1] or found[2] or found[3], 16)
    return chr(code) if 0x20 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF else found[0]


def folded(name: str) -> str:
    """A name as it looks: any space, quote and dash alike, letters composed, nothing invisible."""
    text = unicodedata.normalize("NFKC", name.translate(_QUOTES)).translate(_QUOTES)
    kept = []
    for ch in _VARIATION.sub("", text):
        kind = unicodedata.category(ch)
        if kind == "Pd" or ch in _OTHER_DASHES:
            kept.append("-")
        elif kind in ("Zs", "Zl", "Zp"):
            kept.append(" ")
        elif kind != "Cf":
            kept.append(ch)
    return " ".join("".join(kept).split())
