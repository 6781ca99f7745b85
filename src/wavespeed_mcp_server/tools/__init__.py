"""What an agent sees: one module per noun, all listed here in the order of their use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from . import account, files, generate, models, pictures, predictions


@dataclass(frozen=True)
class ToolSpec:
    """A tool: its function, its title for people, and what a host may assume of it.

    `reads` and nothing else; or, if it writes, whether it destroys and whether twice is the same as once.
    `facts`: its result is structured. `gallery`: hosts that can show its outputs on a page. `local`: it is
    about files of the machine that the server runs on; `remote`: for callers on other machines only.
    """

    fn: Callable[..., Any]
    title: str
    reads: bool = False
    destroys: bool = False
    repeatable: bool = False
    facts: bool = True
    gallery: bool = False
    local: bool = False
    remote: bool = False

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
    ToolSpec(files.upload_file, "Upload a file", repeatable=True, local=True),
    ToolSpec(files.create_upload, "Upload from elsewhere", remote=True),
    ToolSpec(files.download_outputs, "Save outputs", repeatable=False, local=True),
    ToolSpec(pictures.view_output, "Look at an output", reads=True, facts=False),
    ToolSpec(account.get_balance, "Balance", reads=True),
    ToolSpec(account.get_usage, "Usage", reads=True),
)


def offered_tools(names: Sequence[str]) -> list[ToolSpec]:
    """The tools of these names, all where none is given; where none of them is a tool, what only reads.

    A slip in a list that was meant to keep tools away must neither offer them all nor leave nothing.
    """
    if not names:
        return list(TOOLS)
    named = [spec for spec in TOOLS if spec.name in names]
    return named or [spec for spec in TOOLS if spec.reads]


def unknown_tools(names: Sequence[str]) -> list[str]:
    """A sentence for each name that is no tool, with what to write instead."""
    known = [spec.name for spec in TOOLS]
    wrong = [name for name in names if name not in known]
    if not wrong:
        return []
    import difflib  # only a slip needs it

    sentences = []
    for name in wrong:
        close = difflib.get_close_matches(name.lower().replace("-", "_"), known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"the tools are {', '.join(known)}."
        sentences.append(f"WAVESPEED_TOOLS names {name[:60]}, which is no tool; {hint}")
    if len(wrong) == len(names):
        sentences.append(
            "None of the names in WAVESPEED_TOOLS is a tool, so only tools that read are offered."
        )
    return sentences
