"""Constraints in words: price, length, resolution, shape, counts, and the names of inputs and their values.

What says nothing about what is to be done is taken out of the query. A constraint lowers the fit of the
models that do not meet it.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from . import tables
from .comparisons import holds, signed
from .facets import Facets
from .words import stem

Row = list[Any]
Check = Callable[[Row, Facets], bool]

_ONES = "one two three four five six seven eight nine"
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety hundred"
_NUMBERS = {word: number for number, word in enumerate(f"{_ONES} {_TEENS}".split(), 1)}
_NUMBERS |= {word: 10 * number for number, word in enumerate(_TENS.split(), 2)}
_PICTURES = (
    r"(?:images?|pictures?|pics|photos?|variations?|variants?|alternatives?|candidates?|samples?|outputs?"
    r"|results?|versions?|references?)"
)
_NUMBER_WORD = re.compile(
    rf"\b({'|'.join(_NUMBERS)})(?:[ -]({_ONES.replace(' ', '|')}))?"
    rf"(?=[ -](?:(?:and|to|or) )?(?:(?:more|less|fewer) )?(?:\w+ )?"
    rf"(?:secs?|seconds?|mins?|minutes?|cents?|dollars?|bucks?|{_PICTURES})\b)"
)
_FRACTION = re.compile(r"(?:\b(\d+) )?\b(\d) ?[/\u2044] ?(\d)(?=[ -]?(?:of an? )?(?:s|min|c|dollar|\$)\w*)")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d{1,2}\b)")
_CLOCK = re.compile(r"\b0{1,2}:([0-5]\d)\b")

# Any amount of money: its sign, or what is said where "at most" is meant.
_PRICE = re.compile(
    r"(?:(?P<sign>[<>]=?)\s*|(?:up to|within|for|costs?|costing|budget(?: of)?|around|about)\s+)*"
    r"(?:(?:us ?)?(?:\$|usd\b|dollars?\b)\s*(?P<dollars>\d*\.?\d+)|(?P<amount>\d*\.?\d+)[\s-]*"
    r"(?P<unit>\$|usd\b|dollars?\b|bucks?\b|cents?\b|ct\b|c\b|¢))"
    r"(?:\s*(?:per|a|each) (?:run|image|picture|video|call|piece|clip|generation))?"
)
_BARE_PRICE = re.compile(r"(?P<sign>[<>]=?)\s*(?P<dollars>0?\.\d+)\b")
_CHEAP = {stem(word) for word in ["cheap", "cheaper", "budget", "affordable", "inexpensive", "economical"]}
_CHEAPEST = re.compile(r"\b(?:cheapest|least expensive|lowest (?:price|cost)|most affordable)\b")
_SECONDS = re.compile(
    r"(?P<sign>[<>]=?)?\s*\b(?P<amount>\d+(?:\.\d+)?)[ -]?"
    r"(?P<unit>s|secs?|seconds?|mins?|minutes?)\b(?:[ -]long)?"
)
_RESOLUTION = re.compile(r"(?<![a-z0-9])(?:\d{3,4}p|\d{1,2}k)(?![a-z0-9])")
_LINES = re.compile(
    r"(?:(?P<sign>[<>]=?)\s*)?\b(?P<name>\d{3,4}p|\d{1,2}k)\b(?! (?:words|people|followers|users))"
)
_RATIO = re.compile(
    r"\b(\d{1,2}):(\d{1,2})\b|\b(1|2|3|4|5|9|16|21) ?(?:x|by|/) ?(1|2|3|4|5|9|16)\b(?! ?\w*(?:sec|min))"
)
_PIXELS = re.compile(r"\b(\d{3,4})[ -]?(?:px|pixels?)\b")
_SIZE = re.compile(r"\b(\d{3,5})\s?(?:x|\*|×|by)\s?(\d{3,5})\b")
_MADE = re.compile(r"vari|output|result|version|altern|candid|sample")
_COUNT = re.compile(
    rf"(?P<before>(?:\w+ +){{0,3}})(?P<sign>[<>]=?)?\s*\b(?P<amount>\d{{1,2}}) (?:\w+ )?{_PICTURES}\b"
    r"(?P<after> (?:in)?to\b)?"
)
_BATCH = re.compile(r"\bbatch(?:es)? of (\d{1,2})\b")
_GIVEN = re.compile(
    r"\b(?:with|from|accepts?|takes?|combine|merge|blend|using|input|reference|of my|edit|up to)\b"
)
_SUPPLIED = re.compile(r"\b(?:references?|inputs?|source|uploaded|existing)\b")
# What stands around a figure (a NUL where it is taken out) and says nothing without it.
_AROUND = re.compile(
    r"(?:\b(?:in|at|with|for|of|as|within|and|or)\s+(?:an?\s+|the\s+)?)*\0(?P<name>\w*)"
    r"(?:\s+(?:resolution|quality|format|(?:aspect )?ratio|long)\b)*"
)
_SHAPES = {"vertical": (9, 16), "widescreen": (16, 9), "square": (1, 1)}


@dataclass(slots=True)
class Constraint:
    """Something asked for, and what the fit of a model that does not meet it is multiplied with."""

    unmet: float
    meets: Check


@dataclass(slots=True)
class Asked:
    """The constraints of a query, what else it says, and how much a low price is wished for (2: cheapest)."""

    text: str
    constraints: list[Constraint] = field(default_factory=list)
    thrift: int = 0


def read(folded: str) -> Asked:
    """The constraints that are told by numbers."""
    asked = Asked(_plain_figures(folded))
    _take(asked, _PRICE, 0.3, _price)
    _take(asked, _BARE_PRICE, 0.3, _price)
    _take(asked, _SECONDS, 0.5, _seconds)
    _take(asked, _SIZE, 0.6, lambda match: lambda _, can: _fits(can, int(match[1]), int(match[2])))
    _take(asked, _PIXELS, 0.6, lambda match: lambda _, can: _fits(can, int(match[1]), 0))
    _take(asked, _RATIO, 0.6, lambda match: _ratio(int(match[1] or match[3]), int(match[2] or match[4])))
    asked.constraints += [Constraint(0.5, _lines(match)) for match in _LINES.finditer(asked.text)]
    asked.text = _AROUND.sub(r" \g<name> ", _LINES.sub(r"\0\g<name>", asked.text))
    for match in _COUNT.finditer(asked.text):
        given = match["after"] or _GIVEN.search(match["before"]) or _SUPPLIED.search(match[0])
        given = bool(given) and not _MADE.search(match[0])
        if not match["sign"] or match["sign"][0] == ">":
            amount = int(match["amount"]) + (match["sign"] == ">")
            asked.constraints.append(Constraint(0.6, _count(amount, given=given)))
    for match in _BATCH.finditer(asked.text):
        asked.constraints.append(Constraint(0.6, _count(int(match[1]), given=False)))
    for word, (wide, high) in _SHAPES.items():
        if re.search(rf"\b{word}\b", asked.text):
            asked.constraints.append(Constraint(0.85, _ratio(wide, high)))
    if _CHEAPEST.search(asked.text):
        asked.thrift = 2
        asked.text = _CHEAPEST.sub(" ", asked.text)
    elif not _CHEAP.isdisjoint(map(stem, asked.text.split())) or "low cost" in asked.text:
        asked.thrift = 1
    return asked


def _plain_figures(folded: str) -> str:
    """Numbers in digits, whatever words and notation they are written in."""
    text = _DECIMAL_COMMA.sub(".", folded)
    text = _FRACTION.sub(lambda match: f"{int(match[1] or 0) + int(match[2]) / int(match[3] or 1):g}", text)
    text = _CLOCK.sub(lambda match: f"{int(match[1])} seconds", text)
    for figure, pattern in tables.figures():
        text = pattern.sub(figure, text)
    text = _NUMBER_WORD.sub(lambda match: str(_NUMBERS[match[1]] + _NUMBERS.get(match[2], 0)), text)
    return signed(text)


def of_inputs(text: str, models: Iterable[Iterable[str]]) -> list[Constraint]:
    """The inputs that a query names, of models with these inputs, and values of them."""
    said = f" {re.sub(r'[^a-z0-9]+', ' ', text)} "
    found: list[Constraint] = []
    phrases = tables.inputs()
    skipped = set(phrases["-"])
    for phrase, patterns in sorted(phrases.items(), key=lambda one: -len(one[0])):
        if f" {phrase} " in said:
            said = said.replace(f" {phrase} ", "  ")
            found.append(Constraint(0.6, _having(re.compile("|".join(patterns)))))
    keys = frozenset().union(*models) - skipped
    named = [key for key in keys if f" {key.replace('_', ' ').lower()} " in said]
    found += [
        Constraint(0.6 if "_" in key else 0.7, _having(re.compile(f"^{re.escape(key)}$"))) for key in named
    ]
    found += [Constraint(0.7, _choosing(word)) for word in phrases["="] if word in said.split()]
    return found


def _take(
    asked: Asked, pattern: re.Pattern[str], unmet: float, check: Callable[[re.Match[str]], Check]
) -> None:
    asked.constraints += [Constraint(unmet, check(match)) for match in pattern.finditer(asked.text)]
    asked.text = pattern.sub("\0", asked.text)


def _price(match: re.Match[str]) -> Check:
    groups = match.groupdict()
    sign = groups["sign"] or "<="
    if groups["dollars"]:
        amount = float(groups["dollars"])
    else:
        amount = float(groups["amount"]) / (100 if groups["unit"][0] in "c¢" else 1)
    return lambda row, _: row[3] is not None and holds(sign, row[3], amount)


def _seconds(match: re.Match[str]) -> Check:
    amount, sign = float(match["amount"]) * (60 if match["unit"].startswith("m") else 1), match["sign"]
    if sign:
        return lambda _, can: any(holds(sign, span[sign[0] == ">"], amount) for span in can.seconds)
    return lambda _, can: any(low <= amount <= high for low, high in can.seconds)


def _lines(match: re.Match[str]) -> Check:
    name = match["name"]
    sign, lines = match["sign"], _height(name)
    names = {name} | {"2160p": {"4k"}, "4k": {"2160p"}, "1440p": {"2k"}}.get(name, set())

    def check(row: Row, can: Facets) -> bool:
        sizes = [min(size) for size in can.sizes]
        offered = {found[0] for text in (*can.values, row[0].lower()) for found in _RESOLUTION.finditer(text)}
        if sign:
            return any(holds(sign, height, lines) for height in [*sizes, *map(_height, offered)])
        return (
            not names.isdisjoint(offered) or any(size >= lines for size in sizes) or can.side >= lines * 1.7
        )

    return check


def _height(name: str) -> float:
    """The lines of `1080p` and `4k`."""
    known = {"1k": 1024, "2k": 2048, "4k": 2160, "8k": 4320}
    return float(name[:-1]) if name.endswith("p") else known.get(name, 99_999)


def _ratio(wide: int, high: int) -> Check:
    def check(_: Row, can: Facets) -> bool:
        near = any(abs(one / other - wide / high) < 0.02 for one, other in can.sizes if other)
        return f"{wide}:{high}" in can.values or near or can.side > 0

    return check


def _fits(can: Facets, wide: int, high: int) -> bool:
    """Whether a size can be had, or where only one side is told (the other is 0), one with such a side."""
    known = any(wide in size for size in can.sizes) if not high else (wide, high) in can.sizes
    return known or can.side >= max(wide, high)


def _count(amount: int, *, given: bool) -> Check:
    return lambda _, can: (can.pictures if given else can.outputs) >= amount


def _having(pattern: re.Pattern[str]) -> Check:
    return lambda _, can: any(map(pattern.search, can.inputs))


def _choosing(word: str) -> Check:
    return lambda _, can: any(word in re.split(r"[^a-z0-9]+", value) for value in can.values)
