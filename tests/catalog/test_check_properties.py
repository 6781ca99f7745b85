"""Input checks over the real schemas: random inputs, legal and spoiled, and another checker's opinion."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from in_full import examples
from wavespeed_mcp_server.catalog import InputRefused, Model, check_input, example
from wavespeed_mcp_server.catalog.pixels import is_size
from wavespeed_mcp_server.catalog.schema import limits, must_be_given, properties, required

from .conftest import real_models

MODELS = [found for found in real_models() if properties(found.schema)]

pytestmark = pytest.mark.skipif(
    not MODELS, reason="needs the real catalogs, which are not part of the project"
)

CONDITIONS = ("allOf", "anyOf", "oneOf", "not", "if")
Input = dict[str, Any]


def _refused_keys(target: Model, spoiled: Any) -> list[str]:
    with pytest.raises(InputRefused) as caught:
        check_input(target, spoiled)
    return caught.value.keys


def _value(draw: st.DrawFn, rule: dict[str, Any]) -> Any:
    """Any legal value, straight from the rule."""
    if isinstance(rule.get("enum"), list):
        return draw(st.sampled_from(rule["enum"]))
    match rule.get("type"):
        case "integer":
            low, high = limits(rule)
            return draw(st.integers(None if low is None else int(low), None if high is None else int(high)))
        case "number":
            if "multipleOf" in rule:
                return rule["default"]
            return draw(
                st.floats(rule.get("minimum"), rule.get("maximum"), allow_nan=False, allow_infinity=False)
            )
        case "boolean":
            return draw(st.booleans())
        case "array":
            items = rule.get("items", {"type": "string"})
            least = rule.get("minItems", 0)
            count = draw(st.integers(least, max(least, min(rule.get("maxItems", 3), 3))))
            return [_value(draw, items) for _ in range(count)]
        case "object":
            inner = properties(rule)
            chosen = {key for key in inner if key in required(rule) or draw(st.booleans())}
            return {key: _value(draw, inner[key]) for key in chosen}
        case _ if is_size(rule):
            low, high = limits(rule)
            side = st.integers(int(low or 60), int(high or 4096))
            return f"{draw(side)}*{draw(side)}"
        case _:
            longest = rule.get("maxLength", rule.get("maxlength", 30))
            least = rule.get("minLength", 0)
            return draw(st.text(min_size=least, max_size=max(least, min(longest, least + 20))))


@st.composite
def legal(draw: st.DrawFn) -> tuple[Model, Input]:
    """A real model and an input that its schema allows."""
    target = draw(st.sampled_from(MODELS))
    rules = properties(target.schema)
    needed = required(target.schema)
    chosen = [key for key in rules if key in needed or draw(st.booleans())]
    return target, {key: _value(draw, rules[key]) for key in chosen}


def _unconditional(target: Model) -> bool:
    return not any(word in (target.schema or {}) for word in CONDITIONS)


@settings(max_examples=examples(400))
@given(legal())
def test_what_a_schema_allows_passes(case: tuple[Model, Input]) -> None:
    target, allowed = case
    assume(_unconditional(target))
    check_input(target, allowed)


@settings(max_examples=examples(200))
@given(legal(), st.data())
def test_a_misspelled_key_is_refused_by_name(case: tuple[Model, Input], data: st.DataObject) -> None:
    target, allowed = case
    rules = properties(target.schema)
    key = data.draw(st.sampled_from(list(rules)))
    place = data.draw(st.integers(0, len(key)))
    wrong = key[:place] + data.draw(st.sampled_from("abcxyz_")) + key[place:]
    assume(wrong not in rules)
    spoiled = {name: value for name, value in allowed.items() if name != key} | {wrong: allowed.get(key, 1)}
    assert wrong in _refused_keys(target, spoiled)


@settings(max_examples=examples(200))
@given(legal(), st.data())
def test_a_value_of_the_wrong_type_is_refused_by_name(case: tuple[Model, Input], data: st.DataObject) -> None:
    target, allowed = case
    typed = {key: rule for key, rule in properties(target.schema).items() if rule.get("type")}
    assume(typed)
    key = data.draw(st.sampled_from(list(typed)))
    wrong: dict[str, list[Any]] = {
        "string": [5, True, ["a"], {"a": 1}],
        "integer": ["5", True, 5.5, [5]],
        "number": ["0.5", False, [0.5]],
        "boolean": ["true", 1, 0],
        "array": ["a", 5, {"a": "b"}],
        "object": ["a", 5, []],
    }
    value = data.draw(st.sampled_from(wrong[typed[key]["type"]]))
    assert key in _refused_keys(target, allowed | {key: value})


@settings(max_examples=examples(200))
@given(legal(), st.data())
def test_a_value_out_of_range_is_refused_by_name(case: tuple[Model, Input], data: st.DataObject) -> None:
    target, allowed = case
    rules = properties(target.schema)
    bound = [key for key, rule in rules.items() if {"enum", "maxItems"} & rule.keys() or any(limits(rule))]
    assume(bound)
    key = data.draw(st.sampled_from(bound))
    rule = rules[key]
    spoiled: list[Any] = []
    low, high = limits(rule)
    spoiled += [int(low) - 1] if low is not None else []
    spoiled += [int(high) + 1] if high is not None else []
    spoiled += [["x"] * (rule["maxItems"] + 1)] if "maxItems" in rule else []
    spoiled += ["no such choice", 10**9] if "enum" in rule else []
    value = data.draw(st.sampled_from(spoiled))
    assume(value != rule.get("default"))
    assert any(named.startswith(key) for named in _refused_keys(target, allowed | {key: value}))


@settings(max_examples=examples(200))
@given(st.sampled_from([found for found in MODELS if must_be_given(found.schema)]), st.data())
def test_a_missing_required_key_is_refused_by_name(target: Model, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(must_be_given(target.schema)))
    spoiled = {name: value for name, value in example(target).items() if name != key}
    assert key in _refused_keys(target, spoiled)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=examples(300))
@given(st.sampled_from(MODELS), st.data())
def test_nothing_but_a_refusal_ever_comes_out(target: Model, data: st.DataObject) -> None:
    keys = st.sampled_from(list(properties(target.schema))) | st.text(max_size=8)
    sent = data.draw(st.dictionaries(keys, JSON, max_size=5))
    try:
        check_input(target, sent)
    except InputRefused as refused:
        assert refused.problems


@settings(max_examples=examples(400), suppress_health_check=[HealthCheck.filter_too_much])
@given(legal(), st.data())
def test_a_well_kept_checker_agrees(case: tuple[Model, Input], data: st.DataObject) -> None:
    """Where a schema has no oddity of the API's own, `jsonschema` says the same of spoiled inputs."""
    target, allowed = case
    rules = properties(target.schema)
    key = data.draw(st.sampled_from(list(rules)))
    sent = allowed | {key: data.draw(JSON)}
    assume(all(limits(rule) == (rule.get("minimum"), rule.get("maximum")) for rule in rules.values()))
    plain = {"default", "x-enum", "$ref", "nullable", "maxlength", "multipleOf"}
    assume(not any(plain & set(_keywords(rules[name])) for name in sent) and _unconditional(target))
    assume(sent[key] == sent[key])
    schema = {"type": "object", "properties": rules, "required": required(target.schema)}
    legal_there = jsonschema.Draft202012Validator(schema).is_valid(sent)
    nested = any("properties" in _keywords(rules[name]) for name in sent)
    missing = [name for name in required(target.schema) if name not in sent]
    assume(not nested and not missing)
    try:
        check_input(target, sent)
    except InputRefused:
        assert not legal_there
    else:
        assert legal_there


def _keywords(rule: Any) -> list[str]:
    if isinstance(rule, dict):
        return [*rule, *(word for value in rule.values() for word in _keywords(value))]
    return [word for value in rule for word in _keywords(value)] if isinstance(rule, list) else []
