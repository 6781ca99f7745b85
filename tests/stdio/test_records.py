"""Where the greeting's answers are kept: what makes a record useless, and that nothing else does harm."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from wavespeed_mcp_server.process import state_dir
from wavespeed_mcp_server.settings import read_settings
from wavespeed_mcp_server.transports.greeting import Record, record_for
from wavespeed_mcp_server.transports.greeting.evidence import ChangedMeanwhile, listed, unchanged_since
from wavespeed_mcp_server.transports.greeting.records import KEPT, state_directory

from .opening import VERSIONS, handshake, line

NAMES = ["library"]
KEY = f"initialize {VERSIONS[0]}"


class Place:
    """A search path of two directories, with a package in the second, and a record of what it says."""

    def __init__(self, directory: Path) -> None:
        self.path = [directory / "first", directory / "second"]
        self.code = self.path[1] / "library" / "__init__.py"
        self.first, self.second = self.path
        self.code.parent.mkdir(parents=True)
        self.first.mkdir()
        self.code.write_text("ANSWER = 1\n")
        (self.second / "library-1.0.dist-info").mkdir()
        self.file = directory / "state" / "greeting" / "name.json"

    def record(self) -> Record:
        """The record, as a process that starts now sees it."""
        return Record(str(self.file), listed([str(one) for one in self.path]))

    def write(self, result: str = "{}") -> None:
        """Record one answer."""
        self.record().write([result], {KEY: 0}, NAMES, [str(self.code)])

    def said(self) -> bytes | None:
        """What a process that starts now says to a handshake."""
        answers = self.record().answers()
        reply = answers.reply(line(handshake(VERSIONS[0]))) if answers else None
        return reply[1] if reply else None


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A place with a record."""
    place = Place(tmp_path)
    place.write('{"a":1}')
    assert place.said() == b'{"jsonrpc":"2.0","id":1,"result":{"a":1}}'
    return place


def _edit_in_place(place: Place) -> None:
    """Same size, and the time of change put back."""
    before = place.code.stat()
    place.code.write_text("ANSWER = 2\n")
    os.utime(place.code, ns=(before.st_atime_ns, before.st_mtime_ns))


def _swap_file(place: Place) -> None:
    before = place.code.stat()
    other = place.code.with_name("other")
    other.write_text("ANSWER = 3\n")
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(place.code)


def _another_version(place: Place) -> None:
    (place.second / "library-1.0.dist-info").rename(place.second / "library-1.1.dist-info")


def _another_package(place: Place) -> None:
    (place.second / "plugin.py").touch()


def _a_copy_earlier_on_the_path(place: Place) -> None:
    (place.first / "library.py").touch()


def _another_path(place: Place) -> None:
    place.path.reverse()
    place.first.joinpath("library").mkdir()


def _code_is_gone(place: Place) -> None:
    place.code.unlink()


def _others_may_write_it(place: Place) -> None:
    place.file.chmod(0o666)


def _cut_short(place: Place) -> None:
    place.file.write_bytes(place.file.read_bytes()[:-10])


def _emptied(place: Place) -> None:
    place.file.write_bytes(b"")


def _one_letter(place: Place) -> None:
    place.file.write_bytes(place.file.read_bytes().replace(b'\\"a\\"', b'\\"b\\"'))


def _no_json(place: Place) -> None:
    place.file.write_bytes(b"\xff" * 100)


def _a_directory(place: Place) -> None:
    place.file.unlink()
    place.file.mkdir()


@pytest.mark.parametrize(
    "happens",
    [
        _edit_in_place,
        _swap_file,
        _another_version,
        _another_package,
        _a_copy_earlier_on_the_path,
        _another_path,
        _code_is_gone,
        _others_may_write_it,
        _cut_short,
        _emptied,
        _one_letter,
        _no_json,
        _a_directory,
    ],
    ids=lambda one: one.__name__.strip("_").replace("_", " "),
)
def test_a_record_is_of_no_use_after(happens: Callable[[Place], None], place: Place) -> None:
    happens(place)
    assert place.said() is None


@pytest.mark.parametrize("name", ["__pycache__", "notes.txt"])
def test_a_directory_without_what_was_imported_may_change(place: Place, name: str) -> None:
    (place.first / name).mkdir()
    (place.second / "__pycache__").mkdir()
    assert place.said() is not None


def test_what_changed_while_a_process_imported_it_is_not_recorded(place: Place) -> None:
    state = place.code.stat()
    unchanged_since(state.st_ctime_ns + 10**9, [str(place.code)])
    with pytest.raises(ChangedMeanwhile):
        unchanged_since(state.st_ctime_ns, [str(place.code)])


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_only_its_owner_reads_it(tmp_path: Path, umask: int) -> None:
    place = Place(tmp_path)
    before = os.umask(umask)
    try:
        place.write()
    finally:
        os.umask(before)
    assert stat.S_IMODE(place.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.file.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE(place.file.parent.parent.stat().st_mode) == 0o700


def test_a_place_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path)
    (tmp_path / "state").touch()
    with pytest.raises(OSError, match=r".*"):
        place.write()
    assert place.said() is None


def test_many_writers_at_once_leave_one_whole_record(place: Place) -> None:
    stop = threading.Event()
    seen: set[bytes | None] = set()

    def read() -> None:
        while not stop.is_set():
            seen.add(place.said())

    reader = threading.Thread(target=read)
    reader.start()
    writers = [threading.Thread(target=place.write, args=(f'{{"a":{n}}}',)) for n in range(KEPT)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    stop.set()
    reader.join()
    assert None not in seen
    assert place.said() is not None
    assert [one.name for one in place.file.parent.iterdir()] == ["name.json"]


def test_records_of_old_settings_go(place: Place) -> None:
    for number in range(2 * KEPT):
        place.file = place.file.with_name(f"{number}.json")
        place.write()
        assert place.said() is not None
    assert len(list(place.file.parent.iterdir())) == KEPT


@pytest.mark.parametrize("words", ["", "--state-dir /a", "--sandbox --state-dir=/b", "--state-dir ~/c"])
@pytest.mark.parametrize("chosen", ["", " /x ", "~", "~/y", "relative", "${state}"])
@pytest.mark.parametrize("base", [{}, {"XDG_STATE_HOME": "/z"}, {"XDG_STATE_HOME": " "}], ids=str)
def test_it_lies_in_the_state_directory_of_the_settings(
    words: str, chosen: str, base: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    base = {"HOME": "/h", **base}
    for name, value in base.items():
        monkeypatch.setenv(name, value)
    _, _, flag = words.replace("=", " ").partition("--state-dir ")
    settings = read_settings({**base, "WAVESPEED_STATE_DIR": flag or chosen})
    found = state_directory({**base, "WAVESPEED_STATE_DIR": chosen}, words.split())
    assert found == str(state_dir(settings))


def test_every_setting_and_argument_has_a_record_of_its_own() -> None:
    plain = {"HOME": "/h", "PATH": "/bin"}
    starts: list[tuple[dict[str, str], list[str]]] = [
        (plain, []),
        (plain, ["--sandbox"]),
        (plain, ["--tools", "generate"]),
        ({**plain, "WAVESPEED_TOOLS": "generate"}, []),
        ({**plain, "WAVESPEED_TASKS": "off"}, []),
        ({**plain, "WAVESPEED_SOMETHING_NEW": "1"}, []),
        ({**plain, "PYTHONOPTIMIZE": "2"}, []),
        ({**plain, "PYDANTIC_DISABLE_PLUGINS": "1"}, []),
        ({**plain, "WAVESPEED_API_KEY": "secret"}, []),
    ]
    names = [record_for(*start).path for start in starts]
    assert len(set(names)) == len(names)
    same = [
        {**plain, "WAVESPEED_API_KEY": "other"},
        {**plain, "WAVESPEED_API_KEY": "secret", "PATH": "/usr/bin"},
    ]
    assert {record_for(one, []).path for one in same} == {names[-1]}
