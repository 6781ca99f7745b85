"""The stand-in's own models: every kind of output, every kind of input, prices with drivers."""

from typing import Any

from .models import Model, media_inputs
from .prices import Driver, by_choice, by_length, by_number
from .wire import Json

_SYNC: Json = {
    "enable_sync_mode": {
        "type": "boolean",
        "default": False,
        "disabled": True,
        "description": "Sandbox: hold the request until the result is there. API only.",
    }
}
_BASE64: Json = {
    "enable_base64_output": {
        "type": "boolean",
        "default": False,
        "disabled": True,
        "description": "Sandbox: give the output as BASE64 text instead of a URL. API only.",
    }
}
_SEED: Json = {
    "seed": {
        "type": "integer",
        "default": -1,
        "minimum": -1,
        "maximum": 2147483647,
        "description": "-1: any.",
    }
}


def _text(description: str, **more: Any) -> Json:
    return {"type": "string", "description": description, "x-ui-component": "textarea", **more}


def _choice(description: str, *options: str | int, default: str | int | None = None) -> Json:
    kind = "integer" if isinstance(options[0], int) else "string"
    first = options[0] if default is None else default
    return {"type": kind, "enum": list(options), "default": first, "description": description}


def _count(description: str, default: int, low: int, high: int) -> Json:
    return {
        "type": "integer",
        "default": default,
        "minimum": low,
        "maximum": high,
        "description": description,
        "x-ui-component": "slider",
    }


def _file(what: str, accept: str) -> Json:
    return {
        "type": "string",
        "description": f"URL of the {what}.",
        "x-ui-component": "uploader",
        "x-ui-component-props": {"accept": accept},
    }


def _schema(properties: Json, required: list[str]) -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": required,
        "x-order-properties": list(properties),
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


_RESOLUTION = _choice("Size of the frame.", "480p", "720p", "1080p", default="720p")
_RESOLUTION_PRICE: Driver = by_choice("resolution", {"480p": 0.5, "720p": 1, "1080p": 2})


def _images() -> list[Model]:
    prompt = {"prompt": _text("What the picture shows.")}
    size = {
        "size": {
            "type": "string",
            "default": "512*512",
            "description": "Width and height in pixels, WIDTH*HEIGHT, 64 to 2048 each.",
            "x-ui-component": "select",
        }
    }
    count = {"num_images": _count("How many pictures.", 1, 1, 4)}
    form = {"output_format": _choice("File format.", "png")}
    loras: Json = {
        "loras": {
            "type": "array",
            "maxItems": 3,
            "default": [],
            "description": "Adapters to apply.",
            "x-ui-component": "loras",
            "items": {
                "type": "object",
                "properties": {
                    "path": {"type": "string", "description": "URL or name of the weights."},
                    "scale": {"type": "number", "default": 1, "minimum": 0, "maximum": 4},
                },
                "required": ["path"],
            },
        }
    }
    images: Json = {
        "images": {
            "type": "array",
            "items": {"type": "string"},
            "minItems": 1,
            "maxItems": 4,
            "description": "URLs of the pictures to edit.",
            "x-ui-component": "uploaders",
        }
    }
    resolution = {"resolution": _choice("Size of the result.", "1k", "2k", "4k")}
    return [
        _model(
            "sandbox/paint",
            "text-to-image",
            "image",
            0.02,
            _schema(prompt | size | count | _SEED | form | _SYNC | _BASE64, ["prompt"]),
            description="Sandbox Paint draws a test card from a prompt. A stand-in, not a real model.",
            run_seconds=0.4,
            drivers=(by_number("num_images"),),
            discount_rate=90,
            formula='{"total_price":base_price * num_images}',
            sort_order=9000,
        ),
        _model(
            "sandbox/paint-lora",
            "lora-support",
            "image",
            0.03,
            _schema(prompt | loras | size | _SEED | _SYNC | _BASE64, ["prompt"]),
            description="Sandbox Paint with LoRA adapters: a test card from a prompt. A stand-in.",
            run_seconds=0.6,
            sort_order=8000,
        ),
        _model(
            "sandbox/edit",
            "image-to-image",
            "image",
            0.04,
            _schema(images | prompt | resolution | form | _SYNC | _BASE64, ["images", "prompt"]),
            description="Sandbox Edit takes up to four pictures and an instruction. A stand-in.",
            run_seconds=0.6,
            drivers=(by_choice("resolution", {"1k": 1, "2k": 1.5, "4k": 3}),),
            sort_order=8900,
        ),
        _model(
            "sandbox/enlarge",
            "upscaler",
            "image",
            0.01,
            _schema(
                {"image": _file("picture to enlarge", "image/*")}
                | {"target_resolution": _choice("Longest side.", "2k", "4k", "8k", default="4k")}
                | _SYNC
                | _BASE64,
                ["image"],
            ),
            description="Sandbox Enlarge upscales a picture. A stand-in, not a real model.",
            run_seconds=0.5,
            drivers=(by_choice("target_resolution", {"2k": 0.5, "4k": 1, "8k": 2}),),
            sort_order=7000,
        ),
        _model(
            "sandbox/cutout",
            "ai-remover",
            "image",
            0.005,
            _schema({"image": _file("picture", "image/*")} | _SYNC | _BASE64, ["image"]),
            description="Sandbox Cutout removes the background of a picture. A stand-in.",
            run_seconds=0.3,
            formula="",
            sort_order=6900,
            # A few real entries name another model's path here; only model_id is to be trusted.
            api_path="/api/v3/sandbox/edit",
        ),
    ]


def _videos() -> list[Model]:
    common = {
        "resolution": _RESOLUTION,
        "negative_prompt": _text("What to keep out.", default=""),
        **_SEED,
    }
    return [
        _model(
            "sandbox/film-2.1/text-to-video",
            "text-to-video",
            "video",
            0.05,
            _schema(
                {"prompt": _text("What happens.")}
                | {"duration": _count("Length in seconds.", 5, 2, 12)}
                | {"aspect_ratio": _choice("Shape of the frame.", "16:9", "9:16", "1:1")}
                | common,
                ["prompt"],
            ),
            description="Sandbox Film makes a clip from a prompt, priced by the second. A stand-in.",
            run_seconds=3.0,
            drivers=(by_number("duration"), _RESOLUTION_PRICE),
            discount_rate=80,
            sort_order=8800,
            server="https://api.wavespeed.ai/",
        ),
        _model(
            "sandbox/film-2.1/image-to-video",
            "image-to-video",
            "video",
            0.25,
            _schema(
                {"image": _file("first frame", "image/*"), "prompt": _text("What happens.", default="")}
                | {"last_image": _file("last frame", "image/*")}
                | {"duration": _choice("Length in seconds.", 5, 10)}
                | common,
                ["image"],
            ),
            description="Sandbox Film sets a picture in motion. A stand-in, not a real model.",
            run_seconds=2.5,
            drivers=(by_number("duration", 5), _RESOLUTION_PRICE),
            sort_order=8700,
        ),
    ]


def _sounds() -> list[Model]:
    return [
        _model(
            "sandbox/speak",
            "text-to-audio",
            "audio",
            0.01,
            _schema(
                {"text": _text("What is said.", maxLength=10000)}
                | {"voice_id": _choice("Who says it.", "Sandbox_Ada", "Sandbox_Ben", "Sandbox_Cleo")}
                | {"speed": {"type": "number", "default": 1, "minimum": 0.5, "maximum": 2}}
                | _SYNC
                | _BASE64,
                ["text"],
            ),
            description="Sandbox Speak reads a text aloud, as beeps. A stand-in, not a real model.",
            run_seconds=0.5,
            drivers=(by_length("text", 1000),),
            sort_order=8600,
        ),
        _model(
            "sandbox/compose",
            "text-to-audio",
            "audio",
            0.03,
            _schema(
                {"prompt": _text("Style of the music."), "lyrics": _text("What is sung.", default="")}
                | {"duration": _count("Length in seconds.", 30, 5, 240)}
                | _SEED,
                ["prompt"],
            ),
            description="Sandbox Compose writes music (a tone) from a prompt. A stand-in.",
            run_seconds=1.5,
            drivers=(by_number("duration", 30),),
            sort_order=8500,
        ),
        _model(
            "sandbox/transcribe",
            "speech-to-text",
            "transcript",
            0.005,
            _schema(
                {"audio": _file("recording", "audio/*,video/*")}
                | {"language": _choice("What is spoken.", "auto", "en", "de", "fr")}
                | {"enable_timestamps": {"type": "boolean", "default": False}}
                | {"enable_sync_mode": {**_SYNC["enable_sync_mode"], "default": True}},
                ["audio"],
            ),
            description="Sandbox Transcribe turns speech into text. A stand-in, not a real model.",
            run_seconds=0.4,
            sort_order=8100,
        ),
    ]


def _texts() -> list[Model]:
    return [
        _model(
            "sandbox/write",
            "llm",
            "text",
            0.002,
            _schema(
                {"prompt": _text("The question."), "system_prompt": _text("The role.", default="")}
                | {"temperature": {"type": "number", "default": 0.7, "minimum": 0, "maximum": 2}}
                | {"max_tokens": _count("Longest answer.", 1024, 1, 8192)}
                | _SYNC,
                ["prompt"],
            ),
            description="Sandbox Write answers a prompt with text. A stand-in, not a real model.",
            run_seconds=0.2,
            sort_order=8400,
        ),
        _model(
            "sandbox/caption",
            "image-to-text",
            "text",
            0.001,
            _schema({"image": _file("picture", "image/*")} | _SYNC, ["image"]),
            description="Sandbox Caption says what a picture shows. A stand-in, not a real model.",
            run_seconds=0.2,
            sort_order=8300,
        ),
    ]


def _others() -> list[Model]:
    return [
        _model(
            "sandbox/sculpt",
            "image-to-3d",
            "3d",
            0.2,
            _schema(
                {"image": _file("picture", "image/*")}
                | {"texture_quality": _choice("Surface.", "standard", "detailed")}
                | _SEED,
                ["image"],
            ),
            description="Sandbox Sculpt makes a 3D model, a cube. A stand-in, not a real model.",
            run_seconds=2.0,
            drivers=(by_choice("texture_quality", {"standard": 1, "detailed": 2}),),
            sort_order=8200,
        ),
        _model(
            "sandbox/train",
            "training",
            "weights",
            1.25,
            _schema(
                {"data": _file("zip of pictures", "application/zip") | {"x-accept": "application/zip"}}
                | {"trigger_word": {"type": "string", "default": "s4ndb0x", "nullable": True}}
                | {"steps": _count("Training steps.", 1000, 500, 10000)},
                ["data"],
            ),
            description="Sandbox Train makes LoRA weights from a zip of pictures. A stand-in.",
            run_seconds=3.0,
            drivers=(by_number("steps", 1000),),
            sort_order=5000,
        ),
        _model(
            "sandbox/flaky",
            "text-to-image",
            "image",
            0.01,
            _schema(
                {"prompt": _text("What the picture shows.")}
                | {"outcome": _choice("How the run ends.", *FAILURES, "succeed")}
                | _SYNC,
                ["prompt"],
            ),
            description="Sandbox Flaky fails, by default for content moderation. A stand-in.",
            run_seconds=0.2,
            sort_order=100,
        ),
    ]


# Task codes as the API's error page lists them.
FAILURES: dict[str, tuple[int, str]] = {
    "moderated": (1200, "Sandbox: the content was flagged by moderation."),
    "unreachable": (1402, "Sandbox: failed to download the image from the provided URL."),
    "crashed": (5000, "Sandbox: internal error."),
}


def own_models() -> dict[str, Model]:
    models = [*_images(), *_videos(), *_sounds(), *_texts(), *_others()]
    return {model.model_id: model for model in models}
