"""The console is served from the folder it was built into: one page for all its addresses, files that never change."""

import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.dependencies import Parts
from tests.api.people import opened

pytestmark = pytest.mark.anyio


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text('<meta name="csp-nonce" content="__NONCE__">')
    (folder / "scheme.js").write_text("1")
    (folder / "assets" / "index-a1.js").write_text("2")
    (tmp_path / "secret.txt").write_text("not for anybody")
    return folder


async def test_every_address_of_the_console_is_its_page(parts: Parts, serve: Any, built: Path) -> None:
    async with opened(parts, serve, console=built) as office:
        browser = await office.browser()
        for address in ("/console", "/console/", "/console/routing/connectors/shop"):
            answer = await browser.get(address)
            assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
        assert (await browser.get("/consoles")).status_code == 404
        first = await browser.get("/")
        assert (first.status_code, first.headers["location"]) == (307, "/console/")


async def test_each_page_has_a_nonce_of_its_own_and_no_script_inside(parts: Parts, serve: Any, built: Path) -> None:
    async with opened(parts, serve, console=built) as office:
        browser = await office.browser()
        nonces = set[str]()
        for _ in range(2):
            answer = await browser.get("/console/")
            policy = dict(one.strip().split(" ", 1) for one in answer.headers["content-security-policy"].split(";"))
            assert policy["script-src"] == "'self'"
            assert (policy["default-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
            [nonce] = re.findall(r"'nonce-([^']+)'", policy["style-src-elem"])
            assert f'content="{nonce}"' in answer.text
            nonces.add(nonce)
        assert len(nonces) == 2


async def test_files_with_a_hash_in_their_name_are_kept_for_ever(parts: Parts, serve: Any, built: Path) -> None:
    async with opened(parts, serve, console=built) as office:
        browser = await office.browser()
        answer = await browser.get("/console/assets/index-a1.js")
        assert (answer.text, answer.headers["cache-control"]) == ("2", "public, max-age=31536000, immutable")
        assert answer.headers["content-type"].startswith("text/javascript")
        assert (await browser.get("/console/scheme.js")).headers["cache-control"] == "no-cache"
        assert (await browser.get("/console/assets/index-old.js")).status_code == 404


@pytest.mark.parametrize("name", ["..%2f..%2fsecret.txt", "%2e%2e%2f%2e%2e%2fsecret.txt", "..%5c..%5csecret.txt"])
async def test_nothing_beside_the_folder_is_served(parts: Parts, serve: Any, built: Path, name: str) -> None:
    async with opened(parts, serve, console=built) as office:
        browser = await office.browser()
        answer = await browser.send(httpx.Request("GET", f"{office.url}/console/assets/{name}"))
        assert "not for anybody" not in answer.text


async def test_before_it_is_built_the_answer_says_what_to_do(parts: Parts, serve: Any, tmp_path: Path) -> None:
    async with opened(parts, serve, console=tmp_path) as office:
        browser = await office.browser()
        answer = await browser.get("/console/")
        assert (answer.status_code, "make console" in answer.text) == (503, True)
        assert (await browser.get("/")).status_code == 200, "the start page"
