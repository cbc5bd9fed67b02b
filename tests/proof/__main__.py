"""The crash proof: nothing lost, nothing sent twice, whatever is killed (SPEC 2.5): `make proof`.

Exit code 0 when every promise held, 1 when one did not; the last line is the verdict.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from local import ports
from settings import LocalSettings
from tests.proof.run import Proof


def main() -> int:
    """Run it on free ports in a folder of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="decides victims, moments, faults and pauses")
    parser.add_argument("--conversations", type=int, default=500)
    parser.add_argument("--messages", type=int, default=10, help="of each customer")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--together", type=int, default=100, help="so many customers write at the same time")
    parser.add_argument(
        "--careless", action="store_true", help="send again without looking, to see that the proof can fail"
    )
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="switchboard-proof-") as folder:
        local = LocalSettings(
            api_port=ports.free(),
            simulator_port=ports.free(),
            temporal_port=ports.free(),
            temporal_ui_port=ports.free(),
            data_dir=Path(folder),
        )
        proof = Proof(
            local,
            seed=given.seed,
            conversations=given.conversations,
            messages=given.messages,
            kills=given.kills,
            together=given.together,
            careless=given.careless,
        )
        verdict = asyncio.run(proof.run())
    print(verdict.text(), flush=True)
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
