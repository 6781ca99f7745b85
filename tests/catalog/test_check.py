"""Input checks: what is refused, with which words, and what must pass."""

from typing import Any

import pytest

from wavespeed_mcp_server.catalog import InputRefused, Model, check_input, defaults, example

from .conftest import SNAPSHOTS, model, real_models, snapshot

PROMPT = {"prompt": {"type": "string"}}


def _problems(target: Model, given: Any) -> list[str]:
    with pytest.raises(InputRefused) as caught:
        check_input(target, given)
    assert len(caught.value.keys) == len(caught.value.problems)
    return caught.value.problems


def test_a_misspelled_key_names_the_closest() -> None:
    target = model(PROMPT | {"num_images": {"type": "integer"}, "aspect_ratio": {"type": "string"}})
    assert "did you mean num_images?" in _problems(target, {"num_imgs": 2})[0]
    assert "did you mean prompt?" in _problems(target, {"Prompt": "a cat"})[0]
    assert "did you mean aspect_ratio?" in _problems(target, {"ratio": "1:1"})[0]
    assert _problems(target, {"zzz": 1}) == ["zzz is not an input (known: prompt, num_images, aspect_ratio)"]


def test_a_wrapped_input_is_told_to_unwrap() -> None:
    problems = _problems(model(PROMPT), {"input": {"prompt": "a cat"}})
    assert problems == ['input is not an input: give the keys directly, without wrapping them in "input"']


def test_an_input_that_is_no_object_is_refused() -> None:
    assert _problems(model(PROMPT), ["a cat"]) == ['the input must be an object, not ["a cat"]']


def test_every_problem_is_told_at_once() -> None:
    target = model(PROMPT | {"seed": {"type": "integer"}}, required=["prompt"])
    assert len(_problems(target, {"seed": "5", "sede": 1})) == 3


@pytest.mark.parametrize(
    ("rule", "value", "said"),
    [
        ({"type": "integer"}, "5", 'must be an integer, not "5"'),
        ({"type": "integer"}, True, "must be an integer, not true"),
        ({"type": "integer"}, 5.5, "must be an integer, not 5.5"),
        ({"type": "number"}, False, "must be a number, not false"),
        ({"type": "string"}, 5, "must be a string, not 5"),
        ({"type": "string"}, None, "must be a string, not null (leave out what is not set)"),
        ({"type": "integer", "maximum": 2147483647}, 1e300, "an integer, at most 2147483647, not 1e+300"),
        ({"type": "boolean"}, "true", 'must be true or false, not "true"'),
        ({"type": "boolean"}, 1, "must be true or false, not 1"),
        (
            {"type": "array", "items": {"type": "string"}},
            "a",
            'must be a list, not "a"',
        ),
        ({"type": "array", "items": {"type": "string"}}, ["a", 1], "key[1] must be a string, not 1"),
        ({"type": "object"}, [], "must be an object, not []"),
        (
            {"type": "string", "enum": ["720p", "1080p"]},
            "1080P",
            'must be one of "720p", "1080p", not "1080P"',
        ),
        ({"type": "integer", "enum": [5, 10]}, 7, "must be one of 5, 10, not 7"),
        ({"enum": ["5", "10"]}, 5, 'must be one of "5", "10", not 5'),
        ({"type": "integer", "minimum": 1, "maximum": 4}, 9, "must be an integer from 1 to 4, not 9"),
        ({"type": "number", "minimum": 0}, -0.1, "must be a number, at least 0, not -0.1"),
        ({"type": "number", "exclusiveMaximum": 1}, 1, "must be a number, not 1"),
        ({"type": "number", "multipleOf": 0.1}, 0.25, "must be a multiple of 0.1, not 0.25"),
        ({"type": "integer", "multipleOf": 8}, 10**400, "must be a multiple of 8"),
        ({"type": "number", "multipleOf": 8}, float("inf"), "must be a multiple of 8"),
        ({"type": "number"}, float("nan"), "must be a number, not NaN"),
        ({"type": "string", "minLength": 2}, "a", "must have at least 2 characters, not 1"),
        ({"type": "string", "maxlength": 2}, "abc", "must have at most 2 characters, not 3"),
        ({"type": "array", "minItems": 1}, [], "must have at least 1 item, not 0"),
        ({"type": "array", "maxItems": 1}, [1, 2], "must have at most 1 item, not 2"),
        ({"const": "x"}, "y", 'must be "x", not "y"'),
    ],
)
def test_an_illegal_value_is_refused_with_what_is_allowed(
    rule: dict[str, Any], value: Any, said: str
) -> None:
    (problem,) = _problems(model({"key": rule}), {"key": value})
    assert problem.startswith("key")
    assert said in problem


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ({"type": "integer"}, 5.0),
        ({"type": "number"}, 5),
        ({"type": "string", "nullable": True}, None),
        ({"type": ["string", "null"]}, None),
        ({"type": "string", "x-enum": ["Alice"]}, "Zoe"),
        ({"type": "string", "disabled": True}, "x"),
        ({"type": "string", "format": "uri"}, "@./cat.png"),
        ({"type": "integer", "step": 5}, 7),
        ({"type": "array", "items": {"$ref": "#/nowhere"}}, [{"path": "a"}, 5]),
        ({"$ref": "#/nowhere"}, 5),
        ({"type": "string", "minLength": 10, "default": ""}, ""),
        ({"type": "string", "enum": ["a"], "default": "b"}, "b"),
        ({"type": "string", "default": None}, None),
        ({"type": "array", "items": {"type": "object", "required": ["a"]}, "default": [{}]}, [{}, {}]),
        ({"type": "number", "multipleOf": 0.1}, 0.3),
        ({"type": "mystery"}, object()),
    ],
)
def test_a_legal_value_passes(rule: dict[str, Any], value: Any) -> None:
    check_input(model({"key": rule}), {"key": value})


def test_what_is_required_must_be_there_unless_it_has_a_default_or_is_unknown() -> None:
    target = model(
        PROMPT | {"size": {"type": "string", "default": "1k"}}, required=["prompt", "size", "ghost"]
    )
    assert _problems(target, {}) == ["prompt is required: a string"]
    check_input(target, {"prompt": "a cat"})


def test_items_that_are_objects_are_checked_inside() -> None:
    lora = {"path": {"type": "string"}, "scale": {"type": "number", "minimum": 0, "maximum": 4, "default": 1}}
    item = {"type": "object", "properties": lora, "required": ["path"]}
    target = model({"loras": {"type": "array", "items": item}})
    check_input(target, {"loras": [{"path": "a/b"}, {"path": "c/d", "scale": 2}]})
    problems = _problems(target, {"loras": [{"scale": 9}, {"pth": "a"}]})
    assert [problem.split()[0] for problem in problems] == [
        "loras[0].path",
        "loras[0].scale",
        "loras[1].pth",
        "loras[1].path",
    ]


def test_without_properties_anything_goes() -> None:
    for target in (model(None), model({})):
        check_input(target, {"anything": 1})


@pytest.mark.parametrize("extra", [True, {"type": "string"}])
def test_keys_beyond_the_schema_pass_only_where_it_says_so(extra: Any) -> None:
    check_input(model(PROMPT, additionalProperties=extra), {"other": "x"})
    _problems(model(PROMPT, additionalProperties=False), {"other": "x"})
    _problems(model(PROMPT), {"other": "x"})


def test_conditions_are_followed() -> None:
    duration = {"duration": {"type": "integer", "enum": [5, 8, 10]}, "resolution": {"type": "string"}}
    rule = {
        "if": {"properties": {"resolution": {"const": "1080p"}}, "required": ["resolution"]},
        "then": {"properties": {"duration": {"enum": [5, 8]}}},
        "else": {"properties": {"duration": {"enum": [5, 10]}}},
    }
    for target in (model(duration, **rule), model(duration, allOf=[rule])):
        check_input(target, {"resolution": "1080p", "duration": 8})
        check_input(target, {"resolution": "720p", "duration": 10})
        check_input(target, {"duration": 10})
        assert _problems(target, {"resolution": "1080p", "duration": 10})[0].startswith(
            "duration must be one of"
        )
        assert _problems(target, {"duration": 8})[0].startswith("duration must be one of")


def test_inputs_that_exclude_each_other_are_named() -> None:
    target = model({"a": {"type": "string"}, "b": {"type": "string"}}, **{"not": {"required": ["a", "b"]}})
    check_input(target, {"a": "x"})
    assert _problems(target, {"a": "x", "b": "y"}) == ["a and b cannot be given together"]


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_one_of_several_inputs_must_be_given(keyword: str) -> None:
    forms = [{"required": ["image"]}, {"required": ["video"]}]
    target = model({"image": {"type": "string"}, "video": {"type": "string"}}, **{keyword: forms})
    check_input(target, {"image": "https://x/y.png"})
    assert _problems(target, {}) == ["give one of: image or video"]


def test_a_schema_that_refers_to_itself_ends() -> None:
    rule: dict[str, Any] = {"type": "object", "properties": {}}
    rule["properties"]["again"] = rule
    value: dict[str, Any] = {}
    value["again"] = value
    check_input(model({"again": rule}), value)


@pytest.mark.parametrize(
    "rule", [{"enum": "x"}, {"minimum": "1"}, {"items": 3}, {"properties": []}, {"type": 7}]
)
def test_a_senseless_schema_refuses_nothing(rule: dict[str, Any]) -> None:
    check_input(model({"key": rule}), {"key": "x"})


def test_messages_stay_short_whatever_is_sent() -> None:
    target = model(PROMPT)
    for given in ({"x" * 10_000: 1}, {"prompt": ["y" * 10_000]}, {str(n): n for n in range(1000)}):
        with pytest.raises(InputRefused) as caught:
            check_input(target, given)
        assert len(str(caught.value)) < 2_000


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_every_real_example_and_default_passes_its_own_check(name: str) -> None:
    snapshot(name)
    for target in real_models():
        check_input(target, example(target))
        assumed = defaults(target)
        for key, value in assumed.items():
            check_input(target, example(target) | {key: value})
        check_input(target, {**example(target), **assumed})


@pytest.mark.parametrize("written", ["1024x768", "1024X768", "1024 x 768", "1024×768"])
def test_a_size_in_another_notation_is_refused_with_the_right_one(written: str) -> None:
    size = model({"size": {"type": "string", "default": "512*512"}})
    (problem,) = _problems(size, {"size": written})
    assert "must be written" in problem and "*" in problem
    for legal in ("1024*768", "auto", ""):
        check_input(size, {"size": legal})
    check_input(model({"size": {"type": "string", "default": "1024x1024"}}), {"size": written})


@pytest.mark.parametrize("size", ["landscape", "720p", "1024", "square_hd", "1024*", "*", " ", "2K"])
def test_a_size_that_is_none_is_refused_with_the_form(size: str) -> None:
    sized = model({"size": {"type": "string", "default": "1024*1024"}})
    with pytest.raises(InputRefused, match=r"size must be written width\*height, such as 1024\*1024"):
        check_input(sized, {"size": size})


@pytest.mark.parametrize("size", ["512*4096", "63*64", "4096*512"])
def test_a_size_with_a_side_out_of_range_is_refused(size: str) -> None:
    sized = model({"size": {"type": "string", "default": "512*512", "minimum": 64, "maximum": 2048}})
    with pytest.raises(InputRefused, match="at least 64 and at most 2048 pixels"):
        check_input(sized, {"size": size})
