"""The tables of the search, read from the text files in `data/`. Each file says at its top how it is read."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .words import fold, pieces, stem

_DATA = Path(__file__).with_name("data")


@dataclass(slots=True)
class Task:
    """What models are used for: which do it best, which do it too, and how people ask for it.

    The patterns are searched in a model's `TYPE MODEL_ID`.
    """

    name: str
    best: str = "$^"
    also: str = "$^"
    wishes: list[str] = field(default_factory=list)


def tasks() -> tuple[Task, ...]:
    """Every task of `tasks.txt`: what the weights of the search are learnt from, not read by a search."""
    found: list[Task] = []
    for line in _lines("tasks.txt"):
        if line.startswith("["):
            found.append(Task(line.strip("[]")))
        elif line.startswith("= "):
            found[-1].best = line[2:]
        elif line.startswith("~ "):
            found[-1].also = line[2:]
        else:
            found[-1].wishes.append(line)
    return tuple(found)


@cache
def concepts() -> dict[str, str]:
    """The concept that the stem of a word stands for."""
    return {stem(word): f"@{name}" for name, words in _entries("concepts.txt") for word in words}


@cache
def stop_words() -> frozenset[str]:
    """Words that say nothing about what is wanted."""
    return frozenset(word for line in _lines("stopwords.txt") for word in line.split())


@cache
def other_names() -> dict[str, list[str]]:
    """What ids call by other names, as stems."""
    return {name: [stem(word) for word in words] for name, words in _entries("names.txt")}


def said() -> set[str]:
    """What the words of the example wishes are made of."""
    return {piece for task in tasks() for wish in task.wishes for piece in pieces(fold(wish))}


@cache
def inputs() -> dict[str, list[str]]:
    """How people call inputs: each phrase with patterns of the inputs it means."""
    return dict(_entries("inputs.txt"))


@cache
def figures() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """How people write figures: what stands for each pattern."""
    lines = (line.partition(": ") for line in _lines("figures.txt"))
    return tuple((figure, re.compile(rf"\b(?:{pattern})\b")) for figure, _, pattern in lines)


@cache
def comparisons() -> tuple[tuple[str, str], ...]:
    """How people compare with figures: a sign, or what is done with one, and the pattern of its words."""
    lines = (line.partition(": ") for line in _lines("comparisons.txt"))
    return tuple((sign.strip(), pattern.strip()) for sign, _, pattern in lines)


def origin() -> str:
    """What tells the tables apart that the weights of the search are learnt from."""
    learnt_from = (line for name in ("tasks.txt", "concepts.txt", "stopwords.txt") for line in _lines(name))
    return f"{zlib.crc32(chr(10).join(learnt_from).encode()):08x}"


def _entries(name: str) -> Iterator[tuple[str, list[str]]]:
    for line in _lines(name):
        key, _, words = line.partition(":")
        yield key.strip(), words.split()


def _lines(name: str) -> Iterator[str]:
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()
