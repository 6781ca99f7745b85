"""Which inputs move a model's price, and which of them a quote would have to guess.

With missing price drivers the API's quote collapses to the base price, so a quote is only as good as the
inputs it was asked with. Older catalogs carry a JSONata formula whose variables are the drivers; newer ones
do not, and the drivers are then told by name.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from .model import Model, once
from .schema import defaults, media_inputs, must_be_given, properties

# Names after the formulas of the March 2026 catalog, where each is used by at least one model.
_COMMON_NAMES = """
duration resolution target_resolution size image_size quality num_images max_images num_layers num_samples
num_frames n count generate_audio enable_audio sound generate_audio_switch generate_multi_clip_switch
music_length_ms extend_after_duration extend_before_duration target_fps target_megapixels rendering_speed
enable_web_search enable_timestamps hd
"""
_COMMON = frozenset(_COMMON_NAMES.split())
_PER_CHARACTER = re.compile(r"\bcharacters?\b|\bchars?\b|text-to-speech|\bTTS\b|speech", re.IGNORECASE)
_TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|/\*.*?\*/", re.DOTALL)
_NAME = re.compile(r"(?<![\w$.])[A-Za-z_]\w*(?!\w*\s*\()")


@once
def price_inputs(model: Model) -> Sequence[str]:
    """The inputs that move the price, in the schema's order; [] when it is flat as far as is known."""
    found = properties(model.schema)
    if model.formula:
        used = set(_NAME.findall(_TEXT.sub("", model.formula)))
        return [key for key in found if key in used]
    media = media_inputs(model)
    return [key for key in found if _commonly_priced(model, key, media.get(key))]


def unpriced_inputs(model: Model, given: dict[str, Any]) -> list[str]:
    """The price drivers that a quote for `given` would have to guess.

    A driver that has a default is priced with it. So is one whose absence is itself a choice: a switch that
    is off, an optional clip that is not used. What is left makes a quote a floor and not the price.
    """
    assumed = defaults(model)
    found = properties(model.schema)
    media = media_inputs(model)
    needed = set(must_be_given(model.schema))
    missing = [key for key in price_inputs(model) if given.get(key) is None and key not in assumed]
    return [key for key in missing if key in needed or not _absent_is_a_choice(key, found[key], media)]


def _commonly_priced(model: Model, key: str, media: str | None) -> bool:
    if media in ("audio", "video"):
        # A video is billed by its length; so is speech that drives one. A mask or a style clip is not.
        return "mask" not in key
    if key == "text":
        return model.type == "text-to-audio" and bool(
            _PER_CHARACTER.search(f"{model.model_id} {model.description}")
        )
    if key == "steps":
        return model.type == "training"
    return key in _COMMON


def _absent_is_a_choice(key: str, rule: dict[str, Any], media: Mapping[str, Any]) -> bool:
    return key in media or rule.get("type") in ("boolean", "array", "object")
