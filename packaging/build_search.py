"""Learns what the search knows from its example wishes: `python packaging/build_search.py`.

Needs numpy (`pip install -e '.[learning]'`). Writes `learnt.bin` beside the tables it is learnt from.
The weights are those of naive Bayes, plus what logistic regression finds (AdaGrad, one example at a time).
"""

import json
from collections import Counter
from zlib import crc32

import numpy as np

from wavespeed_mcp_server.catalog.search import constraints, tables, wishes
from wavespeed_mcp_server.catalog.search.words import fold, pieces, stem

PASSES = 4
UNSEEN = 0.05
# How many examples must have a pair of words; and which weights are too small to be kept.
OFTEN = 2
SMALL = 0.5
# What may be set in many models, beside the names of inputs.txt, and how it follows a wish.
INPUTS = ["aspect ratio", "resolution", "channel", "output format", "outputs", "output", "seed", "setting"]
INPUTS += ["control", "option", "support", "fixed"]
LINKS = (" with ", " ", " and ", ", ")


def main() -> None:
    said = [
        (wishes.features(pieces(constraints.read(fold(text)).text)), number)
        for number, task in enumerate(tables.tasks())
        for wish in task.wishes
        for text in (wish, besides(wish))
    ]
    counts = Counter(feature for features, _ in said[::2] for feature in set(features))
    known = sorted(one for one, count in counts.items() if count >= OFTEN or " " not in one)
    numbers = {feature: number for number, feature in enumerate(known)}
    rows = [np.array([numbers[one] for one in features if one in numbers], int) for features, _ in said]
    weights = naive_bayes(rows, [task for _, task in said], len(known))
    weights += regression(rows, [task for _, task in said], len(known))
    weights -= np.median(weights, 1, keepdims=True)
    rest = np.median(weights, 0)
    weights -= rest
    kept = np.where(abs(weights) > SMALL, np.clip(np.round(weights * wishes.UNIT), -127, 127), 0).astype(
        np.int8
    )
    wishes.LEARNT.write_bytes(packed(known, kept, rest))
    print(f"{len(said)} examples, {len(known)} features, {np.count_nonzero(kept)} weights")


def besides(wish: str) -> str:
    """A wish that names an input besides, so that the names of inputs do not tell of tasks."""
    named = [*INPUTS, *(phrase for phrase in tables.inputs() if len(phrase) > 1), *tables.inputs()["="]]
    chance = crc32(wish.encode())
    return f"{wish}{LINKS[chance % len(LINKS)]}{named[chance % len(named)]}"


def naive_bayes(rows: list, tasks: list[int], features: int) -> np.ndarray:
    """How much more often than elsewhere a task's examples have a feature, as a logarithm."""
    counts = np.full((features, len(tables.tasks())), UNSEEN)
    for row, task in zip(rows, tasks, strict=True):
        np.add.at(counts[:, task], row, 1)
    logs = np.log(counts / counts.sum(0))
    return logs - logs.mean(1, keepdims=True)


def regression(rows: list, tasks: list[int], features: int) -> np.ndarray:
    weights = np.zeros((features, len(tables.tasks())))
    steps = np.full(features, 1e-3)
    order = np.random.default_rng(0)
    for _ in range(PASSES):
        for number in order.permutation(len(rows)):
            row = rows[number]
            if len(row):
                scores = weights[row].sum(0) / np.sqrt(len(row))
                wrong = np.exp(scores - scores.max())
                wrong /= wrong.sum()
                wrong[tasks[number]] -= 1
                wrong /= np.sqrt(len(row))
                steps[row] += (wrong**2).sum() / 10
                weights[row] -= wrong / np.sqrt(steps[row])[:, None]
    return weights


def packed(known: list[str], kept: np.ndarray, rest: np.ndarray) -> bytes:
    """The table as `wishes.Learnt` reads it."""
    marks = sorted((crc32(feature.encode()), number) for number, feature in enumerate(known))
    assert len({mark for mark, _ in marks}) == len(marks), "two features have the same checksum"
    order = [number for _, number in marks]
    ends = np.cumsum([np.count_nonzero(kept[number]) for number in order])
    numbers = np.array([*(mark for mark, _ in marks), *ends], "<u4").tobytes()
    tasks = b"".join(np.flatnonzero(kept[number]).astype("u1").tobytes() for number in order)
    weights = b"".join(kept[number][kept[number] != 0].tobytes() for number in order)
    told = {
        "origin": tables.origin(),
        "features": len(known),
        "weights": len(weights),
        "rest": [round(float(weight) * wishes.UNIT, 2) for weight in rest],
        "tasks": [[task.best, task.also] for task in tables.tasks()],
        "said": sorted(tables.said()),
        "stems": sorted(set(map(stem, tables.said()))),
    }
    return json.dumps(told, separators=(",", ":")).encode() + b"\n" + numbers + tasks + weights


if __name__ == "__main__":
    main()
