"""The settings by their names, what each means, and which name was meant where another was written."""

from __future__ import annotations

import re
from collections.abc import Mapping

DEFAULT_BASE_URL = "https://api.wavespeed.ai"
DEFAULT_CLIENT_NAME = "wavespeed-mcp-server"
KEY = "WAVESPEED_API_KEY"
LIMITS = ("WAVESPEED_MAX_PRICE", "WAVESPEED_DAILY_BUDGET", "WAVESPEED_CONFIRM_ABOVE")
LEFT_EMPTY = "${user_config."
# Wide: what it lets pass is compared with the settings' names.
_MAY_BE_MEANT = re.compile("w.{0,3}v.{0,3}sp|bu.{0,2}g|pri[cs]e|confirm", re.IGNORECASE)
_LIMIT_WORDS = {
    **dict.fromkeys(
        ("BUDGET", "DAILY", "DAY", "SPEND", "SPENDING", "LIMIT", "CAP", "QUOTA"), "WAVESPEED_DAILY_BUDGET"
    ),
    **dict.fromkeys(("CONFIRM", "CONFIRMATION", "APPROVE", "ABOVE"), "WAVESPEED_CONFIRM_ABOVE"),
    **dict.fromkeys(("PRICE", "COST", "CHARGE", "AMOUNT", "USD", "DOLLARS"), "WAVESPEED_MAX_PRICE"),
    **dict.fromkeys(("MAXPRICE", "PRICEMAX", "MAXCOST", "COSTMAX"), "WAVESPEED_MAX_PRICE"),
}

MEANINGS = {
    "WAVESPEED_API_KEY": "the key, from https://wavespeed.ai/accesskey; works after a first top-up",
    "WAVESPEED_BASE_URL": f"where the API is ({DEFAULT_BASE_URL})",
    "WAVESPEED_WAIT_SECONDS": "how long a call waits for its task before it answers with the id (45)",
    "WAVESPEED_MAX_PRICE": "the most one call may cost, USD (no limit)",
    "WAVESPEED_DAILY_BUDGET": "the most any 24 hours may cost on this machine, USD (no limit)",
    "WAVESPEED_CONFIRM_ABOVE": "above this price, USD, the person is asked first (never)",
    "WAVESPEED_ALLOWED_DIRS": "directories whose media may be uploaded, separated as in PATH",
    "WAVESPEED_OUTPUT_DIR": "where outputs are saved (the project, else ~/Downloads/wavespeed)",
    "WAVESPEED_PROJECT_DIR": "the project's directory, where the host says it (CLAUDE_PROJECT_DIR)",
    "WAVESPEED_STATE_DIR": "where the ledger and the catalog copy are kept (the platform's own place)",
    "WAVESPEED_MAX_IN_FLIGHT": "how many tasks of one batch run at a time (8)",
    "WAVESPEED_CLIENT_NAME": "the name this client gives itself to the API (wavespeed-mcp-server)",
    "WAVESPEED_TOOLS": "offer only these tools, separated by commas (all)",
    "WAVESPEED_SIDECARS": "off: no note of what made it beside each saved output (on)",
    "WAVESPEED_OPEN_OUTPUTS": "on: what is saved opens in the system's viewer, media only (off)",
    "WAVESPEED_TASKS": "off: no background tasks for hosts that know them (on)",
    "WAVESPEED_LOG_LEVEL": "how much is written to stderr: DEBUG, INFO, WARNING, ERROR (WARNING)",
}

HTTP_MEANINGS = {
    "WAVESPEED_SERVER_SECRET": "what callers' names and questions are sealed with (made and kept)",
    "WAVESPEED_PUBLIC_URL": "where callers reach this server, and the API tells it of ends",
    "WAVESPEED_ALLOWED_HOSTS": "more hosts that it is called by, separated by commas",
    "WAVESPEED_CALLER_KEYS": "off: callers need a token, and may not bring a key of their own (on)",
    "WAVESPEED_DATABASE_URL": "the PostgreSQL database that replicas share (none: a file of this machine)",
}
"""What only a server over HTTP reads."""
KNOWN = (*MEANINGS, *HTTP_MEANINGS)
SECRETS = frozenset({"WAVESPEED_API_KEY", "WAVESPEED_SERVER_SECRET", "WAVESPEED_DATABASE_URL"})
"""Never a flag: other people on the machine can read a process's arguments."""


def misspelled(values: Mapping[str, str]) -> dict[str, str]:
    """Names that are nearly a setting's. Others may belong to other programs of the same API."""
    found: dict[str, str] = {}
    for name, value in values.items():
        if name in KNOWN or not _MAY_BE_MEANT.search(name):
            continue
        meant = nearest_limit(name)
        if meant and value.strip() and not value.strip().startswith(LEFT_EMPTY):
            found[name] = f"{name} is not a setting; did you mean {meant}? No run starts until it is mended."
        elif not meant and name.startswith("WAVESPEED_"):
            import difflib  # only a slip needs it

            if close := difflib.get_close_matches(name, KNOWN, n=1, cutoff=0.9):
                found[name] = f"{name} is not a setting and changes nothing; did you mean {close[0]}?"
    return found


def nearest_limit(name: str) -> str:
    """The spending limit that `name` is, or that whoever wrote it must have meant; empty where none."""
    if name in LIMITS:
        return name
    if name in KNOWN or not _MAY_BE_MEANT.search(name):
        return ""
    import difflib  # only a slip needs it

    plain = _plain_name(name)
    known = {_plain_name(limit): limit for limit in LIMITS}
    if close := difflib.get_close_matches(plain, known, n=1, cutoff=0.84):
        # What is nearer to another setting was meant to be that.
        others = difflib.get_close_matches(plain, [_plain_name(one) for one in KNOWN], n=1, cutoff=0.84)
        return known[close[0]] if others[:1] == close else ""
    own, *words = re.findall("WAVE_?SPEED|[A-Z]+", name.upper()) or [""]
    if _plain_name(own) != "WAVESPEED":
        return ""
    likely = [difflib.get_close_matches(word, _LIMIT_WORDS, n=1, cutoff=0.8) for word in words]
    return next((_LIMIT_WORDS[word] for (word,) in filter(None, likely)), "")


def _plain_name(name: str) -> str:
    return "".join(character for character in name.upper() if character.isalnum())
