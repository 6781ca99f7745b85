"""What Prometheus may ask. No label names a key, a token or an amount: only tools, statuses and outcomes."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import Response

from .logs import requests

SECONDS = (0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 45.0, 120.0, 600.0)


class Metrics:
    """The numbers of one server; two in a process do not mix theirs."""

    def __init__(self, accounts_in_use: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        registry = self._registry
        self._answers = Counter(
            "wavespeed_http_answers_total", "Answers by HTTP status.", ["status"], registry=registry
        )
        self._calls = Counter(
            "wavespeed_tool_calls_total", "Calls of tools.", ["tool", "outcome"], registry=registry
        )
        self._seconds = Histogram(
            "wavespeed_tool_call_seconds",
            "How long calls took.",
            ["tool"],
            buckets=SECONDS,
            registry=registry,
        )
        self.open_requests = Gauge(
            "wavespeed_http_requests_open", "Requests being served.", registry=registry
        )
        self.ready = Gauge("wavespeed_ready", "1 while new calls are taken.", registry=registry)
        self._deliveries = Counter(
            "wavespeed_webhook_deliveries_total",
            "Deliveries of the API's webhooks.",
            ["outcome"],
            registry=registry,
        )
        in_use = Gauge("wavespeed_accounts_in_use", "Accounts that calls are open for.", registry=registry)
        in_use.set_function(accounts_in_use)

    def answered(self, status: int) -> None:
        """An answer has begun."""
        self._answers.labels(str(status)).inc()

    def called(self, tool: str, done: bool, seconds: float) -> None:
        """A tool has answered, with what was asked or with an error."""
        outcome = "done" if done else "refused"
        self._calls.labels(tool, outcome).inc()
        fields = {"tool": tool, "outcome": outcome, "seconds": round(seconds, 3)}
        requests.info("called", extra={"fields": fields})
        self._seconds.labels(tool).observe(seconds)

    def delivered(self, outcome: str) -> None:
        """Something came to the address of a webhook, and was `taken` or `refused`."""
        self._deliveries.labels(outcome).inc()

    def response(self) -> Response:
        """All of it, in the form that Prometheus reads."""
        return Response(generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
