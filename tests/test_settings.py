"""Settings that cannot be used: one sentence each, which says what to change, and never the key."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wavespeed_mcp_server.settings import Login, Settings, read_login, read_settings
from wavespeed_mcp_server.text import sentence
from wavespeed_mcp_server.tools import TOOLS, offered_tools, unknown_tools

HOME = Path("/home/somebody")
SECRET = "0f3a9c5d7b1e48629d0c4f7a"
LOGIN = Login(HOME / ".config/wavespeed-nodejs/config.json", SECRET, "https://eu.example.com/api/v3")


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (f'"{SECRET}"', "in quotes"),
        (f"'{SECRET}'", "in quotes"),
        (f"Bearer {SECRET}", "the word Bearer"),
        ("your-api-key", "placeholder"),
        ("YOUR_API_KEY_HERE", "placeholder"),
        ("<your key>", "placeholder"),
        ("<WAVESPEED_API_KEY>", "placeholder"),
        ("wsk_your_key", "placeholder"),
        ("WAVESPEED_API_KEY", "placeholder"),
        ("paste-your-key-here", "placeholder"),
        ("xxxxxxxx", "placeholder"),
        ("sk-xxxxxxxx", "placeholder"),
        ("MY_API_KEY", "placeholder"),
        ("undefined", "placeholder"),
        (f"\u201c{SECRET}\u201d", "in quotes"),
        (f"{SECRET}'", "in quotes"),
        (f"WAVESPEED_API_KEY={SECRET}", "its own name"),
        (f"export WAVESPEED_API_KEY={SECRET}", "its own name"),
        ("wsk_...", "placeholder"),
        ("changeme", "placeholder"),
        ("${WAVESPEED_API_KEY}", "nothing filled in"),
        ("${input:key}", "nothing filled in"),
        ("$WAVESPEED_API_KEY", "nothing filled in"),
        ("%WAVESPEED_API_KEY%", "nothing filled in"),
        ("{{api_key}}", "nothing filled in"),
        (f"{SECRET}\n{SECRET}", "one line"),
    ],
)
def test_what_cannot_be_a_key_is_told_and_never_sent(value: str, told: str) -> None:
    settings = read_settings({"WAVESPEED_API_KEY": value}, home=HOME)
    assert settings.api_key == ""
    assert told in settings.problems["WAVESPEED_API_KEY"]
    assert SECRET not in str(settings.problems)


@given(st.text("0123456789abcdef", min_size=16, max_size=64), st.sampled_from(["", "wsk_", "ws-"]))
def test_a_key_is_taken_as_it_is(key: str, prefix: str) -> None:
    settings = read_settings({"WAVESPEED_API_KEY": f" {prefix}{key}\n"}, home=HOME, login=LOGIN)
    assert settings.api_key == prefix + key
    assert settings.key_source == "WAVESPEED_API_KEY"
    assert settings.base_url == "https://api.wavespeed.ai"
    assert not settings.problems


@pytest.mark.parametrize("value", ["", "${user_config.api_key}", "${WAVESPEED_API_KEY}"])
def test_the_key_of_the_login_is_used_where_no_other_is_set(value: str) -> None:
    settings = read_settings({"WAVESPEED_API_KEY": value}, home=HOME, login=LOGIN)
    assert settings.api_key == SECRET
    assert "wavespeed login" in settings.key_source
    assert settings.base_url == "https://eu.example.com"
    assert not settings.problems
    own = {"WAVESPEED_API_KEY": value, "WAVESPEED_BASE_URL": "https://own.example.com"}
    assert read_settings(own, home=HOME, login=LOGIN).base_url == "https://own.example.com"


def test_a_key_that_is_told_to_be_wrong_is_not_replaced_by_another_account() -> None:
    settings = read_settings({"WAVESPEED_API_KEY": "your-api-key"}, home=HOME, login=LOGIN)
    assert settings.api_key == ""


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"apiKey": 5}', '{"apiKey": "your-api-key"}', "{", "[" * 9999]
)
def test_a_login_that_holds_no_key_is_none(text: str) -> None:
    assert read_login(Path("/x"), text) is None


def test_a_login_is_read() -> None:
    found = read_login(Path("/x"), json.dumps({"apiKey": SECRET, "baseUrl": "https://e.com", "theme": 1}))
    assert found == Login(Path("/x"), SECRET, "https://e.com")
    assert SECRET not in repr(found)


@pytest.mark.parametrize(
    "end", ["", "/", "/api", "/api/v3", "/api/v3/", "/v3", "/API/V3", "/api/v3/predictions"]
)
def test_a_base_url_may_end_where_the_methods_begin(end: str) -> None:
    settings = read_settings({"WAVESPEED_BASE_URL": f"https://api.wavespeed.ai{end}"}, home=HOME)
    assert settings.base_url == "https://api.wavespeed.ai"
    assert settings.base_url_problem == ""


@pytest.mark.parametrize("name", ["WAVESPEED_MAX_PRICE", "WAVESPEED_DAILY_BUDGET", "WAVESPEED_CONFIRM_ABOVE"])
@pytest.mark.parametrize(
    "value", ["${BUDGET}", "${input:b}", "some", "1,000", "$BUDGET", "-1", "nan", "{{x}}"]
)
def test_a_limit_that_cannot_be_read_lets_nothing_run(name: str, value: str) -> None:
    assert name in read_settings({name: value}, home=HOME).limit_problem


@pytest.mark.parametrize("value", ["0.1", "10 cents", "$0.10", "0,10 USD", "10ct", "up to 10 cents"])
def test_a_limit_is_read_as_an_argument_is(value: str) -> None:
    settings = read_settings({"WAVESPEED_MAX_PRICE": value}, home=HOME)
    assert (settings.max_price, settings.limit_problem) == (0.1, "")


@pytest.mark.parametrize("value", ["120", "120s", "2 min", "2:00"])
def test_a_wait_is_read_as_an_argument_is(value: str) -> None:
    settings = read_settings({"WAVESPEED_WAIT_SECONDS": value}, home=HOME)
    assert (settings.wait_seconds, settings.problems) == (120.0, {})


@pytest.mark.parametrize(
    "name",
    [
        *("WAVESPEED_DAILY_BUGET", "WAVESPEED_DAYLY_BUDGET", "WAVESPEED_MAXPRICE", "WAVESPEED_CONFIRM_ABVE"),
        *("WAVESPEED_PRICEMAX", "WAVESPEED_CAP", "WAVESPEED_MAX_AMOUNT", "WAVESPEED_REQUIRE_CONFIRMATION"),
    ],
)
def test_a_name_that_is_nearly_a_limits_lets_nothing_run(name: str) -> None:
    settings = read_settings({name: "5"}, home=HOME)
    assert name in settings.limit_problem
    assert "did you mean" in settings.limit_problem


def test_a_limit_that_a_bundle_left_empty_is_none() -> None:
    settings = read_settings({"WAVESPEED_MAX_PRICE": "${user_config.max_price}"}, home=HOME)
    assert settings.limit_problem == ""
    assert settings.max_price is None


def test_a_slip_among_the_tools_is_told_and_leaves_some() -> None:
    assert [spec.name for spec in offered_tools(["generate", "list-models"])] == ["generate"]
    assert "did you mean list_models?" in unknown_tools(["generate", "list-models"])[0]
    reading = offered_tools(["nonsense"])
    assert reading
    assert all(spec.reads for spec in reading)
    assert any("only tools that read" in one for one in unknown_tools(["nonsense"]))


@pytest.mark.parametrize(
    "written", ["generate,get_model", "Generate; get-model", '["generate", "get_model"]']
)
def test_the_names_of_tools_are_read_in_any_notation(written: str) -> None:
    assert read_settings({"WAVESPEED_TOOLS": written}, home=HOME).tools == ("generate", "get_model")
    assert [read_settings({"WAVESPEED_TOOLS": every}, home=HOME).tools for every in ("all", "*", "")] == [
        ()
    ] * 3
    assert offered_tools([]) == list(TOOLS)
    assert unknown_tools([spec.name for spec in TOOLS]) == []


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        ("no such model", "no such model."),
        ("done.", "done."),
        ("why?", "why?"),
        ("a,", "a."),
        ('"x."', '"x."'),
        ("", ""),
    ],
)
def test_a_text_is_ended_once(text: str, ended: str) -> None:
    assert sentence(text) == ended


@pytest.mark.parametrize(
    ("spelt", "origin"),
    [
        ("https://API.Wavespeed.AI.:443/", "https://api.wavespeed.ai"),
        ("https://api.wavespeed.ai:0443", "https://api.wavespeed.ai"),
        ("https://api.wavespeed.ai:8443", "https://api.wavespeed.ai:8443"),
        ("http://[0:0:0:0:0:0:0:1]:90", "http://127.0.0.1:90"),
        ("http://127.0.0.2:90/", "http://127.0.0.1:90"),
        ("http://[::1]:80", "http://127.0.0.1"),
    ],
)
def test_a_budget_belongs_to_an_api_however_its_host_is_spelt(spelt: str, origin: str) -> None:
    assert Settings(base_url=spelt).origin == origin
