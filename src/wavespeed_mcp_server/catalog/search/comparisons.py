"""Comparisons in words, made signs: `no more than five cents` becomes `<= 5 cents`."""

import operator
import re
from collections.abc import Callable
from functools import cache

from . import tables

_DIGIT = re.compile(r"\d")
_UNIT = r"\$|usd|dollars?|bucks?|cents?|ct|c|¢|s|secs?|seconds?|mins?|minutes?|p|k"
_FIGURE = rf"(?:(?:us ?)?\$ ?|usd ?)?\d*\.?\d+(?:[ -]?(?:{_UNIT}))?(?![\w.]\d|[a-z])"
# A range: "between 5 and 10 cents", "$1-$2", "5 to 10 s". One unit is enough.
_RANGE = re.compile(
    r"(?:\b(?:between|from) )?(?P<sign>(?:us ?)?\$ ?|usd ?)?(?P<low>\d*\.?\d+)[ -]?(?P<unit>" + _UNIT + r")?"
    rf" ?(?:and|to|till|until|-|–) ?(?P<high>(?:us ?)?\$ ?)?(?P<most>\d*\.?\d+)"
    rf"(?P<last>[ -]?(?:{_UNIT}))?(?![a-z\d])"
)
_BETWEEN = (
    r"(?: (?:of|about|around|roughly|approximately|some|price|cost))*(?= ?(?:usd? ?)?[$<>=]| ?(?:usd )?\.?\d)"
)
_TURNED = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def signed(text: str) -> str:
    """A folded text with signs before its figures for whatever compares with them."""
    if not _DIGIT.search(text):
        return text
    text = _RANGE.sub(_range, text)
    for replacement, pattern in _patterns():
        text = pattern.sub(replacement, text)
    return _turned().sub(lambda match: f" {_TURNED[match['sign']]} ", text)


def holds(sign: str, value: float, amount: float) -> bool:
    """Whether a value compares so with an amount; prices are no nearer to each other than a billionth."""
    return _COMPARE[sign](round(value, 9), round(amount, 9))


def _range(match: re.Match[str]) -> str:
    before = match["sign"] or match["high"] or ""
    after = match["last"] or ""
    if not before and not after:
        return match[0]
    first = f" {match['unit']}" if match["unit"] else "" if before else after
    return f" >= {before}{match['low']}{first} <= {'' if after else before}{match['most']}{after}"


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = []
    for sign, words in tables.comparisons():
        if sign.startswith("..."):
            after = rf"(?P<figure>{_FIGURE})(?: (?:per|a|each) \w+)?,? (?:{words})(?!\w)"
            found.append((rf" {sign[3:]} \g<figure>", re.compile(after)))
        elif sign != "not":
            found.append((f" {sign} ", re.compile(rf"(?<![a-z])(?:{words}){_BETWEEN}")))
    return (*found, (r" >= \1", re.compile(r"(\$?\d*\.?\d+) ?\+(?!\d)")))


@cache
def _turned() -> re.Pattern[str]:
    words = dict(tables.comparisons())["not"]
    return re.compile(rf"(?:(?<![a-z])|(?=n't))(?:{words})\s+(?P<sign>[<>]=?)")
