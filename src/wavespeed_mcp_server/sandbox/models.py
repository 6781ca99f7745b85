"""A model of the stand-in: its catalog entry, what it makes, how long it takes, what it costs."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from . import prices
from .prices import Driver
from .wire import Json

# The output of each catalog type (the types of the public catalogs of 2026).
_MAKES = {
    "text-to-audio": "audio",
    "audio-to-audio": "audio",
    "image-to-3d": "3d",
    "text-to-3d": "3d",
    "image-to-text": "text",
    "video-to-text": "text",
    "content-moderation": "text",
    "llm": "text",
    "speech-to-text": "transcript",
    "training": "weights",
    "image-to-video": "video",
    "text-to-video": "video",
    "video-effects": "video",
    "digital-human": "video",
    "video-to-video": "video",
    "motion-control": "video",
    "video-extend": "video",
    "video-dubbing": "video",
    "audio-to-video": "video",
    "reference-to-video": "video",
}
_VIDEO_WORDS = ("video", "t2v", "i2v", "v2v")


@dataclass(frozen=True, slots=True)
class Model:
    """`run_seconds` is the run time at speed 1; `discount_rate` the percent that is paid, or none."""

    model_id: str
    type: str
    description: str
    base_price: float
    schema: Json
    makes: str
    run_seconds: float = 1.0
    drivers: tuple[Driver, ...] = ()
    discount_rate: int | None = None
    formula: str | None = None
    sort_order: int = 0
    server: str = "https://api.wavespeed.ai"
    api_path: str = ""
    media: tuple[str, ...] = field(default=())

    def price(self, inputs: Json) -> tuple[float, float]:
        """USD before and after the discount."""
        full = prices.price(self.base_price, self.drivers, inputs)
        return full, round(full * (self.discount_rate or 100) / 100, 6)

    def entry(self) -> Json:
        """As `GET /api/v3/models` lists it."""
        entry: Json = {
            "model_id": self.model_id,
            "name": self.model_id,
            "base_price": self.base_price,
            "description": self.description,
            "type": self.type,
            "sort_order": self.sort_order,
        }
        if self.formula is not None:
            entry["formula"] = self.formula
        if self.discount_rate is not None:
            entry["discount_rate"] = self.discount_rate
        entry["api_schema"] = {
            "api_schemas": [
                {
                    "type": "model_run",
                    "method": "POST",
                    "server": self.server,
                    "api_path": self.api_path or f"/api/v3/{self.model_id}",
                    "request_schema": self.schema,
                }
            ]
        }
        return entry


def media_inputs(schema: Json) -> tuple[str, ...]:
    """The inputs that take media, by the upload control their properties ask for."""
    return tuple(
        key
        for key, prop in schema.get("properties", {}).items()
        if isinstance(prop, dict) and str(prop.get("x-ui-component", "")).startswith("uploader")
    )


def catalog_bytes(models: dict[str, Model]) -> bytes:
    """The document that `GET /api/v3/models` answers with."""
    document = {"code": 200, "message": "success", "data": [model.entry() for model in models.values()]}
    return json.dumps(document, separators=(",", ":")).encode()


def read_catalog(path: Path) -> tuple[bytes, dict[str, Model]]:
    """A recorded catalog answer, verbatim, and its models.

    Their formulas are not evaluated: a run costs the base price times the number of outputs.
    """
    raw = path.read_bytes()
    document = json.loads(raw)
    entries = document["data"] if isinstance(document, dict) else document
    return raw, {entry["model_id"]: _from_entry(entry) for entry in entries}


def _from_entry(entry: Json) -> Model:
    schemas = (entry.get("api_schema") or {}).get("api_schemas") or [{}]
    schema: Json = schemas[0].get("request_schema") or {}
    return Model(
        model_id=entry["model_id"],
        type=entry.get("type", ""),
        description=entry.get("description", ""),
        base_price=float(entry.get("base_price") or 0),
        schema=schema,
        makes=_makes(entry["model_id"], entry.get("type", ""), schema),
        drivers=(prices.by_number("num_images"),),
        media=media_inputs(schema),
    )


def _makes(model_id: str, kind: str, schema: Json) -> str:
    if kind in _MAKES:
        return _MAKES[kind]
    takes_video = "video" in schema.get("properties", {})
    return "video" if takes_video or any(word in model_id for word in _VIDEO_WORDS) else "image"
