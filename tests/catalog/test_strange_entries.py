"""Entries that make no sense break nothing: not reading, not searching, not what is said of other models."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from in_full import examples
from reliability.strange import containers
from wavespeed_mcp_server import catalog
from wavespeed_mcp_server.catalog import InputRefused, Model, parse_catalog, search
from wavespeed_mcp_server.sandbox.catalog import own_models
from wavespeed_mcp_server.sandbox.models import catalog_bytes

from .conftest import document, entry

ENTRIES: list[dict[str, Any]] = json.loads(catalog_bytes(own_models()))["data"]
HEALTHY = entry("healthy/model")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
# Words that mean something in a schema, in places where they mean nothing.
WORDS = ["type", "enum", "items", "properties", "required", "default", "minimum", "maximum", "anyOf", "$ref"]
WORDS += ["format", "maxItems", "minLength", "description", "x-enum", "x-order-properties", "x-accept"]
WORDS += ["x-ui-component", "x-ui-component-props"]
JUNK = st.recursive(
    SCALARS | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def strange(draw: st.DrawFn) -> dict[str, Any]:
    """An entry of the sandbox in which a few parts are replaced by something else, or added."""
    spoiled: dict[str, Any] = copy.deepcopy(draw(st.sampled_from(ENTRIES)))
    for _ in range(draw(st.integers(1, 6))):
        part = draw(st.sampled_from([one for one in containers(spoiled) if isinstance(one, dict)]))
        part[draw(st.sampled_from([*part, *WORDS]))] = draw(JUNK)
    return spoiled


def say_everything(model: Model, given: Any) -> None:
    """All that is ever said of one model."""
    catalog.row(model)
    catalog.short_description(model)
    catalog.signature(model)
    catalog.media_inputs(model)
    catalog.has_sync_flag(model)
    catalog.price_inputs(model)
    needed, shown = catalog.compact_schema(model)
    json.dumps([needed, shown, catalog.defaults(model)])
    example = catalog.example(model)
    catalog.unpriced_inputs(model, example)
    for inputs in (example, {}, dict.fromkeys(shown, given)):
        try:
            catalog.check_input(model, inputs)
        except InputRefused as refused:
            assert str(refused)


@settings(max_examples=examples(400))
@given(strange(), JUNK)
def test_a_strange_entry_is_left_out_or_told_about_and_its_neighbours_stay(
    spoiled: dict[str, Any], given: Any
) -> None:
    models = parse_catalog(document(spoiled, HEALTHY))
    assert "healthy/model" in {model.model_id for model in models}
    loaded = search.load(search.stored(models, 1.0))
    assert loaded is not None
    assert len(search.rank(loaded, "")) == len(models)
    search.rank(loaded, spoiled["description"] if isinstance(spoiled.get("description"), str) else "cat")
    for model in models:
        say_everything(model, given)


@pytest.mark.parametrize("price", [-0.01, 1e300, float("nan"), float("inf"), "0.1", True, [1]])
def test_a_price_that_is_none_is_none(price: object) -> None:
    (model,) = parse_catalog(document(entry("odd/price", base_price=price)))
    assert model.base_price is None
