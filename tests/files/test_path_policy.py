"""What may be read, and where may be written."""

import gc
import os
import socket
from pathlib import Path, PureWindowsPath

import pytest

from wavespeed_mcp_server.files import FileRefused, PathPolicy, path_policy
from wavespeed_mcp_server.files.opening import MAX_UPLOAD_BYTES, OpenFile, open_media
from wavespeed_mcp_server.files.path_policy import reject_windows_path

from .storage import PNG

posix_only = pytest.mark.skipif(os.name == "nt", reason="POSIX file types and paths")


def picture(path: Path, content: bytes = PNG) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def refusal(policy: PathPolicy, path: Path | str) -> str:
    with pytest.raises(FileRefused) as refused:
        policy.readable(str(path))
    return str(refused.value)


def test_media_in_an_allowed_directory_is_readable(policy: PathPolicy, tmp_path: Path) -> None:
    path = picture(tmp_path / "in" / "deep" / "a.png")
    assert policy.readable(str(path)) == path.resolve()


def test_outputs_are_readable_again(policy: PathPolicy, tmp_path: Path) -> None:
    assert policy.readable(str(picture(tmp_path / "out" / "a.png")))


def test_relative_paths_begin_at_the_project_and_never_at_the_working_directory(
    policy: PathPolicy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture(tmp_path / "in" / "here.png")
    project = picture(tmp_path / "project" / "there.png")
    monkeypatch.chdir(tmp_path / "in")
    assert policy.readable("./there.png") == project.resolve()
    assert policy.readable("../project/there.png") == project.resolve()
    text = refusal(policy, "./here.png")
    assert str(tmp_path / "project") in text
    assert "working directory" in text


def test_without_a_project_relative_paths_begin_at_the_output_directory(tmp_path: Path) -> None:
    path = picture(tmp_path / "out" / "a.png")
    assert PathPolicy((), tmp_path / "out").readable("./a.png") == path.resolve()


def test_the_tilde_is_the_given_home(policy: PathPolicy, tmp_path: Path) -> None:
    path = picture(tmp_path / "home" / "Pictures" / "a.png")
    assert PathPolicy.default(tmp_path / "home").readable("~/Pictures/a.png") == path.resolve()
    assert "outside" in refusal(policy, "~/Pictures/a.png")


def test_by_default_the_persons_media_folders_and_the_project_are_allowed(tmp_path: Path) -> None:
    policy = PathPolicy.default(tmp_path, tmp_path / "code")
    assert policy.output_dir == tmp_path / "code"
    for name in ("code", "Desktop", "Documents", "Downloads", "Movies", "Music", "Pictures", "Videos"):
        assert policy.readable(str(picture(tmp_path / name / "a.png")))
    refusal(policy, picture(tmp_path / "a.png"))
    assert PathPolicy.default(tmp_path).output_dir == tmp_path / "Downloads" / "wavespeed"


def test_a_given_list_of_directories_takes_the_place_of_the_default_one(tmp_path: Path) -> None:
    policy = PathPolicy.default(tmp_path, allowed=[tmp_path / "only"])
    assert policy.readable(str(picture(tmp_path / "only" / "a.png")))
    assert "WAVESPEED_ALLOWED_DIRS" in refusal(policy, picture(tmp_path / "Pictures" / "a.png"))


def test_outside_the_same_is_said_whether_or_not_a_file_is_there(policy: PathPolicy, tmp_path: Path) -> None:
    there = refusal(policy, picture(tmp_path / "secret" / "a.png"))
    assert there == refusal(policy, tmp_path / "secret" / "b.png")
    assert there == refusal(policy, tmp_path / "nowhere" / "at" / "all.png")
    assert there == refusal(policy, tmp_path / "in" / ".." / "secret" / "a.png")
    (tmp_path / "in" / "to-file.png").symlink_to(tmp_path / "secret" / "a.png")
    (tmp_path / "in" / "to-nothing.png").symlink_to(tmp_path / "secret" / "b.png")
    assert there == refusal(policy, tmp_path / "in" / "to-file.png")
    assert there == refusal(policy, tmp_path / "in" / "to-nothing.png")
    assert "WAVESPEED_ALLOWED_DIRS" in there


def test_links_are_followed_before_anything_is_decided(policy: PathPolicy, tmp_path: Path) -> None:
    inside = picture(tmp_path / "in" / "a.png")
    picture(tmp_path / "secret" / "a.png")
    (tmp_path / "way-in").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "way-out").symlink_to(tmp_path / "secret")
    assert policy.readable(str(tmp_path / "way-in" / "a.png")) == inside.resolve()
    refusal(policy, tmp_path / "in" / "way-out" / "a.png")
    refusal(policy, tmp_path / "in" / "way-out" / ".." / "secret" / "a.png")


def test_hidden_names_below_an_allowed_directory_are_not_read(policy: PathPolicy, tmp_path: Path) -> None:
    hidden = picture(tmp_path / "in" / ".cache" / "a.png")
    assert "hidden" in refusal(policy, hidden)
    assert "hidden" in refusal(policy, picture(tmp_path / "in" / ".a.png"))
    (tmp_path / "in" / "plain").symlink_to(hidden.parent)
    assert "hidden" in refusal(policy, tmp_path / "in" / "plain" / "a.png")
    own = PathPolicy((hidden.parent,), tmp_path / "out")
    assert own.readable(str(hidden)) == hidden.resolve()


@pytest.mark.parametrize("name", ["key.png", "id_rsa", "photo.jpg"])
def test_a_media_name_does_not_make_a_secret_readable(policy: PathPolicy, tmp_path: Path, name: str) -> None:
    path = picture(tmp_path / "in" / name, b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r")
    assert "not recognised" in refusal(policy, path)


def test_a_zip_is_read_only_under_its_own_name(policy: PathPolicy, tmp_path: Path) -> None:
    content = b"PK\x03\x04" + bytes(22) + b"\x05\0\0\0a.png" + bytes(50)
    assert policy.readable(str(picture(tmp_path / "in" / "set.zip", content)))
    refusal(policy, picture(tmp_path / "in" / "vault.kdbx", content))


def test_too_large_a_file_is_refused_with_the_limit_before_it_is_read(
    policy: PathPolicy, tmp_path: Path
) -> None:
    path = picture(tmp_path / "in" / "a.png")
    with path.open("r+b") as file:
        file.truncate(MAX_UPLOAD_BYTES)
    assert policy.readable(str(path))
    with path.open("r+b") as file:
        file.truncate(MAX_UPLOAD_BYTES + 1)
        file.write(b"not media, but nobody looks")
    text = refusal(policy, path)
    assert "200 MiB" in text
    assert f"{MAX_UPLOAD_BYTES:,}" in text


def test_a_misspelled_name_brings_the_closest_one(policy: PathPolicy, tmp_path: Path) -> None:
    picture(tmp_path / "in" / "holiday.png")
    picture(tmp_path / "in" / ".holidai.png")
    assert f"Did you mean {tmp_path / 'in' / 'holiday.png'}?" in refusal(
        policy, tmp_path / "in" / "holidai.png"
    )
    assert "Did you mean" not in refusal(policy, tmp_path / "in" / "zzz.bin")


@posix_only
def test_only_regular_files_are_read_and_a_fifo_does_not_hang(policy: PathPolicy, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "in" / "fifo.png")
    assert "regular" in refusal(policy, tmp_path / "in" / "fifo.png")
    (tmp_path / "in" / "dir.png").mkdir()
    assert "is a directory" in refusal(policy, tmp_path / "in" / "dir.png")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(os.path.relpath(tmp_path / "in" / "socket.png"))
        assert "cannot be read" in refusal(policy, tmp_path / "in" / "socket.png")


@posix_only
@pytest.mark.parametrize(
    "path", ["/proc/self/environ", "/proc/self/root/etc/passwd", "/dev/zero", "/sys/kernel"]
)
def test_system_trees_are_not_read_even_if_everything_is_allowed(tmp_path: Path, path: str) -> None:
    with pytest.raises(FileRefused):
        PathPolicy((Path("/"),), tmp_path).readable(path)


@posix_only
def test_a_device_is_refused_by_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "zero.png").symlink_to("/dev/zero")
    assert "system" in refusal(PathPolicy((Path("/"),), tmp_path), tmp_path / "zero.png")


@pytest.mark.parametrize(
    "text", ["", "\0", "/in/\na.png", "file:///etc/passwd", "~john/a.png", "/" + "a" * 5000]
)
def test_what_is_no_usable_path_is_refused(policy: PathPolicy, text: str) -> None:
    refusal(policy, text)


@posix_only
@pytest.mark.parametrize("text", ["C:\\Users\\a.png", "c:/Users/a.png", "\\\\server\\share\\a.png"])
def test_a_windows_path_elsewhere_is_called_that(policy: PathPolicy, text: str) -> None:
    assert "Windows" in refusal(policy, text)


@pytest.mark.parametrize(
    "text",
    [
        "\\\\server\\share\\a.png",
        "//server/share/a.png",
        "\\\\?\\C:\\a.png",
        "\\\\.\\pipe\\a",
        "C:a.png",
        "\\a.png",
        "C:\\in\\a.png:secret",
        "./a.png:secret",
    ],
)
def test_on_windows_only_whole_paths_of_files_on_drives_are_looked_at(text: str) -> None:
    with pytest.raises(FileRefused):
        reject_windows_path(text)


@pytest.mark.parametrize("text", ["C:\\in\\a.png", "c:/in/a.png", "./a.png", "..\\a.png", "a.png"])
def test_on_windows_ordinary_paths_pass(text: str) -> None:
    reject_windows_path(text)
    assert PureWindowsPath(text).name == "a.png"


@posix_only
def test_a_directory_swapped_for_a_link_after_the_check_is_not_followed(
    policy: PathPolicy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The path is checked, then a directory in it becomes a link to elsewhere, then it is opened."""
    path = picture(tmp_path / "in" / "album" / "a.png")
    picture(tmp_path / "secret" / "a.png")

    def swapped(root: Path, checked: Path) -> OpenFile:
        path.parent.rename(tmp_path / "gone")
        path.parent.symlink_to(tmp_path / "secret")
        return open_media(root, checked)

    monkeypatch.setattr(path_policy, "open_media", swapped)
    with pytest.raises(FileRefused):
        policy.readable(str(path))
    assert path.parent.is_symlink()


@posix_only
def test_a_file_swapped_for_a_link_after_the_check_is_not_followed(
    policy: PathPolicy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = picture(tmp_path / "in" / "a.png")
    secret = picture(tmp_path / "secret" / "a.png")

    def swapped(root: Path, checked: Path) -> OpenFile:
        path.unlink()
        path.symlink_to(secret)
        return open_media(root, checked)

    monkeypatch.setattr(path_policy, "open_media", swapped)
    with pytest.raises(FileRefused):
        policy.readable(str(path))
    assert path.is_symlink()


def test_no_descriptor_is_left_open_by_a_refusal(policy: PathPolicy, tmp_path: Path) -> None:
    """An unclosed file is a ResourceWarning, which is an error here."""
    path = picture(tmp_path / "in" / "a.txt", b"text")
    for _ in range(20):
        refusal(policy, path)
    gc.collect()


def test_the_output_directory_is_made_when_it_is_first_needed(tmp_path: Path) -> None:
    policy = PathPolicy((), tmp_path / "not" / "yet")
    assert not (tmp_path / "not").exists()
    assert policy.writable_dir() == (tmp_path / "not" / "yet").resolve()
    assert policy.writable_dir("a/b") == (tmp_path / "not" / "yet" / "a" / "b").resolve()
    assert policy.writable_dir(str(tmp_path / "not" / "yet" / "c")).is_dir()


@pytest.mark.parametrize(
    "directory", ["..", "../in", "a/../../in", "/", "/etc", ".git", "a/.hooks", "a\nb", "~"]
)
def test_outputs_go_nowhere_else(policy: PathPolicy, tmp_path: Path, directory: str) -> None:
    with pytest.raises(FileRefused):
        policy.writable_dir(directory)


def test_outputs_go_to_a_directory_that_may_be_read_where_its_whole_path_is_given(
    policy: PathPolicy, tmp_path: Path
) -> None:
    assert policy.writable_dir(str(tmp_path / "in")) == (tmp_path / "in").resolve()
    assert policy.writable_dir(str(tmp_path / "in" / "new" / "one")).is_dir()
    at_home = PathPolicy((tmp_path / "home" / "Desktop",), tmp_path / "out", None, tmp_path / "home")
    assert at_home.writable_dir("~/Desktop/cats") == (tmp_path / "home" / "Desktop" / "cats").resolve()
    (tmp_path / "in" / "away").symlink_to(tmp_path / "home")
    for elsewhere in ("home", "in/.git", "in/a/.hooks", "in/../home", "in/away", "."):
        with pytest.raises(FileRefused):
            policy.writable_dir(str(tmp_path / elsewhere))
    assert not (tmp_path / "in" / ".git").exists()


def test_a_link_out_of_the_output_directory_is_not_written_through(
    policy: PathPolicy, tmp_path: Path
) -> None:
    (tmp_path / "out" / "away").symlink_to(tmp_path / "in")
    with pytest.raises(FileRefused, match="outside"):
        policy.writable_dir("away")
    with pytest.raises(FileRefused, match="outside"):
        policy.writable_dir("away/deeper")
    assert not (tmp_path / "in" / "deeper").exists()


def test_an_output_directory_that_cannot_be_made_names_its_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(FileRefused, match="WAVESPEED_OUTPUT_DIR"):
        PathPolicy((), tmp_path / "file" / "out").writable_dir()


def test_a_relative_output_directory_is_refused_not_put_into_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileRefused, match="WAVESPEED_OUTPUT_DIR"):
        PathPolicy((), Path("out")).writable_dir()
    assert list(tmp_path.iterdir()) == []
