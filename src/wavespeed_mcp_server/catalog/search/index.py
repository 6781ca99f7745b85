"""A catalog ready to be searched."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

from ..cache import Stored, dumps
from ..model import Model
from ..schema import properties
from . import tables
from .facets import Facets, facets
from .words import fold, pieces, stem, stems

LAYOUT = "5"
_MARKS = ".,;:!?'\"`()/<>"
_NOT_IN_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass
class Index:
    """The models of a catalog, numbered in descending `sort_order`.

    A row is id, type, description, base price and sort order. `details` are JSON of the request schema and
    the price formula, read when first asked for.
    """

    fetched_at: float
    rows: list[list[Any]]
    details: list[bytes]
    _models: dict[int, Model] = field(default_factory=dict)
    _facets: dict[int, Facets] = field(default_factory=dict)
    _having: dict[str, frozenset[int]] = field(default_factory=dict)
    _mentioning: dict[str, frozenset[int]] = field(default_factory=dict)

    def model(self, number: int) -> Model:
        """The model of this number."""
        if number not in self._models:
            model_id, kind, description, price, order = self.rows[number]
            schema, formula = json.loads(self.details[number])
            self._models[number] = Model(model_id, kind, description, price, schema, formula, order)
        return self._models[number]

    def inputs(self, number: int) -> frozenset[str]:
        """The names of the inputs of the model of this number."""
        return frozenset(properties(self.model(number).schema))

    def facets(self, number: int) -> Facets:
        """What the model of this number can be set to."""
        if number not in self._facets:
            self._facets[number] = facets(self.model(number))
        return self._facets[number]

    def having(self, pattern: str) -> frozenset[int]:
        """The models in whose `TYPE MODEL_ID` the pattern is found."""
        if pattern not in self._having:
            search = re.compile(pattern).search
            found = (number for number, row in enumerate(self.rows) if search(f"{row[1]} {row[0]}"))
            self._having[pattern] = frozenset(found)
        return self._having[pattern]

    def mentioning(self, term: str) -> frozenset[int]:
        """The models whose id, type or description has a word that begins like this."""
        if term not in self._mentioning:
            found = (number for number, text in enumerate(self.texts) if f" {term}" in text)
            self._mentioning[term] = frozenset(found)
        return self._mentioning[term]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each id."""
        return {row[0]: number for number, row in enumerate(self.rows)}

    @cached_property
    def types(self) -> list[str]:
        """Every type a model has, most common first."""
        counts = Counter(row[1] for row in self.rows if row[1])
        return sorted(counts, key=lambda name: (-counts[name], name))

    @cached_property
    def words(self) -> list[frozenset[str]]:
        """The words of each id, as stems, and its provider."""
        folded = [row[0].lower() for row in self.rows]
        return [frozenset([*stems(model_id), model_id.partition("/")[0]]) for model_id in folded]

    @cached_property
    def texts(self) -> list[str]:
        """What each model's id, type and description say, a space before each word."""
        return [" " + _NOT_IN_WORDS.sub(" ", fold(f"{row[0]} {row[1]} {row[2]}")) for row in self.rows]

    @cached_property
    def named(self) -> dict[str, frozenset[int]]:
        """The models whose id has a word."""
        found: dict[str, set[int]] = {}
        for number, words in enumerate(self.words):
            for word in words:
                found.setdefault(word, set()).add(number)
        return {word: frozenset(numbers) for word, numbers in found.items()}

    @cached_property
    def joined(self) -> dict[str, list[str]]:
        """Words that people join: nanobanana."""
        pairs = (pair for row in self.rows for pair in pairwise(pieces(row[0].lower())) if pair[0].isalpha())
        return {left + right: [stem(left), stem(right)] for left, right in pairs}

    @cached_property
    def families(self) -> frozenset[str]:
        """Words that name providers and families of models, and nothing else: kling, but not edit."""
        found: set[str] = set()
        for model_id, kind, *_ in self.rows:
            provider, *parts = model_id.lower().split("/")
            if "effects" not in f"{provider} {kind}":
                leads = [leading[0] for part in (provider, *parts) if (leading := stems(part))]
                found.update((provider, *leads))
        return (
            frozenset(word for word in found if len(word) > 1 and not word[0].isdigit()) - tables.ordinary()
        )

    @cached_property
    def written(self) -> dict[str, list[int]]:
        """The models of each id as people write it: in lower case, with or without its provider."""
        found: dict[str, list[int]] = {}
        for number, row in enumerate(self.rows):
            whole = row[0].lower()
            for written in {whole, whole.partition("/")[2]}:
                found.setdefault(written, []).append(number)
        return found

    @cached_property
    def spoken(self) -> dict[str, list[int]]:
        """The models of each id in words, photon flash for `luma/photon-flash`, but for tasks."""
        found: dict[str, list[int]] = {}
        tasks = {wish.replace("-", " ") for task in tables.tasks() for wish in task.wishes}
        for number, row in enumerate(self.rows):
            provider, _, name = row[0].lower().partition("/")
            words = " ".join(pieces(name))
            found.setdefault(" ".join([*pieces(provider), words]), []).append(number)
            if " " in words and words not in tasks:
                found.setdefault(words, []).append(number)
        return found

    def exactly(self, folded: str) -> list[int]:
        """The models whose id a text is, or has: whole, or without its provider, or that in words."""
        words = [word.strip(_MARKS) for word in folded.split()]
        said = words if len(words) == 1 else [word for word in words if "/" in word or self._is_name(word)]
        found = [number for word in said for number in self._at_end(word)]
        return found or self.spoken.get(" ".join(pieces(folded)), [])

    def _at_end(self, word: str) -> list[int]:
        """The models of the longest id that a word, perhaps an address, ends in."""
        while word not in self.written and "/" in word:
            word = word.partition("/")[2]
        return self.written.get(word, [])

    def _is_name(self, word: str) -> bool:
        """Whether a word in a sentence is an id without its provider: flux-dev, but not text-to-image."""
        telling = (part[0].isdigit() or stem(part) in self.families for part in pieces(word))
        return "-" in word and word in self.written and any(telling)


def stored(models: list[Model], fetched_at: float) -> Stored:
    """What is kept of a catalog as it was fetched, on disk and in memory: schemas as text take a fifth."""
    ranked = sorted(models, key=lambda model: (-model.sort_order, model.model_id))
    rows = [[one.model_id, one.type, one.description, one.base_price, one.sort_order] for one in ranked]
    details = [dumps([model.schema, model.formula]) for model in ranked]
    return Stored(fetched_at, {"rows": rows}, details)


def load(kept: Stored) -> Index | None:
    """The index of a stored catalog; None when its parts do not fit together."""
    rows = kept.index.get("rows")
    if not isinstance(rows, list) or not rows or len(rows) != len(kept.schemas):
        return None
    return Index(kept.fetched_at, rows, kept.schemas)
