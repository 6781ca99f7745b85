"""Text from outside as it may be shown: one bounded line with nothing invisible in it."""

from __future__ import annotations

import json
import re

MAX_LINE_CHARS = 300

# C0, DEL, C1 and the separators of lines and paragraphs: they end a word.
_BREAKING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# What takes no room but turns, joins or hides text: soft hyphen, direction and zero-width characters, blank
# fillers, variation selectors, and the tag characters in which whole sentences can be hidden from a person.
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)

_ACTED_ON = re.compile(f"(?:[\x7f-\x9f\u2028\u2029]|{_INVISIBLE.pattern})+")


def one_line(text: object, limit: int = MAX_LINE_CHARS) -> str:
    """`text` on one line of at most `limit` characters, without control, direction or zero-width characters.

    None and other empty values are "". What is too long ends in an ellipsis.
    """
    line = str(text or "")
    if not (line.isascii() and line.isprintable()):
        line = _INVISIBLE.sub("", _BREAKING.sub(" ", line))
    line = " ".join(line.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def sentence(text: str) -> str:
    """`text` with a full stop, so that it does not run into the sentence after it."""
    bare = text.rstrip()
    ended = not bare or bare.rstrip("\"')]\u201d\u2019").endswith(
        (".", "!", "?", "\u2026", "\u3002", "\uff01", "\uff1f")
    )
    return bare if ended else f"{bare.rstrip(',;:')}."


def printable(text: str) -> str:
    """`text` as a terminal may get it: its own line breaks, and nothing else that a terminal would act on."""
    if text.isascii() and text.isprintable():
        return text
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(_INVISIBLE.sub("", _BREAKING.sub(" ", line)) for line in lines)


def escaped(json_text: str) -> str:
    """JSON with what a terminal would act on written as JSON's own escapes, so that it means the same."""
    if json_text.isascii():
        return json_text.replace("\x7f", "\\u007f")
    return _ACTED_ON.sub(_escapes, json_text)


def _escapes(found: re.Match[str]) -> str:
    return "".join(json.dumps(one)[1:-1] if ord(one) != 0x7F else "\\u007f" for one in found.group())
