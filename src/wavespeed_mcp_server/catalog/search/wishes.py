"""What a query is about: the shares of tasks in it, told by a linear model over its words.

`packaging/build_search.py` learns the weights from the example wishes; `data/learnt.bin` holds them.
"""

import json
import math
import sys
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zlib import crc32

from . import tables
from .words import stem

LEARNT = Path(__file__).with_name("data") / "learnt.bin"
# What a weight of one is stored as, how sharply scores are told apart, and the least share that counts.
UNIT = 12
SHARPNESS = 0.45
LEAST = 0.01


class Learnt:
    """The weights: a line of JSON, checksums of features, where the tasks of each end, tasks, weights.

    A task is known by its place in `tasks.txt`.
    """

    def __init__(self, content: bytes) -> None:
        line, _, rest = content.partition(b"\n")
        self.told: dict[str, Any] = json.loads(line)
        features, weights = self.told["features"], self.told["weights"]
        numbers = array("I", rest[: 8 * features])
        if sys.byteorder == "big":
            numbers.byteswap()
        self._features, self._ends = numbers[:features], numbers[features:]
        self._tasks = rest[8 * features :][:weights]
        self._weights = array("b", rest[8 * features + weights :])

    def shares(self, words: Iterable[str]) -> dict[int, float]:
        """The share of each task in what these words ask for; of none where no word is known."""
        scores = [0.0] * len(self.told["tasks"])
        known = 0
        for feature in features(words):
            mark = crc32(feature.encode())
            place = bisect_left(self._features, mark)
            if place < len(self._features) and self._features[place] == mark:
                known += 1
                start, end = self._ends[place - 1] if place else 0, self._ends[place]
                for task, weight in zip(self._tasks[start:end], self._weights[start:end], strict=True):
                    scores[task] += weight
        if known < 2:
            return {}
        scores = [score + known * rest for score, rest in zip(scores, self.told["rest"], strict=True)]
        scale = SHARPNESS / UNIT / math.sqrt(known)
        most = max(scores)
        parts = [math.exp((score - most) * scale) for score in scores]
        total = sum(parts)
        return {task: part / total for task, part in enumerate(parts) if part / total >= LEAST}


@cache
def ordinary() -> frozenset[str]:
    """Stems of words that people use without meaning a family of models."""
    words = learnt().told["stems"]
    return frozenset(words).union(tables.concepts(), tables.stop_words(), tables.other_names()["-"])


@cache
def learnt() -> Learnt:
    """The weights that are shipped, read when first asked for."""
    return Learnt(LEARNT.read_bytes())


def features(words: Iterable[str]) -> list[str]:
    """What is looked at: stems, what words mean, which meanings follow each other; and "", which all have.

    A word that tells nothing by itself is kept for what it tells beside others.
    """
    stems = [""]
    meant = ["^"]
    for word in words:
        if word in tables.stop_words():
            meant.append(word)
        elif not word[0].isdigit() or word == "3d":
            stems.append(stem(word))
            meant.append(tables.concepts().get(stems[-1], stems[-1]))
    meant.append("$")
    return [*stems, *meant[1:-1], *map(" ".join, pairwise(meant))]
