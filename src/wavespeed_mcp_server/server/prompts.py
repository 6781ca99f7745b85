"""Prompts, which hosts offer as slash commands: short texts that lead an agent through the tools."""

from __future__ import annotations

from typing import Annotated

from mcp.server.mcpserver import MCPServer
from pydantic import Field

from ..tools.call import AppState

Image = Annotated[str, Field(description="URL, or path of a local file")]
ModelId = Annotated[str, Field(description="model id; empty: the best fitting one")]
Shots = Annotated[int, Field(ge=2, le=12, description="how many, 2 to 12 (4)")]


def storyboard(
    subject: Annotated[str, Field(description="what the story is about")],
    shots: Shots = 4,
    style: Annotated[str, Field(description="e.g. ink drawing, film noir")] = "",
    model: ModelId = "",
) -> str:
    """A storyboard: one still for each shot, in one look."""
    look = f" in the style: {style}" if style else ""
    return (
        f"Make a storyboard of {shots} shots about: {subject}{look}.\n"
        f"1. Write the {shots} shots as one line each: subject, action, camera, light. Keep people, places "
        "and look the same by repeating their description word for word in every prompt.\n"
        f"2. {_pick(model, 'text to image')}\n"
        f"3. {_price(f'all {shots} runs')}\n"
        f"4. generate_batch with {shots} requests, one a shot, the same size and seed in each if the model "
        "takes them, and max_price set to the agreed sum.\n"
        "5. Show the shots in order with their lines and URLs. Offer to redo single shots or to animate them."
    )


def product_photos(
    image: Image,
    scenes: Annotated[str, Field(description="where to show it, separated by commas")] = "",
    shots: Shots = 4,
    model: ModelId = "",
) -> str:
    """A set of product photos from one picture of the product."""
    where = f"these scenes: {scenes}" if scenes else "scenes that suit it: a clean studio shot, and it in use"
    return (
        f"Make {shots} product photos from {_media(image)}, with {where}.\n"
        f"1. {_pick(model, 'edit image with reference image')}\n"
        f"2. Write {shots} prompts, one a scene. Each says that shape, colour, material and print of the "
        "product stay exactly as they are.\n"
        f"3. {_price(f'all {shots} runs')}\n"
        f"4. generate_batch with {shots} requests and max_price set to the agreed sum; "
        f"the picture is {_value(image)} in the model's image input.\n"
        "5. Look at the results with view_output where you can, say which ones keep the product true, show "
        "all with URLs, and offer download_outputs."
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
        "5. Give the URL, and offer download_outputs."
    )


def add_prompts(server: MCPServer[AppState]) -> None:
    """Offer them on `server`."""
    server.prompt(title="Storyboard")(storyboard)
    server.prompt(title="Product photos")(product_photos)
    server.prompt(title="Animate an image")(animate_image)


def _pick(model: str, task: str) -> str:
    if model:
        return f"Use the model {model}; get_model shows its inputs."
    return f'list_models with "{task}": choose one that fits, by its inputs, description and base price.'


def _price(what: str) -> str:
    return f"estimate_price for {what}, tell me the sum, and go on when I agree."


def _media(image: str) -> str:
    return f"the picture {image}"


def _value(image: str) -> str:
    """A local file as an input value: `@` before its path uploads it."""
    return f'"{image}"' if image.startswith(("http://", "https://", "@")) else f'"@{image}"'
