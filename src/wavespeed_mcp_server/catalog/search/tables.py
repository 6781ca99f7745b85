"""The tables of the search, read from the text files in `data/`. Each file says at its top how it is read."""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from .words import pieces, stem

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


@cache
def tasks() -> tuple[Task, ...]:
    """Every task of `tasks.txt`."""
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


@cache
def words_of_wishes() -> dict[str, list[str]]:
    """Every word of the example wishes as it is written, taken apart."""
    written = {word for task in tasks() for wish in task.wishes for word in wish.split()}
    return {word: pieces(word.removesuffix("'s")) for word in written}


@cache
def said() -> frozenset[str]:
    """What the words of the example wishes are made of."""
    return frozenset(piece for parts in words_of_wishes().values() for piece in parts)


@cache
def ordinary() -> frozenset[str]:
    """Stems of words that people use without meaning a family of models."""
    return frozenset(map(stem, said())).union(concepts(), stop_words(), other_names()["-"])


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


@cache
def state() -> str:
    """Changes when one of the tables does."""
    return f"{zlib.crc32(b''.join(path.read_bytes() for path in sorted(_DATA.iterdir()))):08x}"


def _entries(name: str) -> Iterator[tuple[str, list[str]]]:
    for line in _lines(name):
        key, _, words = line.partition(":")
        yield key.strip(), words.split()


def _lines(name: str) -> Iterator[str]:
    for line in (_DATA / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()
