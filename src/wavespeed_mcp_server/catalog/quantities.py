"""The numbers that a text may mean, in whatever unit the schema speaks of.

A unit counts only where the input's name or description has it: `4min` is 240 for a duration in seconds and
nothing for a number of pictures, which `2 pictures` is.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ..amounts import UNIT_SECONDS, WORDS, seconds
from .pixels import TIMES

LARGEST_EXACT = 2**53
_DIGITS = r"[+-]?(?:\d+\.?\d*|\.\d+)"
_NUMBER = re.compile(rf"{_DIGITS}(?:e[+-]?\d+)?")
_COMMA = re.compile(r"([+-]?\d+),(\d+)")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:[,' ]\d{3})+")
_FACTOR = re.compile(rf"({_DIGITS})\s*(?:{TIMES}|times|fold)|{TIMES}\s*({_DIGITS})")
_PERCENT = re.compile(rf"({_DIGITS})\s*(?:%|per ?cent)")
_THOUSAND = re.compile(rf"({_DIGITS})\s*k(?:hz|bps|b/s|bit/s|)")
_MILLIS = re.compile(rf"({_DIGITS})\s*(?:ms|msecs?|milliseconds?)")
_COUNTED = re.compile(rf"({_DIGITS}|{'|'.join(WORDS)})\s*((?:[a-z]+ ?)+|\u00b0)")
_IN_MILLIS = re.compile(r"_ms\b|\bmilliseconds?\b|\bms\b")
_IN_SECONDS = re.compile(r"duration|seconds?\b|\bsecs\b")
_OF_LINES = re.compile(r"resolution|size|quality|height|width")
_AT_RANDOM = ("random", "any")
_TIME_NAMES = ("second", "sec", "minute", "min", "hour", "hr", "day", "week", *UNIT_SECONDS)
_SAME_NOUNS = (
    ("image", "picture", "photo", "shot"),
    ("video", "clip"),
    ("pixel", "px"),
    ("resolution", "p"),
    ("rate", "hz"),
    ("bitrate", "bp"),
    ("degree", "\u00b0", "deg"),
)


def numbers(value: Any, key: str, rule: dict[str, Any]) -> Iterator[float]:
    """What `value` may mean as a number for the input `key`, the same one perhaps several times."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        yield value
    if not isinstance(value, str):
        return
    text = " ".join(unicodedata.normalize("NFKC", value).lower().replace("\u2212", "-").split())
    if _NUMBER.fullmatch(text):
        yield as_number(text)
        return
    if found := _COMMA.fullmatch(text):
        yield as_number(f"{found[1]}.{found[2]}")
    if _THOUSANDS.fullmatch(text):
        yield as_number(re.sub(r"[,' ]", "", text))
    if text in WORDS:
        yield WORDS[text]
    if text in _AT_RANDOM and "seed" in key:
        yield -1
    about = f"{key} {rule.get('description') or ''}".lower()
    if _IN_MILLIS.search(about) or _IN_SECONDS.search(about):
        yield from _times(text, 1000 if _IN_MILLIS.search(about) else 1)
    else:
        yield from _factors(text, key)
    if (found := _COUNTED.fullmatch(text)) and _nouns(found[2]) <= _spoken_of(about):
        yield WORDS[found[1]] if found[1] in WORDS else as_number(found[1])


def as_number(text: str) -> float:
    """A number without a fraction where it is whole, and exact where a float would not be."""
    number = float(text)
    if number.is_integer() and abs(number) < LARGEST_EXACT:
        return int(number)
    try:
        return int(text)
    except ValueError:
        return number


def _times(text: str, unit: int) -> Iterator[float]:
    """A time in `unit` to the second."""
    if found := _MILLIS.fullmatch(text):
        yield as_number(str(float(found[1]) * unit / 1000))
    with suppress(ValueError):
        yield as_number(str(round(seconds(text) * unit, 6)))


def _factors(text: str, key: str) -> Iterator[float]:
    """`1.2x`, `50%`, `44.1 kHz`."""
    if found := _FACTOR.fullmatch(text):
        yield as_number(found[1] or found[2])
    if found := _PERCENT.fullmatch(text):
        yield as_number(found[1])
        yield as_number(str(round(float(found[1]) / 100, 9)))
    if (found := _THOUSAND.fullmatch(text)) and not _OF_LINES.search(key):
        yield as_number(str(round(float(found[1]) * 1000, 6)))


def _nouns(text: str) -> set[str]:
    """The words of a text, of which one and many are the same."""
    return {word.removesuffix("s") for word in re.findall(r"[^\W\d_]+|\u00b0", text)}


def _spoken_of(about: str) -> set[str]:
    """What may be counted in an input that is called and described like this."""
    named = _nouns(about)
    return (named | {word for same in _SAME_NOUNS if named & {*same} for word in same}) - {*_TIME_NAMES}
