"""The command line: the only reader of the environment and of the arguments."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .transports.greeting import Answers, Greeter, Record, claim_streams, record_for

if TYPE_CHECKING:
    import argparse

    from .settings import Login, Settings

PREFIX = "WAVESPEED_"
STDIO = ("serve", "stdio")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    words = sys.argv[1:] if argv is None else argv
    # The first answers come before anything is imported. A record is kept of servers alone, so where there
    # is one these arguments start a server.
    place = record_for(os.environ, words)
    answers = place.answers()
    greeter = _listen(answers) if answers is not None or not words else None
    if not words:
        # As most hosts start a server: the whole grammar takes longer than it seems.
        return _serve(_settings({}), greeter, place)
    from .grammar import read_arguments

    arguments = read_arguments(words)
    settings = _settings(arguments.given)
    if arguments.command is None or (arguments.command, arguments.__dict__.get("transport")) == STDIO:
        return _serve(settings, greeter, place, sandbox=arguments.sandbox)
    return _run(arguments.command, settings, arguments)


def _serve(settings: Settings, greeter: Greeter | None, place: Record, *, sandbox: bool = False) -> int:
    from .commands.serving import serve

    return serve(settings, greeter or _listen(None), place, sandbox=sandbox)


def _listen(answers: Answers | None) -> Greeter:
    greeter = Greeter(*claim_streams(), answers)
    greeter.start()
    return greeter


def _run(command: str, settings: Settings, arguments: argparse.Namespace) -> int:
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows an escape instead of ending the program.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if command == "demo":
        from .commands.demo import demo

        # A person's key and limits are none of the demo's business.
        return demo({name: value for name, value in os.environ.items() if not name.startswith(PREFIX)})
    if command == "sandbox":
        from .commands.sandbox import serve_forever

        return serve_forever(arguments.port, arguments.catalog, arguments.key)
    from .settings import read_http_settings

    http = read_http_settings({**os.environ, **arguments.given})
    if command == "serve":
        from .commands.serving_http import serve_over_http

        return serve_over_http(settings, http, arguments.host, arguments.port, sandbox=arguments.sandbox)
    if command == "tokens":
        from .commands.tokens import tokens

        return tokens(settings, arguments, http.database_url)
    if command == "usage" and (code := _usage_of_tokens(settings, arguments, http.database_url)) is not None:
        return code
    if command == "doctor":
        from .commands.doctor import doctor

        return doctor(settings, sandbox=arguments.sandbox, as_json=arguments.json)
    if command == "install":
        return _install(settings, arguments)
    if command == "uninstall":
        return _uninstall(arguments)
    from dataclasses import replace
    from pathlib import Path

    here = replace(
        settings,
        project_dir=settings.project_dir or Path.cwd(),
        output_dir=settings.output_dir or settings.home / "Downloads" / "wavespeed",
    )
    if command == "gallery":
        from .commands.gallery import gallery

        return gallery(here, arguments.port, opens=not arguments.no_open, sandbox=arguments.sandbox)
    from .commands.verbs import run_verb

    return run_verb(command, here, arguments)


def _usage_of_tokens(settings: Settings, arguments: argparse.Namespace, database_url: str) -> int | None:
    if not arguments.by:
        return None
    from .commands.spending import usage_by

    return usage_by(settings, arguments, database_url)


def _install(settings: Settings, arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from .commands.installing import Wanted, install, install_all, machine
    from .commands.terminal import complain
    from .setting_names import KEY

    here = machine(sys.platform, os.environ, Path.home())
    if arguments.list:
        from .commands.installed import list_installed

        return list_installed(here, arguments.project)
    for name, problem in settings.problems.items():
        if name in arguments.given or (arguments.with_key and name == KEY):
            complain(problem)
            return 2
    if arguments.with_key and not settings.api_key:
        complain(f"--with-key writes the key that is in {KEY}, and it is not set.")
        return 2
    key = settings.api_key if arguments.with_key else ""
    wanted = Wanted(arguments.given, key, arguments.project, arguments.sandbox, arguments.dry_run)
    return install_all(here, wanted) if arguments.all else install(arguments.host, here, wanted)


def _uninstall(arguments: argparse.Namespace) -> int:
    from pathlib import Path

    from .commands.installing import Wanted, machine, uninstall, uninstall_all

    here = machine(sys.platform, os.environ, Path.home())
    wanted = Wanted(project=arguments.project, dry_run=arguments.dry_run)
    return uninstall_all(here, wanted) if arguments.all else uninstall(arguments.host, here, wanted)


def _settings(given: dict[str, str]) -> Settings:
    from dataclasses import replace

    from .settings import read_settings

    settings = read_settings({**os.environ, **given}, login=_login())
    return replace(settings, proxy=_proxy(settings.base_url))


def _login() -> Login | None:
    """What the official command line's `wavespeed login` left for this user."""
    from pathlib import Path

    from .settings import read_login

    configured = os.environ.get("XDG_CONFIG_HOME", "")
    places = Path(configured) if Path(configured).is_absolute() else Path.home() / ".config"
    path = places / "wavespeed-nodejs" / "config.json"
    try:
        return read_login(path, path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return None


def _proxy(base_url: str) -> str | None:
    """The proxy that the environment names for the API's host, if any."""
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    if not any(name.lower().endswith("_proxy") for name in os.environ):
        return None
    proxies = getproxies()
    if not proxies or proxy_bypass(urlsplit(base_url).hostname or ""):
        return None
    return proxies.get("https") or proxies.get("all")
