"""The start page: the console, or without one what runs here, with links."""

from html import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.console import is_built
from api.dependencies import Given

router = APIRouter()

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Switchboard</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 3rem auto; padding: 0 1rem }}
</style>
</head>
<body>
<h1>Switchboard</h1>
<p>This is the API of Switchboard, which routes Instagram direct messages.</p>
<ul>
<li><a href="docs">The HTTP API</a>, to read and to try; <a href="openapi.json">as an OpenAPI document</a></li>
<li><a href="{temporal_ui}">Temporal UI</a>: every conversation as a workflow</li>
<li><a href="readyz">Is it ready?</a> What is missing, if it is not</li>
<li><a href="metrics">Counters</a> for Prometheus</li>
</ul>
</body>
</html>
"""


@router.get("/", include_in_schema=False)
async def start(parts: Given) -> Response:
    if is_built(parts.console):
        return RedirectResponse("/console/")
    return HTMLResponse(PAGE.format(temporal_ui=escape(parts.temporal_ui_url)))
