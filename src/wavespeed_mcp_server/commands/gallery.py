"""The page for people: started, opened in their browser, and served until they interrupt it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import anyio
import anyio.to_thread

from ..settings import Settings
from .serving import on_sandbox
from .terminal import complain


def gallery(settings: Settings, port: int, *, opens: bool, sandbox: bool) -> int:
    """Serve the gallery on 127.0.0.1 until interrupted; returns the exit code."""

    async def run() -> None:
        if sandbox:
            async with on_sandbox(settings) as stand_in:
                await _serve(stand_in, port, opens=opens)
        else:
            await _serve(settings, port, opens=opens)

    try:
        anyio.run(run)
    except KeyboardInterrupt:
        return 0
    except OSError as error:
        complain(f"port {port} cannot be used: {error.strerror or error}")
        return 1
    return 0


async def _serve(settings: Settings, port: int, *, opens: bool) -> None:
    from ..gallery.access import redirect_page
    from ..gallery.serving import running
    from ..process import state_dir

    async with running(settings, port) as access:
        if not opens:
            print(f"{access.link}\nGood once. Ctrl-C ends the gallery.", flush=True)
            await anyio.sleep_forever()
        with _private_file(state_dir(settings), redirect_page(access.link)) as page:
            if await anyio.to_thread.run_sync(_browse, page):
                print(f"The gallery is open in your browser, at {access.origin}. Ctrl-C ends it.", flush=True)
            else:
                print(f"No browser could be started. Open this once:\n{access.link}", flush=True)
            await anyio.sleep_forever()


def _browse(page: Path) -> bool:
    """Open a file in the person's browser. The link itself never is among a program's arguments."""
    import webbrowser

    return webbrowser.open(page.as_uri())


@contextmanager
def _private_file(directory: Path, text: str) -> Iterator[Path]:
    """A file that only this person can read, for as long as the block lasts."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = directory / f"gallery-{secrets.token_hex(8)}.html"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    try:
        yield path
    finally:
        with suppress(OSError):
            path.unlink()
