"""An `MCPServer` whose tools are closed, compact and clear: what the SDK leaves loose is tightened here."""

from __future__ import annotations

import difflib
import json
import logging
import re
import uuid
from collections.abc import Callable, Collection, Sequence
from functools import cache
from time import monotonic
from typing import Any

import anyio.lowlevel
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolResult,
    GetPromptResult,
    InputRequiredResult,
    ToolAnnotations,
)
from mcp.types import Tool as ListedTool
from pydantic import ValidationError

from ..api.errors import ApiError
from ..catalog import CatalogError, CatalogUnavailable
from ..files import FileRefused
from ..ledger import LedgerUnavailable
from ..runs import EXPECTED, NOTHING_SUBMITTED
from ..text import one_line, sentence
from ..tools import ToolSpec
from ..tools.call import AppState, open_call
from .apps import TOOL_META
from .claude_hints import SPENDING, claude_hints

logger = logging.getLogger(__name__)

CLIENTS_OWN = {"randomstring", "toolcallid", "tooluseid", "callid", "functioncallid", "toolinvocationid"}
SAME = (
    ("id", "ids"),
    ("ids", "id"),
    ("model_id", "model"),
    ("prediction_id", "ids"),
    ("prediction_id", "id"),
)
OTHER_WORDS = {
    "timeout": "wait_seconds",
    "budget": "max_price",
    "max_cost": "max_price",
    "filename": "save_as",
    "file_name": "save_as",
    "name": "save_as",
    "folder": "directory",
    "dir": "directory",
    "output_dir": "directory",
    "days": "since",
    "hours": "since",
    "from": "since",
    "to": "until",
    "search": "query",
    "category": "type",
    "concurrency": "max_in_flight",
    "parallel": "max_in_flight",
    "force": "again",
    "webhook": "webhook_url",
}
LOCAL = {"save", "save_as", "directory"}
LOCAL_INPUT = re.compile(r"; [^;]*\"@/abs.*")
BEFORE_SUBMIT = (ApiError, CatalogError, FileRefused, LedgerUnavailable)
SHORTER = (
    (
        "Extra inputs are not permitted",
        "not known here: a run is {model, input, vary, again}",
    ),
    (" or instance of Request", ': {"model": "...", "input": {"prompt": "..."}}'),
    ("Input should be a valid dictionary", "must be an object"),
    ("Input should be a valid ", "must be a "),
    ("List should have ", "must have "),
    ("Value should have ", "must have "),
    ("String should have ", "must have "),
    (" after validation", ""),
    ("Input should be ", "must be "),
    ("Value error, ", ""),
)


def slim(schema: Any) -> Any:
    """A schema without titles, and without the null alternative of optional arguments."""
    if isinstance(schema, list):
        return [slim(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: {name: slim(part) for name, part in value.items()}
        if key in {"properties", "$defs"}
        else slim(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }
    choices = kept.get("anyOf")
    if choices and len(choices) == 2 and {"type": "null"} in choices:
        del kept["anyOf"]
        kept = {**next(choice for choice in choices if choice != {"type": "null"}), **kept}
    # That what is left out is empty goes without saying.
    if kept.get("default", 0) in (None, "", [], {}):
        del kept["default"]
    return kept


def inlined(schema: Any, definitions: dict[str, Any] | None = None) -> Any:
    """A schema with its references written out; no argument of a tool refers to itself.

    Some model providers refuse `$ref` in a tool's input, and with it every tool of the request.
    """
    if isinstance(schema, list):
        return [inlined(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    known = schema.get("$defs", definitions) or {}
    if "$ref" in schema:
        meant = known[schema["$ref"].removeprefix("#/$defs/")]
        return inlined({**meant, **{key: part for key, part in schema.items() if key != "$ref"}}, known)
    return {key: inlined(part, known) for key, part in schema.items() if key != "$defs"}


@cache
def make_tool(spec: ToolSpec, *, asks: bool = False, remote: bool = False) -> Tool:
    """The SDK's tool for `spec`: closed input schema, slim schemas, every annotation explicit.

    `asks`: a person is to be asked before a run above some price. `remote`: callers are on other machines.
    Made once for all servers of a process, since reading a signature takes long.
    """
    description = " ".join((spec.fn.__doc__ or "").split())
    tool = Tool.from_function(
        spec.fn,
        title=spec.title,
        description=description,
        annotations=ToolAnnotations(
            read_only_hint=spec.reads,
            destructive_hint=spec.destroys,
            idempotent_hint=spec.reads or spec.repeatable,
            open_world_hint=True,
        ),
        structured_output=spec.facts,
        meta={**(TOOL_META if spec.gallery else {}), **claude_hints(spec.name, asks=asks)},
    )
    tool.parameters = {**inlined(slim(tool.parameters)), "additionalProperties": False}
    if remote:
        tool.parameters = _without_paths(tool.parameters)
    if tool.fn_metadata.output_schema:
        tool.fn_metadata.output_schema = _undescribed(slim(tool.fn_metadata.output_schema))
    return tool


def _without_paths(schema: Any) -> Any:
    """An input schema that neither takes nor mentions a path."""
    if isinstance(schema, list):
        return [_without_paths(part) for part in schema]
    if not isinstance(schema, dict):
        return LOCAL_INPUT.sub("", schema) if isinstance(schema, str) else schema
    kept = {name: _without_paths(part) for name, part in schema.items()}
    if isinstance(kept.get("properties"), dict):
        kept["properties"] = {name: part for name, part in kept["properties"].items() if name not in LOCAL}
    return kept


def _undescribed(schema: Any) -> Any:
    """An output schema without descriptions and defaults: what a result means, a tool's text says."""
    if isinstance(schema, dict):
        kept = {name: _undescribed(part) for name, part in schema.items()}
        if isinstance(kept.get("description"), str):
            del kept["description"]
        if "type" in kept and not isinstance(kept["type"], dict):
            kept.pop("default", None)
            if kept.get("additionalProperties") is True:
                del kept["additionalProperties"]
        return kept
    return [_undescribed(part) for part in schema] if isinstance(schema, list) else schema


class Toolbox(MCPServer[AppState]):
    """Refuses unknown arguments, and turns every failure into one short text for the model.

    `allowed` tells the only tools of whoever calls at the moment, none where it may use all. `observe` is
    told of each call of a tool: whether it was done, and the seconds it took. `reference` ends each error's
    text.
    """

    observe: Callable[[str, bool, float], None] = staticmethod(lambda tool, done, seconds: None)
    allowed: Callable[[], Collection[str]] = staticmethod(tuple)
    reference: Callable[[], str] = staticmethod(str)

    def __init__(self, name: str, *, tools: Sequence[Tool], **options: Any) -> None:
        super().__init__(name, tools=list(tools), **options)
        self._offered = {tool.name: tool for tool in tools}

    async def make_tools(self) -> None:
        """Make the tools that nobody has asked for yet, one at a time, so that no call waits for many."""
        for name in self._offered:
            # Asking for its schema makes it.
            self._accepted(name)
            await anyio.lowlevel.checkpoint()

    async def list_tools(self) -> list[ListedTool]:
        """The tools that the caller may use."""
        allowed = self.allowed()
        return [tool for tool in await super().list_tools() if not allowed or tool.name in allowed]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[AppState, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool.

        Raises:
            ToolError: with a text for the model, whatever went wrong.
        """
        try:
            return await self._called(name, arguments, context)
        except ToolError as error:
            if reference := self.reference():
                raise ToolError(f"{error}{reference}") from error.__cause__
            raise

    async def _called(
        self, name: str, arguments: dict[str, Any], context: Context[AppState, Any] | None
    ) -> CallToolResult | InputRequiredResult:
        allowed = self.allowed()
        names = [one for one in self._offered if not allowed or one in allowed]
        if name not in names:
            raise ToolError(f"There is no tool {name[:64]!r}. Nothing was done. Tools: {', '.join(names)}.")
        schema = self._accepted(name)
        arguments = {key: value for key, value in arguments.items() if not _is_clients_own(key)}
        arguments = _by_own_names(arguments, schema.get("properties", {}))
        self._refuse_unknown(name, arguments, list(schema.get("properties", {})))
        needed = schema.get("required", [])
        # Several hosts fill in null for what the model left out.
        arguments = {key: value for key, value in arguments.items() if value is not None or key in needed}
        started, done = monotonic(), False
        try:
            result = await self._answer(name, arguments, context)
            done = True
            return result
        except ToolError as error:
            raise _explained(name, error) from error.__cause__
        except MCPError as error:
            if name not in SPENDING:
                raise
            raise ToolError(
                f"{name}: the person could not be asked about the price ({one_line(error)}). "
                + NOTHING_SUBMITTED
            ) from error
        finally:
            self.observe(name, done, monotonic() - started)

    def _accepted(self, name: str) -> dict[str, Any]:
        """The schema of a tool's arguments."""
        return self._offered[name].parameters

    async def _answer(
        self, name: str, arguments: dict[str, Any], context: Context[AppState, Any] | None
    ) -> CallToolResult | InputRequiredResult:
        assert context is not None, "a call belongs to a request"
        try:
            async with open_call(context.request_context, _consent(context.request_state)):
                result = await super().call_tool(name, arguments, context)
        except EXPECTED as error:
            # No account was to be had: what is wrong inside a call is a ToolError already.
            raise ToolError(str(error)) from error
        if isinstance(result, InputRequiredResult) and result.request_state is not None:
            return result.model_copy(update={"request_state": _told_apart(result.request_state)})
        return result

    async def get_prompt(
        self,
        name: str,
        arguments: dict[str, Any] | None = None,
        context: Context[AppState, Any] | None = None,
    ) -> GetPromptResult | InputRequiredResult:
        """Render a prompt.

        Raises:
            MCPError: invalid params, naming the argument that is wrong.
        """
        try:
            return await super().get_prompt(name, arguments, context)
        except ValueError as error:
            raise MCPError(code=INVALID_PARAMS, message=_prompt_problem(name, error)) from error

    def _refuse_unknown(self, name: str, arguments: dict[str, Any], accepted: list[str]) -> None:
        unknown = [key for key in arguments if key not in accepted]
        if not unknown:
            return
        close = _closest(unknown[0], accepted) or (accepted[0] if len(accepted) == 1 else None)
        hint = f" Did you mean {close}?" if close else ""
        if "vary" in unknown and "input" in accepted:
            hint = ' generate_batch takes it: {"requests": [{"model": "...", "vary": {...}}]}.'
        elif "requests" in accepted and not close:
            hint = ' Each run has its own: {"requests": [{"model": "...", "input": {...}}]}.'
        elif not close and "input" in accepted:
            hint = ' The model\'s own inputs go into input: {"prompt": "..."}.'
        shown = ", ".join(key[:60] for key in unknown[:5])
        raise ToolError(
            f"{name}: unknown argument {shown}.{hint} Accepted: {', '.join(accepted) or 'none'}. "
            "Nothing was done."
        )


def _told_apart(state: str) -> str:
    """A question's state with a name of its own, so that its answer can be used once. The SDK seals it."""
    return json.dumps({**json.loads(state), "question": uuid.uuid4().hex})


def _consent(state: str | None) -> str:
    """The name of the question that this call answers, or nothing."""
    try:
        return str(json.loads(state or "{}").get("question", ""))
    except (ValueError, AttributeError):
        return ""


def _by_own_names(arguments: dict[str, Any], accepted: Collection[str]) -> dict[str, Any]:
    """Arguments that have one meaning under another tool's or a result's name, by the name they have here."""
    named = dict(arguments)
    for other, own in SAME:
        if other in named and other not in accepted and own in accepted and own not in named:
            named[own] = named.pop(other)
    return named


def _is_clients_own(argument: str) -> bool:
    """Whether clients add this argument by themselves; no tool has one of such a name."""
    return argument.startswith("_") or re.sub(r"[^a-z]", "", argument.lower()) in CLIENTS_OWN


def _closest(wrong: str, accepted: list[str]) -> str | None:
    """The argument that is meant: one of nearly that name, else one that has it as a word."""
    word = re.sub(r"([a-z])([A-Z])", r"\1_\2", wrong).lower().replace("-", "_")
    if OTHER_WORDS.get(word) in accepted:
        return OTHER_WORDS[word]
    close = difflib.get_close_matches(word, accepted, n=1, cutoff=0.7)
    return next(iter(close), None) or next((name for name in accepted if word in name.split("_")), None)


def _explained(name: str, error: ToolError) -> ToolError:
    cause = error.__cause__
    if isinstance(cause, ValidationError):
        return ToolError(f"{name}: {_problems(cause)}. Nothing was done.")
    if isinstance(cause, CatalogUnavailable) and isinstance(cause.__cause__, ApiError):
        return ToolError(str(cause.__cause__))
    if isinstance(cause, EXPECTED):
        unsent = name in SPENDING and isinstance(cause, BEFORE_SUBMIT)
        return ToolError(f"{sentence(str(cause))} {NOTHING_SUBMITTED}" if unsent else str(cause))
    if type(cause) is ToolError:
        return ToolError(str(cause))
    if cause is not None:
        logger.error("%s failed unexpectedly", name, exc_info=cause)
    return ToolError(
        f"{name}: an unexpected error in this server ({type(cause).__name__}). Call check_status without "
        "ids before you repeat anything that costs money."
    )


def _prompt_problem(name: str, error: BaseException) -> str:
    """What is wrong with a prompt's arguments, from wherever in the chain of causes it is told."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, ValidationError):
        cause = cause.__cause__ or cause.__context__
    return f"{name}: {_problems(cause)}" if cause is not None else one_line(error)


def _problems(error: ValidationError) -> str:
    """One short sentence for each wrong argument, without echoing what was given."""
    found = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False):
        text = problem["msg"]
        for long, short in SHORTER:
            text = text.replace(long, short)
        place = ".".join(str(part) for part in problem["loc"]) or "arguments"
        found.append(f"{place} is missing" if problem["type"] == "missing" else f"{place}: {text}")
    return "; ".join(found[:8])
