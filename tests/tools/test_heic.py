"""The photos of phones: turned into JPEG where that can be done, else refused before anything is bought."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from mcp.client import Client
from PIL import Image

import wavespeed_mcp_server.files.heic as heic
from calling import call, refusal
from wavespeed_mcp_server.sandbox import Sandbox

EDIT = "sandbox/edit"
# A head is enough where nothing decodes it.
HEAD = bytes.fromhex("0000001c6674797068656963000000006d696631686569636d696166") + bytes(100)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A file that says it is a HEIC photo."""
    path = tmp_path / "in" / "IMG_0001.HEIC"
    path.write_bytes(HEAD)
    return path


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that reads HEIC is installed."""
    monkeypatch.setattr(heic, "find_spec", lambda name: None)
    monkeypatch.setattr(Image, "registered_extensions", dict)


@pytest.mark.usefixtures("bare")
async def test_where_nothing_reads_it_a_run_is_refused_with_what_to_do(
    client: Client, sandbox: Sandbox, photo: Path
) -> None:
    said = await refusal(client, "generate", model=EDIT, input={"images": [f"@{photo}"], "prompt": "x"})
    assert "HEIC photo" in said
    assert "wavespeed-mcp-server[media]" in said
    assert "Nothing was submitted" in said
    assert not sandbox.predictions
    uploaded = await call(client, "upload_file", path=str(photo))
    assert uploaded["media_type"] == "image/heic"
    given = {"images": [uploaded["url"]], "prompt": "x"}
    assert (await call(client, "generate", model=EDIT, input=given))["status"] == "completed"


async def test_a_damaged_photo_is_refused_before_anything_is_bought(
    client: Client, sandbox: Sandbox, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heic, "can_convert", lambda: True)
    said = await refusal(client, "generate", model=EDIT, input={"images": [f"@{photo}"], "prompt": "x"})
    assert "damaged" in said
    assert not sandbox.predictions


@pytest.mark.usefixtures("media_extra")
async def test_a_photo_goes_up_upright_as_a_jpeg_and_only_once(
    client: Client, sandbox: Sandbox, photo: Path
) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    tags = Image.Exif()
    tags[0x0112] = 6
    picture = Image.new("RGB", (400, 200), "black")
    picture.paste("white", (0, 0, 200, 200))
    picture.save(photo, "HEIF", exif=tags.tobytes())
    for prompt in ("one", "two"):
        await call(client, "generate", model=EDIT, input={"images": [f"@{photo}"], "prompt": prompt})
    (stored,) = sandbox.storage.files.values()
    assert stored.media_type == "image/jpeg"
    assert stored.content is not None
    stored.content.seek(0)
    with Image.open(io.BytesIO(stored.content.read())) as sent:
        assert sent.format == "JPEG"
        assert sent.size in {(200, 400), (400, 200)}
        assert not sent.getexif().get(0x0112)
