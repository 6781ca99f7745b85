"""Names as systems write them and as people and models repeat them."""

import errno
import os
import re
import tempfile
import unicodedata
from pathlib import Path

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from in_full import examples
from wavespeed_mcp_server.files import FileRefused, PathPolicy, marked_path
from wavespeed_mcp_server.files.refusal import unreadable
from wavespeed_mcp_server.files.spelling import folded, ways_to_read

from .storage import PNG

posix_only = pytest.mark.skipif(os.name == "nt", reason="these characters cannot stand in a name on Windows")


def read(policy: PathPolicy, text: str) -> str:
    """The name of the file that is read for `text`."""
    with policy.open(text) as opened:
        return opened.path.name


@pytest.mark.parametrize(
    ("on_disk", "written"),
    [
        ("Screenshot 2026-01-02 at 9.41.00\u202fAM.png", "Screenshot 2026-01-02 at 9.41.00 AM.png"),
        ("Screenshot 2026-01-02 at 9.41.00 AM.png", "Screenshot 2026-01-02 at 9.41.00\u202fAM.png"),
        ("Bildschirmfoto\u00a01.png", "Bildschirmfoto 1.png"),
        ("two  spaces.png", "two spaces.png"),
        (unicodedata.normalize("NFD", "Größe é.png"), unicodedata.normalize("NFC", "Größe é.png")),
        (unicodedata.normalize("NFC", "Größe é.png"), unicodedata.normalize("NFD", "Größe é.png")),
        (unicodedata.normalize("NFD", "각.png"), "각.png"),
        ("Anna\u2019s cat.png", "Anna's cat.png"),
        ("Anna's cat.png", "Anna\u02bcs cat.png"),
        ("\u201cbest\u201d \u2013 final.png", '"best" - final.png'),
        ("a\u2014b\u2212c.png", "a-b-c.png"),
        ("more\u2026.png", "more....png"),
        ("\uff21\uff22\uff11.png", "AB1.png"),
        ("heart \u2764\ufe0f.png", "heart \u2764.png"),
        ("left\u200eright.png", "leftright.png"),
        ("My Photo (1).png", "My\\ Photo\\ \\(1\\).png"),
        ("at 10\u202fAM.png", "at 10\\u202fAM.png"),
        ("My Photo.png", "My%20Photo.png"),
        ("100%25.png", "100%25.png"),
        ("back\\slash.png", "back\\slash.png"),
    ],
)
@posix_only
def test_a_name_is_found_however_its_spaces_letters_and_quotes_are_written(
    policy: PathPolicy, tmp_path: Path, on_disk: str, written: str
) -> None:
    (tmp_path / "in" / on_disk).write_bytes(PNG)
    assert read(policy, f"{tmp_path / 'in'}/{written}") == on_disk
    assert read(policy, f"'{tmp_path / 'in'}/{written}'") == on_disk


@posix_only
def test_a_folder_is_found_in_the_same_ways(policy: PathPolicy, tmp_path: Path) -> None:
    folder = tmp_path / "in" / unicodedata.normalize("NFD", "Été 2026\u00a0fin")
    folder.mkdir()
    (folder / "a\u202fb.png").write_bytes(PNG)
    assert read(policy, f"{tmp_path / 'in'}/Été 2026 fin/a b.png") == "a\u202fb.png"


@posix_only
def test_where_two_names_look_the_same_neither_is_taken(policy: PathPolicy, tmp_path: Path) -> None:
    for space in "\u202f\u00a0":
        (tmp_path / "in" / f"a{space}b.png").write_bytes(PNG)
    with pytest.raises(FileRefused, match=r"'a\\u202fb.png'") as refused:
        policy.open(f"{tmp_path / 'in'}/a b.png")
    # What it shows can be given as it stands.
    assert read(policy, f"{tmp_path / 'in'}/a\\u202fb.png") == "a\u202fb.png"
    assert "a\\xa0b.png" in str(refused.value)
    assert read(policy, f"{tmp_path / 'in'}/a\\xa0b.png") == "a\u00a0b.png"


@posix_only
def test_the_exact_name_wins_over_one_that_looks_the_same(policy: PathPolicy, tmp_path: Path) -> None:
    for name in ("a b.png", "a\u202fb.png", "a%20b.png"):
        (tmp_path / "in" / name).write_bytes(PNG)
        assert read(policy, f"{tmp_path / 'in'}/{name}") == name


@posix_only
def test_a_link_that_looks_the_same_leads_nowhere_else(policy: PathPolicy, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "p.png").write_bytes(PNG)
    (tmp_path / "in" / "a\u202fb").symlink_to(tmp_path / "secret")
    (tmp_path / "in" / "c\u202fd.png").symlink_to(tmp_path / "secret" / "p.png")
    for text in ("a b/p.png", "a b/q.png", "c d.png"):
        with pytest.raises(FileRefused, match=r"There is no file|outside"):
            policy.open(f"{tmp_path / 'in'}/{text}")


def test_a_file_url_is_the_path_in_it(policy: PathPolicy, tmp_path: Path) -> None:
    path = tmp_path / "in" / "my photo #1.png"
    path.write_bytes(PNG)
    assert read(policy, path.as_uri()) == path.name
    assert read(policy, path.as_uri().replace("file://", "file://localhost")) == path.name
    assert read(policy, "file:" + path.as_posix().replace(" ", "%20").replace("#", "%23")) == path.name
    with pytest.raises(FileRefused, match="another machine"):
        policy.open("file://nas/share/a.png")


@posix_only
@pytest.mark.parametrize(
    "text", ["C:\\Users\\me\\a.png", "file:///C:/Users/me/a.png", "\\\\nas\\share\\a.png"]
)
def test_a_windows_path_elsewhere_is_called_that(policy: PathPolicy, text: str) -> None:
    with pytest.raises(FileRefused, match="Windows machine"):
        policy.open(text)


@pytest.mark.parametrize(
    "text",
    ["/mnt/data/a.png", "/mnt/user-data/uploads/a.png", "sandbox:/mnt/data/a.png", "'/mnt/data/a.png'"],
)
def test_what_lies_on_the_chats_own_machine_is_called_that(policy: PathPolicy, text: str) -> None:
    with pytest.raises(FileRefused, match="the chat's own machine") as refused:
        policy.open(text)
    assert "WAVESPEED_ALLOWED_DIRS" not in str(refused.value)


def test_the_same_place_is_read_where_the_person_allows_it(tmp_path: Path) -> None:
    place = tmp_path / "mnt" / "data"
    place.mkdir(parents=True)
    (place / "a.png").write_bytes(PNG)
    assert read(PathPolicy((place,), tmp_path / "out"), str(place / "a.png")) == "a.png"


def test_an_empty_file_is_called_empty(policy: PathPolicy, tmp_path: Path) -> None:
    (tmp_path / "in" / "a.png").touch()
    with pytest.raises(FileRefused, match="is empty"):
        policy.open(str(tmp_path / "in" / "a.png"))


@pytest.mark.parametrize("name", ["EAGAIN", "EDEADLK", "ETIMEDOUT", "ENOTCONN"])
def test_a_clouds_placeholder_is_called_that(name: str) -> None:
    code = getattr(errno, name)
    assert "lies in a cloud" in str(unreadable(Path("/a.png"), OSError(code, os.strerror(code))))


def test_a_placeholder_of_icloud_beside_the_missing_file_is_told(policy: PathPolicy, tmp_path: Path) -> None:
    (tmp_path / "in" / ".a.png.icloud").write_bytes(b"bplist00")
    with pytest.raises(FileRefused, match="lies in a cloud"):
        policy.open(str(tmp_path / "in" / "a.png"))


def test_a_directory_is_told_how_to_give_all_of_it(policy: PathPolicy, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=re.escape(f"@{(tmp_path / 'in').as_posix()}/")):
        policy.open(str(tmp_path / "in"))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("@/a b.png", "/a b.png"),
        ("@'/a b.png'", "'/a b.png'"),
        ("@file:///a.png", "file:///a.png"),
        ("@sandbox:/mnt/data/a.png", "sandbox:/mnt/data/a.png"),
        ("@~\\Pictures\\a.png", "~\\Pictures\\a.png"),
        ("@Image1", None),
        ("@'Image1'", None),
        ("@john says hi", None),
        ("a@/b", None),
        ("@", None),
    ],
)
def test_which_texts_are_markers(text: str, path: str | None) -> None:
    assert marked_path(text) == path


NAMES = st.text(
    st.sampled_from(
        "ab1.\u0065\u0301\u00e9'\u2019\u2018\"\u201c \u202f\u00a0-\u2013\u2014%2\\()\u200e\u2764\ufe0f\u2026"
    ),
    min_size=1,
    max_size=12,
).map(lambda text: f"x{text}.png")
LOOKS = st.sampled_from(
    [
        lambda name: name,
        lambda name: unicodedata.normalize("NFD", name),
        lambda name: unicodedata.normalize("NFC", name),
        lambda name: re.sub(r"[\u202f\u00a0]", " ", name),
        lambda name: re.sub(r"[\u2018\u2019]", "'", name),
        lambda name: re.sub(r"[\u2013\u2014]", "-", name),
        lambda name: name.replace("\ufe0f", "").replace("\u200e", ""),
        lambda name: re.sub(r"([ '\"()])", r"\\\1", name),
        lambda name: f'"{name}"',
    ]
)


@posix_only
@settings(max_examples=examples(300))
@given(st.lists(NAMES, min_size=1, max_size=4, unique=True), st.data())
def test_the_only_file_that_fits_is_read_and_no_other(names: list[str], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve() / "in"
        folder.mkdir()
        for name in names:
            (folder / name).write_bytes(PNG)
        name = data.draw(st.sampled_from(names))
        written = data.draw(LOOKS)(name)
        assume("/" not in written)
        ways = ways_to_read(written, windows=False)
        fits = {one for one in names if any(folded(way) == folded(one) for way in ways)}
        policy = PathPolicy((folder,), Path(made) / "out", folder, folder)
        try:
            found = read(policy, str(folder / written) if written[0] != '"' else f'"{folder}/{written[1:]}')
        except FileRefused as refused:
            event("refused")
            assert len(fits) != 1, refused
        else:
            event("read")
            assert found in fits
            assert len(fits) == 1 or found in ways
