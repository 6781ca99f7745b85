"""How the inputs of a model are described: the pieces its request schema is put together from."""

from typing import Any

from .wire import Json

SYNC: Json = {
    "enable_sync_mode": {
        "type": "boolean",
        "default": False,
        "disabled": True,
        "description": "Sandbox: hold the request until the result is there. API only.",
    }
}
BASE64: Json = {
    "enable_base64_output": {
        "type": "boolean",
        "default": False,
        "disabled": True,
        "description": "Sandbox: give the output as BASE64 text instead of a URL. API only.",
    }
}
SEED: Json = {
    "seed": {
        "type": "integer",
        "default": -1,
        "minimum": -1,
        "maximum": 2147483647,
        "description": "-1: any.",
    }
}


def text(description: str, **more: Any) -> Json:
    return {"type": "string", "description": description, "x-ui-component": "textarea", **more}


def choice(description: str, *options: str | int, default: str | int | None = None) -> Json:
    kind = "integer" if isinstance(options[0], int) else "string"
    first = options[0] if default is None else default
    return {"type": kind, "enum": list(options), "default": first, "description": description}


def count(description: str, default: int, low: int, high: int) -> Json:
    return {
        "type": "integer",
        "default": default,
        "minimum": low,
        "maximum": high,
        "description": description,
        "x-ui-component": "slider",
    }


def file(what: str, accept: str) -> Json:
    return {
        "type": "string",
        "description": f"URL of the {what}.",
        "x-ui-component": "uploader",
        "x-ui-component-props": {"accept": accept},
    }


def schema(properties: Json, required: list[str]) -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "required": required,
        "x-order-properties": list(properties),
    }


RESOLUTION = choice("Size of the frame.", "480p", "720p", "1080p", default="720p")


PICTURE_PROMPT: Json = {"prompt": text("What the picture shows.")}
SIZE: Json = {
    "size": {
        "type": "string",
        "default": "512*512",
        "description": "Width and height in pixels, WIDTH*HEIGHT, 64 to 2048 each.",
        "x-ui-component": "select",
    }
}
PICTURES: Json = {"num_images": count("How many pictures.", 1, 1, 4)}
FORMAT: Json = {"output_format": choice("File format.", "png")}
LORAS: Json = {
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
PICTURES_TO_EDIT: Json = {
    "images": {
        "type": "array",
        "items": {"type": "string"},
        "minItems": 1,
        "maxItems": 4,
        "description": "URLs of the pictures to edit.",
        "x-ui-component": "uploaders",
    }
}
PICTURE_RESOLUTION: Json = {"resolution": choice("Size of the result.", "1k", "2k", "4k")}
CLIP: Json = {
    "resolution": RESOLUTION,
    "negative_prompt": text("What to keep out.", default=""),
    **SEED,
}
