"""Constraints in words: price, length, resolution, shape, counts, and the names of inputs and their values.

What says nothing about what is to be done is taken out of the query. A constraint lowers the fit of the
models that do not meet it.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from . import tables
from .facets import Facets
from .words import stem

Row = list[Any]
Check = Callable[[Row, Facets], bool]

_WORDED = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
_NUMBERS = {word: str(number) for number, word in enumerate(_WORDED.split(), 1)}
_NUMBERS |= {"twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "hundred": "100"}
_COUNTED = (
    "second|sec|minute|min|cent|dollar|buck|image|picture|photo|variation|output|version|reference|result"
)
_NUMBER_WORD = re.compile(rf"\b({'|'.join(_NUMBERS)})(?=[ -](?:\w+ )?(?:{_COUNTED})s?\b)")
_HALF = {"half a minute": "30 seconds", "half a dollar": "$0.5", "a minute": "1 minute", "a cent": "1 cent"}
_HALF |= {
    "a dollar": "$1",
    "a buck": "$1",
    "full hd": "1080p",
    "ultra hd": "4k",
    "uhd": "4k",
    "fullhd": "1080p",
}

_AT_MOST = (
    r"(?:(?:under|below|less than|at most|max(?:imum)?(?: price)?(?: of)?|no more than|not more than|up to"
    r"|cheaper than|within|for|costs?|costing|<=?|budget(?: of)?|around|about)\s+)*"
)
_PRICE = re.compile(
    rf"{_AT_MOST}(?:\$\s*(?P<dollars>\d*\.?\d+)|(?P<amount>\d*\.?\d+)\s*"
    r"(?P<unit>\$|usd\b|dollars?\b|bucks?\b|cents?\b|ct\b|c\b|¢))(?:\s+or (?:less|cheaper|below))?"
    r"(?:\s*(?:per|a|each) (?:run|image|picture|video|call|piece|clip|generation))?"
)
_BARE_PRICE = re.compile(r"(?:under|below|less than|at most|cheaper than|<=?)\s*(?P<dollars>0?\.\d+)\b")
_CHEAP = {stem(word) for word in ["cheap", "cheaper", "budget", "affordable", "inexpensive", "economical"]}
_CHEAPEST = re.compile(r"\b(?:cheapest|least expensive|lowest (?:price|cost)|most affordable)\b")
_SECONDS = re.compile(
    r"(?P<least>longer than|more than|over|at least|minimum(?: of)?)?\s*\b(?P<amount>\d+(?:\.\d+)?)[ -]?"
    r"(?P<unit>s|secs?|seconds?|mins?|minutes?)\b(?:[ -]long)?"
)
_LINES = re.compile(r"\b(\d{3,4})p\b|\b(\d{1,2})k\b(?! (?:words|people|followers|users))")
_RATIO = re.compile(r"\b(\d{1,2}):(\d{1,2})\b")
_SIZE = re.compile(r"\b(\d{3,5})\s?(?:x|\*|×|by)\s?(\d{3,5})\b")
_PICTURES = r"(?:images?|pictures?|pics|photos?|variations?|outputs?|results?|versions?|references?)"
_MADE = re.compile(r"variation|output|result|version")
_COUNT = re.compile(rf"(?P<before>(?:\w+ ){{0,3}})\b(?P<amount>\d{{1,2}}) (?:\w+ )?{_PICTURES}\b")
_BATCH = re.compile(r"\bbatch(?:es)? of (\d{1,2})\b")
_GIVEN = re.compile(
    r"\b(?:with|from|accepts?|takes?|combine|merge|blend|using|input|reference|of my|edit|up to)\b"
)
_SHAPES = {"vertical": (9, 16), "portrait format": (9, 16), "widescreen": (16, 9), "square": (1, 1)}
_FORMATS = frozenset(
    [
        "png",
        "jpeg",
        "jpg",
        "webp",
        "tiff",
        "svg",
        "mp3",
        "wav",
        "flac",
        "pcm",
        "ogg",
        "mp4",
        "webm",
        "mov",
        "gif",
        "glb",
        "fbx",
        "obj",
        "stl",
        "usdz",
    ]
)


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
    for phrase, figure in _HALF.items():
        folded = re.sub(rf"\b{phrase}\b", figure, folded)
    asked = Asked(_NUMBER_WORD.sub(lambda match: _NUMBERS[match[1]], folded))
    _take(asked, _PRICE, 0.3, _price)
    _take(asked, _BARE_PRICE, 0.3, _price)
    _take(asked, _SECONDS, 0.5, _seconds)
    _take(asked, _SIZE, 0.6, lambda match: lambda _, can: _fits(can, int(match[1]), int(match[2])))
    _take(asked, _RATIO, 0.6, lambda match: _ratio(int(match[1]), int(match[2])))
    asked.constraints += [Constraint(0.5, _lines(match)) for match in _LINES.finditer(asked.text)]
    for match in _COUNT.finditer(asked.text):
        given = bool(_GIVEN.search(match["before"])) and not _MADE.search(match[0])
        asked.constraints.append(Constraint(0.6, _count(int(match["amount"]), given=given)))
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


def of_inputs(text: str, models: Iterable[frozenset[str]]) -> list[Constraint]:
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
    found += [Constraint(0.7, _choosing(word)) for word in _FORMATS.intersection(said.split())]
    return found


def _take(
    asked: Asked, pattern: re.Pattern[str], unmet: float, check: Callable[[re.Match[str]], Check]
) -> None:
    asked.constraints += [Constraint(unmet, check(match)) for match in pattern.finditer(asked.text)]
    asked.text = pattern.sub(" ", asked.text)


def _price(match: re.Match[str]) -> Check:
    groups = match.groupdict()
    if groups["dollars"]:
        most = float(groups["dollars"])
    else:
        most = float(groups["amount"]) / (100 if groups["unit"][0] in "c¢" else 1)
    return lambda row, _: row[3] is not None and row[3] <= most + 1e-9


def _seconds(match: re.Match[str]) -> Check:
    amount = float(match["amount"]) * (60 if match["unit"].startswith("m") else 1)
    most = math.inf if match["least"] else amount
    return lambda _, can: any(low <= most and high >= amount for low, high in can.seconds)


def _lines(match: re.Match[str]) -> Check:
    name = f"{match[1]}p" if match[1] else f"{match[2]}k"
    lines = int(match[1]) if match[1] else {"1": 1024, "2": 2048, "4": 2160, "8": 4320}.get(match[2], 99_999)
    names = {name} | {"2160p": {"4k"}, "4k": {"2160p"}, "1440p": {"2k"}}.get(name, set())
    part = re.compile(rf"(?<![a-z0-9]){name}(?![a-z0-9])")

    def check(row: Row, can: Facets) -> bool:
        sized = any(min(size) >= lines for size in can.sizes) or can.side >= lines * 1.7
        return bool(names & can.values) or bool(part.search(row[0].lower())) or sized

    return check


def _ratio(wide: int, high: int) -> Check:
    def check(_: Row, can: Facets) -> bool:
        near = any(abs(one / other - wide / high) < 0.02 for one, other in can.sizes if other)
        return f"{wide}:{high}" in can.values or near or can.side > 0

    return check


def _fits(can: Facets, wide: int, high: int) -> bool:
    return (wide, high) in can.sizes or can.side >= max(wide, high)


def _count(amount: int, *, given: bool) -> Check:
    return lambda _, can: (can.pictures if given else can.outputs) >= amount


def _having(pattern: re.Pattern[str]) -> Check:
    return lambda _, can: any(map(pattern.search, can.inputs))


def _choosing(word: str) -> Check:
    return lambda _, can: any(word in re.split(r"[^a-z0-9]+", value) for value in can.values)
