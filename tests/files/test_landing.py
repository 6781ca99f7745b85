"""A file comes to its name whole, and to a name that nobody else has."""

import errno
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from wavespeed_mcp_server.files.landing import Landing


def land(directory: Path, content: bytes) -> Path:
    landing = Landing(directory)
    try:
        landing.write(content)
        return landing.keep("a", ".png")
    finally:
        landing.discard()


def land_many(directory: Path, mark: int) -> list[str]:
    return [land(directory, b"%d %d" % (mark, number)).name for number in range(25)]


def test_an_unfinished_file_is_hidden_and_goes_when_it_is_discarded(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    landing.write(b"half")
    (part,) = tmp_path.iterdir()
    assert part.name.startswith(".")
    landing.discard()
    landing.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_kept_file_is_not_discarded(tmp_path: Path) -> None:
    path = land(tmp_path, b"whole")
    assert path == tmp_path / "a.png"
    assert list(tmp_path.iterdir()) == [path]


def test_processes_never_take_each_others_names(tmp_path: Path) -> None:
    with get_context("spawn").Pool(3) as pool:
        names = [
            name for some in pool.starmap(land_many, [(tmp_path, mark) for mark in range(3)]) for name in some
        ]
    assert len(set(names)) == 75
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 75


def test_without_hard_links_names_are_still_never_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on FAT and some network file systems."""

    def no_links(self: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(Path, "hardlink_to", no_links)
    with ThreadPoolExecutor(4) as threads:
        names = list(threads.map(lambda mark: land(tmp_path, b"%d" % mark).name, range(40)))
    assert len(set(names)) == 40
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 40


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: object) -> Path:
        raise OSError(errno.ENOSPC, "disk full")

    monkeypatch.setattr(Path, "hardlink_to", full)
    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="disk full"):
        land(tmp_path, b"whole")
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_goes_away_is_no_error_of_its_own(tmp_path: Path) -> None:
    directory = tmp_path / "out"
    directory.mkdir()
    landing = Landing(directory)
    landing.write(b"half")
    directory.rename(tmp_path / "moved")
    directory.write_text("a file", encoding="utf-8")
    landing.discard()
