"""What a query is about, told by the example wishes that are most like it."""

import math
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

from .tables import concepts, stop_words, tasks
from .words import pieces, stem

# How many of the nearest examples vote, and how much more the nearer ones count.
NEAREST = 20
SHARPNESS = 2.5
# What two words beside each other count beside one word.
PAIR = 0.7


class Examples:
    """The example wishes of the tables, by what they say."""

    def __init__(self) -> None:
        self.tasks: list[int] = []
        # One string for each feature, however many say it: there are many examples.
        self.said: list[tuple[str, ...]] = []
        self.places: defaultdict[str, list[int]] = defaultdict(list)
        known: dict[str, str] = {}
        for number, task in enumerate(tasks()):
            for wish in task.wishes:
                place, said = len(self.said), features(pieces(wish))
                self.tasks.append(number)
                self.said.append(tuple(known.setdefault(feature, feature) for feature in said))
                for feature in self.said[place]:
                    self.places[feature].append(place)
        self._lengths: dict[int, float] = {}

    def votes(self, words: list[str]) -> dict[int, float]:
        """The share of each task (by its number) in what the nearest examples ask for."""
        said = [feature for feature in features(words) if feature in self.places]
        length = self._length(said)
        likeness: defaultdict[int, float] = defaultdict(float)
        for feature in said:
            weight = self._weight(feature) ** 2 / length
            for place in self.places[feature]:
                likeness[place] += weight
        for place in likeness:
            likeness[place] /= self._length_at(place)
        nearest = sorted(likeness.items(), key=lambda one: (-one[1], one[0]))[:NEAREST]
        votes: defaultdict[int, float] = defaultdict(float)
        for place, like in nearest:
            votes[self.tasks[place]] += like**SHARPNESS
        total = sum(votes.values())
        return {task: vote / total for task, vote in votes.items()}

    def _weight(self, feature: str) -> float:
        rare = math.log(1 + len(self.said) / len(self.places[feature]))
        return rare * (PAIR if " " in feature else 1)

    def _length(self, said: Iterable[str]) -> float:
        return math.sqrt(sum(self._weight(feature) ** 2 for feature in said)) or 1.0

    def _length_at(self, place: int) -> float:
        """The length of an example, worked out when a query first comes near it."""
        if place not in self._lengths:
            self._lengths[place] = self._length(self.said[place])
        return self._lengths[place]


@cache
def examples() -> Examples:
    """The examples, made when first asked for."""
    return Examples()


def warm_up() -> None:
    """Read the tables before they are needed."""
    examples()


def features(words: Iterable[str]) -> set[str]:
    """What words say: stems, the concepts they stand for, and which of them follow each other."""
    told = [both for word in words if (both := _told(word)) is not None]
    meant = [concept for _, concept in told]
    pairs = [*pairwise(meant), *zip(meant, meant[2:], strict=False)]
    return {*(word for word, _ in told), *meant, *(f"{one} {other}" for one, other in pairs)}


@cache
def _told(word: str) -> tuple[str, str] | None:
    """The stem of a word and its concept, or nothing for a word that says nothing."""
    if (word in stop_words() or word[0].isdigit()) and word != "3d":
        return None
    term = stem(word)
    return term, concepts().get(term, term)
