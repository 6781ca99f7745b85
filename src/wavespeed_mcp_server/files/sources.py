"""What a media input may name: a URL the API can fetch, a data URI that is whole, a local file by `@PATH`.

Everything else would be bought and then fail at the API, which cannot fetch it.
"""

import binascii
import re

from ..api.fetchable import unfetchable
from .heic import UNREADABLE, can_convert
from .inline import decoded
from .markers import is_base64, looks_like_local_path, marked_path
from .media import HEAD_BYTES, HEIC, sniff
from .path_policy import PathPolicy
from .refusal import FileRefused
from .spelling import is_chats_own, unquoted
from .whole import is_cut_off

_SHOWN = 100
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
_SITE = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?/", re.IGNORECASE)
_MEDIA_MIME = re.compile(r"data:(?:image|video|audio)/(?!svg)", re.IGNORECASE)
_SEVERAL = re.compile(r"[\s,;]@?https?://", re.IGNORECASE)

GIVE = "give an https URL, or '@' and the path of a local file"


def is_web_address(text: str) -> bool:
    """Whether `text` begins as a URL of the web does, so that no file is looked for."""
    return text[:8].lower().startswith(("http://", "https://"))


def source_problem(text: str, policy: PathPolicy, own: str) -> str:
    """Why `text`, as a media input, leads to nothing that the API can fetch, or nothing. Blocks.

    `own` is the API's base URL. What is proposed instead has been tried: it is taken.
    """
    if not text.strip():
        return f"is empty; {GIVE}"
    if text.startswith("@"):
        return _marker_problem(text, policy)
    shown = _quoted(text)
    if text[:5].lower() == "data:":
        return _data_problem(text)
    if looks_like_local_path(text) or is_chats_own(unquoted(text)):
        return _path_problem(text, policy)
    scheme = _SCHEME.match(text)
    if scheme is None:
        return "" if is_base64(text) else f"{shown} is neither a URL nor a file; {GIVE}"
    if scheme[1].lower() not in ("http", "https"):
        return f"{shown} cannot be fetched by the API; {GIVE}"
    if _SEVERAL.search(text):
        return f"{shown} holds several URLs; give each as a value of its own"
    reason = unfetchable(text, own)
    return f"{shown} {reason}, so the API cannot fetch it; {GIVE}" if reason else ""


def path_problem(path: str, policy: PathPolicy) -> str:
    """Why the local file `path` cannot be uploaded for a run, or nothing. Blocks."""
    try:
        with policy.open(path) as opened:
            unreadable = opened.media is HEIC and not can_convert()
            return f"{opened.path} {UNREADABLE}" if unreadable else ""
    except FileRefused as refused:
        several = ", and names for several files go into a list, or into vary of generate_batch"
        return str(refused).removesuffix(".") + (several if "*" in path else "")


def _marker_problem(text: str, policy: PathPolicy) -> str:
    path = marked_path(text)
    if path is None:
        return f"{_quoted(text)} names no file; write the whole path after the @, or ./ or ~/ first"
    return path_problem(path, policy)


def _path_problem(text: str, policy: PathPolicy) -> str:
    if is_chats_own(unquoted(text)):
        return path_problem(text, policy) or _write(text)
    if _SITE.match(text):
        return f"{_quoted(text)} has no scheme; write https:// before it if it is a web address"
    marker = f"@{text}" if marked_path(f"@{text}") is not None else f"@./{text}"
    reason = path_problem(marker[1:], policy)
    return (
        f"{_write(text, marker)}, but this one cannot be used: {reason}" if reason else _write(text, marker)
    )


def _write(text: str, marker: str = "") -> str:
    return f"{_quoted(text)} looks like a local file; one is written {marker or f'@{text}'!r}"


def _data_problem(text: str) -> str:
    try:
        content = decoded(text)
    except (binascii.Error, ValueError):
        return f"the data: URI is cut off or damaged; {GIVE}"
    media = sniff(content[:HEAD_BYTES], len(content))
    if media is None:
        return f"the data: URI holds no media; {GIVE}" if _MEDIA_MIME.match(text) or not content else ""
    return f"the data: URI is cut off; {GIVE}" if is_cut_off(content, media) else ""


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")
