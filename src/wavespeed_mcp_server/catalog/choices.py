"""The choices that a value means: the same in another notation, a well-known name, or a part of one."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from .languages import language
from .pixels import TIMES
from .quantities import LARGEST_EXACT, numbers

_BETWEEN_NUMBERS = re.compile(rf"(?<=\d)\s*(?:{TIMES}|[:/])\s*(?=\d)")
_BETWEEN_WORDS = re.compile(r"(?<=\w)[\s_-]+(?=[^\W\d_])|(?<=[^\W\d_])[\s_-]+(?=\w)")
_REMARK = re.compile(r"(?<=\S)\s*\([^()]*\)$")
_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])|\d+")
_KIND = re.compile(r"^\s*(?:image|audio|video)/", re.IGNORECASE)
_UNIT = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]{1,3})")
_SIDES = re.compile(rf"(\d+)\s*(?:{TIMES}|[:/])\s*(\d+)")
_OF_LANGUAGES = re.compile(r"lang|locale")
_NOT = frozenset(("no", "non", "not", "without", "un", "anti", "off", "disable", "disabled", "low", "less"))
_SAME = (
    ("jpeg", "jpg"),
    ("tiff", "tif"),
    ("auto", "automatic", "autodetect", "detect"),
    ("1080p", "fullhd", "fhd"),
    ("1440p", "qhd"),
    ("1k", "1024"),
    ("2k", "2048"),
    ("4k", "4096", "2160p", "uhd", "ultrahd"),
    ("mp3", "mpeg"),
    ("8k", "4320p"),
    ("standard", "std"),
    ("maximum", "max"),
    ("minimum", "min"),
    ("gray", "grey"),
    ("16:9", "widescreen"),
    ("21:9", "ultrawide"),
)
_SHAPES: dict[str, Callable[[int, int], bool]] = {
    "square": lambda width, height: width == height,
    **dict.fromkeys(("landscape", "horizontal", "wide"), lambda width, height: width > height),
    **dict.fromkeys(("portrait", "vertical", "tall", "upright"), lambda width, height: width < height),
}


def choices_meant(value: Any, choices: list[Any], key: str, rule: dict[str, Any]) -> Iterator[Any]:
    """The choices that `value` may mean, by the smallest difference there is."""
    if isinstance(value, list | dict | None):
        return
    if isinstance(value, bool):
        yield from (one for one in choices if isinstance(one, str) and one.lower() == str(value).lower())
        return
    comparable = [one for one in choices if isinstance(one, str | int | float) and not isinstance(one, bool)]
    text = _REMARK.sub("", _plain(value))
    # What stands in brackets may be part of a choice: `Arabic (Algeria)` beside `Arabic`.
    for written in dict.fromkeys((_plain(value), text)):
        for form in (str.strip, str.casefold, folded, _well_known, _letters):
            wanted = form(written.strip())
            found = [one for one in comparable if wanted and form(_plain(one).strip()) == wanted]
            if found:
                yield from found
                return
    for meant in (_same_number, _unit_left_out, _so_many_lines, _same_language, _of_shape, _part_of):
        found = [one for one in comparable if meant(text, _plain(one), key, rule)]
        if found:
            yield from found
            return


def folded(text: str) -> str:
    """A text without case, the sign between two numbers, and marks between words."""
    return _BETWEEN_WORDS.sub("", _BETWEEN_NUMBERS.sub("*", text.casefold()))


def _plain(value: Any) -> str:
    whole = isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_EXACT
    return unicodedata.normalize("NFKC", str(int(value) if whole else value))


_REPRESENTED = {folded(word): folded(same[0]) for same in _SAME for word in same}


def _well_known(text: str) -> str:
    bare = folded(_KIND.sub("", text))
    return _REPRESENTED.get(bare, bare)


def _letters(text: str) -> str:
    """Nothing but letters and digits, where there are letters."""
    bare = re.sub(r"[\W_]+", "", text.casefold())
    return "" if bare.isdigit() else bare


def _same_number(text: str, choice: str, key: str, rule: dict[str, Any]) -> bool:
    """720 and `720p`, `5s` and 5, `half a minute` and 30."""
    return not {*numbers(text, key, rule)}.isdisjoint(numbers(choice, key, rule))


def _unit_left_out(text: str, choice: str, key: str, rule: dict[str, Any]) -> bool:
    found = _UNIT.fullmatch(choice.casefold())
    return found is not None and found[1] == text.strip()


def _so_many_lines(text: str, choice: str, key: str, rule: dict[str, Any]) -> bool:
    """`1920x1080` and `1080p`."""
    found = _SIDES.fullmatch(text.strip().casefold())
    return found is not None and choice.casefold() == f"{min(int(found[1]), int(found[2]))}p"


def _same_language(text: str, choice: str, key: str, rule: dict[str, Any]) -> bool:
    """`German`, `de`, `de-DE`."""
    if not _OF_LANGUAGES.search(f"{key} {rule.get('description') or ''}".lower()):
        return False
    spoken = language(text)
    return spoken != "" and spoken == language(choice)


def _of_shape(text: str, choice: str, key: str, rule: dict[str, Any]) -> bool:
    """`square` and `1:1`."""
    found, shape = _SIDES.fullmatch(choice), _SHAPES.get(text.strip().casefold())
    return found is not None and shape is not None and shape(int(found[1]), int(found[2]))


def _part_of(text: str, choice: str, key: str, rule: dict[str, Any]) -> bool:
    """`Ada` and `Sandbox_Ada`: the first or the last words, but never of what says the opposite."""
    wanted = _letters(text)
    words = [word.casefold() for word in _WORD.findall(choice)]
    if len(wanted) < 3 or wanted in _NOT or any(ch.isdigit() for ch in wanted):
        return False
    ends = [(words[:at], words[at:]) for at in range(1, len(words))]
    return any(
        ("".join(head) == wanted and _NOT.isdisjoint(tail))
        or ("".join(tail) == wanted and _NOT.isdisjoint(head))
        for head, tail in ends
    )
