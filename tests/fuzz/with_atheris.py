"""`python -m tests.fuzz.with_atheris TARGET CORPUS RUNS SECONDS SEED`: one entry point under atheris, by its branches.

A process of its own: atheris ends it. Exit code 0 when all runs were sound; 0 seconds are as long as it takes.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path

import atheris

from tests.fuzz.watch import LIMIT_S, broken_off, wind

_BRANCHES = {
    "tlv": ["hardware.card.tlv"],
    "apdu-response": ["hardware.card.apdu", "hardware.card.read_card", "hardware.card.read_file"],
    "fci": ["hardware.card.tlv"],
    "atr": ["hardware.card.atr"],
    "element": ["hardware.card.decode", "hardware.card.element_value"],
    "sdt-frame": ["hardware.resident_id.frame", "hardware.resident_id.text_block"],
    "driver-string": ["hardware.readers.sscard"],
    "qr-payload": ["hardware.scanners"],
}
"""Where a target's own branches are: each further module costs time at every input."""

# Imported under instrumentation, so that atheris sees which branches an input takes.
with atheris.instrument_imports(include=_BRANCHES[sys.argv[1]]):
    from tests.fuzz.targets import TARGETS


def main(name: str, corpus: str, runs: str, seconds: str, seed: str) -> None:
    """Run; does not return."""
    target = TARGETS[name]
    for number, raw in enumerate(target.corpus):
        (Path(corpus) / str(number)).write_bytes(raw)

    def run(raw: bytes) -> None:
        wind(LIMIT_S)
        try:
            target.run(raw)
        finally:
            wind(0.0)

    options = {
        # atheris counts the empty input and the corpus beside the runs.
        "atheris_runs": runs,
        "max_total_time": seconds,
        "seed": seed,
        "max_len": str(target.most_bytes),
        # To count how often a branch is taken costs as much again: for runs that have no seconds to keep to.
        "use_counters": str(int(seconds == "0")),
        "print_final_stats": "1",
        "artifact_prefix": f"{corpus}/",
    }
    atheris.Setup([sys.argv[0], *(f"-{option}={value}" for option, value in options.items()), corpus], run)
    # Our own watch counts processor time. libFuzzer's counts the clock's, and its alarm would outlive the last run.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
    with broken_off():
        atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
