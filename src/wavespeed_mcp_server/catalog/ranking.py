"""Which models fit a wish, best first.

A model's fit is the share of a query's wants that it meets, each by its weight. `sort_order` decides between
equals, and what fits much worse than the best is left out.
"""

from .index import Index, Postings
from .query import Want, understand
from .words import STOP, pieces

MAX_QUERY = 500

# Share of the best fit that another model must reach to be shown.
KEEP = 0.72
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
    best = max(scores.values(), default=0.0)
    size = len(index.rows)

    def order(number: int) -> tuple[float, int]:
        bonus = PROMINENCE * (1 - number / size)
        price = index.rows[number][3]
        if cheap and price is not None:
            bonus += CHEAPNESS / (1 + 5 * max(price, 0.0))
        return -(scores[number] + bonus), number

    return sorted((number for number, score in scores.items() if score >= best * KEEP), key=order)


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
