"""`yikatong scan FILE…`: the codes in image files."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.catalogue import texts
from app.domain.refusal import Refusal
from app.verbs.entry import Subparsers
from app.verbs.printing import print_json, print_refusal, print_table

if TYPE_CHECKING:
    from hardware.scanners.image_file import ScanResult, UnreadableImage


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("scan", help="read QR codes from image files")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(namespace: argparse.Namespace) -> int:
    """Scan every file; 2 when one could not be read, or holds several codes, after the others were scanned."""
    from hardware.scanners.image_file import ScanResult, scan_image

    outcomes = [scan_image(Path(file)) for file in namespace.files]
    results = [outcome for outcome in outcomes if isinstance(outcome, ScanResult)]
    refusals = [refusal for outcome in outcomes if (refusal := _refusal(outcome)) is not None]
    if namespace.json:
        print_json([_shape(outcome) for outcome in outcomes])
    elif results:
        word = texts.load()
        headers = [word(f"verbs.scan.{key}") for key in ("file", "text", "decoder", "ms")]
        nothing = word("verbs.scan.nothing")
        print_table(
            headers,
            [(r.file, _printable(text), r.decoder, f"{r.ms:.1f}") for r in results for text in r.texts or (nothing,)],
        )
    for refusal in refusals:
        print_refusal(refusal)
    return 2 if refusals else 0


def _refusal(outcome: ScanResult | UnreadableImage) -> Refusal | None:
    from hardware.scanners.image_file import UnreadableImage

    if isinstance(outcome, UnreadableImage):
        return Refusal.of("SCAN-UNREADABLE", file=outcome.file)
    count = len(outcome.texts)
    return Refusal.of("SCAN-SEVERAL", file=outcome.file, count=count) if count > 1 else None


def _shape(outcome: ScanResult | UnreadableImage) -> Mapping[str, object]:
    """Give `text` only where it is the one code: which of several was meant is for people to say."""
    from hardware.scanners.image_file import UnreadableImage

    refusal = _refusal(outcome)
    error = refusal.code if refusal is not None else None
    if isinstance(outcome, UnreadableImage):
        return {"file": outcome.file, "text": None, "decoder": None, "ms": None, "texts": [], "error": error}
    return {
        "file": outcome.file,
        "text": outcome.text if refusal is None else None,
        "decoder": outcome.decoder,
        "ms": outcome.ms,
        "texts": list(outcome.texts),
        "error": error,
    }


def _printable(text: str) -> str:
    """Write control characters as escapes: a code must not move a terminal's cursor."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
