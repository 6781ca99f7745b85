"""What an agent sees: one module per noun, all listed here in the order of their use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import account, files, generate, models, pictures, predictions


@dataclass(frozen=True)
class ToolSpec:
    """A tool: its function, its title for people, and what a host may assume of it.

    `reads` and nothing else; or, if it writes, whether it destroys and whether twice is the same as once.
    `facts`: its result is structured. `gallery`: hosts that can show its outputs on a page.
    """

    fn: Callable[..., Any]
    title: str
    reads: bool = False
    destroys: bool = False
    repeatable: bool = False
    facts: bool = True
    gallery: bool = False

    @property
    def name(self) -> str:
        """The function's own name."""
        return self.fn.__name__


TOOLS = (
    ToolSpec(models.list_models, "Find models", reads=True),
    ToolSpec(models.get_model, "Model inputs", reads=True),
    ToolSpec(models.estimate_price, "Estimate price", reads=True),
    ToolSpec(generate.generate, "Generate", gallery=True),
    ToolSpec(generate.generate_batch, "Generate many", gallery=True),
    ToolSpec(predictions.check_status, "Check status", reads=True, gallery=True),
    ToolSpec(predictions.list_predictions, "List predictions", reads=True, gallery=True),
    ToolSpec(predictions.delete_predictions, "Delete predictions", destroys=True, repeatable=True),
    ToolSpec(files.upload_file, "Upload a file", repeatable=True),
    ToolSpec(files.download_outputs, "Save outputs", repeatable=False),
    ToolSpec(pictures.view_output, "Look at an output", reads=True, facts=False),
    ToolSpec(account.get_balance, "Balance", reads=True),
    ToolSpec(account.get_usage, "Usage", reads=True),
)
