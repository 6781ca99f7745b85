"""Several pictures as one, each under its label: a contact sheet. Everything here blocks."""

from __future__ import annotations

import math
from functools import cache
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from .preview import Picture, fitting

if TYPE_CHECKING:
    from PIL.Image import Image

BOX = (1024, 1024)
"""Pixels of a sheet, width and height at most."""
TALL_BOX = (1024, 1536)
"""The same where pictures would be narrower than `NARROWEST` in the other."""
NARROWEST = 256
MOST_TILES = 16
FONT_HEIGHT = 15
LABEL_HEIGHT = 22
GAP = 4
FLATTEST, TALLEST = 0.3, 1.9
"""Heights of a tile's picture, as a share of its width; what is flatter or taller leaves room beside it."""
QUALITIES = (85, 70, 50, 35, 20, 10, 5)
BACKGROUND = "#202020"
SQUARES = ("#ffffff", "#d8d8d8")
"""What shows through a picture that is transparent."""
SQUARE = 12


class Tile(NamedTuple):
    """One place of a sheet: a picture and its label, or words where there is no picture."""

    label: str
    image: Image | None
    words: str = ""


def contact_sheet(tiles: list[Tile]) -> Picture:
    """One picture of up to 16 tiles, in their order from left to right.

    Each is at least 256 pixels wide where there are up to nine.
    """
    from PIL import Image, ImageDraw

    columns, width, height = layout(len(tiles), _shape(tiles))
    rows = math.ceil(len(tiles) / columns)
    size = columns * width, rows * (height + LABEL_HEIGHT)
    paper = Image.new("RGB", size, BACKGROUND)
    draw = ImageDraw.Draw(paper)
    for number, tile in enumerate(tiles):
        x, y = number % columns * width, number // columns * (height + LABEL_HEIGHT)
        if tile.image is not None:
            shown = _contained(tile.image, width - GAP, height - GAP)
            at = x + (width - shown.width) // 2, y + LABEL_HEIGHT + (height - shown.height) // 2
            paper.paste(shown, at)
        else:
            _write(draw, x, y + LABEL_HEIGHT, width, tile.words)
        draw.text((x + 5, y + 3), _cut(tile.label, width - 10), fill="white", font=font())
    return fitting(paper, sides=(max(size),), qualities=QUALITIES)


def layout(count: int, shape: float) -> tuple[int, int, int]:
    """Columns, and the width and height of a tile's picture, for `count` pictures of one shape.

    `shape` is height by width.
    """
    found = _largest(count, shape, BOX)
    return found if found[1] >= NARROWEST or count > 9 else _largest(count, shape, TALL_BOX)


def _largest(count: int, shape: float, box: tuple[int, int]) -> tuple[int, int, int]:
    choices = []
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        width = min(box[0] // columns, int((box[1] // rows - LABEL_HEIGHT) / shape))
        choices.append((width, -columns))
    width, columns = max(choices)
    return -columns, width, max(1, int(width * shape))


def _shape(tiles: list[Tile]) -> float:
    shapes = [tile.image.height / tile.image.width for tile in tiles if tile.image is not None]
    # One that differs from the others does not make all places tall.
    return min(max(median(shapes) if shapes else 0.6, FLATTEST), TALLEST)


def _contained(image: Image, width: int, height: int) -> Image:
    from PIL import ImageOps

    shown = ImageOps.contain(image, (max(1, width), max(1, height)))
    if shown.mode != "RGBA":
        return shown.convert("RGB")
    ground = _squares(shown.width, shown.height)
    ground.paste(shown, mask=shown.getchannel("A"))
    return ground


def _squares(width: int, height: int) -> Image:
    from PIL import Image

    ground = Image.new("RGB", (width, height), SQUARES[0])
    for y in range(0, height, SQUARE):
        for x in range((y // SQUARE % 2) * SQUARE, width, 2 * SQUARE):
            ground.paste(SQUARES[1], (x, y, min(x + SQUARE, width), min(y + SQUARE, height)))
    return ground


def _write(draw: Any, x: int, y: int, width: int, words: str) -> None:
    line = ""
    lines = []
    for word in words.split():
        if line and font().getlength(f"{line} {word}") > width - 16:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    for number, text in enumerate([*lines, line][:6]):
        place = x + 8, y + 8 + number * (FONT_HEIGHT + 4)
        draw.text(place, _cut(text, width - 16), fill="#ffb0a0", font=font())


def _cut(text: str, width: int) -> str:
    shown = text.encode("ascii", "replace").decode()
    while shown and font().getlength(shown) > width:
        shown = shown[:-4] + "..." if len(shown) > 4 else ""
    return shown


@cache
def font() -> Any:
    """The font of labels, which comes with Pillow."""
    from PIL import ImageFont

    return ImageFont.load_default(FONT_HEIGHT)
