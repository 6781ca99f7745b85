"""Ways out of a refusal: up to three cheaper variants of what was asked for, each with its price.

They are looked for only where a limit has refused something: then the quotes of a few variants are asked for
at once, and those that fit are told, each as the call to make. Amounts are USD.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import anyio

from ..api.client import WaveSpeed
from ..api.errors import ApiError
from ..catalog import Catalog, CatalogError, price_inputs
from ..catalog.cheaper import KINDS, Change, cheaper_changes, lowest
from ..files import FileRefused
from .options import RunOptions
from .request import Preparation, Prepared, sent_body

MOST_WAYS = 3
MOST_QUOTES = 24
PATIENCE_SECONDS = 6.0
SIBLINGS = 24
SIBLINGS_QUOTED = 4
LONGEST_CALL = 6_000
SIBLING, FEWER_RUNS, CHEAPEST = "another model", "fewer runs", "everything at its cheapest"
ORDER = (FEWER_RUNS, *KINDS, CHEAPEST, SIBLING)


@dataclass(frozen=True)
class WayOut:
    """A cheaper variant: what is different, its price, and the call that runs it."""

    what: str
    price: float
    tool: str
    arguments: dict[str, Any]


@dataclass
class _Variant:
    """Requests that may be cheaper together. `price` is None until it is known."""

    kind: str
    what: str
    requests: list[Prepared]
    price: float | None = None


class WaysOut:
    """Finds them, for one account."""

    def __init__(self, client: WaveSpeed, catalog: Catalog, preparation: Preparation) -> None:
        self._client = client
        self._catalog = catalog
        self._preparation = preparation

    async def of(
        self, requests: Sequence[Prepared], room: float, options: RunOptions, *, in_batch: bool
    ) -> list[WayOut]:
        """Up to three variants of quoted `requests` that cost `room` at most, the nearest to them first.

        Never takes longer than a few seconds and never raises for what it cannot learn: then it finds less.
        """
        total = sum(one.quote or 0.0 for one in requests)
        if room <= 0 or total <= 0:
            return []
        variants: list[_Variant] = []
        with anyio.move_on_after(PATIENCE_SECONDS):
            variants = [one async for one in self._variants(list(requests), room, total)]
            await self._quote(variants)
        fitting = [one for one in variants if one.price is not None and one.price <= min(room, total) + 1e-9]
        return [
            WayOut(one.what, one.price or 0.0, *_call(one, options, in_batch=in_batch))
            for one in _chosen(fitting)
        ]

    async def _variants(self, requests: list[Prepared], room: float, total: float) -> Any:
        for count in range(len(requests) - 1, 0, -1):
            price = sum(one.quote or 0.0 for one in requests[:count])
            if price <= room:
                what = f"the first {count} of these {len(requests)} runs"
                yield _Variant(FEWER_RUNS, what, requests[:count], price)
                break
        share = room / total
        for what, kind, changed in _changed(requests, share):
            if (made := await self._checked(requests, changed)) is not None:
                yield _Variant(kind, what, made)
        count = 0
        for model in await self._siblings(requests, room):
            made = await self._checked(requests, [{} for _ in requests], model)
            if made is not None:
                yield _Variant(SIBLING, model, made)
                count += 1
            if count >= SIBLINGS_QUOTED:
                break

    async def _siblings(self, requests: list[Prepared], room: float) -> list[str]:
        """Models of the same kind that may be affordable, the most similar names first."""
        info = requests[0].info
        if info is None or any(one.model != info.model_id for one in requests):
            return []
        words = info.model_id.replace("/", " ").replace("-", " ")
        most = room / len(requests)
        try:
            close = await self._catalog.search(words, info.type, most, limit=SIBLINGS)
            cheap = await self._catalog.search("", info.type, most, limit=SIBLINGS)
        except CatalogError:
            return []
        names = [one.model_id for one in (*close.models, *cheap.models)]
        return [one for one in dict.fromkeys(names) if one != info.model_id]

    async def _checked(
        self, requests: list[Prepared], changed: list[dict[str, Any]], model: str = ""
    ) -> list[Prepared] | None:
        """The requests with these changes, as they would be sent; None where one of them would be refused."""
        made = []
        for request, change in zip(requests, changed, strict=True):
            if not change and not model:
                made.append(request)
                continue
            try:
                variant = await self._preparation.check(model or request.model, {**request.given, **change})
            except (CatalogError, FileRefused):
                return None
            variant.body = sent_body(variant, request.urls)
            variant.asked = request.asked
            made.append(variant)
        return made

    async def _quote(self, variants: list[_Variant]) -> None:
        """Ask for the prices, at once, as far as the quotes that may be asked for go."""
        asked: dict[str, float | None] = {}
        wanted: list[tuple[_Variant, list[str]]] = []
        bodies: dict[str, Prepared] = {}
        for variant in variants:
            keys = [_price_key(one) for one in variant.requests]
            fresh = {key: one for key, one in zip(keys, variant.requests, strict=True) if one.quote is None}
            asked |= {
                key: one.quote
                for key, one in zip(keys, variant.requests, strict=True)
                if one.quote is not None
            }
            if len(bodies.keys() | fresh.keys()) <= MOST_QUOTES:
                bodies |= fresh
                wanted.append((variant, keys))

        async def one(key: str, request: Prepared) -> None:
            try:
                asked[key] = (await self._client.price(request.model, request.body)).due
            except ApiError:
                asked[key] = None

        try:
            async with anyio.create_task_group() as group:
                for key, request in bodies.items():
                    group.start_soon(one, key, request)
        finally:
            for variant, keys in wanted:
                prices = [asked.get(key) for key in keys]
                if all(price is not None for price in prices):
                    variant.price = sum(price or 0.0 for price in prices)


def _changed(requests: list[Prepared], share: float) -> Iterator[tuple[str, str, list[dict[str, Any]]]]:
    """What is different, its kind, and the changes for each request; the same kind of change for all."""
    changes = [cheaper_changes(one.info, one.input, share) if one.info else [] for one in requests]
    told: set[str] = set()
    for change in (one for each in changes for one in each):
        applied = [_same(change, each) for each in changes]
        what = f"{change.kind}: {change.key} {_shown(change.value)}"
        if what not in told:
            told.add(what)
            yield what, change.kind, applied
    everything = [lowest(each) for each in changes]
    if any(len(each) > 1 for each in everything):
        listed = {key: value for each in everything for key, value in each.items()}
        values = ", ".join(f"{key} {_shown(value)}" for key, value in listed.items())
        yield f"{CHEAPEST}: {values}", CHEAPEST, everything


def _same(change: Change, changes: list[Change]) -> dict[str, Any]:
    """This change for a request that allows it."""
    return {change.key: change.value} if change in changes else {}


def _chosen(fitting: list[_Variant]) -> list[_Variant]:
    """Of each kind the one that is nearest to what was asked for, then what else there is."""
    fitting = sorted(fitting, key=lambda one: -(one.price or 0.0) if one.kind != SIBLING else 0.0)
    best = [next((one for one in fitting if one.kind == kind), None) for kind in ORDER]
    chosen = [one for one in best if one is not None and one.kind != CHEAPEST]
    combined = [one for one in best if one is not None and one.kind == CHEAPEST]
    # A change of everything is worth a place only where there is room for it.
    own = [one for one in chosen if one.kind != SIBLING] or combined
    other = [one for one in chosen if one.kind == SIBLING]
    picked = [*own[: MOST_WAYS - len(other)], *other]
    rest = [one for one in (*own, *fitting) if one not in picked]
    return [*picked, *rest][:MOST_WAYS]


def _price_key(request: Prepared) -> str:
    """The same for requests whose price is the same."""
    moving = price_inputs(request.info) if request.info else list(request.body)
    return json.dumps(
        [request.model, {key: request.body.get(key) for key in moving}], sort_keys=True, default=str
    )


def _call(variant: _Variant, options: RunOptions, *, in_batch: bool) -> tuple[str, dict[str, Any]]:
    """The tool, and the arguments that run the variant."""
    runs = [_run(one) for one in variant.requests]
    if in_batch:
        return "generate_batch", {"requests": runs, **options.kept}
    return "generate", {**runs[0], **options.kept}


def _run(request: Prepared) -> dict[str, Any]:
    run: dict[str, Any] = {"model": request.model, "input": request.given}
    return {**run, "again": True} if request.asked.again else run


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
