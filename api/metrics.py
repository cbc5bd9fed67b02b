"""What the API counts, in Prometheus' text format at `/metrics`."""

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest

router = APIRouter(tags=["operation"])


class Metrics:
    """The counters of one API process; each app has its own, so that two in one process do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.webhooks = Counter(
            "switchboard_webhooks",
            "Webhook deliveries by result: kept, signature, junk, store, too_large.",
            ["result"],
            registry=self.registry,
        )
        self.events = Counter(
            "switchboard_webhook_events", "Events in accepted webhooks, known ones too.", registry=self.registry
        )
        self.new_events = Counter(
            "switchboard_new_events", "Events that were not in the inbox before.", registry=self.registry
        )
        self.forwarded = Counter(
            "switchboard_inbox_outcomes",
            "Events taken out of the inbox, by outcome.",
            ["outcome"],
            registry=self.registry,
        )
        self.failures = Counter(
            "switchboard_forwarding_failures",
            "Attempts to forward that failed and are repeated.",
            registry=self.registry,
        )
        self.callbacks = Counter(
            "switchboard_chatbot_callbacks", "Chatbots' callbacks by HTTP status.", ["status"], registry=self.registry
        )


@router.get("/metrics", summary="Counters for Prometheus", response_class=Response)
async def metrics(request: Request) -> Response:
    """Counters of this process since it started, in Prometheus' text format."""
    return Response(generate_latest(request.app.state.parts.metrics.registry), media_type=CONTENT_TYPE_LATEST)
