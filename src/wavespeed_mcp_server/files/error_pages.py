"""What a storage sends under status 200 in place of an output: nothing, a sign-in page, an error document."""

import codecs
import json
import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from ..text import one_line
from .media import BINARY_SUFFIXES, MEDIA_SUFFIXES, sniff
from .names import TEXT_SUFFIXES as NAMED_TEXT

_SHOWN_CHARS = 80
# Drawings and some 3D files are text, too.
TEXT_SUFFIXES = NAMED_TEXT | (MEDIA_SUFFIXES - BINARY_SUFFIXES) | {".svg"}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_ENCODINGS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_PROLOG = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*", re.DOTALL)
_PAGE = re.compile(
    r"<(?:!doctype\s+html|(?:html|head|body|title|meta|script|style|center|h1)\b)", re.IGNORECASE
)
_ERROR = re.compile(r"<(?:\w+:)?(?:error|errorresponse|fault)\b", re.IGNORECASE)
_SVG = re.compile(r"<(?:!doctype\s+svg|svg)\b", re.IGNORECASE)
_PAGE_SUFFIXES = frozenset({".html", ".htm", ".xhtml"})
_PAGE_TYPES = ("text/html", "application/json", "application/xml", "text/xml")
_ERROR_WORDS = frozenset({"error", "errors", "detail", "fault", "exception"})
_BESIDE_ERRORS = frozenset(
    {
        "code",
        "hint",
        "host",
        "hostid",
        "id",
        "instance",
        "message",
        "msg",
        "name",
        "path",
        "reason",
        "requestid",
        "resource",
        "status",
        "statuscode",
        "success",
        "timestamp",
        "title",
        "traceid",
        "type",
    }
)
_MESSAGES = frozenset({"message", "msg", "reason", "title"})
_CODES = frozenset({"code", "status", "statuscode"})


def reason_to_refuse(head: bytes, size: int, url: str, content_type: str = "", makes: str = "") -> str:
    """Why content of `size` bytes that begins with `head` is not the output at `url`, or nothing.

    Known media and unknown binary content are the output. Text is one where its name does not speak of
    something else, unless it is a page or tells of an error; of a model that `makes` "media" only where its
    name speaks of text. `content_type` is the storage's word for it.
    """
    if size == 0:
        return "The download is empty (0 bytes), so it was not kept."
    if sniff(head, size) is not None:
        return ""
    named = PurePosixPath(urlsplit(url).path).suffix.lower()
    wants_media = named in BINARY_SUFFIXES or (makes == "media" and named not in TEXT_SUFFIXES)
    text = _text(head)
    if text is None:
        # A page may have come packed.
        if not (wants_media and content_type.startswith(_PAGE_TYPES)):
            return ""
    elif not (
        (wants_media and not _is_drawing(text, named))
        or (len(head) == size and _tells_an_error(text, named))
        or _is_page(text, named, content_type)
    ):
        return ""
    shown = one_line(text, _SHOWN_CHARS) if text is not None else content_type
    return (
        f"The download is a page or an error document instead of the output, so it was not kept: {shown!r}."
    )


def _text(head: bytes) -> str | None:
    """`head` as text, in whatever encoding; None where it is none."""
    encoding = next((name for mark, name in _ENCODINGS if head.startswith(mark)), "")
    if not encoding:
        encoding = "utf-16-le" if head[1:8:2] == b"\0\0\0\0" else "utf-8"
    text = head.decode(encoding, "replace").lstrip("\ufeff")
    return None if _CONTROL.search(text) else text


def _is_page(text: str, named: str, content_type: str) -> bool:
    """Whether it is markup that the output's name does not speak of."""
    begin = text[_begin(text) :]
    if _ERROR.match(begin):
        return True
    if named == ".svg":
        return not _SVG.match(begin)
    if named in _PAGE_SUFFIXES or _SVG.match(begin):
        return False
    # What a text model wrote may be a page, and is stored as plain text.
    as_text = bool(named) and content_type.startswith(("text/plain", "application/octet-stream"))
    return _PAGE.match(begin) is not None and not as_text


def _is_drawing(text: str, named: str) -> bool:
    return named not in BINARY_SUFFIXES and _SVG.match(text[_begin(text) :]) is not None


def _begin(text: str) -> int:
    found = _PROLOG.match(text)
    return found.end() if found else 0


def _tells_an_error(text: str, named: str) -> bool:
    """Whether it is a JSON object about an error and nothing else."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if not isinstance(document, dict):
        return False
    words = {re.sub(r"[^a-z]", "", key.lower()) for key, value in document.items() if value}
    if not words or words - _ERROR_WORDS - _BESIDE_ERRORS:
        return False
    spoken = words & _MESSAGES
    return bool(words & _ERROR_WORDS or (spoken and (words & _CODES or not named)))
