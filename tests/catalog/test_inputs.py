"""What is said about a model's inputs: in one line, in a compact schema, as an example, about its price."""

import json
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from wavespeed_mcp_server.catalog import (
    compact_schema,
    defaults,
    example,
    has_sync_flag,
    media_inputs,
    price_inputs,
    row,
    short_description,
    signature,
    unpriced_inputs,
)
from wavespeed_mcp_server.catalog.cache import Stored, read, write

from .conftest import SNAPSHOTS, model, real_models, snapshot

TEXT = {"type": "string"}
URL = {"type": "string", "format": "uri"}
FLAGS = {
    "enable_sync_mode": {"type": "boolean", "default": False, "disabled": True},
    "enable_base64_output": {"type": "boolean", "default": False, "disabled": True},
}


def test_a_signature_shows_what_must_be_given_then_what_may() -> None:
    properties = {
        "output_format": {"type": "string", "enum": ["png", "jpeg"], "default": "jpeg"},
        "num_images": {"type": "integer", "default": 1, "minimum": 1, "maximum": 4},
        "size": {"type": "string", "default": "1024*1024"},
        "prompt": {"type": "string"},
        **FLAGS,
    }
    order = ["prompt", "size", "num_images", "output_format", "enable_sync_mode"]
    target = model(properties, required=["prompt"], **{"x-order-properties": order})
    assert signature(target) == "prompt*, size=1024*1024, num_images=1 (1..4), output_format=jpeg|png"


def test_a_required_input_with_a_default_need_not_be_given() -> None:
    properties = {
        "prompt": {"type": "string"},
        "duration": {"type": "integer", "enum": [3, 4, 5, 6], "default": 5},
    }
    target = model(properties, required=["prompt", "duration"])
    assert signature(target) == "prompt*, duration=5 (3..6)"


def test_a_long_signature_keeps_every_required_input_and_counts_the_rest() -> None:
    needed = {f"needed_{number}": {"type": "string"} for number in range(12)}
    optional = {f"optional_{number}": {"type": "string"} for number in range(5)}
    shown = signature(model(needed | optional, required=list(needed)))
    assert all(f"{key}*" in shown for key in needed)
    assert shown.endswith(", +5")


def test_a_model_without_a_schema_has_an_empty_signature() -> None:
    assert signature(model(None)) == ""


def test_a_description_loses_its_sales_talk_and_is_cut_at_a_word() -> None:
    sold = "Makes cats. Ready-to-use REST inference API, best performance, no coldstarts, affordable pricing."
    assert short_description(model({}, description=sold)) == "Makes cats"
    cut = short_description(model({}, description="word " * 100))
    assert len(cut) <= 90
    assert cut.endswith("word...")
    assert short_description(model({}, description="some/model")) == ""


def test_a_row_has_five_keys_and_no_price_where_none_is_known() -> None:
    assert list(row(model({}, base_price=0.0))) == ["model_id", "type", "base_price", "inputs", "description"]
    assert "base_price" not in row(model({}))


@pytest.mark.parametrize(
    ("key", "rule", "kind"),
    [
        ("image", {"type": "string"}, "image"),
        ("images", {"type": "array", "items": {"type": "string"}}, "image"),
        ("last_image", URL, "image"),
        ("front_image_url", URL, "image"),
        ("reference_audios", {"type": "array", "items": {"type": "string"}}, "audio"),
        ("mask_video", {"type": "string"}, "video"),
        ("reference", {"type": "array", "items": {"type": "string"}, "x-ui-component": "uploaders"}, "file"),
        ("sample", {"type": "string", "x-accept": "audio/*"}, "audio"),
        ("voice", {"type": "string", "x-ui-component": "uploader"}, "audio"),
        ("voice", {"type": "string"}, None),
        ("num_images", {"type": "integer"}, None),
        ("voice_id", {"type": "string"}, None),
        ("generate_audio", {"type": "boolean"}, None),
        ("prompt", {"type": "string"}, None),
        ("audio", {"type": "string", "enum": ["on", "off"]}, None),
    ],
)
def test_media_inputs_are_told_by_uploader_accept_list_or_name(
    key: str, rule: dict[str, Any], kind: str | None
) -> None:
    assert media_inputs(model({key: rule})).get(key) == kind


def test_price_inputs_are_the_variables_of_the_formula() -> None:
    formula = (
        '{"total_price": base_price * $number(duration) * (resolution = "size" ? 2 : get_duration(audio))}'
    )
    names = {key: TEXT for key in ("prompt", "duration", "resolution", "size", "audio")}
    assert price_inputs(model(names, formula=formula)) == ["duration", "resolution", "audio"]


def test_without_a_formula_price_inputs_are_told_by_name() -> None:
    names = {key: TEXT for key in ("prompt", "duration", "resolution", "video", "mask_video", "seed")}
    assert price_inputs(model(names)) == ["duration", "resolution", "video"]


def test_speech_is_priced_by_its_text() -> None:
    speech = model({"text": {"type": "string"}}, type="text-to-audio", description="Text-to-speech")
    assert price_inputs(speech) == ["text"]
    assert price_inputs(model({"text": {"type": "string"}})) == []


def test_unpriced_inputs_are_those_a_quote_would_have_to_guess() -> None:
    target = model(
        {
            "audio": {"type": "string"},
            "video": {"type": "string"},
            "duration": {"type": "integer"},
            "resolution": {"type": "string", "default": "720p"},
            "generate_audio": {"type": "boolean"},
        },
        required=["audio"],
    )
    assert unpriced_inputs(target, {}) == ["audio", "duration"]
    assert unpriced_inputs(target, {"audio": "https://x/y.mp3", "duration": 5}) == []


def test_a_compact_schema_keeps_what_is_needed_to_fill_it_in() -> None:
    voice = {
        "type": "string",
        "x-enum": ["Alice"],
        "x-ui-component": "command",
        "description": "A voice\n\x00here",
    }
    image = {"type": "string", "x-ui-component": "uploader", "title": "Image"}
    needed, shown = compact_schema(model({"voice_id": voice, "image": image, **FLAGS}, required=["image"]))
    assert needed == ["image"]
    assert shown == {
        "voice_id": {"type": "string", "description": "A voice here", "suggested": ["Alice"]},
        "image": {"type": "string", "media": "image"},
    }


def test_defaults_and_the_sync_flag_are_read_from_the_schema() -> None:
    assert defaults(model({"a": {"default": 0}, "b": {"default": None}, "c": {}})) == {"a": 0}
    assert has_sync_flag(model(FLAGS))
    assert not has_sync_flag(model({"prompt": {"type": "string"}}))


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_every_real_model_can_be_shown_within_bounds(name: str) -> None:
    snapshot(name)
    for target in real_models():
        shown = row(target)
        assert len(shown["inputs"]) <= 500
        assert len(shown["description"]) <= 90
        assert all(f"{key}*" in shown["inputs"] for key in example(target))
        assert len(json.dumps(compact_schema(target))) <= 12_000
        assert set(unpriced_inputs(target, {})) <= set(price_inputs(target))


def test_a_reader_never_sees_half_a_copy(tmp_path: Path) -> None:
    """Writers of several processes replace the file whole, so a reader always finds one."""
    path = tmp_path / "copy"
    write(path, "1", Stored(0.0, {}, b"{}"))

    def rewrite() -> None:
        for count in range(40):
            write(path, "1", Stored(float(count), {}, b"{}" * count * 50))

    writers = [Thread(target=rewrite) for _ in range(4)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert read(path, "1") is not None
    assert [found.name for found in tmp_path.iterdir()] == ["copy"]
