"""`yikatong`: opens a face, or hands on to a verb without touching Qt."""

from __future__ import annotations

import argparse
import gc
import sys


def main() -> int:
    """Run the program with the process's arguments."""
    from app.verbs.entry import main as run

    return run(sys.argv[1:], {"counter": _counter, "tour": _tour})


def _counter(namespace: argparse.Namespace) -> int:
    # A start makes objects and drops hardly any: collecting in between took a sixth of it. The face turns it on again.
    gc.disable()
    from ui.clerk.face import run

    return run(namespace)


def _tour(namespace: argparse.Namespace) -> int:
    from ui.tour.play import run

    return run(namespace)


if __name__ == "__main__":
    raise SystemExit(main())
