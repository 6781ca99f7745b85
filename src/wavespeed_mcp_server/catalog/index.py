"""The search index: which words and tasks lead to which models, prepared once per fetched catalog.

`names` come from a model's id, `texts` from its description, `tags` from `tasks.py`; `families` are the words
that lead a part of an id, such as kling in `kwaivgi/kling-v2.6-pro`, `brands` those that many models share.
Each of the others maps a term to the
numbers of the models that have it, in descending `sort_order`.
"""

import json
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from . import tasks
from .cache import Stored, dumps
from .model import Model
from .words import pieces, stem, terms

_FORMAT = 4

# A word that leads the ids of so many models names a family that people ask for.
BRAND = 3

Postings = dict[str, list[int]]


def layout() -> str:
    """What a stored index must match to be used: a changed word list makes another index."""
    return f"{_FORMAT}-{zlib.crc32(repr((tasks.TABLES, tasks.WORDS, tasks.TYPE_PAIRS)).encode()):08x}"


@dataclass(slots=True)
class Index:
    """A catalog ready to be searched. Models are numbered in descending `sort_order`."""

    fetched_at: float
    rows: list[list[Any]]
    schemas: list[bytes]
    names: Postings
    texts: Postings
    tags: Postings
    hints: Postings
    joins: dict[str, list[str]]
    families: frozenset[str]
    brands: frozenset[str]
    numbers: dict[str, int] = field(default_factory=dict)
    _models: dict[int, Model] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.numbers = {row[0]: number for number, row in enumerate(self.rows)}

    def model(self, number: int) -> Model:
        """The model of this number, its schema parsed when first asked for."""
        if number not in self._models:
            model_id, kind, description, price, order, formula = self.rows[number]
            schema = json.loads(self.schemas[number])
            self._models[number] = Model(model_id, kind, description, price, schema, formula, order)
        return self._models[number]

    def types(self) -> list[str]:
        """Every type a model has, most common first."""
        counts: dict[str, int] = defaultdict(int)
        for row in self.rows:
            counts[row[1]] += 1
        return sorted(filter(None, counts), key=lambda name: (-counts[name], name))


def build(models: list[Model], fetched_at: float) -> Stored:
    """Prepare a fetched catalog for search and for the disk."""
    ranked = sorted(models, key=lambda model: (-model.sort_order, model.model_id))
    names: defaultdict[str, set[int]] = defaultdict(set)
    texts: defaultdict[str, set[int]] = defaultdict(set)
    tags: defaultdict[str, set[int]] = defaultdict(set)
    hints: defaultdict[str, set[int]] = defaultdict(set)
    joins: dict[str, list[str]] = {}
    leading: Counter[str] = Counter()
    providers: set[str] = set()
    for number, model in enumerate(ranked):
        parts = pieces(model.model_id)
        for left, right in pairwise(parts):
            if left.isalpha():
                joins[left + right] = [stem(left), stem(right)]
        provider = model.model_id.split("/")[0]
        for term in [provider, *map(stem, parts)]:
            names[term].add(number)
        leads = [stem(found[0]) for segment in model.model_id.split("/") if (found := pieces(segment))]
        leading.update({provider, *leads})
        providers.update(leads[:1])
        for term in terms(model.description):
            texts[term].add(number)
        strong, weak = tasks.tags_of(model)
        for tag in strong:
            tags[tag].add(number)
        for tag in weak - strong:
            hints[tag].add(number)
    rows = [[m.model_id, m.type, m.description, m.base_price, m.sort_order, m.formula] for m in ranked]
    index = {
        "rows": rows,
        "names": _sorted(names),
        "texts": _sorted(texts),
        "tags": _sorted(tags),
        "hints": _sorted(hints),
        "joins": joins,
        "families": sorted(leading),
        "brands": sorted(providers | {term for term, count in leading.items() if count >= BRAND}),
    }
    return Stored(fetched_at, index, [dumps(model.schema) for model in ranked])


def load(stored: Stored) -> Index | None:
    """The index of a stored catalog; None when its parts do not fit together."""
    index = stored.index
    try:
        loaded = Index(
            fetched_at=stored.fetched_at,
            rows=index["rows"],
            schemas=stored.schemas,
            names=index["names"],
            texts=index["texts"],
            tags=index["tags"],
            hints=index["hints"],
            joins=index["joins"],
            families=frozenset(index["families"]),
            brands=frozenset(index["brands"]),
        )
    except (KeyError, TypeError, IndexError):
        return None
    return loaded if loaded.rows and len(loaded.rows) == len(loaded.schemas) else None


def _sorted(postings: dict[str, set[int]]) -> Postings:
    return {term: sorted(numbers) for term, numbers in postings.items()}
