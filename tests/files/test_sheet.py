"""Contact sheets: every tile can be told from the others, however many there are and whatever their shape."""

from __future__ import annotations

import io
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wavespeed_mcp_server.files.preview import MAX_PREVIEW_BYTES
from wavespeed_mcp_server.files.sheet import (
    LABEL_HEIGHT,
    MOST_TILES,
    NARROWEST,
    TALL_BOX,
    TALLEST,
    Tile,
    contact_sheet,
    layout,
)


@given(count=st.integers(1, MOST_TILES), shape=st.floats(0.3, TALLEST))
def test_every_sheet_has_room_for_its_tiles_and_they_are_wide_enough(count: int, shape: float) -> None:
    columns, width, height = layout(count, shape)
    rows = -(-count // columns)
    assert columns * width <= TALL_BOX[0]
    assert rows * (height + LABEL_HEIGHT) <= TALL_BOX[1]
    assert width >= (NARROWEST if count <= 9 else 160)


@pytest.mark.parametrize("count", [1, 2, 9, 16])
@pytest.mark.parametrize("size", [(640, 360), (360, 640), (64, 64), (1000, 20), (20, 1000)])
def test_the_hardest_pictures_fit_with_tiles_as_wide_as_promised(count: int, size: tuple[int, int]) -> None:
    noise = Image.frombytes("RGB", size, os.urandom(size[0] * size[1] * 3))
    sheet = contact_sheet([Tile(str(number), noise) for number in range(1, count + 1)])
    assert len(sheet.content) <= MAX_PREVIEW_BYTES
    columns, width, _ = layout(count, min(max(size[1] / size[0], 0.3), TALLEST))
    assert sheet.width == columns * width
    if count <= 9:
        assert width >= NARROWEST


def test_each_picture_stands_in_its_place_and_is_not_cut() -> None:
    colours = ["red", "lime", "blue", "yellow", "white"]
    sheet = contact_sheet([Tile(name, Image.new("RGB", (300, 200), name)) for name in colours])
    image = Image.open(io.BytesIO(sheet.content)).convert("RGB")
    columns, width, height = layout(len(colours), 200 / 300)
    for number, name in enumerate(colours):
        x, y = number % columns * width, number // columns * (height + LABEL_HEIGHT) + LABEL_HEIGHT
        wanted = Image.new("RGB", (1, 1), name).getpixel((0, 0))
        for place in ((x + 6, y + 6), (x + width - 8, y + height - 8)):
            found = image.getpixel(place)
            assert isinstance(found, tuple)
            assert isinstance(wanted, tuple)
            assert all(abs(one - other) < 40 for one, other in zip(found, wanted, strict=True)), (name, place)


def test_a_transparent_picture_stands_on_squares_so_that_its_form_is_seen() -> None:
    sheet = contact_sheet([Tile("1", Image.new("RGBA", (200, 200), (0, 0, 0, 0)))])
    image = Image.open(io.BytesIO(sheet.content)).convert("L")
    assert image.crop((100, 100, 160, 160)).getextrema() == (216, 255)


def test_labels_are_longer_than_their_tile_without_running_into_the_next() -> None:
    tiles = [Tile("W" * 200, None, "no picture " * 40), Tile("", Image.new("RGB", (300, 300), "black"))]
    image = Image.open(io.BytesIO(contact_sheet(tiles).content)).convert("L")
    _, width, _ = layout(2, 1.0)
    beside = image.crop((width + 4, 0, image.width, LABEL_HEIGHT))
    assert max(beside.tobytes()) < 80
