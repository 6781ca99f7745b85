"""A configuration is written whole or not at all, beside a backup, and never over another program's work."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from wavespeed_mcp_server.hosts import CannotSave, remove, save


def test_a_file_is_backed_up_and_keeps_its_mode_and_its_link(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles" / "mcp.json"
    real.parent.mkdir()
    real.write_text("{}", encoding="utf-8")
    real.chmod(0o640)
    link = tmp_path / "mcp.json"
    link.symlink_to(real)
    first = save(link, "one", was="{}")
    second = save(link, "two", was="one")
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8") == "two"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert first is not None and first.read_text(encoding="utf-8") == "{}"
    assert second is not None and second.read_text(encoding="utf-8") == "one"
    assert sorted(one.name for one in real.parent.iterdir()) == [
        "mcp.json",
        "mcp.json.backup1",
        "mcp.json.backup2",
    ]


def test_a_file_that_another_program_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text("theirs", encoding="utf-8")
    with pytest.raises(CannotSave, match="another program"):
        save(path, "ours", was="before")
    assert path.read_text(encoding="utf-8") == "theirs"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_is_said_so_and_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CannotSave, match="cannot be written"):
        save(tmp_path / "file" / "mcp.json", "x", was="")


def test_a_file_that_somebody_made_read_only_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "mcp.json"
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o400)
    with pytest.raises(CannotSave, match="read-only"):
        save(path, "x", was="{}")
    with pytest.raises(CannotSave, match="read-only"):
        remove(path, was="{}")
    assert path.read_text(encoding="utf-8") == "{}"
    assert list(tmp_path.iterdir()) == [path]


def test_a_private_file_and_its_backup_stay_private_and_a_dangling_link_is_followed(tmp_path: Path) -> None:
    path, link = tmp_path / "mcp.json", tmp_path / "link.json"
    path.write_text("{}", encoding="utf-8")
    path.chmod(0o600)
    backup = save(path, "x", was="{}")
    assert backup is not None
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, backup)] == [0o600, 0o600]
    link.symlink_to(tmp_path / "not" / "there.json")
    save(link, "y", was="")
    assert link.is_symlink() and link.read_text(encoding="utf-8") == "y"
