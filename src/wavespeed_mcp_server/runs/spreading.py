"""What `vary` stands for: every combination of its values, a folder for its files, `1-3` for 1, 2 and 3."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from ..catalog import Model, is_taken, media_inputs, properties, prose_inputs
from .account import Account
from .faults import NotRun

MOST_RUNS = 100
_BETWEEN = re.compile(r"\s*(?:[,;\n]|\band\b)\s*")
_RANGE = re.compile(r"([+-]?\d+)\s*(?:-|\u2013|\.\.\.?|to|through)\s*([+-]?\d+)")


@dataclass(frozen=True)
class Spread:
    """The inputs of every run. `note` says what stands for a folder, or nothing."""

    inputs: list[dict[str, Any]]
    note: str = ""


async def spread(
    account: Account, model: str, inputs: Mapping[str, Any], vary: Mapping[str, list[Any]]
) -> Spread:
    """Every combination of the values of `vary`, each with the other inputs.

    Raises:
        UnknownModel: the catalog does not have it.
        FileRefused: a folder may not be read, or holds nothing of use.
        NotRun: they are too many.
    """
    if not vary:
        return Spread([dict(inputs)])
    info = await account.catalog.model(model)
    kinds = media_inputs(info) if info else {}
    found = await account.media.expand(dict(vary), {**dict.fromkeys(vary, ""), **kinds})
    values = {key: _values(info, key, given) for key, given in found.input.items()}
    check_count(prod(map(len, values.values())))
    runs = [{**inputs, **dict(zip(values, one, strict=True))} for one in product(*values.values())]
    return Spread(runs, found.note)


def check_count(count: int) -> None:
    """Raise NotRun where a batch would have more runs than it takes."""
    if count > MOST_RUNS:
        raise NotRun(f"These are {count} runs; a batch takes {MOST_RUNS}. Vary fewer values.")


def _values(info: Model | None, key: str, given: list[Any]) -> list[Any]:
    """The values in one text, where the input takes each of them."""
    text = given[0] if len(given) == 1 else None
    if info is None or not isinstance(text, str) or key in prose_inputs(info):
        return given
    for values in _readings(text, properties(info.schema).get(key, {}).get("enum")):
        if 1 < len(values) <= MOST_RUNS and all(is_taken(info, key, one) for one in values):
            return values
    return given


def _readings(text: str, choices: object) -> Iterator[list[Any]]:
    known = choices if isinstance(choices, list) else []
    if text.strip().lower() == "all" and "all" not in (str(one).lower() for one in known):
        yield known
    yield [part for part in _BETWEEN.split(text.strip()) if part]
    if found := _RANGE.fullmatch(text.strip()):
        first, last = int(found[1]), int(found[2])
        yield list(range(first, min(last, first + MOST_RUNS) + 1))
