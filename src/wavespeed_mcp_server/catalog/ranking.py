"""Which models fit a wish, best first."""

from .index import Index
from .words import terms


def rank(index: Index, query: str) -> list[int]:
    scores: dict[int, float] = {}
    for term in terms(query):
        for number in index.names.get(term, ()):
            scores[number] = scores.get(number, 0.0) + 2
        for number in index.texts.get(term, ()):
            scores[number] = scores.get(number, 0.0) + 1
    return sorted(scores, key=lambda number: (-scores[number], number))
