"""What a query is about, told by the example wishes that are most like it."""

import math
from collections import Counter, defaultdict
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
        wishes = [
            (number, features(pieces(wish))) for number, task in enumerate(tasks()) for wish in task.wishes
        ]
        counts = Counter(feature for _, said in wishes for feature in said)
        self.tasks = [task for task, _ in wishes]
        self.weights = {
            feature: math.log(1 + len(wishes) / count) * (PAIR if " " in feature else 1)
            for feature, count in counts.items()
        }
        self.places: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, (_, said) in enumerate(wishes):
            length = self._length(said)
            for feature in said:
                self.places[feature].append((place, self.weights[feature] / length))

    def votes(self, words: list[str]) -> dict[int, float]:
        """The share of each task (by its number) in what the nearest examples ask for."""
        said = [feature for feature in features(words) if feature in self.weights]
        length = self._length(said)
        likeness: defaultdict[int, float] = defaultdict(float)
        for feature in said:
            for place, weight in self.places[feature]:
                likeness[place] += weight * self.weights[feature] / length
        nearest = sorted(likeness.items(), key=lambda one: (-one[1], one[0]))[:NEAREST]
        votes: defaultdict[int, float] = defaultdict(float)
        for place, like in nearest:
            votes[self.tasks[place]] += like**SHARPNESS
        total = sum(votes.values())
        return {task: vote / total for task, vote in votes.items()}

    def _length(self, said: Iterable[str]) -> float:
        return math.sqrt(sum(self.weights[feature] ** 2 for feature in said)) or 1.0


@cache
def examples() -> Examples:
    """The examples, made when first asked for."""
    return Examples()


def warm_up() -> None:
    """Read the tables before they are needed."""
    examples()


def features(words: Iterable[str]) -> set[str]:
    """What words say: stems, the concepts they stand for, and which of them follow each other."""
    found = [
        stem(word) for word in words if (word not in stop_words() and not word[0].isdigit()) or word == "3d"
    ]
    meant = [concepts().get(word, word) for word in found]
    pairs = [*pairwise(meant), *zip(meant, meant[2:], strict=False)]
    return {*found, *meant, *(f"{one} {other}" for one, other in pairs)}
