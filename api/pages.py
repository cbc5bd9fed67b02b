"""Pages for people: one layout, and headers that let nothing else into them."""

from pathlib import Path
from typing import Any

from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).parent
STATIC = StaticFiles(directory=FOLDER / "static")

_templates = Jinja2Templates(
    env=Environment(loader=FileSystemLoader(FOLDER / "templates"), autoescape=True, undefined=StrictUndefined)
)
# Profile pictures come from Instagram; forms lead to Meta's dialogs, and browsers follow redirects under this rule.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' https: http:; form-action 'self' https: http:; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def page(request: Request, template: str, status: int = 200, **content: Any) -> Response:
    """A page made from api/templates."""
    headers = {
        "Content-Security-Policy": _POLICY,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }
    return _templates.TemplateResponse(request, template, content, status_code=status, headers=headers)


def told(request: Request, status: int, title: str, *sentences: str) -> Response:
    """A page that says what happened and what to do."""
    return page(request, "told.html", status, title=title, sentences=sentences)
