"""How the local Instagram's pages are served: templates, with nothing from outside but pictures."""

from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.templating import Jinja2Templates
from starlette.responses import Response

_TEMPLATES = Jinja2Templates(directory=Path(__file__).parent / "templates")
# Pictures, sounds and videos may come from anywhere, as on a phone; all else is ours.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' http: https: data:; "
    "media-src 'self' http: https:; base-uri 'none'; frame-ancestors 'none'; "
)


def page(
    request: Request, template: str, context: dict[str, Any], *, status: int = 200, forms: bool = False
) -> Response:
    """A page from a template; `forms` lets it post its form, whose answer leads to any address."""
    headers = {
        "Content-Security-Policy": _POLICY + ("form-action 'self' http: https:" if forms else "form-action 'none'"),
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return _TEMPLATES.TemplateResponse(request, template, context, status_code=status, headers=headers)
