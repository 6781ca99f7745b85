"""A text input that holds nothing but a file's name: it would be sent, and paid, as it stands."""

import re

from .markers import begins_a_path, marked_path
from .media import MEDIA_SUFFIXES
from .path_policy import PathPolicy
from .refusal import FileRefused
from .sources import path_problem
from .spelling import is_chats_own, unquoted

_DOCUMENT = re.compile(
    r"\.(?:txt|md|markdown|rtf|docx?|odt|pdf|srt|vtt|csv|tsv|jsonl?|ya?ml|xml|html?|log)", re.IGNORECASE
)
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")
_SCHEME = re.compile(r"(?!file:)[A-Za-z][A-Za-z0-9+.-]+:", re.IGNORECASE)
_LONGEST = 1000


def words_problem(text: str, policy: PathPolicy) -> str:
    """Why `text`, as a text input, is a file's name and no text, or nothing. Blocks.

    What only mentions a file is text; `@PATH` of media is uploaded.
    """
    marked = marked_path(text)
    if marked is not None and not path_problem(marked, policy):
        return ""
    bare = _bare(text)
    if not (_is_plainly(bare) or (begins_a_path(bare) and _is_there(bare, policy))):
        return ""
    return f"{text.strip()[:100]!r} is the name of a file; write the words themselves"


def may_name_a_file(text: str) -> bool:
    """Whether it is worth while to look; does not block."""
    bare = _bare(text)
    return begins_a_path(bare) or _is_plainly(bare)


def _bare(text: str) -> str:
    return unquoted(text.strip().removeprefix("@")) if len(text) <= _LONGEST else ""


def _is_plainly(text: str) -> bool:
    """Whether all of `text` is plainly a path, a `file:` URL or the name of a document."""
    if not text or "\n" in text or _SCHEME.match(text):
        return False
    if text[:5].lower() == "file:" or is_chats_own(text):
        return True
    suffix = _SUFFIX.search(text)
    if suffix is None:
        return False
    if " " not in text and begins_a_path(text):
        return True
    known = _DOCUMENT.fullmatch(suffix[0]) is not None or suffix[0].lower() in MEDIA_SUFFIXES
    return known and (" " not in text or text[:2] in ("~/", "~\\") or text[1:3] in (":\\", ":/"))


def _is_there(text: str, policy: PathPolicy) -> bool:
    """Whether something is there, so far as that may be known."""
    try:
        return policy.holds(text)
    except FileRefused:
        return False
