"""Values in another notation: taken where they have one meaning, left to the check otherwise."""

import copy
import json
from typing import Any

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from in_full import examples
from wavespeed_mcp_server.catalog import InputRefused, Model, check_input, media_inputs, restate
from wavespeed_mcp_server.catalog.schema import properties

from .conftest import model, real_models

MODELS = [found for found in real_models() if properties(found.schema)]
PIXELS = {"type": "string", "default": "1024*1024"}
SIZES = {"type": "string", "enum": ["auto", "1024*1024", "1536*1024", "1024*1536"]}
RATIOS = {"type": "string", "enum": ["16:9", "9:16", "1:1", "21:9"]}
IMAGE = {"type": "string"}
IMAGES = {"type": "array", "items": {"type": "string"}, "maxItems": 3}
WHOLE = {"type": "integer", "minimum": 1, "maximum": 10}
SWITCH = {"type": "boolean"}
SECONDS = {"type": "integer", "minimum": 5, "maximum": 300, "description": "Length in seconds."}
SHARE = {"type": "number", "minimum": 0, "maximum": 1}
SPEED = {"type": "number", "minimum": 0.5, "maximum": 2}
VOICES = {"type": "string", "enum": ["Sandbox_Ada", "Sandbox_Ben", "CalmWoman", "Non_Calm"]}
LANGUAGES = {"type": "string", "enum": ["auto", "en", "de", "pt-BR"]}
NAMED_LANGUAGES = {"type": "string", "enum": ["auto", "English", "Chinese", "Chinese,Yue", "German"]}
LORAS = {"type": "array", "items": {"type": "object", "properties": {"path": IMAGE}, "required": ["path"]}}
DESCRIBED = {**PIXELS, "default": "512*512", "description": "Width and height, 64 to 2048 each."}
URL = "https://example.com/a.jpg"


@pytest.mark.parametrize(
    ("key", "rule", "written", "meant"),
    [
        ("size", PIXELS, "1536x1024", "1536*1024"),
        ("size", PIXELS, "1536 X 1024", "1536*1024"),
        ("size", PIXELS, "1536\u00d71024", "1536*1024"),
        ("size", PIXELS, "1536 * 1024", "1536*1024"),
        ("size", PIXELS, "1536px by 1024px", "1536*1024"),
        ("size", PIXELS, {"width": 1536, "height": 1024}, "1536*1024"),
        ("size", PIXELS, "1536, 1024", "1536*1024"),
        ("size", PIXELS, "16:9", "1280*720"),
        ("size", PIXELS, "9 / 16", "720*1280"),
        ("size", PIXELS, "16x9", "1280*720"),
        ("size", PIXELS, "16x10", "1280*800"),
        ("size", PIXELS, "16*10", "1280*800"),
        ("size", PIXELS, "64 x 64", "64*64"),
        ("size", PIXELS, "3 to 2", "1248*832"),
        ("size", PIXELS, "1:1", "1024*1024"),
        ("size", SIZES, "3:2", "1536*1024"),
        ("size", SIZES, "1536x1024", "1536*1024"),
        ("size", SIZES, "AUTO", "auto"),
        ("aspect_ratio", RATIOS, "16x9", "16:9"),
        ("aspect_ratio", RATIOS, "16 / 9", "16:9"),
        ("aspect_ratio", RATIOS, "\uff11\uff16\uff1a\uff19", "16:9"),
        ("resolution", {"enum": ["2k", "4k"]}, "4K", "4k"),
        ("resolution", {"enum": ["2K", "4K"]}, " 4k ", "4K"),
        ("resolution", {"type": "string", "enum": ["480p", "720p"]}, 720, "720p"),
        ("resolution", {"type": "string", "enum": ["480p", "720p"]}, "720", "720p"),
        ("output_format", {"type": "string", "enum": ["jpeg", "png"]}, "JPG", "jpeg"),
        ("scene", {"type": "string", "enum": ["box_of_joy", "top-down"]}, "Box of Joy", "box_of_joy"),
        ("scene", {"type": "string", "enum": ["box_of_joy", "top-down"]}, "top down", "top-down"),
        ("resolution", {"type": "string", "enum": ["720p", "1080p", "4k"]}, "Full HD", "1080p"),
        ("resolution", {"type": "string", "enum": ["720p", "1080p", "4k"]}, "2160p", "4k"),
        ("resolution", {"type": "string", "enum": ["720p", "1080p", "4k"]}, "1920x1080", "1080p"),
        ("dialect", {"enum": ["Arabic", "Arabic (Algeria)"]}, "ARABIC (ALGERIA)", "Arabic (Algeria)"),
        ("resolution", {"type": "string", "enum": ["720p", "1080p", "4k"]}, "720 x 1280", "720p"),
        ("upscale_to", {"type": "string", "enum": ["720p", "1080p"]}, "1080", "1080p"),
        ("aspect_ratio", RATIOS, "square", "1:1"),
        ("aspect_ratio", RATIOS, "portrait", "9:16"),
        ("aspect_ratio", RATIOS, "16:9 (landscape)", "16:9"),
        ("aspect_ratio", RATIOS, "widescreen", "16:9"),
        ("size", PIXELS, "square", "1024*1024"),
        ("size", PIXELS, [1024, 768], "1024*768"),
        ("resolution", {"type": "string", "enum": ["1k", "2k", "4k"]}, "2048", "2k"),
        ("output_format", {"type": "string", "enum": ["jpeg", "png"]}, "image/jpg", "jpeg"),
        ("loras", LORAS, "me/style", [{"path": "me/style"}]),
        ("loras", LORAS, ["a/b", {"path": "c/d"}], [{"path": "a/b"}, {"path": "c/d"}]),
        ("images", IMAGES, f"{URL} {URL}", [URL, URL]),
        ("voice_id", VOICES, "Ada", "Sandbox_Ada"),
        ("voice_id", VOICES, "ben", "Sandbox_Ben"),
        ("voice_id", VOICES, "calm woman", "CalmWoman"),
        ("voice_id", VOICES, "Calm", "CalmWoman"),
        ("language", LANGUAGES, "English", "en"),
        ("language", LANGUAGES, "deutsch", "de"),
        ("language", LANGUAGES, "en-US", "en"),
        ("language", LANGUAGES, "Portuguese", "pt-BR"),
        ("language", LANGUAGES, "automatic", "auto"),
        ("language_boost", NAMED_LANGUAGES, "de_AT", "German"),
        ("language_boost", NAMED_LANGUAGES, "zh", "Chinese"),
        ("duration", SECONDS, "4min", 240),
        ("duration", SECONDS, "1m", 60),
        ("duration", SECONDS, "0:30", 30),
        ("duration", SECONDS, "half a minute", 30),
        ("duration", SECONDS, "1 min 30 s", 90),
        ("length_ms", WHOLE | {"maximum": 9000}, "2 s", 2000),
        ("length_ms", WHOLE | {"maximum": 9000}, "500ms", 500),
        ("speed", SPEED, "1.2x", 1.2),
        ("speed", SPEED, "x1.2", 1.2),
        ("speed", SPEED, "120%", 1.2),
        ("speed", SPEED, "1,5", 1.5),
        ("strength", SHARE, "50 %", 0.5),
        ("num_images", WHOLE, "2 images", 2),
        ("num_images", WHOLE, "two pictures", 2),
        ("num_images", WHOLE, "two", 2),
        ("num_inference_steps", WHOLE, "8 steps", 8),
        ("sample_rate", {"type": "integer", "enum": [16000, 44100]}, "44.1 kHz", 44100),
        ("steps", {"type": "integer"}, "1,024", 1024),
        ("seed", {"type": "integer", "minimum": -1}, "random", -1),
        ("count", WHOLE, "2", 2),
        ("count", WHOLE, " 2.0 ", 2),
        ("count", WHOLE, 7.0, 7),
        ("scale", {"type": "number"}, "0.5", 0.5),
        ("scale", {"type": "number"}, "1e-3", 0.001),
        ("duration", {"type": "integer", "enum": [5, 10]}, "5", 5),
        ("duration", {"type": "integer", "enum": [5, 10]}, "5s", 5),
        ("duration", {"type": "integer", "enum": [5, 10]}, "10 seconds", 10),
        ("duration", {"type": "integer", "enum": [5, 10]}, 10.0, 10),
        ("duration", {"type": "string", "enum": ["5", "10"]}, 5, "5"),
        ("duration", {"type": "string", "enum": ["5", "10"]}, 5.0, "5"),
        ("version", {"type": "string", "enum": ["6", "6.1"]}, 6.1, "6.1"),
        ("upscale", SWITCH, "True", True),
        ("upscale", SWITCH, "no", False),
        ("upscale", {"type": "string", "enum": ["true", "false"]}, True, "true"),
        ("images", IMAGES, URL, [URL]),
        ("images", IMAGES, json.dumps([URL, URL]), [URL, URL]),
        ("images", IMAGES, "@/a b.png", ["@/a b.png"]),
        ("images", IMAGES, '["@/a.png", "@/b.png"]', ["@/a.png", "@/b.png"]),
        ("images", IMAGES, '@["/a.png", "@/b.png"]', ["@/a.png", "@/b.png"]),
        ("images", IMAGES, [f" {URL}\n", f'"{URL}"'], [URL, URL]),
        ("image", IMAGE, [URL], URL),
        ("image", IMAGE, json.dumps([URL]), URL),
        ("image", IMAGE, f"<{URL}>", URL),
        ("image", IMAGE, f"@{URL}", URL),
        ("image", IMAGE, {"url": URL}, URL),
        ("style", {"type": "object", "properties": {"n": WHOLE}}, '{"n": "3"}', {"n": 3}),
        ("loras", {"type": "array", "items": {"type": "object"}}, {"path": "x"}, [{"path": "x"}]),
        ("text", {"type": "string"}, 2026, "2026"),
    ],
)
def test_a_value_of_certain_meaning_is_put_into_the_models_form_and_told(
    key: str, rule: dict[str, Any], written: Any, meant: Any
) -> None:
    target = model({key: rule, "prompt": {"type": "string"}})
    before = copy.deepcopy(written)
    found = restate(target, {"prompt": "x", key: written})
    assert found.input == {"prompt": "x", key: meant}
    assert type(found.input[key]) is type(meant)
    assert found.note.startswith("Sent in the model's own notation: ")
    assert key in found.note
    assert written == before
    check_input(target, found.input)


@pytest.mark.parametrize(
    ("key", "rule", "written"),
    [
        ("shape", {"type": "string", "enum": ["16:9", "16*9"]}, "16x9"),
        ("mode", {"type": "string", "enum": ["PBR", "pbr"]}, "Pbr"),
        ("voice_id", VOICES, "Sandbox"),
        ("voice_id", VOICES, "Woman Calm"),
        ("voice_id", {"type": "string", "enum": ["Sandbox_Jo", "other"]}, "Jo"),
        ("version", {"type": "string", "enum": ["v10_turbo", "other"]}, "v10"),
        ("language", LANGUAGES, "Klingon"),
        ("steps", {"type": "integer", "description": "Many take minutes."}, "4 minutes"),
        ("resolution", {"type": "integer"}, "4k"),
        ("mode", {"type": "string", "enum": ["non_commercial", "other"]}, "commercial"),
        ("language", {"type": "string", "enum": ["zh-CN", "zh-TW"]}, "Chinese"),
        ("style", {"type": "string", "enum": ["en", "de"]}, "English"),
        ("aspect_ratio", RATIOS, "landscape"),
        ("aspect_ratio", RATIOS, "1"),
        ("guidance_scale", {"type": "number"}, "50%"),
        ("scale", {"type": "number"}, "1,024"),
        ("steps", {"type": "integer"}, "4min"),
        ("num_images", WHOLE, "2 dogs"),
        ("duration", SECONDS, "1.2x"),
        ("duration", SECONDS, "10 min"),
        ("seed", {"type": "integer", "minimum": 0}, "random"),
        ("size", DESCRIBED, "huge"),
        ("count", WHOLE, "1,5"),
        ("count", WHOLE, "5s"),
        ("count", WHOLE, "11"),
        ("count", WHOLE, [1, 2]),
        ("count", WHOLE, 2.5),
        ("upscale", SWITCH, 1),
        ("upscale", SWITCH, "maybe"),
        ("prompt", {"type": "string"}, ["a", "b"]),
        ("prompt", {"type": "string"}, 1.0),
        ("prompt", {"type": "string"}, True),
        ("images", IMAGES, '["cut off'),
        ("images", {**IMAGES, "minItems": 2}, URL),
        ("size", PIXELS, [1024, 768, 3]),
        ("size", PIXELS, "landscape"),
        ("size", PIXELS, "720p"),
        ("size", PIXELS, "0:9"),
        ("size", {**PIXELS, "minimum": 1000, "maximum": 1040}, "16:9"),
        ("aspect_ratio", RATIOS, "1920x1080"),
    ],
)
def test_a_value_with_no_meaning_or_two_is_left_for_the_check(
    key: str, rule: dict[str, Any], written: Any
) -> None:
    target = model({key: rule})
    found = restate(target, {key: written})
    assert found.input == {key: written}
    assert found.note == ""


@pytest.mark.parametrize(
    ("described", "sizes"),
    [
        ("Width and height in pixels, WIDTH*HEIGHT, 64 to 2048 each.", ["4096*4096", "32*512"]),
        ("Between 256 and 1,536 pixels per side.", ["1600*512"]),
        ("Each side: min 256, max: 1536.", ["128*512"]),
    ],
)
def test_a_size_is_held_against_what_only_the_description_tells(described: str, sizes: list[str]) -> None:
    target = model({"size": {"type": "string", "default": "512*512", "description": described}})
    check_input(target, {"size": "1024*768"})
    for size in sizes:
        with pytest.raises(InputRefused, match="must have sides of at least"):
            check_input(target, {"size": size})


@pytest.mark.parametrize(
    "described",
    [
        "Image of width*height, e.g. 1024*1024 to 1280*720",
        "100 to 200 pictures each",
        "Up to 4096 each",
        "64 to 2048 styles",
        "",
    ],
)
def test_a_description_that_tells_no_range_of_sides_refuses_nothing(described: str) -> None:
    target = model({"size": {"type": "string", "default": "512*512", "description": described}})
    check_input(target, {"size": "4096*64"})


def test_what_is_allowed_as_it_stands_is_not_touched() -> None:
    texts = {"prompt": "1536x1024", "tag": '["a"]', "size": "1536*1024"}
    target = model({"prompt": {"type": "string"}, "tag": {"type": "string"}, "size": PIXELS})
    assert restate(target, texts).input == texts
    assert restate(target, texts).note == ""


def test_keys_are_never_guessed() -> None:
    given_input = {"Prompt": "a", "num_image": "2"}
    target = model({"prompt": {"type": "string"}, "num_images": WHOLE})
    assert restate(target, given_input).input == given_input


def test_null_for_what_need_not_be_given_is_left_out() -> None:
    target = model({"prompt": {"type": "string"}, "seed": {"type": "integer"}}, required=["prompt"])
    assert restate(target, {"prompt": "x", "seed": None}).input == {"prompt": "x"}
    assert restate(target, {"prompt": None}).input == {"prompt": None}


WAYS_TO_COUNT = ["{}", " {}.0 ", "{} images", "{} Pictures", "{}x", "x{}", "{} times"]
WAYS_TO_TIME = ["{}s", "{} sec", "{} seconds", "0:{:02}", "00:00:{:02}", "for {} s", "{}.0s"]


@given(st.integers(1, 59), st.sampled_from(WAYS_TO_COUNT), st.sampled_from(WAYS_TO_TIME))
def test_a_number_is_itself_in_every_notation_of_its_unit_and_in_no_other(
    count: int, counted: str, timed: str
) -> None:
    whole = {"type": "integer", "minimum": 0, "maximum": 100_000}
    target = model({"num_images": whole, "seconds": whole, "length_ms": whole})
    images, lasting = counted.format(count), timed.format(count)
    found = restate(target, {"num_images": images, "seconds": lasting, "length_ms": lasting}).input
    assert found == {"num_images": count, "seconds": count, "length_ms": count * 1000}
    assert restate(target, {"num_images": lasting}).input == {"num_images": lasting}
    wrong = {} if counted in WAYS_TO_COUNT[:2] else {"seconds": images}
    assert restate(target, wrong).input == wrong


WORD = st.sampled_from(["Ada", "Ben", "calm", "woman", "Deep", "male", "young", "radio", "not"])
NAMES = st.lists(st.lists(WORD, min_size=1, max_size=3).map("_".join), min_size=1, max_size=5, unique=True)


@given(NAMES, WORD, st.sampled_from([str, str.upper, str.lower, str.title]))
def test_a_part_of_a_name_means_the_one_name_that_begins_or_ends_with_it(
    names: list[str], word: str, written: Any
) -> None:
    target = model({"voice": {"type": "string", "enum": names}})
    found = restate(target, {"voice": written(word)}).input["voice"]
    same = [name for name in names if name.lower() == word.lower()]
    ends = [name for name in names if word in (name.split("_")[0], name.split("_")[-1])]
    sure = [name for name in ends if "not" not in name.split("_")]
    if same:
        assert found == same[0]
    elif len(ends) == len(sure) == 1:
        assert found == sure[0]
    else:
        assert found == written(word) or (len(sure) == 1 and found == sure[0])


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["5", "5s", "4K", "1024x768", "true", "[1]", '{"a": 1}', "@/a.png", "16x9", "720"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.skipif(not MODELS, reason="needs the real catalogs, which are not part of the project")
class TestRealSchemas:
    """The rule, over every real model."""

    @staticmethod
    def passes(target: Model, sent: dict[str, Any]) -> bool:
        """Whether the check takes it."""
        try:
            check_input(target, sent)
        except InputRefused:
            return False
        return True

    @settings(max_examples=examples(300))
    @given(st.sampled_from(MODELS or [model({})]), st.data())
    def test_only_what_is_refused_changes_and_only_into_what_is_allowed(
        self, target: Model, data: st.DataObject
    ) -> None:
        keys = st.sampled_from(list(properties(target.schema)))
        sent = data.draw(st.dictionaries(keys, JSON, max_size=4))
        before = copy.deepcopy(sent)
        found = restate(target, sent)
        assert repr(sent) == repr(before)
        assert set(found.input) <= set(sent)
        media = media_inputs(target)
        for key, value in found.input.items():
            alone = Model(target.model_id, "", "", None, {"properties": properties(target.schema)}, None, 0.0)
            if repr(value) == repr(sent[key]):
                continue
            event("restated")
            rule = properties(target.schema)[key]
            pixels = isinstance(rule.get("default"), str) and "*" in rule["default"]
            assert key in media or pixels or value == sent[key] or not self.passes(alone, {key: sent[key]})
            assert self.passes(alone, {key: value})
        assert repr(restate(target, found.input).input) == repr(found.input)
        assert bool(found.note) == (repr(found.input) != repr(sent))

    @settings(max_examples=examples(300))
    @given(st.sampled_from(MODELS or [model({})]), st.data())
    def test_a_choice_in_another_notation_is_that_choice(self, target: Model, data: st.DataObject) -> None:
        choices = {key: rule["enum"] for key, rule in properties(target.schema).items() if rule.get("enum")}
        assume(choices)
        key = data.draw(st.sampled_from(list(choices)))
        choice = data.draw(st.sampled_from(choices[key]))
        written = data.draw(st.sampled_from(_other_ways(choice)))
        assume(sum(_other_ways(one)[-1] == _other_ways(choice)[-1] for one in choices[key]) == 1)
        assert restate(target, {key: written}).input == {key: choice}


def _other_ways(choice: Any) -> list[Any]:
    if isinstance(choice, str):
        number = [float(choice)] if choice.isdigit() else []
        return [*number, f" {choice} ", choice.upper(), choice.title(), choice.lower()]
    return [float(choice), f"{choice}", f" {choice} "]
