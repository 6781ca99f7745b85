"""What an agent sees: one module per noun, all listed here in the order of their use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import account, files, models, predictions


@dataclass(frozen=True)
class ToolSpec:
    """A tool: its function, its title for people, and what a host may assume of it.

    `reads` and nothing else; or, if it writes, whether it destroys and whether twice is the same as once.
    """

    fn: Callable[..., Any]
    title: str
    reads: bool = False
    destroys: bool = False
    repeatable: bool = False

    @property
    def name(self) -> str:
        """The function's own name."""
        return self.fn.__name__


TOOLS = (
    ToolSpec(models.list_models, "Find models", reads=True),
    ToolSpec(models.get_model, "Model inputs", reads=True),
    ToolSpec(models.estimate_price, "Estimate price", reads=True),
    ToolSpec(predictions.generate, "Generate"),
    ToolSpec(predictions.generate_batch, "Generate many"),
    ToolSpec(predictions.check_status, "Check status", reads=True),
    ToolSpec(predictions.list_predictions, "List predictions", reads=True),
    ToolSpec(predictions.delete_predictions, "Delete predictions", destroys=True, repeatable=True),
    ToolSpec(files.upload_file, "Upload a file", repeatable=True),
    ToolSpec(files.download_outputs, "Save outputs", repeatable=False),
    ToolSpec(account.get_balance, "Balance", reads=True),
    ToolSpec(account.get_usage, "Usage", reads=True),
)
