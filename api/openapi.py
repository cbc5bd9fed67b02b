"""`python -m api.openapi`: the API's own description as JSON, without anything running; clients are made from it."""

import json
import sys
from datetime import UTC, datetime
from typing import Any

from api.app import create_app
from api.dependencies import Parts


def document() -> dict[str, Any]:
    """The OpenAPI document of this version."""
    nothing: Any = None  # of all that a running API works with, the document asks for nothing
    parts = Parts(
        database=nothing,
        temporal=nothing,
        vault=nothing,
        task_queue="",
        verify_token="",
        app_secrets=(),
        temporal_ui_url="",
        now=lambda: datetime.now(UTC),
    )
    return create_app(parts).openapi()


if __name__ == "__main__":
    json.dump(document(), sys.stdout, indent=1)
