"""Which models fit a wish, best first.

A model's fit is the share of a query's wants that it meets, each by its weight. `sort_order` decides between
equals, and what fits much worse than the best is left out.
"""

import math

from .index import Index, Postings
from .query import FAMILY, Want, understand
from .words import STOP, pieces

MAX_QUERY = 500

# Share of the best fit that another model must reach to be shown; more where models were asked for by name.
KEEP = 0.72
KEEP_NAMED = 0.85
# What a task that a model may do counts beside one it certainly does.
HINT = 0.55
# The most that prominence, and a low price where it is asked for, add to a fit.
PROMINENCE = 0.08
CHEAPNESS = 0.25


def rank(index: Index, query: str) -> list[int]:
    """The numbers of the models that fit, best first; all of them for a query that says nothing."""
    words = pieces(query[:MAX_QUERY])
    wants, cheap = understand(index, words)
    if not wants:
        return list(range(len(index.rows))) if all(word in STOP for word in words) else []
    scores = _scores(index, wants)
    least = max(scores.values(), default=0.0) * KEEP
    named = {number: scores[number] for number in _named(index, wants)}
    if named and (best := max(named.values())) >= least:
        scores, least = named, best * KEEP_NAMED
    shown = [number for number, score in scores.items() if score >= least]
    size = len(index.rows)
    dearer = {price: place for place, price in enumerate(sorted({_price(index, number) for number in shown}))}

    def order(number: int) -> tuple[float, int]:
        bonus = PROMINENCE * (1 - number / size)
        if cheap:
            bonus += CHEAPNESS * (1 - dearer[_price(index, number)] / len(dearer))
        return -(scores[number] + bonus), number

    return sorted(shown, key=order)


def _price(index: Index, number: int) -> float:
    price = index.rows[number][3]
    return math.inf if price is None else price


def _named(index: Index, wants: list[Want]) -> set[int]:
    """The models that have the names and versions asked for; where none has all, those of the family."""
    named = []
    for want in wants:
        if want.named:
            exact = (name for name, strength in want.names.items() if strength > FAMILY)
            named.append((want.named, {number for name in exact for number in index.names[name]}))
    found: set[int] = set()
    for _, numbers in sorted(named, key=lambda one: (one[0], len(one[1])), reverse=True):
        found = found & numbers or found or numbers
    return found


def _scores(index: Index, wants: list[Want]) -> dict[int, float]:
    """Each model's share of the wants, 0 to 1; models that meet none are absent."""
    total = sum(want.weight for want in wants)
    scores: dict[int, float] = {}
    for want in wants:
        met: dict[int, float] = {}
        _meet(met, index.hints, want.tags, HINT)
        _meet(met, index.texts, want.texts, 1.0)
        _meet(met, index.names, want.names, 1.0)
        _meet(met, index.tags, want.tags, 1.0)
        share = want.weight / total
        for number, strength in met.items():
            scores[number] = scores.get(number, 0.0) + share * strength
    return scores


def _meet(met: dict[int, float], postings: Postings, terms: dict[str, float], factor: float) -> None:
    for term, strength in terms.items():
        value = strength * factor
        for number in postings.get(term, ()):
            if met.get(number, 0.0) < value:
                met[number] = value
