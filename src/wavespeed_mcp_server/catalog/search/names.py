"""The words of a query as ids have them, and the models it asks for by name."""

import re

from . import tables
from .index import Index
from .wishes import learnt, ordinary
from .words import closest, pieces, stem

# How much of a name and version counts: other versions of a number that was cut short (2 and 2.1) a little.
NAME = 2.0
VERSION = 1.0
LATER_VERSION = 0.25

_NUMBER = re.compile(r"\d+(\.\d+)?")


def spelled(index: Index, folded: str) -> list[str]:
    """The words of a query; joined and split as ids have them, slips corrected."""
    found: list[str] = []
    words = pieces(folded)
    place = 0
    while place < len(words):
        word, after = words[place], words[place + 1] if place + 1 < len(words) else ""
        place += 1
        if after.isalpha() and stem(word + after) in index.families:
            found.append(word + after)
            place += 1
        elif word == "2" and found and not {stem(found[-1]), stem(after)} - tables.concepts().keys():
            found.append("to")
        elif _is_known(index, word):
            found.append(word)
        elif word in index.joined:
            found += index.joined[word]
        else:
            found += _corrected(index, word)
    return found


def by_name(index: Index, folded: str, words: list[str]) -> frozenset[int]:
    """The models that have most of the families and versions that a query names; none where it names none."""
    named: dict[int, float] = {}
    for provider in index.families:
        if "-" in provider and provider.replace("-", " ") in folded.replace("-", " "):
            _count(named, index.named[provider], NAME)
    if not named and not any(_families(index, word) for word in words):
        return frozenset()
    for word in dict.fromkeys(words):
        families = _families(index, word)
        _count(named, frozenset().union(*(index.named[name] for name in families)), NAME)
        if _NUMBER.fullmatch(word):
            exact = index.named.get(word, frozenset())
            later = {n for name, n in index.named.items() if name.startswith(f"{word}.")}
            _count(named, exact, VERSION)
            _count(named, frozenset().union(*later) - exact, LATER_VERSION)
    most = max(named.values())
    return frozenset(number for number, count in named.items() if count == most)


def is_part_of_name(index: Index, word: str) -> bool:
    """Whether a word of a query names a family or a version, rather than what is to be done."""
    return bool(_NUMBER.fullmatch(word) or _families(index, word))


def alternatives(word: str) -> list[str]:
    """The stems by which ids may call what a word names, its own first."""
    return [stem(word), *tables.other_names().get(word, ())]


def _families(index: Index, word: str) -> list[str]:
    own, *others = alternatives(word)
    if own in index.families:
        return [own]
    return [] if own in ordinary() else [name for name in others if name in index.named]


def _is_known(index: Index, word: str) -> bool:
    term = stem(word)
    known = term in ordinary() or term in index.named or word in tables.other_names()
    return known or not word.isalpha() or (len(term) > 3 and bool(index.mentioning(term)))


def _parts(index: Index, word: str) -> list[str]:
    """`backgroundremover` in its two words."""
    splits = ([word[:place], word[place:]] for place in range(4, len(word) - 3))
    return next((parts for parts in splits if all(_is_known(index, part) for part in parts)), [])


def _corrected(index: Index, word: str) -> list[str]:
    if name := closest(word, {*index.families, *index.joined}, 0.8):
        return index.joined.get(name, [name])
    return _parts(index, word) or [closest(word, learnt().told["said"], 0.85) or word]


def _count(named: dict[int, float], numbers: frozenset[int], weight: float) -> None:
    for number in numbers:
        named[number] = named.get(number, 0.0) + weight
