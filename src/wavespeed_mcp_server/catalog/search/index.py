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
from .wishes import ordinary
from .words import fold, pieces, stem, stems

LAYOUT = "7"
_MARKED = re.compile(r"[-_/]")
_SILENT = frozenset(["to", "into", "from", "of", "with", "on", "in", "by", "for", "at"])
_NOT_IN_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass
class Index:
    """The models of a catalog, numbered in descending `sort_order`.

    A row is id, type, description, base price and sort order. `parts` are the pieces of each id: of its
    provider, and of its name; `texts` what its id, type and description say, a space before each word;
    `inputs` the names of its inputs. `details` are JSON of the request schema and the price formula, read
    when first asked for.
    """

    fetched_at: float
    rows: list[list[Any]]
    parts: list[list[list[str]]]
    texts: list[str]
    inputs: list[list[str]]
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
        providers = (row[0].lower().partition("/")[0] for row in self.rows)
        return [
            frozenset([*map(stem, [*provider, *name]), whole])
            for whole, (provider, name) in zip(providers, self.parts, strict=True)
        ]

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
        ids = ([*provider, *name] for provider, name in self.parts)
        pairs = (pair for parts in ids for pair in pairwise(parts) if pair[0].isalpha())
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
        return frozenset(word for word in found if len(word) > 1 and not word[0].isdigit()) - ordinary()

    @cached_property
    def spoken(self) -> dict[tuple[str, ...], list[int]]:
        """The models of each id by its pieces, with and without its provider; those of the whole id first."""
        found: dict[tuple[str, ...], list[int]] = {}
        for number, (provider, name) in enumerate(self.parts):
            found.setdefault((*provider, *name), []).append(number)
        for number, (_, name) in enumerate(self.parts):
            found.setdefault(tuple(name), []).append(number)
        return found

    def exactly(self, folded: str) -> list[int]:
        """The models whose ids a text is or has: whole or without provider, whatever stands between words."""
        words = folded.split()
        said = [(piece, place) for place, word in enumerate(words) for piece in pieces(word)]
        found: list[int] = []
        start = 0
        while start < len(said):
            ends = range(min(len(said), start + self._longest), start, -1)
            end = next((end for end in ends if self._is_id(words, said, start, end)), start)
            meant = self.spoken[tuple(piece for piece, _ in said[start:end])] if end > start else []
            found += sorted(meant, key=lambda number: -self._verbatim(number, folded))
            start = max(end, start + 1)
        return found

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self.spoken))

    def _verbatim(self, number: int, folded: str) -> int:
        """How much of an id a text has letter for letter: `kling-v1` and `kling-1` are alike but for this."""
        whole: str = self.rows[number][0].lower()
        return max((len(one) for one in (whole, whole.partition("/")[2]) if one in folded), default=0)

    def _is_id(self, words: list[str], said: list[tuple[str, int]], start: int, end: int) -> bool:
        """Whether these pieces are an id: all that is said, or written with marks, or beside no word of ids.

        A type is none within a sentence, nor is a single word.
        """
        parts = tuple(piece for piece, _ in said[start:end])
        if parts not in self.spoken:
            return False
        beside = [piece for piece, _ in (*said[:start], *said[end:])]
        joined = said[start][1] == said[end - 1][1]
        marked = joined and bool(_MARKED.search(words[said[start][1]]))
        a_type = "-".join(parts) in self.types
        if not beside and joined:
            return marked or not a_type
        if len(parts) < 2 or a_type:
            return False
        ends_word = end == len(said) or said[end][1] != said[start][1]
        provider, name = self.parts[self.spoken[parts][0]]
        starts_word = start == 0 or said[start - 1][1] != said[start][1]
        if marked:
            return ends_word and (starts_word or parts == (*provider, *name))
        telling = (piece for piece in beside if piece not in _SILENT and piece not in tables.stop_words())
        return not any(stem(piece) in self.named for piece in telling)


def stored(models: list[Model], fetched_at: float) -> Stored:
    """What is kept of a catalog as it was fetched, on disk and in memory: schemas as text take a fifth."""
    ranked = sorted(models, key=lambda model: (-model.sort_order, model.model_id))
    rows = [[one.model_id, one.type, one.description, one.base_price, one.sort_order] for one in ranked]
    details = [dumps([model.schema, model.formula]) for model in ranked]
    halves = [one.model_id.lower().partition("/") for one in ranked]
    parts = [[pieces(provider), pieces(name)] for provider, _, name in halves]
    texts = [" " + _NOT_IN_WORDS.sub(" ", fold(f"{row[0]} {row[1]} {row[2]}")) for row in rows]
    inputs = [list(properties(model.schema)) for model in ranked]
    return Stored(fetched_at, {"rows": rows, "parts": parts, "texts": texts, "inputs": inputs}, details)


def load(kept: Stored) -> Index | None:
    """The index of a stored catalog; None when its parts do not fit together."""
    lists = [
        one for name in ("rows", "parts", "texts", "inputs") if isinstance(one := kept.index.get(name), list)
    ]
    if not kept.schemas or [*map(len, lists)] != [len(kept.schemas)] * 4:
        return None
    rows, parts, texts, inputs = lists
    return Index(kept.fetched_at, rows, parts, texts, inputs, kept.schemas)
