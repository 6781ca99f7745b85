"""What a finished prediction gives: file names and URLs, and the bytes behind them."""

import base64
import hashlib
import json
import re
from typing import Any

from .media import glb, mp4, png, safetensors, wav
from .predictions import Prediction

_SUFFIX = {"image": "png", "video": "mp4", "audio": "wav", "3d": "glb", "weights": "safetensors"}
MEDIA_TYPES = {
    "png": "image/png",
    "mp4": "video/mp4",
    "wav": "audio/wav",
    "glb": "model/gltf-binary",
    "safetensors": "application/octet-stream",
}
_LONGEST_TONE_SECONDS = 10.0


def outputs_of(prediction: Prediction, url: str, *, data_uri: bool) -> list[Any]:
    """The `outputs` list: URLs below `url`, text, an object, or base64 where that was asked for."""
    makes = prediction.model.makes
    if makes == "text":
        return [f"[sandbox] {_subject(prediction)}"]
    if makes == "transcript":
        return [_transcript(prediction)]
    count = _count(prediction) if makes == "image" else 1
    if prediction.inputs.get("enable_base64_output") is True:
        start = f"data:{MEDIA_TYPES[_SUFFIX[makes]]};base64," if data_uri else ""
        return [
            start + base64.b64encode(file_bytes(prediction, index)).decode("ascii") for index in range(count)
        ]
    return [f"{url}/outputs/{prediction.id}/{index}/{file_name(prediction, index)}" for index in range(count)]


def file_name(prediction: Prediction, index: int) -> str:
    return f"sandbox-{_digest(prediction, index).hex()[:12]}-{index}.{_SUFFIX[prediction.model.makes]}"


def file_bytes(prediction: Prediction, index: int) -> bytes:
    """The file of one output. The same prompt, seed and index give the same picture."""
    digest = _digest(prediction, index)
    makes = prediction.model.makes
    if makes == "video":
        return mp4.clip(digest)
    if makes == "audio":
        seconds = prediction.inputs.get("duration")
        seconds = float(seconds) if isinstance(seconds, (int, float)) else 2.0
        return wav.tone(min(seconds, _LONGEST_TONE_SECONDS), digest)
    if makes == "3d":
        return glb.cube(digest)
    if makes == "weights":
        return safetensors.weights(digest)
    return png.card(*_size(prediction), digest)


def _count(prediction: Prediction) -> int:
    count = prediction.inputs.get("num_images")
    return max(1, min(count, 16)) if isinstance(count, int) else 1


def _size(prediction: Prediction) -> tuple[int, int]:
    """Pixels, from `size` ("512*512") or `width` and `height`; 64 to 2048 a side, 512 by default."""
    given = re.fullmatch(r"(\d{1,5})[*xX](\d{1,5})", str(prediction.inputs.get("size", "")))
    sides: tuple[Any, Any] = (
        (int(given[1]), int(given[2]))
        if given
        else (prediction.inputs.get("width"), prediction.inputs.get("height"))
    )
    width, height = (max(64, min(side, 2048)) if isinstance(side, int) else 512 for side in sides)
    return width, height


def _subject(prediction: Prediction) -> str:
    inputs = prediction.inputs
    return str(inputs.get("prompt") or inputs.get("text") or inputs.get("image") or prediction.model.model_id)


def _transcript(prediction: Prediction) -> dict[str, Any]:
    text = "[sandbox] These words were never spoken."
    transcript: dict[str, Any] = {"text": text}
    if prediction.inputs.get("enable_timestamps"):
        transcript["text_details"] = [{"text": text, "start": 0.0, "end": 2.5}]
    return transcript


def _digest(prediction: Prediction, index: int) -> bytes:
    seed = json.dumps([_subject(prediction), prediction.inputs.get("seed"), index])
    return hashlib.sha256(seed.encode()).digest()
