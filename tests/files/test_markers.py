"""Which strings name a local file."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.files import looks_like_local_path, marked_paths, replace_markers
from wavespeed_mcp_server.files.markers import marked_path

PATHS = ["/a/b.png", "./b.png", "../b.png", "~/b.png", "C:\\pics\\b.png", "d:/pics/b.png", "/a b/ü.png"]
TEXTS = [
    "@Image1",
    "@john",
    "john@/x",
    "me@example.com",
    "@",
    "@~john/x",
    "@C:x",
    "@.hidden",
    "@x/y.png",
    " @/x",
]


@pytest.mark.parametrize("path", PATHS)
def test_a_marked_path_is_found_with_its_place(path: str) -> None:
    value = {
        "prompt": "@Image1 by @john",
        "images": ["https://x/y.png", "@" + path],
        "deep": {"a": [["@" + path]]},
    }
    assert marked_paths(value) == {path: "deep.a[0][0]"}


@pytest.mark.parametrize("text", TEXTS)
def test_other_text_with_an_at_sign_is_left_alone(text: str) -> None:
    assert marked_paths({"prompt": text}) == {}
    assert replace_markers({"prompt": text}, {}) == {"prompt": text}


def test_a_marker_without_a_url_is_never_sent_on() -> None:
    with pytest.raises(KeyError):
        replace_markers({"image": "@/a.png"}, {})


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["@" + path for path in PATHS] + TEXTS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_replacing_changes_the_markers_and_nothing_else(value: Any) -> None:
    before = copy.deepcopy(value)
    urls = {path: f"https://cdn/{number}" for number, path in enumerate(marked_paths(value))}
    after = replace_markers(value, urls)
    assert value == before
    assert marked_paths(after) == {}

    def expected(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: expected(inner) for key, inner in item.items()}
        if isinstance(item, list):
            return [expected(inner) for inner in item]
        path = marked_path(item) if isinstance(item, str) else None
        return item if path is None else urls[path]

    assert after == expected(before)


@pytest.mark.parametrize(
    "text",
    [
        *PATHS,
        "..\\b.png",
        "\\\\server\\share\\b.png",
        "file:///a/b.png",
        "FILE:/a/b.png",
        "/a/b",
        "b.png",
        "pics/b.JPG",
        "my cat.mp4",
        "@b.png",
    ],
)
def test_a_bare_path_in_a_media_field_is_noticed(text: str) -> None:
    assert looks_like_local_path(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://x/y.png",
        "HTTP://x/y.png",
        "data:image/png;base64,iVBORw0KGgo=",
        "s3://bucket/y.png",
        "asset:y.png",
        "6488c2754f6f4dfea924382fa14d11bd",
        "/9j/4AAQSkZJRgABAQ",
        "/" + "Ab9+" * 40,
        "iVBORw0KGgoAAAANSUhEUg" * 20,
        "Alloy",
        "a cat\nb.png",
        "@Image1",
    ],
)
def test_urls_ids_and_base64_are_not_taken_for_paths(text: str) -> None:
    assert not looks_like_local_path(text)


@given(st.binary(min_size=3, max_size=6000))
def test_no_jpeg_in_base64_is_taken_for_a_path(content: bytes) -> None:
    import base64

    assert not looks_like_local_path(base64.b64encode(b"\xff\xd8\xff" + content).decode())
