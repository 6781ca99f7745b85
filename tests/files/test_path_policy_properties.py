"""Random trees of files, links and hidden names: nothing outside is ever readable, by any path."""

import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from in_full import examples
from wavespeed_mcp_server.files import FileRefused, PathPolicy

from .storage import PNG

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")

NAMES = st.sampled_from(["in", "out", "a", "b", ".h", "p.png", "q.png", "l", "m"])
STEPS = st.lists(NAMES | st.just(".."), min_size=1, max_size=5)
PLACES = st.lists(NAMES, min_size=1, max_size=4)
ENTRIES = st.lists(
    st.tuples(st.just("file"), PLACES, STEPS)
    | st.tuples(st.sampled_from(["absolute link", "relative link"]), PLACES, STEPS),
    max_size=14,
)


def plant(top: Path, entries: Sequence[tuple[str, list[str], list[str]]]) -> set[bytes]:
    """Make the tree. Returns the contents that may be read: each file holds the path it was made at."""
    readable = set()
    for kind, place, target in entries:
        path = top.joinpath(*place)
        with suppress(OSError, RuntimeError):
            real = path.parent.resolve() / path.name
            if not real.is_relative_to(top) or path.is_symlink() or path.exists():
                continue  # a link planted before leads out of the sandbox of this example
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == "absolute link":
                path.symlink_to(top.joinpath(*target))
            elif kind == "relative link":
                path.symlink_to("/".join(target))
            else:
                content = PNG + str(real).encode()
                path.write_bytes(content)
                inside = real.relative_to(top).parts
                if inside[0] in ("in", "out") and not any(part.startswith(".") for part in inside):
                    readable.add(content)
    return readable


@settings(max_examples=examples(300), suppress_health_check=[HealthCheck.too_slow])
@given(ENTRIES, st.lists(STEPS, min_size=1, max_size=12), st.sampled_from(["", "./", "~/"]))
def test_nothing_outside_and_nothing_hidden_is_ever_readable(
    entries: list[tuple[str, list[str], list[str]]], asked: list[list[str]], prefix: str
) -> None:
    with tempfile.TemporaryDirectory() as made:
        top = Path(made).resolve() / "top"
        (top / "in").mkdir(parents=True)
        (top / "out").mkdir()
        secret = top.parent / "p.png"
        secret.write_bytes(PNG + b"above everything")
        readable = plant(top, entries)
        policy = PathPolicy((top / "in",), top / "out", top / "in", top)
        every = [place for _, place, _ in entries]
        for steps in [*asked, *every]:
            text = prefix + "/".join(steps) if prefix else str(top.joinpath(*steps))
            try:
                opened = policy.open(text)
            except FileRefused as refused:
                event("refused")
                assert "above everything" not in str(refused)
                continue
            with opened:
                event("read")
                assert opened.file.readall() in readable


@settings(max_examples=examples(200), suppress_health_check=[HealthCheck.too_slow])
@given(ENTRIES, STEPS)
def test_no_directory_outside_the_output_directory_is_ever_made_or_given(
    entries: list[tuple[str, list[str], list[str]]], steps: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as made:
        top = Path(made).resolve() / "top"
        (top / "out").mkdir(parents=True)
        plant(top, entries)
        before = {path for path in top.rglob("*") if not path.is_relative_to(top / "out")}
        policy = PathPolicy((), top / "out", None, top)
        with suppress(FileRefused):
            given_dir = policy.writable_dir("/".join(steps))
            assert given_dir.resolve().is_relative_to(top / "out")
            assert not any(part.startswith(".") for part in given_dir.relative_to(top / "out").parts)
        assert {path for path in top.rglob("*") if not path.is_relative_to(top / "out")} == before
