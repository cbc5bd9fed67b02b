"""`python -m bench [NAME…]` measures what it is asked for, or everything, and prints the figures."""

import sys
from collections.abc import Callable, Sequence

from bench import core, impact, store

MEASURES: dict[str, Callable[[], None]] = {"core": core.measure, "impact": impact.measure, "store": store.measure}


def main(names: Sequence[str]) -> int:
    """Measure; exits 2 where there is no such measure."""
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        print(f"there is no measure {', '.join(unknown)}: name some of {', '.join(MEASURES)}", file=sys.stderr)
        return 2
    for name in names or MEASURES:
        MEASURES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
