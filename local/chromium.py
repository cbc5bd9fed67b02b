"""The Chromium that browser tests drive: found on this machine, or installed from Debian by root."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def find() -> Path | None:
    """The first browser of this family on the PATH."""
    return next((Path(found) for name in NAMES if (found := shutil.which(name))), None)


def install() -> Path:
    """Find the browser, or install Debian's where that is possible; exits with what to do where it is not."""
    if found := find():
        return found
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit("The browser tests need Chromium or Chrome. Install one, such as Debian's `chromium`, and run again.")
    print("Installing Debian's chromium for the browser tests ...", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        subprocess.run(["apt-get", "-qq", *command], env=quiet, stdout=subprocess.DEVNULL, check=True)
    if found := find():
        return found
    sys.exit("Debian's chromium was installed but is not on the PATH.")


if __name__ == "__main__":
    print(f"Browser for the tests: {install()}")
