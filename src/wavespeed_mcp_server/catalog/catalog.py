"""The catalog as the rest of the server sees it: fresh enough, fetched once, usable while the API is down."""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import anyio
import anyio.to_thread

from . import cache, search
from .cheaper import cheaper_changes, lowest
from .errors import CatalogUnavailable, UnknownModel
from .model import Model, UnreadableCatalog, makes, parse_catalog
from .types_meant import types_meant

if TYPE_CHECKING:
    from .search import Index

HOUR = 3600.0
MINUTE = 60.0
RETRY_AFTER = 30.0
# How many of the best are looked at for those that cost too much.
DEARER = 3
# What stands before a model's id in the address of its page, and of its API.
_ADDRESS = re.compile(r"^https?://[^/]+/(?:models/|api/v\d+/)?", re.IGNORECASE)

logger = logging.getLogger(__name__)

Fetch = Callable[[], Awaitable[bytes]]
Spawn = Callable[[Callable[[], Coroutine[Any, Any, None]]], object]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search. `total` counts all that fit; `stale` says the copy is over an hour old.

    `words` is what was given as a type and is none: it was searched as words. `dearer` are models among the
    best that cost more than `max_price` at default inputs, and may cost less with others.
    """

    total: int
    models: list[Model]
    stale: bool
    words: str = ""
    dearer: tuple[Model, ...] = ()


class Catalog:
    """Which models exist.

    `fetch` returns the raw body of `GET /api/v3/models`; what it raises of `fetch_errors` means "cannot be
    had now". `spawn` starts background work that outlives the call, as a task group's `start_soon` does.
    `cache_key` keeps catalogs of different servers or accounts apart on disk.
    """

    def __init__(
        self,
        fetch: Fetch,
        cache_dir: Path,
        spawn: Spawn,
        cache_key: str = "",
        *,
        fetch_errors: tuple[type[Exception], ...] = (Exception,),
        now: Callable[[], float] = time.time,
    ) -> None:
        self._fetch = fetch
        self._path = cache.cache_path(cache_dir, cache_key)
        self._spawn = spawn
        self._fetch_errors = fetch_errors
        self._now = now
        self._index: Index | None = None
        self._opening = anyio.Lock()
        self._disk_read = False
        self._flight: _Flight | None = None
        self._failed_at = float("-inf")

    async def search(
        self,
        query: str = "",
        type: str = "",
        max_price: float | None = None,
        sort: Literal["relevance", "price"] = "relevance",
        limit: int = 5,
        offset: int = 0,
    ) -> Found:
        """Models that fit `query`, best first; all of them for an empty query.

        `type` may be several, with commas. `max_price` is USD per run at the base price; models whose price
        is unknown are left out under it. Raises CatalogUnavailable when there is no copy at all.
        """
        await self._opened()
        if self._index is None:
            # The tables of the search are read while the network is waited for.
            self._spawn(lambda: anyio.to_thread.run_sync(search.warm_up))
        found = await self._current()
        types, words = types_meant(type, found.types)
        query = f"{query} {words}".strip()
        of_type = [number for number, row in enumerate(found.rows) if not types or row[1] in types]
        most = math.inf if max_price is None else max_price
        allowed = [number for number in of_type if _price(found, number) <= most]
        numbers = search.rank(found, query, frozenset(allowed), cheapest=sort == "price")
        if sort == "price":
            numbers = sorted(numbers, key=lambda number: _price(found, number))
        page = [found.model(number) for number in numbers[offset : offset + limit]]
        dearer = _dearer(found, query, of_type, most) if len(allowed) < len(of_type) else ()
        return Found(len(numbers), page, self._is_stale(found), words, dearer)

    async def model(self, model_id: str) -> Model | None:
        """The model, by its id or by an end of it that no other has, in letters of any case.

        None when the catalog cannot be had, so that nobody can know.

        Raises UnknownModel when the catalog is known not to have it, after a fresh look.
        """
        try:
            found = await self._current()
            if model_id not in found.numbers and self._age(found) > MINUTE:
                found = await self._after_refresh(found)
        except CatalogUnavailable:
            return None
        if model_id in found.numbers:
            return found.model(found.numbers[model_id])
        meant = named_by(model_id, found.numbers)
        if len(meant) == 1:
            return found.model(found.numbers[meant[0]])
        if self._is_stale(found):
            return None
        raise UnknownModel(model_id, _closest(found, model_id))

    async def at_hand(self, model_id: str) -> Model | None:
        """The model as the copy at hand has it, however old. Never waits for the API, never raises."""
        await self._opened()
        if self._index is None or model_id not in self._index.numbers:
            return None
        return self._index.model(self._index.numbers[model_id])

    async def makes(self, model_id: str) -> str:
        """Whether a model makes "media" or "text", as its type says; "" where that is not known."""
        found = await self.at_hand(model_id)
        return makes(found.type) if found else ""

    async def models_ids(self) -> list[str]:
        """Every model id, the most prominent first. Raises CatalogUnavailable."""
        return list((await self._current()).numbers)

    async def closest(self, model_id: str, count: int = 5) -> list[str]:
        """The ids that look most like `model_id`, best first. Raises CatalogUnavailable."""
        return _closest(await self._current(), model_id, count)

    async def _current(self) -> Index:
        """The copy at hand, refreshed behind the caller's back when it is old; fetched when there is none."""
        await self._opened()
        if self._index is None:
            await self._refreshed()
        elif self._is_stale(self._index) and self._now() - self._failed_at > RETRY_AFTER:
            self._start_refresh()
        if self._index is None:
            raise CatalogUnavailable("the model catalog cannot be read")
        return self._index

    async def _opened(self) -> None:
        """Once this returns, the copy on disk has been read, if there is one."""
        if self._disk_read:
            return
        async with self._opening:
            if not self._disk_read:
                self._index = await anyio.to_thread.run_sync(_read, self._path)
                self._disk_read = True

    async def _after_refresh(self, old: Index) -> Index:
        try:
            await self._refreshed()
        except CatalogUnavailable:
            return old
        return self._index or old

    async def _refreshed(self) -> None:
        """Wait for a refresh, shared by everybody who waits. Raises CatalogUnavailable."""
        flight = self._start_refresh()
        await flight.done.wait()
        if flight.error is not None:
            raise CatalogUnavailable(f"the model catalog cannot be read: {flight.error}") from flight.error
        if self._index is None:
            raise CatalogUnavailable("the model catalog cannot be read: the fetch was cut off")

    def _start_refresh(self) -> _Flight:
        if self._flight is None:
            self._flight = _Flight()
            self._spawn(self._refresh)
        return self._flight

    async def _refresh(self) -> None:
        flight = self._flight or _Flight()
        try:
            self._index = await self._fresher_on_disk() or await self._fetched()
        except _Failed as failed:
            flight.error = failed.reason
            self._failed_at = self._now()
            logger.info("The model catalog could not be refreshed: %s", failed.reason)
        finally:
            self._flight = None
            flight.done.set()

    async def _fresher_on_disk(self) -> Index | None:
        """Another process may have fetched it meanwhile."""
        stored = await anyio.to_thread.run_sync(_read, self._path)
        if stored is None or self._age(stored) > MINUTE:
            return None
        return stored if self._index is None or stored.fetched_at > self._index.fetched_at else None

    async def _fetched(self) -> Index:
        try:
            body = await self._fetch()
        except self._fetch_errors as error:
            raise _Failed(error) from error
        return await anyio.to_thread.run_sync(_prepare, body, self._path, self._now())

    def _age(self, found: Index) -> float:
        # A clock set back must not make a copy young for ever.
        return abs(self._now() - found.fetched_at)

    def _is_stale(self, found: Index) -> bool:
        return self._age(found) > HOUR


class _Flight:
    """One refresh under way and how it ended."""

    def __init__(self) -> None:
        self.done = anyio.Event()
        self.error: Exception | None = None


class _Failed(Exception):
    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


def named_by(text: str, ids: Iterable[str]) -> list[str]:
    """The id that `text` is, else every id that ends with it as whole parts.

    Letters may be of another case, the marks between words others; it may be the address of its page.
    """
    given = _ADDRESS.sub("", text.strip()).partition("?")[0].strip("/").lower()
    for alike in (str.lower, _words_alone):
        wanted = alike(given)
        ends = [one for one in ids if any(alike(end) == wanted for end in _ends(one))] if wanted else []
        whole = [one for one in ends if alike(one) == wanted]
        if ends:
            return whole if len(whole) == 1 else ends
    return []


def _ends(model_id: str) -> Iterator[str]:
    """The id, and it without its first part, and so on."""
    parts = model_id.split("/")
    yield from ("/".join(parts[start:]) for start in range(len(parts)))


def _words_alone(model_id: str) -> str:
    return "-".join(re.split(r"[\s_/.-]+", model_id.lower()))


def _read(path: Path) -> Index | None:
    stored = cache.read(path, search.LAYOUT)
    return search.load(stored) if stored else None


def _prepare(body: bytes, path: Path, fetched_at: float) -> Index:
    try:
        models = parse_catalog(body)
    except UnreadableCatalog as error:
        raise _Failed(error) from error
    stored = search.stored(models, fetched_at)
    try:
        cache.write(path, search.LAYOUT, stored)
    except OSError as error:
        logger.info("The model catalog is kept in memory only: %s", error)
    index = search.load(stored)
    assert index is not None, "a catalog that could be read has models"
    return index


def _price(found: Index, number: int) -> float:
    price: float | None = found.rows[number][3]
    return math.inf if price is None else price


def _dearer(found: Index, query: str, among: list[int], most: float) -> tuple[Model, ...]:
    """Which of the best cost more than `most`, and have inputs that can make a run cheaper."""
    best = search.rank(found, query, frozenset(among))[:DEARER] if query else []
    above = {number: _price(found, number) for number in best if most < _price(found, number) < math.inf}
    models = ((found.model(number), most / price) for number, price in above.items())
    return tuple(model for model, share in models if lowest(cheaper_changes(model, {}, share)))


def _closest(found: Index, model_id: str, count: int = 5) -> list[str]:
    """By shared words first (`google/imagen-4` means `google/imagen4`), by spelling within them."""
    import difflib

    from .search.words import stems

    wanted = model_id.lower()[:200]
    words = set(stems(wanted))
    candidates = {number for word in words for number in found.named.get(word, ())}
    ids = [found.rows[number][0] for number in candidates] or list(found.numbers)
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)

    def likeness(name: str) -> float:
        matcher.set_seq1(name.lower())
        own = set(stems(name.lower()))
        shared = len(words & own) / max(len(words | own), 1)
        return (
            shared + (wanted in name.lower()) + (matcher.ratio() if matcher.real_quick_ratio() > 0.4 else 0.0)
        )

    scored = sorted(((likeness(name), name) for name in ids), key=lambda pair: (-pair[0], pair[1]))
    return [name for score, name in scored[:count] if score > 0.45]
