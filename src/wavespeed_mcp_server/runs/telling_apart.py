"""Rows that look alike in one answer, told apart by the inputs in which they differ."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ..files import file_stem, marked_paths
from .outcome import Outcome

MOST_INPUTS = 4
LONGEST_CHARS = 40


def sources(inputs: Sequence[Mapping[str, Any]]) -> list[str]:
    """The file that each of these was made from, by its name without an ending; "" where it is none or more.

    A file that all of them were made from tells nothing, unless there is no other.
    """
    found = [set(marked_paths(one)) for one in inputs]
    common = set.intersection(*found) if found else set()
    own = [paths - common or paths for paths in found]
    return [file_stem(*paths)[:LONGEST_CHARS] if len(paths) == 1 else "" for paths in own]


def told_apart(outcomes: Sequence[Outcome], inputs: Sequence[Mapping[str, Any]]) -> list[Outcome]:
    """The same outcomes; those of one model and prompt say in `vary` in which of their inputs they differ."""
    alike: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, outcome in enumerate(outcomes):
        alike[outcome.model, outcome.prompt].append(index)
    told = list(outcomes)
    for group in alike.values():
        varied = _differing([inputs[index] for index in group])
        for index, values in zip(group, varied, strict=True):
            if values:
                told[index] = outcomes[index].model_copy(update={"vary": values})
    return told


def _differing(inputs: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Of each the inputs that are not the same in all, in short."""
    names = [
        name
        for name in dict.fromkeys(name for one in inputs for name in one)
        if any(one.get(name) != inputs[0].get(name) for one in inputs)
    ][:MOST_INPUTS]
    shown = {name: _shortened([one.get(name) for one in inputs]) for name in names}
    return [
        {name: shown[name][index] for name in names if one.get(name) is not None}
        for index, one in enumerate(inputs)
    ]


def _shortened(values: list[Any]) -> list[Any]:
    """Values as they are where all are short, else without what they have in common at their beginning."""
    texts = [value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for value in values]
    if all(len(text) <= LONGEST_CHARS for text in texts):
        return values
    given = [text for text, value in zip(texts, values, strict=True) if value is not None]
    columns = enumerate(zip(*given, strict=False))
    same = next((at for at, column in columns if len(set(column)) > 1), min(map(len, given)))
    begin = max(texts[0].rfind(mark, 0, same) for mark in " /") + 1
    return [_cut(text, begin if begin + LONGEST_CHARS > same else same) for text in texts]


def _cut(text: str, begin: int) -> str:
    rest = text[begin:]
    return ("…" if begin else "") + (rest if len(rest) <= LONGEST_CHARS else f"{rest[:LONGEST_CHARS]}…")
