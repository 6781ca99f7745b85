"""What a finished prediction gives: file names and URLs, and the bytes behind them."""

import base64
import hashlib
import json
import re
from typing import Any

from .media import glb, mp4, png, safetensors, wav
from .models import Model
from .predictions import Prediction
from .wire import Json

_SUFFIX = {"image": "png", "video": "mp4", "audio": "wav", "3d": "glb", "weights": "safetensors"}
MEDIA_TYPES = {
    "png": "image/png",
    "mp4": "video/mp4",
    "wav": "audio/wav",
    "glb": "model/gltf-binary",
    "safetensors": "application/octet-stream",
}
_LONGEST_TONE_SECONDS = 10.0


def outputs_of(prediction: Prediction, url: str) -> list[Any]:
    """The `outputs` list: what was embedded at submit, text, an object, or URLs below `url`."""
    model, inputs = prediction.model, prediction.inputs
    if prediction.embedded is not None:
        return list(prediction.embedded)
    if model.makes == "text":
        return [f"[sandbox] {_subject(model, inputs)}"]
    if model.makes == "transcript":
        return [_transcript(inputs)]
    return [
        f"{url}/outputs/{prediction.id}/{index}/{file_name(model, inputs, index)}"
        for index in range(_count(model, inputs))
    ]


def wants_embedded(model: Model, inputs: Json) -> bool:
    """Whether the run gives base64 text instead of URLs."""
    return inputs.get("enable_base64_output") is True and model.makes in _SUFFIX


def embedded(model: Model, inputs: Json, data_uri: bool) -> list[str]:
    """The files as base64 text, with the `data:` prefix or naked. Takes a while for large pictures."""
    start = f"data:{MEDIA_TYPES[_SUFFIX[model.makes]]};base64," if data_uri else ""
    return [
        start + base64.b64encode(file_bytes(model, inputs, index)).decode("ascii")
        for index in range(_count(model, inputs))
    ]


def file_name(model: Model, inputs: Json, index: int) -> str:
    return f"sandbox-{_digest(model, inputs, index).hex()[:12]}-{index}.{_SUFFIX.get(model.makes, 'txt')}"


def file_bytes(model: Model, inputs: Json, index: int) -> bytes:
    """The file of one output. The same prompt, seed and index give the same picture."""
    digest = _digest(model, inputs, index)
    if model.makes == "video":
        return mp4.clip(digest)
    if model.makes == "audio":
        seconds = inputs.get("duration")
        seconds = float(seconds) if isinstance(seconds, (int, float)) else 2.0
        return wav.tone(min(seconds, _LONGEST_TONE_SECONDS), digest)
    if model.makes == "3d":
        return glb.cube(digest)
    if model.makes == "weights":
        return safetensors.weights(digest)
    return png.card(*_size(inputs), digest)


def _count(model: Model, inputs: Json) -> int:
    count = inputs.get("num_images")
    return max(1, min(count, 16)) if model.makes == "image" and isinstance(count, int) else 1


def _size(inputs: Json) -> tuple[int, int]:
    """Pixels, from `size` ("512*512") or `width` and `height`; 64 to 2048 a side, 512 by default."""
    given = re.fullmatch(r"(\d{1,5})[*xX](\d{1,5})", str(inputs.get("size", "")))
    sides: tuple[Any, Any] = (
        (int(given[1]), int(given[2])) if given else (inputs.get("width"), inputs.get("height"))
    )
    width, height = (max(64, min(side, 2048)) if isinstance(side, int) else 512 for side in sides)
    return width, height


def _subject(model: Model, inputs: Json) -> str:
    return str(inputs.get("prompt") or inputs.get("text") or inputs.get("image") or model.model_id)


def _transcript(inputs: Json) -> dict[str, Any]:
    text = "[sandbox] These words were never spoken."
    transcript: dict[str, Any] = {"text": text}
    if inputs.get("enable_timestamps"):
        transcript["text_details"] = [{"text": text, "start": 0.0, "end": 2.5}]
    return transcript


def _digest(model: Model, inputs: Json, index: int) -> bytes:
    seed = json.dumps([_subject(model, inputs), inputs.get("seed"), index])
    return hashlib.sha256(seed.encode()).digest()
