"""What a query is about, told by the example wishes that are most like it."""

import heapq
import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache
from itertools import pairwise

from .tables import concepts, stop_words, tasks, words_of_wishes
from .words import stem

# How many of the nearest examples vote, and how much more the nearer ones count.
NEAREST = 20
SHARPNESS = 2.5
# How many examples are compared closely.
LOOKED_AT = 200
# What two words beside each other count beside one word.
PAIR = 0.7
# How many examples have a pair of words, about.
RARE = 3

# The stem of a word and the concept it stands for.
Told = tuple[str, str]


class Examples:
    """The example wishes of the tables, by the words they have."""

    def __init__(self) -> None:
        self.tasks: list[int] = []
        self.said: list[list[Told]] = []
        self.places: defaultdict[str, list[int]] = defaultdict(list)
        # Each word is taken apart once: there are many examples.
        told = {word: _all_told(parts) for word, parts in words_of_wishes().items()}
        for number, task in enumerate(tasks()):
            for wish in task.wishes:
                said = [one for word in wish.split() for one in told[word]]
                for feature in _words(said):
                    self.places[feature].append(len(self.said))
                self.tasks.append(number)
                self.said.append(said)

    def votes(self, words: list[str]) -> dict[int, float]:
        """The share of each task (by its number) in what the nearest examples ask for."""
        told = _all_told(words)
        likeness: defaultdict[int, float] = defaultdict(float)
        for feature in _words(told) & self.places.keys():
            self._add(likeness, self.places[feature], 1)
        for pair in _pairs(told):
            self._add(likeness, self._having_pair(*pair), PAIR)
        # The length of an example takes long to work out, and a rough one tells which are far away.
        rough = {place: like / math.sqrt(len(self.said[place])) for place, like in likeness.items()}
        near = heapq.nlargest(LOOKED_AT, rough, key=lambda place: (rough[place], -place))
        exact = {place: likeness[place] / self._length(place) for place in near}
        votes: defaultdict[int, float] = defaultdict(float)
        for place in heapq.nlargest(NEAREST, near, key=lambda place: (exact[place], -place)):
            votes[self.tasks[place]] += exact[place] ** SHARPNESS
        total = sum(votes.values())
        return {task: vote / total for task, vote in votes.items()}

    def _add(self, likeness: dict[int, float], places: Collection[int], strength: float) -> None:
        if places:
            weight = (self._rarity(len(places)) * strength) ** 2
            for place in places:
                likeness[place] += weight

    def _rarity(self, count: int) -> float:
        return math.log(1 + len(self.said) / count)

    def _having_pair(self, one: str, other: str) -> list[int]:
        """The examples in which two concepts follow each other."""
        both = set(self.places.get(one, ())).intersection(self.places.get(other, ()))
        return [place for place in both if (one, other) in _pairs(self.said[place])]

    def _length(self, place: int) -> float:
        """The length of an example; most of its pairs are as good as rare as can be."""
        words = sum(self._rarity(len(self.places[feature])) ** 2 for feature in _words(self.said[place]))
        rare = self._rarity(RARE) * PAIR
        return math.sqrt(words + len(_pairs(self.said[place])) * rare**2)


@cache
def examples() -> Examples:
    """The examples, made when first asked for."""
    return Examples()


def warm_up() -> None:
    """Read the tables before they are needed."""
    examples()


def _words(told: list[Told]) -> set[str]:
    """Words, and the concepts they stand for."""
    return {feature for one in told for feature in one}


def _pairs(told: list[Told]) -> set[tuple[str, str]]:
    """Which concepts follow each other, at once or after one more."""
    meant = [concept for _, concept in told]
    return {*pairwise(meant), *zip(meant, meant[2:], strict=False)}


def _all_told(words: Iterable[str]) -> list[Told]:
    return [told for word in words if (told := _told(word)) is not None]


@cache
def _told(word: str) -> Told | None:
    """The stem of a word and its concept, or nothing for a word that says nothing."""
    if (word in stop_words() or word[0].isdigit()) and word != "3d":
        return None
    term = stem(word)
    return term, concepts().get(term, term)
