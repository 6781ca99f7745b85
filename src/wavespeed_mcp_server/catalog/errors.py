"""What the catalog refuses, and why.

CatalogError
├── CatalogUnavailable   no copy of the catalog, cached or fresh
├── UnknownModel         the catalog is known not to have this model
└── InputRefused         the input does not match the model's request schema
"""

from collections.abc import Sequence

from ..text import sentence


class CatalogError(Exception):
    """Anything this room raises."""


class CatalogUnavailable(CatalogError):
    """No copy of the catalog could be had; `__cause__` is what the fetch raised, if it raised."""


class UnknownModel(CatalogError):
    """No such model id. `closest` holds up to five ids that look like it, best first."""

    def __init__(self, model_id: str, closest: Sequence[str]) -> None:
        self.model_id = model_id
        self.closest = list(closest)
        hint = f" Closest: {', '.join(self.closest)}." if self.closest else ""
        super().__init__(f"Unknown model {_shown(model_id)}.{hint}")


class InputRefused(CatalogError):
    """The input is not legal for the model. Nothing was sent.

    `keys[i]` is the input key that `problems[i]` is about ("" for the input as a whole).
    """

    def __init__(self, model_id: str, problems: Sequence[tuple[str, str]]) -> None:
        self.model_id = model_id
        self.keys = [key for key, _ in problems]
        self.problems = [problem for _, problem in problems]
        super().__init__(sentence(f"Input refused for {model_id}: {'; '.join(self.problems)}"))


def _shown(value: str) -> str:
    return repr(value if len(value) <= 100 else value[:100] + "...")
