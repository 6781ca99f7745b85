"""`view_output`: a small picture of what was made, and a clear answer where there is none."""

from __future__ import annotations

import base64
import io
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st
from mcp.client import Client
from mcp.types import CallToolResult, ImageContent, TextContent
from PIL import Image, ImageFile

from calling import ask, call, refusal, text_of
from in_full import examples
from wavespeed_mcp_server.files.preview import (
    MAX_PREVIEW_BYTES,
    MAX_SOURCE_PIXELS,
    NoPicture,
    Picture,
    from_text,
    small_picture,
)
from wavespeed_mcp_server.sandbox import Sandbox

PAINT = "sandbox/paint"
MOST_SIDE = 1024


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """`picture` in the format `kind`."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A picture that hardly compresses."""
    size = width * height * len(mode)
    return Image.frombytes(mode, (width, height), os.urandom(size))


def opened(picture: Picture) -> Image.Image:
    """The picture as anybody would decode it, once it is known to be within the limits."""
    assert len(picture.content) <= MAX_PREVIEW_BYTES
    assert max(picture.width, picture.height) <= MOST_SIDE
    image = Image.open(io.BytesIO(picture.content))
    image.load()
    assert image.size == (picture.width, picture.height)
    assert image.get_format_mimetype() == picture.mime
    return image


async def test_a_large_image_comes_back_as_one_small_picture_and_nothing_else(client: Client) -> None:
    made = await call(client, "generate", model=PAINT, input={"prompt": "a cat", "size": "2048*1024"})
    result = await ask(client, "view_output", id=made["id"])
    (block,) = result.content
    assert isinstance(block, ImageContent)
    assert not result.is_error
    assert result.structured_content is None
    image = Image.open(io.BytesIO(base64.b64decode(block.data)))
    assert image.size == (1024, 512)
    assert image.get_format_mimetype() == block.mime_type
    assert len(base64.b64decode(block.data)) <= MAX_PREVIEW_BYTES


async def test_every_output_of_a_run_can_be_looked_at_and_no_further_one(client: Client) -> None:
    made = await call(client, "generate", model=PAINT, input={"prompt": "a cat", "num_images": 2})
    first = await ask(client, "view_output", id=made["id"], index=0)
    second = await ask(client, "view_output", id=made["id"], index=1)
    assert first.content != second.content
    said = await refusal(client, "view_output", id=made["id"], index=2)
    assert "no output 2" in said
    assert "0 to 1" in said


async def test_an_image_given_as_base64_is_shown_without_touching_the_disk(
    client: Client, sandbox: Sandbox
) -> None:
    for data_uri in (False, True):
        sandbox.base64_data_uri = data_uri
        given = {"prompt": f"inline {data_uri}", "enable_base64_output": True}
        made = await call(client, "generate", model=PAINT, input=given)
        result = await ask(client, "view_output", id=made["id"])
        assert isinstance(result.content[0], ImageContent)


FILM = "sandbox/film-2.1/text-to-video"


def seen(result: CallToolResult) -> tuple[Image.Image, str]:
    """The picture of a result, and the text beside it."""
    assert not result.is_error, result
    assert result.structured_content is None
    shown, said = result.content
    assert isinstance(shown, ImageContent)
    assert isinstance(said, TextContent)
    content = base64.b64decode(shown.data)
    assert len(content) <= MAX_PREVIEW_BYTES
    return Image.open(io.BytesIO(content)), said.text


@pytest.mark.usefixtures("media_extra")
async def test_of_a_video_three_frames_are_shown_with_its_length_and_size(client: Client) -> None:
    made = await call(client, "generate", model=FILM, input={"prompt": "waves"})
    image, said = seen(await ask(client, "view_output", id=made["id"]))
    assert "a video of 2.0 seconds, 256 x 144 pixels" in said
    assert "Shown at 0.0 s, 1.0 s, " in said
    assert image.width >= 256
    assert image.height > 3 * 144


async def test_of_a_sound_the_waveform_is_shown_with_its_length(client: Client) -> None:
    made = await call(client, "generate", model="sandbox/compose", input={"prompt": "a tune", "duration": 5})
    image, said = seen(await ask(client, "view_output", id=made["id"]))
    assert "a sound of 5.0 seconds, 16 kHz, mono" in said
    assert image.width == MOST_SIDE


async def test_without_the_extra_a_video_is_described_with_how_to_install_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    made = await call(client, "generate", model=FILM, input={"prompt": "waves"})
    result = await ask(client, "view_output", id=made["id"])
    assert not result.is_error
    said = text_of(result)
    assert "a video of 2.0 seconds (video/mp4" in said
    assert "wavespeed-mcp-server[media]" in said
    assert made["outputs"][0] in said


async def test_variations_are_compared_in_one_picture(client: Client) -> None:
    batch = await call(
        client,
        "generate_batch",
        requests=[{"model": PAINT, "input": {"prompt": "a cat", "seed": seed}} for seed in range(9)],
    )
    ids = [one["id"] for one in batch["predictions"]]
    image, said = seen(await ask(client, "view_output", ids=ids))
    assert image.width >= 3 * 256
    assert said == " ".join(f"{n}: {one}{';' if n < 9 else '.'}" for n, one in enumerate(ids, 1))


async def test_all_outputs_of_a_run_are_tiles_or_the_one_that_is_asked_for(client: Client) -> None:
    made = await call(client, "generate", model=PAINT, input={"prompt": "a cat", "num_images": 4})
    _, said = seen(await ask(client, "view_output", ids=[made["id"]]))
    assert [f"output {n}" in said for n in range(5)] == [True] * 4 + [False]
    _, said = seen(await ask(client, "view_output", ids=[made["id"]], index=2))
    assert said == f"1: {made['id']} output 2."


async def test_a_sheet_tells_what_it_does_not_show_and_why(client: Client) -> None:
    good = await call(client, "generate", model=PAINT, input={"prompt": "good"})
    words = await call(client, "generate", model="sandbox/write", input={"prompt": "a haiku"})
    tune = await call(client, "generate", model="sandbox/compose", input={"prompt": "a", "duration": 5})
    ids = [good["id"], words["id"], "0123456789abcdef", tune["id"]]
    _, said = seen(await ask(client, "view_output", ids=ids))
    assert f"1: {good['id']};" in said
    assert f"2: {words['id']} (not shown: text" in said
    assert "3: 0123456789abcdef (not shown: 0123456789abcdef: no such prediction" in said
    assert f"4: {tune['id']}." in said


async def test_a_sheet_of_nothing_is_refused_with_every_reason(client: Client) -> None:
    said = await refusal(client, "view_output", ids=["0123456789abcdef", "fedcba9876543210"])
    assert said.count("no such prediction") == 2


async def test_more_outputs_than_a_sheet_holds_are_counted(client: Client) -> None:
    given = {"prompt": "many", "num_images": 4}
    made = [await call(client, "generate", model=PAINT, input={**given, "seed": n}) for n in range(5)]
    _, said = seen(await ask(client, "view_output", ids=[one["id"] for one in made]))
    assert "16: " in said
    assert "4 more outputs are not shown" in said


@pytest.mark.parametrize("given", [{}, {"id": "0123456789abcdef", "ids": ["0123456789abcdef"]}])
async def test_one_id_or_several_are_named_and_not_both(client: Client, given: dict[str, Any]) -> None:
    assert "either id, or ids" in await refusal(client, "view_output", **given)


async def test_text_is_said_to_be_text(client: Client) -> None:
    made = await call(client, "generate", model="sandbox/write", input={"prompt": "a haiku"})
    said = await refusal(client, "view_output", id=made["id"])
    assert "text" in said
    assert "a haiku" in said


async def test_an_unknown_id_is_refused(client: Client) -> None:
    assert "no such prediction" in await refusal(client, "view_output", id="0123456789abcdef")


async def test_a_running_task_has_nothing_to_look_at_yet(client: Client, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    made = await call(client, "generate", model=PAINT, input={"prompt": "slow"}, wait_seconds=0)
    said = await refusal(client, "view_output", id=made["id"])
    assert "nothing to look at" in said
    assert "check_status" in said


async def test_a_failed_task_says_why_there_is_nothing(client: Client) -> None:
    batch = await call(
        client, "generate_batch", requests=[{"model": "sandbox/flaky", "input": {"prompt": "x"}}]
    )
    (failed,) = batch["predictions"]
    said = await refusal(client, "view_output", id=failed["id"])
    assert "failed" in said
    assert "moderation" in said


async def test_an_output_that_is_gone_is_an_error_with_its_url(client: Client, sandbox: Sandbox) -> None:
    from wavespeed_mcp_server.sandbox.faults import Fault

    made = await call(client, "generate", model=PAINT, input={"prompt": "gone"})
    sandbox.faults.append(Fault("download", "404", times=None))
    said = await refusal(client, "view_output", id=made["id"])
    assert "7 days" in said
    assert made["outputs"][0] in said


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"])
def test_every_image_format_that_models_give_is_read(kind: str) -> None:
    image = opened(small_picture(encoded(Image.linear_gradient("L").convert("RGB"), kind)))
    assert image.size == (256, 256)


def test_the_first_frame_of_an_animation_is_shown() -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    content = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert opened(small_picture(content)).convert("RGB").getpixel((5, 5)) == (255, 0, 0)


def test_a_photo_is_turned_as_its_camera_says() -> None:
    tags = Image.Exif()
    tags[0x0112] = 6
    photo = Image.new("RGB", (2000, 1000), "black")
    photo.paste("white", (0, 0, 1000, 1000))
    image = opened(small_picture(encoded(photo, "JPEG", exif=tags)))
    assert image.size == (512, 1024)
    upper, lower = (image.convert("L").crop((256, y, 257, y + 1)).tobytes()[0] for y in (100, 900))
    assert upper > 200 > 50 > lower
    assert not image.getexif()


def test_transparency_is_kept_where_there_is_some_and_dropped_where_there_is_none() -> None:
    cutout = noise(600, 600, "RGBA")
    cutout.paste((0, 0, 0, 0), (0, 0, 300, 600))
    shown = opened(small_picture(encoded(cutout, "PNG")))
    assert shown.mode == "RGBA"
    assert shown.getpixel((10, 10)) == (0, 0, 0, 0) or shown.getchannel("A").getpixel((10, 10)) == 0
    solid = noise(600, 600).convert("RGBA")
    assert small_picture(encoded(solid, "PNG")).mime == "image/jpeg"


def test_a_deep_depth_map_keeps_its_shades() -> None:
    depth = Image.new("I;16", (4, 1))
    for x, value in enumerate((0, 16_384, 32_768, 65_535)):
        depth.putpixel((x, 0), value)
    shown = opened(small_picture(encoded(depth, "PNG"))).convert("L")
    assert [shown.getpixel((x, 0)) for x in range(4)] == [0, 63, 127, 255]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "RGBA", "F", "I"])
def test_every_colour_mode_is_shown(mode: str) -> None:
    kind = "TIFF" if mode in {"CMYK", "F", "I", "1"} else "PNG"
    assert opened(small_picture(encoded(noise(50, 40).convert(mode), kind))).size == (50, 40)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_hardest_picture_fits_too(mode: str) -> None:
    opened(small_picture(encoded(noise(1500, 1500, mode), "PNG", compress_level=1)))


def test_graphics_of_few_colours_stay_sharp() -> None:
    drawing = Image.new("RGB", (900, 900), "white")
    drawing.paste("black", (100, 100, 500, 120))
    assert small_picture(encoded(drawing, "PNG")).mime == "image/png"


def test_an_image_with_too_many_pixels_is_refused_before_it_is_decoded(
    decoded: Callable[[], int],
) -> None:
    side = int(MAX_SOURCE_PIXELS**0.5) + 8
    with pytest.raises(NoPicture, match="pixels"):
        small_picture(encoded(Image.new("1", (side, side)), "PNG"))
    assert decoded() == 0
    small_picture(encoded(Image.new("1", (8, 8)), "PNG"))
    assert decoded()


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How many pictures were decoded so far."""
    count = 0
    load = ImageFile.ImageFile.load

    def counted(source: ImageFile.ImageFile) -> Any:
        nonlocal count
        count += 1
        return load(source)

    monkeypatch.setattr(ImageFile.ImageFile, "load", counted)
    return lambda: count


@pytest.mark.parametrize("kept", [30, 200, 2000])
def test_a_truncated_image_is_said_to_be_damaged(kept: int) -> None:
    with pytest.raises(NoPicture):
        small_picture(encoded(noise(200, 200), "JPEG")[:kept])


@given(
    junk=st.binary(max_size=300),
    start=st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"BM"]),
)
@tries(max_examples=examples(150))
def test_junk_is_never_more_than_a_refusal(junk: bytes, start: bytes) -> None:
    try:
        opened(small_picture(start + junk))
    except NoPicture as refused:
        assert str(refused)


@given(content=st.binary(min_size=1, max_size=200))
def test_inline_text_gives_its_bytes_in_every_form(content: bytes) -> None:
    plain = base64.b64encode(content).decode()
    for text in (plain, plain.rstrip("="), f"data:image/png;base64,{plain}"):
        assert from_text(text) == content


def test_broken_base64_is_refused() -> None:
    with pytest.raises(NoPicture):
        from_text("data:image/png;base64,***")
