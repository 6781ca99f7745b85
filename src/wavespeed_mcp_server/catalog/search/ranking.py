"""Which models fit a query, best first.

Models that are asked for by name come before all others. Among those that are left, fit is what the nearest
example wishes say, a little of what ids and descriptions say, less for each constraint that is not met.
"""

import math
from collections.abc import Collection

from . import constraints, names, tables
from .constraints import Asked
from .index import Index
from .wishes import learnt, ordinary
from .words import fold, is_foreign, pieces, stem

MAX_QUERY = 500

# What a model that is also right for a task counts beside one that is best.
ALSO = 0.55
# What the words of a query count where an id or a description has them; where models are asked for by name.
TEXT = 0.3
NAMED_TEXT = 1.5
NAMED_TASK = 0.8
# Where none of the models of a name does a tenth of what is asked for, the name may be of something else.
FOREIGN = 0.1
OTHER_NAME = 0.7
DESCRIPTION = 0.4
# A word for a medium beside another word; an id of which every word was said.
PLAIN = 0.3
BREVITY = 0.1
# The media a query speaks of; prominence; a low price where it is asked for.
MEDIUM = 0.3
PROMINENCE = 0.05
CHEAPNESS = 0.25
# The share of the best fit that a model must reach to be shown; to tell whether a constraint can be met; and
# to be among those of which the cheapest is asked for.
KEEP = 0.4
ABLE = 0.7
LEADING = 0.85

_MEDIA = {"@picture": "image", "@video": "video", "@sound": "audio", "@voice": "audio", "@song": "audio"}


def warm_up() -> None:
    """Read what a search reads at its first query, but for the catalog."""
    learnt()
    ordinary()
    constraints.read("")
    constraints.of_inputs("", [])


def rank(
    index: Index, query: str, allowed: Collection[int] | None = None, *, cheapest: bool = False
) -> list[int]:
    """The models that fit, best first, of those allowed; all of them for a query that says nothing.

    With `cheapest` only those that fit about as well as the best, by price, as where the query says so.
    """
    folded = fold(query[:MAX_QUERY])
    among = range(len(index.rows)) if allowed is None else allowed
    if is_foreign(folded):
        return []
    exact = [number for number in index.exactly(folded) if number in among]
    asked = constraints.read(folded)
    if cheapest:
        asked.thrift = 2
    words = names.spelled(index, asked.text)
    fits = _fits(index, asked, words, among)
    if not fits and not exact:
        silent = all(word in tables.stop_words() for word in pieces(folded))
        return sorted(among) if silent else []
    return exact + [number for number in _ordered(index, asked, fits) if number not in exact]


def _fits(index: Index, asked: Asked, words: list[str], among: Collection[int]) -> dict[int, float]:
    """How well each model fits the words; all alike where constraints are all that is said."""
    said = [word for word in words if word not in tables.stop_words()]
    if not said:
        return dict.fromkeys(among, 1.0) if asked.constraints or asked.thrift else {}
    media = {_MEDIA[meant] for word in said if (meant := tables.concepts().get(stem(word), "")) in _MEDIA}
    named = names.by_name(index, asked.text, said).intersection(among)
    if named:
        doing = _by_wishes(index, [word for word in words if not names.is_part_of_name(index, word)])
        most = max(doing.values(), default=0.0)
        fitting = max(doing.get(number, 0.0) for number in named) >= most * FOREIGN
        if fitting or _say_more(index, named, said):
            texts = _by_text(index, said, named)
            return {n: NAMED_TASK * doing.get(n, 0.0) + NAMED_TEXT * texts.get(n, 0.0) for n in named}
    fits = _by_wishes(index, words)
    found: dict[int, float] = {}
    texts = _by_text(index, said, among)
    for number in among:
        fit = fits.get(number, 0.0) + TEXT * texts.get(number, 0.0)
        if fit and media:
            fit += MEDIUM * sum(number in index.mentioning(medium) for medium in media) / len(media)
        if fit:
            found[number] = fit
    return found


def _say_more(index: Index, named: Collection[int], said: list[str]) -> bool:
    """Whether ids of these models have words of a query beside the name, or nothing else was said."""
    more = [word for word in said if not names.is_part_of_name(index, word)]
    return not more or any(not index.named.get(stem(word), frozenset()).isdisjoint(named) for word in more)


def _by_wishes(index: Index, words: list[str]) -> dict[int, float]:
    fits: dict[int, float] = {}
    for place, share in learnt().shares(words).items():
        best, also = map(index.having, learnt().told["tasks"][place])
        for number in best:
            fits[number] = fits.get(number, 0.0) + share
        for number in also - best:
            fits[number] = fits.get(number, 0.0) + share * ALSO
    return fits


def _by_text(index: Index, said: list[str], among: Collection[int]) -> dict[int, float]:
    """The share of the words that a model's id has, or its description, each by how rare it is."""
    total = 0.0
    found: dict[int, float] = {}
    for word in dict.fromkeys(said):
        terms = names.alternatives(word)
        ids = frozenset().union(*(index.named.get(term, frozenset()) for term in terms))
        texts = (ids | index.mentioning(terms[0])).intersection(among)
        if not texts:
            continue
        weight = math.log(1 + len(among) / len(texts)) * (PLAIN if _is_medium(word) else 1)
        total += weight
        for number in texts:
            own = number in index.named.get(terms[0], ())
            strength = 1 if own else OTHER_NAME if number in ids else DESCRIPTION
            found[number] = found.get(number, 0.0) + weight * strength
    return {number: value / total + _brevity(index, number, said) for number, value in found.items()}


def _brevity(index: Index, number: int, said: list[str]) -> float:
    """A little for an id of which a query leaves little out."""
    words = index.words(number)
    return BREVITY * len(words.intersection(map(stem, said))) / len(words)


def _is_medium(word: str) -> bool:
    return tables.concepts().get(stem(word)) in _MEDIA


def _ordered(index: Index, asked: Asked, fits: dict[int, float]) -> list[int]:
    """Those that fit well enough, best first."""
    best = max(fits.values(), default=0.0)
    shown = {number: fit for number, fit in fits.items() if fit >= best * KEEP}
    wanted = asked.constraints + constraints.of_inputs(asked.text, [index.inputs[number] for number in shown])
    can = {number: index.facets(number) for number in shown} if wanted else {}
    for constraint in wanted:
        met = {number for number in can if constraint.meets(index.rows[number], can[number])}
        if any(fits[number] >= best * ABLE for number in met):
            shown |= {number: shown[number] * constraint.unmet for number in shown.keys() - met}
    prices = sorted({_price(index, number) for number in shown})
    least = max(shown.values(), default=0.0) * (LEADING if asked.thrift == 2 else KEEP)

    def order(number: int) -> tuple[float, float, int]:
        fit = shown[number] + PROMINENCE * (1 - number / len(index.rows))
        if asked.thrift == 1:
            fit += CHEAPNESS * (1 - prices.index(_price(index, number)) / len(prices))
        return (_price(index, number) if asked.thrift == 2 else 0.0), -fit, number

    return sorted((number for number, fit in shown.items() if fit >= least), key=order)


def _price(index: Index, number: int) -> float:
    price = index.rows[number][3]
    return math.inf if price is None else price
