"""Where a machine keeps a user's files, as pure functions of platform and environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Literal

WINDOWS, MACOS = "win32", "darwin"
Base = Literal["home", "app_data", "config", "claude"]


@dataclass(frozen=True)
class Machine:
    """What decides where files are: `sys.platform`, the environment, the home directory.

    `packages` are the names of the folders in Windows' `%LOCALAPPDATA%\\Packages`.
    """

    platform: str
    environment: Mapping[str, str] = field(default_factory=dict)
    home: str = "/"
    packages: tuple[str, ...] = ()

    def path(self, text: str) -> PurePath:
        """`text` as a path of this machine's platform."""
        return PureWindowsPath(text) if self.platform == WINDOWS else PurePosixPath(text)

    def known(self, variable: str, *otherwise: str) -> PurePath:
        """The absolute directory that an environment variable names, else a directory below home."""
        value = self.environment.get(variable, "")
        path = self.path(value)
        return path if value and path.is_absolute() else self.path(self.home).joinpath(*otherwise)

    @property
    def app_data(self) -> PurePath:
        """Where programs keep what is a user's own."""
        if self.platform == WINDOWS:
            return self.known("APPDATA", "AppData", "Roaming")
        if self.platform == MACOS:
            return self.path(self.home) / "Library" / "Application Support"
        return self.config

    @property
    def config(self) -> PurePath:
        """The directory of the XDG convention, which some programs use on every platform."""
        return self.known("XDG_CONFIG_HOME", ".config")

    @property
    def claude(self) -> PurePath:
        """Claude Desktop's. Its Store build does not see %APPDATA%: that is redirected into a package."""
        if self.platform == WINDOWS:
            for package in sorted(self.packages):
                if package.startswith("Claude_"):
                    return self.store_packages / package / "LocalCache" / "Roaming" / "Claude"
        return self.app_data / "Claude"

    @property
    def store_packages(self) -> PurePath:
        """Where Windows keeps the data of programs from its Store."""
        return self.known("LOCALAPPDATA", "AppData", "Local") / "Packages"

    def directory(self, base: Base) -> PurePath:
        """The directory that a `Place` starts from."""
        if base == "home":
            return self.path(self.home)
        found: PurePath = getattr(self, base)
        return found


@dataclass(frozen=True)
class Place:
    """A file or directory: `path` below a directory of the machine, with `/` between its parts.

    `moved_by` is an environment variable that takes the place of that directory and of the first `moved`
    parts of the path. `platforms` limits where it exists.
    """

    base: Base
    path: str
    moved_by: str = ""
    moved: int = 1
    platforms: tuple[str, ...] = ()

    def on(self, machine: Machine) -> PurePath | None:
        """The path on `machine`; None where its platform has no such place."""
        if self.platforms and machine.platform not in self.platforms:
            return None
        parts = self.path.split("/")
        value = machine.environment.get(self.moved_by, "") if self.moved_by else ""
        if value and machine.path(value).is_absolute():
            return machine.path(value).joinpath(*parts[self.moved :])
        return machine.directory(self.base).joinpath(*parts)
