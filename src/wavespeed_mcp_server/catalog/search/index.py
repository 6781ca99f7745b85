"""A catalog ready to be searched."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any

from pydantic_core import from_json, to_json

from ..cache import Stored
from ..model import Model
from ..schema import properties
from . import tables
from .facets import Facets, facets
from .wishes import ordinary
from .words import fold, pieces, stem, stems

LAYOUT = "8"
_MARKED = re.compile(r"[-_/]")
_SILENT = frozenset(["to", "into", "from", "of", "with", "on", "in", "by", "for", "at"])
_NOT_IN_WORDS = re.compile(r"[^a-z0-9]+")


@dataclass
class Index:
    """The models of a catalog, numbered in descending `sort_order`.

    A row is id, type, description, base price and sort order. `parts` are the pieces of each id: of its
    provider, and of its name; `texts` what its id, type and description say, a space before each word;
    `inputs` the names of its inputs. `stems` has the numbers of the models whose id has a word, `leads` the
    words that ids begin with. `details` are JSON of the request schema and the price formula of each, read
    when first asked for; `ends` says where each ends, in bytes.
    """

    fetched_at: float
    rows: list[list[Any]]
    parts: list[list[list[str]]]
    texts: list[str]
    inputs: list[list[str]]
    stems: dict[str, list[int]]
    leads: list[str]
    ends: list[int]
    details: bytes
    _models: dict[int, Model] = field(default_factory=dict)
    _facets: dict[int, Facets] = field(default_factory=dict)
    _words: dict[int, frozenset[str]] = field(default_factory=dict)
    _having: dict[str, frozenset[int]] = field(default_factory=dict)
    _mentioning: dict[str, frozenset[int]] = field(default_factory=dict)

    def model(self, number: int) -> Model:
        """The model of this number."""
        if number not in self._models:
            model_id, kind, description, price, order = self.rows[number]
            start = self.ends[number - 1] if number else 0
            schema, formula = from_json(self.details[start : self.ends[number]])
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

    def words(self, number: int) -> frozenset[str]:
        """The words of the id of this number, as stems, and its provider."""
        if number not in self._words:
            self._words[number] = _words(self.rows[number][0], self.parts[number])
        return self._words[number]

    @cached_property
    def named(self) -> dict[str, frozenset[int]]:
        """The models whose id has a word."""
        return {word: frozenset(numbers) for word, numbers in self.stems.items()}

    @cached_property
    def joined(self) -> dict[str, list[str]]:
        """Words that people join: nanobanana."""
        ids = ([*provider, *name] for provider, name in self.parts)
        pairs = (pair for parts in ids for pair in pairwise(parts) if pair[0].isalpha())
        return {left + right: [stem(left), stem(right)] for left, right in pairs}

    @cached_property
    def families(self) -> frozenset[str]:
        """Words that name providers and families of models, and nothing else: kling, but not edit."""
        return frozenset(self.leads) - ordinary()

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
    """What is kept of a catalog as it was fetched, on disk and in memory: schemas as text take a fifth.

    What can be told of ids beforehand is told here, once an hour, and not in every process that searches.
    """
    ranked = sorted(models, key=lambda model: (-model.sort_order, model.model_id))
    rows = [[one.model_id, one.type, one.description, one.base_price, one.sort_order] for one in ranked]
    halves = [one.model_id.lower().partition("/") for one in ranked]
    parts = [[pieces(provider), pieces(name)] for provider, _, name in halves]
    found: dict[str, list[int]] = {}
    for number, model in enumerate(ranked):
        for word in sorted(_words(model.model_id, parts[number])):
            found.setdefault(word, []).append(number)
    details = [to_json([model.schema, model.formula]) for model in ranked]
    index = {
        "rows": rows,
        "parts": parts,
        "texts": [" " + _NOT_IN_WORDS.sub(" ", fold(f"{row[0]} {row[1]} {row[2]}")) for row in rows],
        "inputs": [list(properties(model.schema)) for model in ranked],
        "stems": found,
        "leads": sorted(_leads(ranked)),
        "ends": [*accumulate(map(len, details))],
    }
    return Stored(fetched_at, index, b"".join(details))


def _words(model_id: str, parts: list[list[str]]) -> frozenset[str]:
    provider, name = parts
    return frozenset([*map(stem, [*provider, *name]), model_id.lower().partition("/")[0]])


def _leads(models: list[Model]) -> set[str]:
    """Providers, and the first word of each part of an id; effects are called after anything."""
    found: set[str] = set()
    for model in models:
        provider, *parts = model.model_id.lower().split("/")
        if "effects" not in f"{provider} {model.type}":
            found.add(provider)
            found.update(leading[0] for part in (provider, *parts) if (leading := stems(part)))
    return {word for word in found if len(word) > 1 and not word[0].isdigit()}


def load(kept: Stored) -> Index | None:
    """The index of a stored catalog; None when its parts do not fit together."""
    stems_of_ids = kept.index.get("stems")
    lists: list[Any] = [
        kept.index.get(name) for name in ("leads", "rows", "parts", "texts", "inputs", "ends")
    ]
    if not isinstance(stems_of_ids, dict) or not all(isinstance(one, list) for one in lists):
        return None
    leads, rows, parts, texts, inputs, ends = lists
    if not rows or {*map(len, (parts, texts, inputs, ends))} != {len(rows)} or ends[-1] != len(kept.schemas):
        return None
    return Index(kept.fetched_at, rows, parts, texts, inputs, stems_of_ids, leads, ends, kept.schemas)
