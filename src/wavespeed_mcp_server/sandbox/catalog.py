"""The stand-in's own models: every kind of output, every kind of input, prices with drivers."""

from typing import Any

from .models import Model, media_inputs
from .prices import Driver, by_choice, by_length, by_number
from .properties import (
    BASE64,
    CLIP,
    FORMAT,
    LORAS,
    PICTURE_PROMPT,
    PICTURE_RESOLUTION,
    PICTURES,
    PICTURES_TO_EDIT,
    SEED,
    SIZE,
    SYNC,
    choice,
    count,
    file,
    schema,
    text,
)
from .wire import Json

# Task codes as the API's error page lists them.
FAILURES: dict[str, tuple[int, str]] = {
    "moderated": (1200, "Sandbox: the content was flagged by moderation."),
    "unreachable": (1402, "Sandbox: failed to download the image from the provided URL."),
    "crashed": (5000, "Sandbox: internal error."),
}


def _model(model_id: str, kind: str, makes: str, base_price: float, schema: Json, **more: Any) -> Model:
    return Model(
        model_id=model_id,
        type=kind,
        description=more.pop("description"),
        base_price=base_price,
        schema=schema,
        makes=makes,
        media=media_inputs(schema),
        **more,
    )


_RESOLUTION_PRICE: Driver = by_choice("resolution", {"480p": 0.5, "720p": 1, "1080p": 2})


def _paint() -> Model:
    return _model(
        "sandbox/paint",
        "text-to-image",
        "image",
        0.02,
        schema(PICTURE_PROMPT | SIZE | PICTURES | SEED | FORMAT | SYNC | BASE64, ["prompt"]),
        description="Sandbox Paint draws a test card from a prompt. A stand-in, not a real model.",
        run_seconds=0.4,
        drivers=(by_number("num_images"),),
        discount_rate=90,
        formula='{"total_price":base_price * num_images}',
        sort_order=9000,
    )


def _paint_lora() -> Model:
    return _model(
        "sandbox/paint-lora",
        "lora-support",
        "image",
        0.03,
        schema(PICTURE_PROMPT | LORAS | SIZE | SEED | SYNC | BASE64, ["prompt"]),
        description="Sandbox Paint with LoRA adapters: a test card from a prompt. A stand-in.",
        run_seconds=0.6,
        sort_order=8000,
    )


def _edit() -> Model:
    return _model(
        "sandbox/edit",
        "image-to-image",
        "image",
        0.04,
        schema(
            PICTURES_TO_EDIT | PICTURE_PROMPT | PICTURE_RESOLUTION | FORMAT | SYNC | BASE64,
            ["images", "prompt"],
        ),
        description="Sandbox Edit takes up to four pictures and an instruction. A stand-in.",
        run_seconds=0.6,
        drivers=(by_choice("resolution", {"1k": 1, "2k": 1.5, "4k": 3}),),
        sort_order=8900,
    )


def _enlarge() -> Model:
    return _model(
        "sandbox/enlarge",
        "upscaler",
        "image",
        0.01,
        schema(
            {"image": file("picture to enlarge", "image/*")}
            | {"target_resolution": choice("Longest side.", "2k", "4k", "8k", default="4k")}
            | SYNC
            | BASE64,
            ["image"],
        ),
        description="Sandbox Enlarge upscales a picture. A stand-in, not a real model.",
        run_seconds=0.5,
        drivers=(by_choice("target_resolution", {"2k": 0.5, "4k": 1, "8k": 2}),),
        sort_order=7000,
    )


def _cutout() -> Model:
    return _model(
        "sandbox/cutout",
        "ai-remover",
        "image",
        0.005,
        schema({"image": file("picture", "image/*")} | SYNC | BASE64, ["image"]),
        description="Sandbox Cutout removes the background of a picture. A stand-in.",
        run_seconds=0.3,
        formula="",
        sort_order=6900,
        # A few real entries name another model's path here; only model_id is to be trusted.
        api_path="/api/v3/sandbox/edit",
    )


def _film() -> Model:
    return _model(
        "sandbox/film-2.1/text-to-video",
        "text-to-video",
        "video",
        0.05,
        schema(
            {"prompt": text("What happens.")}
            | {"duration": count("Length in seconds.", 5, 2, 12)}
            | {"aspect_ratio": choice("Shape of the frame.", "16:9", "9:16", "1:1")}
            | CLIP,
            ["prompt"],
        ),
        description="Sandbox Film makes a clip from a prompt, priced by the second. A stand-in.",
        run_seconds=3.0,
        drivers=(by_number("duration"), _RESOLUTION_PRICE),
        discount_rate=80,
        sort_order=8800,
        server="https://api.wavespeed.ai/",
    )


def _animate() -> Model:
    return _model(
        "sandbox/film-2.1/image-to-video",
        "image-to-video",
        "video",
        0.25,
        schema(
            {"image": file("first frame", "image/*"), "prompt": text("What happens.", default="")}
            | {"last_image": file("last frame", "image/*")}
            | {"duration": choice("Length in seconds.", 5, 10)}
            | CLIP,
            ["image"],
        ),
        description="Sandbox Film sets a picture in motion. A stand-in, not a real model.",
        run_seconds=2.5,
        drivers=(by_number("duration", 5), _RESOLUTION_PRICE),
        sort_order=8700,
    )


def _speak() -> Model:
    return _model(
        "sandbox/speak",
        "text-to-audio",
        "audio",
        0.01,
        schema(
            {"text": text("What is said.", maxLength=10000)}
            | {"voice_id": choice("Who says it.", "Sandbox_Ada", "Sandbox_Ben", "Sandbox_Cleo")}
            | {"speed": {"type": "number", "default": 1, "minimum": 0.5, "maximum": 2}}
            | SYNC
            | BASE64,
            ["text"],
        ),
        description="Sandbox Speak reads a text aloud, as beeps. A stand-in, not a real model.",
        run_seconds=0.5,
        drivers=(by_length("text", 1000),),
        sort_order=8600,
    )


def _compose() -> Model:
    return _model(
        "sandbox/compose",
        "text-to-audio",
        "audio",
        0.03,
        schema(
            {"prompt": text("Style of the music."), "lyrics": text("What is sung.", default="")}
            | {"duration": count("Length in seconds.", 30, 5, 240)}
            | SEED,
            ["prompt"],
        ),
        description="Sandbox Compose writes music (a tone) from a prompt. A stand-in.",
        run_seconds=1.5,
        drivers=(by_number("duration", 30),),
        sort_order=8500,
    )


def _transcribe() -> Model:
    return _model(
        "sandbox/transcribe",
        "speech-to-text",
        "transcript",
        0.005,
        schema(
            {"audio": file("recording", "audio/*,video/*")}
            | {"language": choice("What is spoken.", "auto", "en", "de", "fr")}
            | {"enable_timestamps": {"type": "boolean", "default": False}}
            | {"enable_sync_mode": {**SYNC["enable_sync_mode"], "default": True}},
            ["audio"],
        ),
        description="Sandbox Transcribe turns speech into text. A stand-in, not a real model.",
        run_seconds=0.4,
        sort_order=8100,
    )


def _write() -> Model:
    return _model(
        "sandbox/write",
        "llm",
        "text",
        0.002,
        schema(
            {"prompt": text("The question."), "system_prompt": text("The role.", default="")}
            | {"temperature": {"type": "number", "default": 0.7, "minimum": 0, "maximum": 2}}
            | {"max_tokens": count("Longest answer.", 1024, 1, 8192)}
            | SYNC,
            ["prompt"],
        ),
        description="Sandbox Write answers a prompt with text. A stand-in, not a real model.",
        run_seconds=0.2,
        sort_order=8400,
    )


def _caption() -> Model:
    return _model(
        "sandbox/caption",
        "image-to-text",
        "text",
        0.001,
        schema({"image": file("picture", "image/*")} | SYNC, ["image"]),
        description="Sandbox Caption says what a picture shows. A stand-in, not a real model.",
        run_seconds=0.2,
        sort_order=8300,
    )


def _sculpt() -> Model:
    return _model(
        "sandbox/sculpt",
        "image-to-3d",
        "3d",
        0.2,
        schema(
            {"image": file("picture", "image/*")}
            | {"texture_quality": choice("Surface.", "standard", "detailed")}
            | SEED,
            ["image"],
        ),
        description="Sandbox Sculpt makes a 3D model, a cube. A stand-in, not a real model.",
        run_seconds=2.0,
        drivers=(by_choice("texture_quality", {"standard": 1, "detailed": 2}),),
        sort_order=8200,
    )


def _train() -> Model:
    return _model(
        "sandbox/train",
        "training",
        "weights",
        1.25,
        schema(
            {"data": file("zip of pictures", "application/zip") | {"x-accept": "application/zip"}}
            | {"trigger_word": {"type": "string", "default": "s4ndb0x", "nullable": True}}
            | {"steps": count("Training steps.", 1000, 500, 10000)},
            ["data"],
        ),
        description="Sandbox Train makes LoRA weights from a zip of pictures. A stand-in.",
        run_seconds=3.0,
        drivers=(by_number("steps", 1000),),
        sort_order=5000,
    )


def _flaky() -> Model:
    return _model(
        "sandbox/flaky",
        "text-to-image",
        "image",
        0.01,
        schema(
            {"prompt": text("What the picture shows.")}
            | {"outcome": choice("How the run ends.", *FAILURES, "succeed")}
            | SYNC,
            ["prompt"],
        ),
        description="Sandbox Flaky fails, by default for content moderation. A stand-in.",
        run_seconds=0.2,
        sort_order=100,
    )


def own_models() -> dict[str, Model]:
    """The stand-in's models by id, in the order the catalog lists them."""
    models = [
        _paint(),
        _paint_lora(),
        _edit(),
        _enlarge(),
        _cutout(),
        _film(),
        _animate(),
        _speak(),
        _compose(),
        _transcribe(),
        _write(),
        _caption(),
        _sculpt(),
        _train(),
        _flaky(),
    ]
    return {model.model_id: model for model in models}
