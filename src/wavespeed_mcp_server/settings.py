"""Every setting: its name, its default, what it means. `cli.py` passes the environment in."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from . import __version__
from .amounts import DOLLARS_FORMS, dollars, seconds
from .setting_names import (
    DEFAULT_BASE_URL,
    DEFAULT_CLIENT_NAME,
    KEY,
    LEFT_EMPTY,
    LIMITS,
    SECRETS,
    misspelled,
    nearest_limit,
)

MAX_WAIT_SECONDS = 600.0
_UNFILLED = re.compile(r"\$\{.*|\$[A-Z_]+|%[A-Z_]+%|\{\{.*", re.DOTALL)
_PLACEHOLDER = re.compile(
    r"<.*>|\[.*\]|(?:paste|put|enter|insert|add|replace)[ _-].*|(?:.*[ _-])?your[ _-].*"
    r"|(?:my|the|an?)[ _-].*key|(?:wavespeed[ _-]*)?api[ _-]*key(?:[ _-]*here)?|change[ _-]*me|x{3,}|\*{3,}"
    r"|(?:wsk|sk)?[_-]?([^0-9a-f])\1{3,}|(?:your|my)[ _-]?\w*key|none|null|nil|undefined|false|true"
    r"|key|token|secret|todo|placeholder|.*(?:\.\.\.|\u2026).*",
    re.IGNORECASE,
)
_METHODS = re.compile(r"/(?:api|api/v\d+(?:/.*)?|v\d+(?:/.*)?)$", re.IGNORECASE)
_QUOTES = "\"'`\u2018\u2019\u201c\u201d\u00ab\u00bb"
_ALL = ("all", "*")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
OFF = frozenset({"off", "0", "false", "no"})
THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
T = TypeVar("T")


@dataclass(frozen=True)
class ProcessSettings:
    """What is the same for every account of a process."""

    state_dir: Path | None = None
    client_name: str = DEFAULT_CLIENT_NAME
    tools: tuple[str, ...] = ()
    tasks: bool = True
    log_level: str = "WARNING"
    proxy: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    sandbox: bool = False

    @property
    def user_agent_version(self) -> str:
        """This package's version."""
        return __version__


@dataclass(frozen=True)
class AccountSettings:
    """What one account may do. Amounts are USD, times seconds.

    `problems` names every setting that could not be used, each with what to do; the first call that needs one
    of them says so, and the server starts all the same. `shares_key`: others use the same key, so that what
    the API shows with it is not all this account's; `own_budget` is then its own part of the daily budget.
    """

    api_key: str = field(default="", repr=False)
    key_source: str = KEY
    base_url: str = DEFAULT_BASE_URL
    wait_seconds: float = 45.0
    max_price: float | None = None
    daily_budget: float | None = None
    confirm_above: float | None = None
    own_budget: float | None = None
    shares_key: bool = False
    allowed_dirs: tuple[Path, ...] | None = None
    output_dir: Path | None = None
    max_in_flight: int = 8
    project_dir: Path | None = None
    sidecars: bool = True
    open_outputs: bool = False
    home: Path = field(default_factory=Path.home)
    problems: Mapping[str, str] = field(default_factory=dict)

    @property
    def base_url_problem(self) -> str:
        """Why the base URL must not be used, or nothing. The key goes only to https, or to this machine."""
        return self.problems.get("WAVESPEED_BASE_URL") or base_url_problem(self.base_url)

    @property
    def limit_problem(self) -> str:
        """Why no run may start: a spending limit was set and cannot be read, or its name is nearly one."""
        return " ".join(problem for name, problem in self.problems.items() if nearest_limit(name))

    @property
    def origin(self) -> str:
        """What a budget is shared by: everything that goes to one API, however its host is spelt."""
        return origins_of(self.base_url)[0]

    @property
    def former_names(self) -> dict[str, str]:
        """Other names of the same API, each with that of this account there."""
        return {origin: self._digest(origin) for origin in origins_of(self.base_url)[1:]}

    @property
    def account(self) -> str:
        """Whose tasks these are: a short digest of API and key, from which the key cannot be told."""
        return self._digest(self.origin)

    def _digest(self, origin: str) -> str:
        return hashlib.pbkdf2_hmac("sha256", self.api_key.encode(), origin.encode(), 1000).hex()[:16]


@dataclass(frozen=True)
class Settings(AccountSettings, ProcessSettings):
    """The settings of a process that serves one account, as the environment and the flags give them."""


@dataclass(frozen=True)
class HttpSettings:
    """How a server over HTTP is reached, and by whom. `problems` as in `AccountSettings`."""

    server_secret: str = field(default="", repr=False)
    public_url: str = ""
    allowed_hosts: tuple[str, ...] = ()
    caller_keys: bool = True
    database_url: str = field(default="", repr=False)
    problems: Mapping[str, str] = field(default_factory=dict)


def base_url_problem(url: str) -> str:
    """Why `url` must not get the key, or nothing."""
    from .api.endpoint import is_loopback

    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if not host or parts.username or parts.query or parts.fragment:
        return (
            f"WAVESPEED_BASE_URL is not a URL such as {DEFAULT_BASE_URL}; mend or unset it. Nothing was sent."
        )
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return ""
    return (
        f"WAVESPEED_BASE_URL must begin with https:// (http:// only on this machine), so that the key is not "
        f"readable on the way to {host}. Nothing was sent."
    )


class _Reader:
    """Reads settings, and notes what cannot be read."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.problems: dict[str, str] = {}

    def text(self, name: str) -> str:
        """The setting, or nothing where it was not set or a host did not fill it in."""
        value = self._values.get(name, "").strip()
        # Bundles leave "${user_config.x}" where the person set nothing.
        if value.startswith(LEFT_EMPTY):
            return ""
        if not _UNFILLED.fullmatch(value):
            return value
        if name in LIMITS or name == KEY:
            wanted = "the key itself" if name == KEY else f"{DOLLARS_FORMS}; until then nothing is run"
            self.problems[name] = (
                f"{name} is {value[:40]!r}, which nothing filled in; write {wanted}, or take it away."
            )
        return ""

    def read(self, name: str, parse: Callable[[str], T], default: T, allowed: str) -> T:
        value = self.text(name)
        if not value:
            return default
        try:
            return parse(value)
        except ValueError:
            shown = value[:40] if name not in SECRETS else "..."
            self.problems[name] = f"{name} is {shown!r}; it must be {allowed}."
            return default

    def key(self) -> str:
        """The key, if one was set that can be one. No problem ever quotes it."""
        value = self.text(KEY)
        problem = key_problem(value) if value else ""
        if problem:
            self.problems[KEY] = problem
        return "" if problem else value

    def path(self, name: str, home: Path) -> Path | None:
        return self.read(name, lambda value: _directory(value, home), None, "an absolute path")

    def paths(self, name: str, home: Path, separator: str | None = None) -> tuple[Path, ...] | None:
        """Paths that bound what may be read or written.

        One that is not absolute is noted and kept: the call that needs it is refused, where the default
        could allow more than the person meant.
        """
        text = self.text(name)
        found = []
        for part in filter(None, (part.strip() for part in (text.split(separator) if separator else [text]))):
            try:
                found.append(_directory(part, home))
            except ValueError:
                self.problems[name] = f"{name} has {part[:40]!r} in it; it must be an absolute path."
                found.append(Path(part))
        return tuple(found) or None


@dataclass(frozen=True)
class Login:
    """What `wavespeed login` left: a key, and the base URL that it is for. `path` is where."""

    path: Path
    key: str = field(repr=False)
    base_url: str = ""


def read_login(path: Path, text: str) -> Login | None:
    """The login in the official client's `config.json`, if there is one."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    key = found.get("apiKey") if isinstance(found, dict) else None
    if not isinstance(key, str) or key_problem(key.strip()) or not key.strip():
        return None
    base_url = found.get("baseUrl")
    return Login(path, key.strip(), base_url if isinstance(base_url, str) else "")


def read_settings(
    values: Mapping[str, str], *, home: Path | None = None, login: Login | None = None
) -> Settings:
    """Settings from environment variables, or flags in the same names. Never fails: see `problems`.

    The key of `login` is used where no other is set, and its base URL only with it.
    """
    home = home or Path.home()
    reader = _Reader(values)
    key, source = reader.key(), KEY
    base_url = reader.text("WAVESPEED_BASE_URL")
    if login is not None and not key and (KEY not in reader.problems or not reader.text(KEY)):
        reader.problems.pop(KEY, None)
        key, source = login.key, f"`wavespeed login` ({login.path})"
        base_url = base_url or login.base_url
    settings = Settings(
        api_key=key,
        key_source=source,
        base_url=_METHODS.sub("", (base_url or DEFAULT_BASE_URL).rstrip("/")),
        wait_seconds=reader.read(
            "WAVESPEED_WAIT_SECONDS", _wait, 45.0, "0 to 600 seconds, such as 60s or 2 min"
        ),
        max_price=reader.read("WAVESPEED_MAX_PRICE", dollars, None, DOLLARS_FORMS),
        daily_budget=reader.read("WAVESPEED_DAILY_BUDGET", dollars, None, DOLLARS_FORMS),
        confirm_above=reader.read("WAVESPEED_CONFIRM_ABOVE", dollars, None, DOLLARS_FORMS),
        allowed_dirs=reader.paths("WAVESPEED_ALLOWED_DIRS", home, os.pathsep),
        output_dir=next(iter(reader.paths("WAVESPEED_OUTPUT_DIR", home) or ()), None),
        state_dir=reader.path("WAVESPEED_STATE_DIR", home),
        max_in_flight=reader.read("WAVESPEED_MAX_IN_FLIGHT", _count, 8, "1 to 100"),
        client_name=reader.read("WAVESPEED_CLIENT_NAME", _name, DEFAULT_CLIENT_NAME, "a short plain name"),
        tools=_tools(reader.text("WAVESPEED_TOOLS")),
        tasks=reader.text("WAVESPEED_TASKS").lower() not in OFF,
        log_level=reader.read("WAVESPEED_LOG_LEVEL", _level, "WARNING", "one of " + ", ".join(LOG_LEVELS)),
        project_dir=reader.path("WAVESPEED_PROJECT_DIR", home) or reader.path("CLAUDE_PROJECT_DIR", home),
        sidecars=reader.text("WAVESPEED_SIDECARS").lower() not in OFF,
        open_outputs=reader.text("WAVESPEED_OPEN_OUTPUTS").lower() not in {"", *OFF},
        home=home,
        ca_file=reader.text("SSL_CERT_FILE") or None,
    )
    reader.problems.update(misspelled(values))
    object.__setattr__(settings, "problems", reader.problems)
    return settings


def read_http_settings(values: Mapping[str, str]) -> HttpSettings:
    """What a server over HTTP reads beside `read_settings`. Never fails: see `problems`."""
    reader = _Reader(values)
    settings = HttpSettings(
        server_secret=reader.text("WAVESPEED_SERVER_SECRET"),
        public_url=reader.read("WAVESPEED_PUBLIC_URL", _public_url, "", "https://HOST (http:// on loopback)"),
        allowed_hosts=tuple(reader.text("WAVESPEED_ALLOWED_HOSTS").replace(",", " ").split()),
        caller_keys=reader.read("WAVESPEED_CALLER_KEYS", _switch, True, "on or off"),
        database_url=reader.read(
            "WAVESPEED_DATABASE_URL", _database_url, "", "postgresql://USER:PASSWORD@HOST/NAME"
        ),
    )
    if settings.database_url and not settings.server_secret:
        reader.problems["WAVESPEED_SERVER_SECRET"] = (
            "WAVESPEED_DATABASE_URL is set and WAVESPEED_SERVER_SECRET is not. Replicas name callers and "
            "seal questions with one secret: give all of them the same, 32 random characters or more."
        )
    object.__setattr__(settings, "problems", reader.problems)
    return settings


def origins_of(base_url: str) -> list[str]:
    """One name for the API at `base_url`, and the others that it may have been called by."""
    from .api.endpoint import is_loopback

    written = base_url.rstrip("/")
    try:
        parts = urlsplit(written)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return [written]
    standard = {"https": 443, "http": 80}.get(parts.scheme)
    end = f":{port}" if port not in {None, standard} else ""
    host = f"[{host}]" if ":" in host else host
    hosts = list(dict.fromkeys([*THIS_MACHINE, host])) if is_loopback(host.strip("[]")) else [host]
    named = [f"{parts.scheme}://{one}{end}{parts.path}" for one in hosts]
    return list(dict.fromkeys([*named, written]))


def key_problem(value: str) -> str:
    """Why `value` cannot be a key, or nothing."""
    if value[:1] in _QUOTES or value[-1:] in _QUOTES:
        return f"{KEY} is in quotes; take the quotes away and leave the key alone. Nothing was sent."
    if re.match(rf"(?:export\s+)?{KEY}\s*[=:]", value, re.IGNORECASE):
        return f"{KEY} begins with its own name; leave the key alone. Nothing was sent."
    if value.lower().startswith("bearer "):
        return f"{KEY} begins with the word Bearer; leave the key alone. Nothing was sent."
    if _PLACEHOLDER.fullmatch(value):
        return (
            f"{KEY} is a placeholder and not a key; put a key from https://wavespeed.ai/accesskey in its "
            "place. Nothing was sent."
        )
    if not value.isascii() or not value.isprintable() or " " in value:
        return f"{KEY} must be one line of plain characters without spaces. Nothing was sent."
    return ""


def _tools(value: str) -> tuple[str, ...]:
    """The names in a list, in whatever notation; none where all are meant."""
    names = re.findall(r"\w+", value.lower().replace("-", "_")) or value.split()
    return () if value.strip().lower() in _ALL else tuple(names)


def _wait(value: str) -> float:
    number = seconds(value)
    if not 0 <= number <= MAX_WAIT_SECONDS:
        raise ValueError(value)
    return number


def _count(value: str) -> int:
    number = int(value)
    if not 1 <= number <= 100:
        raise ValueError(value)
    return number


def _name(value: str) -> str:
    if not value.isascii() or not value.isprintable() or len(value) > 100:
        raise ValueError(value)
    return value


def _switch(value: str) -> bool:
    if value.lower() not in {"on", "off", "true", "false", "yes", "no", "1", "0"}:
        raise ValueError(value)
    return value.lower() in {"on", "true", "yes", "1"}


def _public_url(value: str) -> str:
    if base_url_problem(value):
        raise ValueError(value)
    return value.rstrip("/")


def _database_url(value: str) -> str:
    if not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("no address of PostgreSQL")
    return value


def _level(value: str) -> str:
    if value.upper() not in LOG_LEVELS:
        raise ValueError(value)
    return value.upper()


def _directory(value: str, home: Path) -> Path:
    path = home / value[2:] if value.startswith(("~/", "~\\")) else home if value == "~" else Path(value)
    if not path.is_absolute():
        raise ValueError(value)
    return path
