"""`python -m tests.browser.screenshots`: a picture of every page, light and dark, wide and on a phone, for the docs."""

import argparse
import asyncio
import base64
import tempfile
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from local import chromium, console
from tests.browser.content import Content, fill
from tests.browser.pages import PLACES, Place, pictures
from tests.browser.person import Person, person
from tests.end_to_end.conftest import System

FOLDER = Path(__file__).parents[2] / "docs/screenshots"
SIZES = {"desktop": (1360, 900), "phone": (390, 844)}
QUALITY, SCALE = 45, {"desktop": 0.8, "phone": 1.0}
"""Of WebP: letters can be read, and all pictures together stay below 4 MB."""


async def take(system: System, content: Content, browser: Browser, names: list[str]) -> int:
    """Write the pictures of these pages; the size of all of them in bytes."""
    written = 0
    for size, (width, height) in SIZES.items():
        visitor = await (await person(system, browser, width=width, height=height)).is_logged_in()
        for place in (one for one in PLACES if one.name in names):
            await visitor.opens(content.address(place.path))
            await prepare(visitor, place)
            for dark in (False, True):
                await visitor.looks(width=width, height=height, dark=dark)
                await asyncio.sleep(0.4)  # until colours have changed
                file = FOLDER / f"{place.name}-{'dark' if dark else 'light'}-{size}.webp"
                written += file.write_bytes(await picture(visitor, SCALE[size]))
            print(f"  {place.name}, {size}", flush=True)
        await visitor.context.close()
    return written


async def prepare(visitor: Person, place: Place) -> None:
    """What somebody does on the page before there is something to see."""
    if place.name == "preview":
        box = visitor.page.get_by_role("textbox", name="Message of the customer")
        for text in ("hi", "Plant care"):
            await box.fill(text)
            await box.press("Enter")
            await visitor.complete()


async def picture(visitor: Person, scale: float) -> bytes:
    """What is in sight, as WebP."""
    browser = await visitor.context.new_cdp_session(visitor.page)
    size = visitor.page.viewport_size
    assert size is not None
    top = await visitor.page.evaluate("scrollY")
    shown = {"x": 0, "y": top, **size, "scale": scale}
    taken = await browser.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY, "clip": shown})
    await browser.detach()
    return base64.b64decode(taken["data"])


async def run(names: list[str]) -> None:
    found = chromium.find()
    if found is None:
        raise SystemExit("There is no Chromium on the PATH. Run: make browser")
    with tempfile.TemporaryDirectory() as folder:
        system = System(Path(folder))
        print("Starting Switchboard, and customers who write ...", flush=True)
        system.start()
        try:
            content = await asyncio.to_thread(fill, system)
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
                size = await take(system, content, browser, names)
                await browser.close()
        finally:
            system.stop()
            system.http.close()
    for file in set(FOLDER.glob("*")) - {FOLDER / name for name in pictures()}:
        file.unlink()
    print(f"{FOLDER} has {len(names) * 4} new pictures of {size / 1e6:.1f} MB.")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("page", nargs="*", help="only these, such as desk; otherwise all")
    names = parser.parse_args().page or [place.name for place in PLACES]
    if unknown := set(names) - {place.name for place in PLACES}:
        parser.error(
            f"there is no page {', '.join(sorted(unknown))}; pages are {', '.join(one.name for one in PLACES)}"
        )
    FOLDER.mkdir(exist_ok=True)
    console.build()
    asyncio.run(run(names))


if __name__ == "__main__":
    main()
