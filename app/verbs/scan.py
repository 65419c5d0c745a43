"""`yikatong scan FILE…`: the codes in image files; `--camera`: the first code that a camera sees."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.catalogue import texts
from app.domain.refusal import Refusal
from app.verbs.entry import Subparsers
from app.verbs.number_option import camera, seconds
from app.verbs.printing import print_json, print_refusal, print_table

if TYPE_CHECKING:
    from hardware.scanners.image_file import ScanResult, UnreadableImage


def add_parser(subparsers: Subparsers) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("scan", help="read QR codes from image files")
    parser.add_argument("files", nargs="*", metavar="FILE")
    parser.add_argument("--camera", nargs="?", const="0", type=camera, metavar="NUMBER|FOLDER|FILE")
    parser.add_argument("--wait", type=seconds, default=30.0, metavar="SECONDS", help="for the camera")
    parser.add_argument("--reveal", action="store_true", help="tell the camera's code, which opens an account")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(namespace: argparse.Namespace) -> int:
    """Scan every file, or by camera; 2 when one could not be read, after the others were scanned."""
    if (namespace.camera is None) == (not namespace.files):
        print_refusal(Refusal("SCAN-WHAT"))
        return 2
    return _by_camera(namespace) if namespace.camera is not None else _files(namespace)


def _by_camera(namespace: argparse.Namespace) -> int:
    from app.services.scan_faults import refusal_of_camera, refusal_of_scan
    from hardware.camera.first_code import first_code
    from hardware.camera.opencv_camera import OpenCvCamera
    from hardware.scanners.scanned_code import ScanFault, ScannedCode
    from hardware.virtual.camera import folder_camera

    named: int | str = namespace.camera
    if isinstance(named, str) and Path(named).is_dir():
        found = first_code(folder_camera(Path(named)), namespace.wait)
    else:
        found = first_code(OpenCvCamera(named), namespace.wait)
    if not isinstance(found, ScannedCode):
        print_refusal(refusal_of_scan(found) if isinstance(found, ScanFault) else refusal_of_camera(found))
        return 2
    # A code that somebody holds up is a real one, most of the time.
    text = found.text if namespace.reveal else None
    if namespace.json:
        print_json({"source": found.source, "length": len(found.text), "text": text})
    else:
        word = texts.load()
        headers = [word(f"verbs.scan.{key}") for key in ("source", "length", "text")]
        shown = word("verbs.scan.hidden") if text is None else text
        print_table(headers, [(word(f"verbs.scan.{found.source}"), str(len(found.text)), shown)])
    return 0


def _files(namespace: argparse.Namespace) -> int:
    from hardware.scanners.image_file import ScanResult, scan_image

    outcomes = [scan_image(Path(file)) for file in namespace.files]
    results = [outcome for outcome in outcomes if isinstance(outcome, ScanResult)]
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
    unreadable = [outcome for outcome in outcomes if not isinstance(outcome, ScanResult)]
    for outcome in unreadable:
        print_refusal(_refusal(outcome))
    return 2 if unreadable else 0


def _refusal(image: UnreadableImage) -> Refusal:
    return Refusal.of("SCAN-UNREADABLE", file=image.file)


def _shape(outcome: ScanResult | UnreadableImage) -> Mapping[str, object]:
    """Give every code as `texts`, and the first of them as `text`."""
    from hardware.scanners.image_file import UnreadableImage

    if isinstance(outcome, UnreadableImage):
        error = _refusal(outcome).code
        return {"file": outcome.file, "text": None, "decoder": None, "ms": None, "texts": [], "error": error}
    return {
        "file": outcome.file,
        "text": outcome.text,
        "decoder": outcome.decoder,
        "ms": outcome.ms,
        "texts": list(outcome.texts),
        "error": None,
    }


def _printable(text: str) -> str:
    """Write control characters as escapes: a code must not move a terminal's cursor."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
