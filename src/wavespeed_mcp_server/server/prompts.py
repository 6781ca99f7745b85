"""Prompts, which hosts offer as slash commands: short texts that lead an agent through the tools."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.prompts import Prompt
from pydantic import Field

from ..tools.call import AppState
from .late import LatePrompt

Image = Annotated[str, Field(description="URL, or path of a local file")]
ModelId = Annotated[str, Field(description="model id; empty: the best fitting one")]
Url = Annotated[str, Field(description="URL of it")]
Urls = Annotated[str, Field(description="URLs of pictures of the people and places, separated by commas")]
SAVE_THEM = " with save: true, show them to me, and take these as references."
ELSEWHERE = {
    SAVE_THEM: " show them to me, and take their URLs as references.",
    'URLs, or "@/abs/DIR/" for all media of a folder;': "URLs;",
    "show all with URLs, and offer to save them: URLs last 7 days.": "show all with URLs, which last 7 days.",
    "Give the URL, and offer to save the clip: URLs last 7 days.": "Give the URL, which lasts 7 days.",
}
DEFAULT_SHOTS = 4
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{2,5}$")
Shots = Annotated[int, Field(ge=2, le=12, description="how many, 2 to 12 (4)")]
Photos = Annotated[
    int | None, Field(ge=1, le=12, description="how many, 1 to 12 (one for each scene, else 4)")
]
References = Annotated[
    str,
    Field(description="pictures of the people and places: a folder, or paths and URLs separated by commas"),
]


def storyboard(
    subject: Annotated[str, Field(description="what the story is about")],
    shots: Shots = 4,
    style: Annotated[str, Field(description="e.g. ink drawing, film noir")] = "",
    references: References = "",
    model: ModelId = "",
) -> str:
    """A storyboard: one still for each shot, with the same people and places in all of them."""
    look = f" in the style: {style}" if style else ""
    given = (
        f"The references are {_references(references)}."
        if references
        else "I have none: make one clear picture of each person and place first, in plain light," + SAVE_THEM
    )
    return (
        f"Make a storyboard of {shots} shots about: {subject}{look}.\n"
        f"1. Write the {shots} shots as one line each: subject, action, camera, light.\n"
        f"2. {_pick(model, 'edit image with several reference images')} It must take a list of images.\n"
        "3. Reference images keep people, places and look the same; words repeated in each prompt, or one "
        f'seed, do not. {given} Give the same list to every shot: URLs, or "@/abs/DIR/" for all media of a '
        "folder; in the prompt say who is in which image.\n"
        f"4. {_price(f'all {shots} runs')}\n"
        f"5. generate_batch with {shots} requests, one a shot, the same references and size in each, and "
        "max_price set to the agreed sum.\n"
        "6. Look at all with one view_output (ids), redo what does not match, and show the shots in order "
        "with their lines and URLs. Offer to animate them."
    )


def product_photos(
    image: Image,
    scenes: Annotated[str, Field(description="where to show it, separated by commas")] = "",
    shots: Photos = None,
    model: ModelId = "",
) -> str:
    """A set of product photos from one picture of the product."""
    named = [scene.strip() for scene in re.split(r"[,;\n]", scenes) if scene.strip()]
    where = (
        f"these scenes: {', '.join(named)}"
        if named
        else "scenes that suit it: a clean studio shot, and it in use"
    )
    shots = shots or len(named) or DEFAULT_SHOTS
    return (
        f"Make {shots} product photo{'s' if shots > 1 else ''} from {_media(image)}, with {where}.\n"
        f"1. {_pick(model, 'edit image with reference image')}\n"
        f"2. Write {shots} prompts{', one a scene' if shots == len(named) else ''}. Each says that shape, "
        "colour, material and print of the product stay exactly as they are.\n"
        f"3. {_price(f'all {shots} runs')}\n"
        f"4. generate_batch with {shots} requests and max_price set to the agreed sum; "
        f"the picture is {_value(image)} in the model's image input.\n"
        "5. Look at the results with view_output where you can, say which ones keep the product true, show "
        "all with URLs, and offer to save them: URLs last 7 days."
    )


def animate_image(
    image: Image,
    motion: Annotated[str, Field(description="what should move, and how the camera moves")] = "",
    seconds: Annotated[int, Field(ge=1, le=60, description="length, 1 to 60 (5)")] = 5,
    model: ModelId = "",
) -> str:
    """A short video clip from one image."""
    move = motion or "a slight natural movement of the subject and a slow camera push in"
    return (
        f"Animate {_media(image)} into a clip of about {seconds} seconds. Motion: {move}.\n"
        f"1. {_pick(model, 'image to video')} Its duration must allow {seconds} seconds, or the nearest.\n"
        "2. Write one prompt about motion, camera and light only; the picture itself is already given.\n"
        f"3. {_price('the run')}\n"
        f"4. generate with the image input set to {_value(image)} and max_price set to the agreed price. A "
        "video takes minutes: while its status is processing call check_status with its id, never generate "
        "again.\n"
        "5. Give the URL, and offer to save the clip: URLs last 7 days."
    )


def storyboard_of_urls(
    subject: Annotated[str, Field(description="what the story is about")],
    shots: Shots = 4,
    style: Annotated[str, Field(description="e.g. ink drawing, film noir")] = "",
    references: Urls = "",
    model: ModelId = "",
) -> str:
    """A storyboard: one still for each shot, with the same people and places in all of them."""
    return _elsewhere(storyboard(subject, shots, style, references, model))


def product_photos_of_url(
    image: Url,
    scenes: Annotated[str, Field(description="where to show it, separated by commas")] = "",
    shots: Photos = None,
    model: ModelId = "",
) -> str:
    """A set of product photos from one picture of the product."""
    return _elsewhere(product_photos(image, scenes, shots, model))


def animate_url(
    image: Url,
    motion: Annotated[str, Field(description="what should move, and how the camera moves")] = "",
    seconds: Annotated[int, Field(ge=1, le=60, description="length, 1 to 60 (5)")] = 5,
    model: ModelId = "",
) -> str:
    """A short video clip from one image."""
    return _elsewhere(animate_image(image, motion, seconds, model))


def add_prompts(server: MCPServer[AppState], *, remote: bool) -> None:
    """Offer them on `server`; a `remote` one knows no files."""
    for name, title, here, there in (
        ("storyboard", "Storyboard", storyboard, storyboard_of_urls),
        ("product_photos", "Product photos", product_photos, product_photos_of_url),
        ("animate_image", "Animate an image", animate_image, animate_url),
    ):
        make = partial(Prompt.from_function, there if remote else here, name, title)
        server.add_prompt(LatePrompt.named(name, make))


def _elsewhere(text: str) -> str:
    """A prompt's text for a server that reads and writes no files."""
    for here, there in ELSEWHERE.items():
        text = text.replace(here, there)
    return re.sub('"@([^"]*)"', r"(\1: ask me for its URL, or take it in with create_upload)", text)


def _pick(model: str, task: str) -> str:
    if model:
        return f"Use the model {model}; get_model shows its inputs."
    return f'list_models with "{task}": choose one that fits, by its inputs, description and base price.'


def _price(what: str) -> str:
    return f"estimate_price for {what}, tell me the sum, and go on when I agree."


def _media(image: str) -> str:
    return f"the picture {image}"


def _references(text: str) -> str:
    """A folder or a list of pictures as the value of an input that takes a list."""
    listed = [one.strip() for one in text.split(",") if one.strip()]
    if (
        len(listed) == 1
        and not listed[0].startswith(("http://", "https://"))
        and not _SUFFIX.search(listed[0])
    ):
        folder = listed[0].removeprefix("@").rstrip("/")
        return f'["@{folder}/"]'
    return f"[{', '.join(map(_value, listed))}]"


def _value(image: str) -> str:
    """A local file as an input value: `@` before its path uploads it."""
    return f'"{image}"' if image.startswith(("http://", "https://", "@")) else f'"@{image}"'
