"""A PostgreSQL of the tests' own on loopback, in a directory of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp

START_SECONDS = 60


class Postgres:
    """A cluster under way."""

    def __init__(self, programs: Path, directory: Path) -> None:
        self._programs = programs
        self._data = directory / "data"
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self._address = f"postgresql://postgres@127.0.0.1:{self._port}/"
        self._call("initdb", "-D", str(self._data), "-A", "trust", "-U", "postgres", "--no-sync")
        self.start()

    def start(self) -> None:
        """Start it, and return when it takes connections."""
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        log = str(self._data.parent / "log")
        wait = ("-w", "-t", str(START_SECONDS))
        self._call("pg_ctl", "-D", str(self._data), "-o", options, "-l", log, *wait, "start")

    def stop(self) -> None:
        """Stop it as an operator does."""
        self._call("pg_ctl", "-D", str(self._data), "-m", "fast", "-w", "stop")

    def crash(self) -> None:
        """End it at once, in the middle of whatever it does."""
        self._call("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def named(self, name: str) -> str:
        """The address of a new, empty database."""
        import psycopg

        with psycopg.connect(f"{self._address}postgres", autocommit=True) as db:
            db.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            db.execute(f'CREATE DATABASE "{name}"')
        return self._address + name

    def _call(self, program: str, *words: str) -> None:
        as_whom = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        done = subprocess.run(
            [self._programs / program, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            cwd="/",
            **as_whom,  # type: ignore[call-overload]
        )
        assert done.returncode == 0, done.stderr.decode()


def programs() -> Path | None:
    """Where PostgreSQL's own programs are, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found and (path := shutil.which("initdb")):
        found = [Path(path).resolve()]
    return found[-1].parent if found else None


@contextmanager
def cluster(where: Path) -> Iterator[Postgres]:
    """A cluster for as long as the block lasts."""
    directory = Path(mkdtemp(prefix="postgres-"))
    if os.geteuid() == 0:
        shutil.chown(directory, "postgres", "postgres")
    database = Postgres(where, directory)
    try:
        yield database
    finally:
        with suppress(AssertionError):
            database.crash()
        shutil.rmtree(directory, ignore_errors=True)
