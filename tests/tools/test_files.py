"""Uploading a file, and keeping outputs."""

from __future__ import annotations

from pathlib import Path

import pytest
from mcp.client import Client

from calling import Json, call, refusal
from wavespeed_mcp_server.files import downloads, uploads
from wavespeed_mcp_server.sandbox import Fault, Sandbox


@pytest.fixture
def photo(tmp_path: Path, picture: bytes) -> Path:
    """A picture in a directory that may be read."""
    (tmp_path / "in").mkdir(exist_ok=True)
    path = tmp_path / "in" / "photo.png"
    path.write_bytes(picture)
    return path


async def test_an_upload_gives_a_url_that_a_model_takes(
    client: Client, sandbox: Sandbox, photo: Path
) -> None:
    sent = await call(client, "upload_file", path=str(photo))
    assert sent["media_type"] == "image/png"
    assert sent["size_bytes"] == photo.stat().st_size
    assert sent["cached"] is False
    assert sent["url"].startswith(sandbox.url)
    given = {"image": sent["url"]}
    assert (await call(client, "generate", model="sandbox/cutout", input=given))["status"] == "completed"


@pytest.mark.parametrize("large_bytes", [uploads.LARGE_BYTES, 1], ids=["small", "large"])
async def test_the_same_bytes_are_uploaded_once(
    client: Client, sandbox: Sandbox, photo: Path, large_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "LARGE_BYTES", large_bytes)
    monkeypatch.setattr(uploads, "FINE_CLOCK_NS", -1)
    monkeypatch.setattr(uploads, "COARSEST_CLOCK_NS", -1)
    first = await call(client, "upload_file", path=str(photo))
    again = await call(client, "upload_file", path=f"@{photo}")
    assert again == {**first, "cached": True}
    assert sandbox.counts["upload_put"] == 1


async def test_a_deployment_without_tickets_gets_the_file_as_a_form(
    client: Client, sandbox: Sandbox, photo: Path
) -> None:
    sandbox.ticket_uploads = False
    sent = await call(client, "upload_file", path=str(photo))
    assert sent["url"].startswith(sandbox.url)
    assert sandbox.counts["upload_binary"] == 1


async def test_a_file_that_is_not_there_is_named_with_its_neighbour(client: Client, photo: Path) -> None:
    text = await refusal(client, "upload_file", path=str(photo.with_name("foto.png")))
    assert "There is no file" in text
    assert "photo.png" in text


async def test_a_file_that_is_no_media_is_not_sent(client: Client, sandbox: Sandbox, photo: Path) -> None:
    secret = photo.with_name("key.png")
    secret.write_text("not a picture at all", encoding="utf-8")
    assert "not recognised" in await refusal(client, "upload_file", path=str(secret))
    assert sandbox.counts.total() == 0


async def test_outputs_are_saved_where_the_person_keeps_them(client: Client, tmp_path: Path) -> None:
    given = {"prompt": "a cat", "num_images": 2}
    made = await call(client, "generate", model="sandbox/paint", input=given)
    kept = await call(client, "download_outputs", ids=[made["id"]], directory="cats/space")
    assert [one["id"] for one in kept["saved"]] == [made["id"]] * 2
    for one, url in zip(kept["saved"], made["outputs"], strict=True):
        path = Path(one["path"])
        assert path.parent == (tmp_path / "out" / "cats" / "space").resolve()
        assert path.stat().st_size == one["size_bytes"]
        assert one["url"] == url


async def test_outputs_go_to_a_readable_directory_that_the_call_names(client: Client, tmp_path: Path) -> None:
    made = await call(client, "generate", model="sandbox/paint", input={"prompt": "a cat"})
    (saved,) = (await call(client, "download_outputs", ids=[made["id"]], directory=str(tmp_path / "in")))[
        "saved"
    ]
    assert Path(saved["path"]).parent == (tmp_path / "in").resolve()


async def test_what_is_saved_twice_is_one_file(client: Client, tmp_path: Path) -> None:
    made = await call(client, "generate", model="sandbox/paint", input={"prompt": "a cat"})
    first = await call(client, "download_outputs", ids=[made["id"]])
    again = await call(client, "download_outputs", ids=[made["id"]])
    assert first == again
    assert len(list((tmp_path / "out").rglob("*.png"))) == 1


async def test_a_name_for_what_is_saved_never_takes_the_place_of_another_file(
    client: Client, tmp_path: Path
) -> None:
    given = {"model": "sandbox/paint", "save_as": "hero.png"}
    first = await call(client, "generate", **given, input={"prompt": "a cat"})
    second = await call(client, "generate", **given, input={"prompt": "a dog"})
    assert [Path(path).name for path in (*first["saved"], *second["saved"])] == ["hero.png", "hero-1.png"]
    both = await call(client, "generate", **given, input={"prompt": "an owl", "num_images": 2})
    assert [Path(path).name for path in both["saved"]] == ["hero-0.png", "hero-1-1.png"]


async def test_every_id_of_a_download_is_told_about(client: Client, sandbox: Sandbox) -> None:
    made = await call(client, "generate", model="sandbox/paint", input={"prompt": "a cat"})
    sandbox.run_seconds = lambda _model, _inputs: None
    runs = await call(client, "generate", model="sandbox/paint", input={"prompt": "x"}, wait_seconds=0)
    ids = ["sandbox0123456789abcdef", runs["id"], made["id"]]
    done = await call(client, "download_outputs", ids=ids)
    assert [one["id"] for one in done["saved"]] == [made["id"]]
    assert [one["id"] for one in done["failed"]] == ids[:2]
    assert "no such prediction" in done["failed"][0]["error"]
    assert "processing" in done["failed"][1]["error"]


async def test_a_text_is_saved_as_a_text_file(client: Client) -> None:
    made = await call(client, "generate", model="sandbox/write", input={"prompt": "hello"})
    kept = await call(client, "download_outputs", ids=[made["id"]])
    assert Path(kept["saved"][0]["path"]).read_text(encoding="utf-8").strip() == made["outputs"][0].strip()


@pytest.mark.parametrize("directory", ["../elsewhere", "/tmp", ".hidden", "a/../../b"])
async def test_a_directory_outside_the_output_directory_is_refused(client: Client, directory: str) -> None:
    made = await call(client, "generate", model="sandbox/paint", input={"prompt": "a cat"})
    text = await refusal(client, "download_outputs", ids=[made["id"]], directory=directory)
    assert "output" in text
    assert "unexpected" not in text


async def test_a_task_that_still_runs_has_nothing_to_save(client: Client, sandbox: Sandbox) -> None:
    sandbox.run_seconds = lambda _model, _inputs: None
    begun = await call(client, "generate", model="sandbox/paint", input={"prompt": "x"}, wait_seconds=0)
    text = await refusal(client, "download_outputs", ids=[begun["id"]])
    assert "there are no outputs to save" in text


async def test_what_was_saved_beside_a_failure_is_named(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "BACKOFF_SECONDS", 0.0)
    wish = {"model": "sandbox/paint"}
    one = await call(client, "generate", **wish, input={"prompt": "one"})
    two = await call(client, "generate", **wish, input={"prompt": "two"})
    sandbox.faults.append(Fault("download", "404", times=None, after=1))
    done = await call(client, "download_outputs", ids=[one["id"], two["id"]])
    assert [file["id"] for file in done["saved"]] == [one["id"]]
    assert [file["id"] for file in done["failed"]] == [two["id"]]


@pytest.mark.parametrize("kind", ["404", "empty", "html"])
async def test_what_could_be_saved_of_a_run_is_told_beside_what_could_not(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(downloads, "BACKOFF_SECONDS", 0.0)
    made = await call(client, "generate", model="sandbox/paint", input={"prompt": "x", "num_images": 2})
    second = f"/outputs/{made['id']}/1/"
    sandbox.faults.append(Fault("download", kind, times=None, when=lambda call: second in call.path))
    told = await call(client, "download_outputs", ids=[made["id"]])
    assert [entry["url"] for entry in told["saved"]] == made["outputs"][:1]
    assert [entry["id"] for entry in told["failed"]] == [made["id"]]
    assert told["failed"][0]["error"].startswith("output 1: ")


@pytest.mark.parametrize("kind", ["404", "empty", "html"])
async def test_an_output_that_takes_a_moment_to_appear_is_saved(
    client: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(downloads, "BACKOFF_SECONDS", 0.0)
    made = await call(client, "generate", model="sandbox/paint", input={"prompt": "x"})
    sandbox.faults.append(Fault("download", kind, times=2))
    told = await call(client, "download_outputs", ids=[made["id"]])
    assert [entry["url"] for entry in told["saved"]] == made["outputs"]
    assert "failed" not in told


def kept_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir() if path.suffix != ".json")


@pytest.mark.parametrize("asked", [{}, {"save": True}, {"save_as": "hero"}])
@pytest.mark.parametrize("inline", [True, False])
async def test_what_generate_saved_is_the_file_that_download_outputs_tells_of(
    client: Client, asked: Json, inline: bool
) -> None:
    given = {"prompt": "a cat", "enable_base64_output": inline, "num_images": 2}
    made = await call(client, "generate", model="sandbox/paint", input=given, **asked)
    told = await call(client, "download_outputs", ids=[made["id"]])
    paths = [one["path"] for one in told["saved"]]
    assert made.get("saved", paths) == paths
    assert len(paths) == 2
    assert kept_in(Path(paths[0]).parent) == sorted(Path(path).name for path in paths)
    assert all(Path(path).name.startswith("hero") == ("save_as" in asked) for path in paths)


async def test_downloads_are_named_by_the_caller(client: Client, sandbox: Sandbox) -> None:
    made = [
        await call(client, "generate", model="sandbox/paint", input={"prompt": "a cat"}, again=True)
        for _ in range(2)
    ]
    ids = [one["id"] for one in made]
    text = await refusal(client, "download_outputs", ids=ids, save_as=["hero"])
    assert "1 names for 2 runs" in text
    kept = await call(client, "download_outputs", ids=ids, save_as=["hero", "villain"])
    assert [(one["id"], Path(one["path"]).stem) for one in kept["saved"]] == [
        (ids[0], "hero"),
        (ids[1], "villain"),
    ]


async def test_all_that_was_completed_since_a_time_is_downloaded(client: Client, sandbox: Sandbox) -> None:
    made = [
        await call(client, "generate", model="sandbox/paint", input={"prompt": "a cat"}, again=True)
        for _ in range(2)
    ]
    sandbox.run_seconds = lambda _model, _inputs: None
    await call(
        client, "generate", model="sandbox/paint", input={"prompt": "a cat"}, again=True, wait_seconds=0
    )
    kept = await call(client, "download_outputs", since="today")
    assert {one["id"] for one in kept["saved"]} == {one["id"] for one in made}
    assert "one of the two" in await refusal(client, "download_outputs", ids=[made[0]["id"]], since="today")
    assert "one of the two" in await refusal(client, "download_outputs")
    assert "No run was completed" in await refusal(client, "download_outputs", since="2099-01-01")
