"""`yikatong scan FILE…`: the codes in image files."""

from __future__ import annotations

import argparse
from pathlib import Path

from app.catalogue import texts
from app.domain.refusal import Refusal
from app.verbs.entry import Subparsers
from app.verbs.printing import print_json, print_refusal, print_table


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("scan", help="read QR codes from image files")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(namespace: argparse.Namespace) -> int:
    """Scan every file; 2 when one could not be opened, after the others were scanned."""
    from hardware.scanners.image_file import ScanResult, scan_image

    outcomes = [scan_image(Path(file)) for file in namespace.files]
    results = [outcome for outcome in outcomes if isinstance(outcome, ScanResult)]
    unreadable = [outcome for outcome in outcomes if not isinstance(outcome, ScanResult)]
    if namespace.json:
        print_json([{"file": r.file, "text": r.text, "decoder": r.decoder, "ms": r.ms} for r in results])
    elif results:
        word = texts.load()
        headers = [word(f"verbs.scan.{key}") for key in ("file", "text", "decoder", "ms")]
        nothing = word("verbs.scan.nothing")
        print_table(headers, [(r.file, r.text or nothing, r.decoder, f"{r.ms:.1f}") for r in results])
    for outcome in unreadable:
        print_refusal(Refusal.of("SCAN-UNREADABLE", file=outcome.file))
    return 2 if unreadable else 0
