"""`python -m tests.fuzz.with_atheris TARGET CORPUS RUNS SEED`: one entry point under atheris, guided by its branches.

A process of its own: atheris ends it. Exit code 0 when all runs were sound.
"""

from __future__ import annotations

import atexit
import signal
import sys
from pathlib import Path

import atheris

from tests.fuzz.breeding import MOST_BYTES

# Imported under instrumentation, so that atheris sees which branches an input takes.
with atheris.instrument_imports(include=["hardware.card"]):
    from tests.fuzz.targets import TARGETS


def main(name: str, corpus: str, runs: str, seed: str) -> None:
    """Run; does not return."""
    target = TARGETS[name]
    for number, raw in enumerate(target.corpus):
        (Path(corpus) / str(number)).write_bytes(raw)
    # libFuzzer's watch goes on while Python ends, when an alarm is nobody's any more and kills.
    atexit.register(signal.setitimer, signal.ITIMER_REAL, 0.0)
    # atheris counts the empty input and the corpus beside the runs.
    options = [f"-atheris_runs={runs}", f"-seed={seed}", f"-max_len={MOST_BYTES}", "-timeout=1", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, f"-artifact_prefix={corpus}/", corpus], target.run)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
